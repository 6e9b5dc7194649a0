# The two commands of a newcomer are `make run` and `make test`; the inner loop of everybody else is `make check`.
# Every target makes what it needs (`make help` lists them) and leaves nothing outside this folder.

SHELL := /bin/sh
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:

VENV := .venv
BIN := $(VENV)/bin
PY := $(BIN)/python
# A stamp is written last, so an interrupted install has none and is done again. It names this folder,
# because an editable install points at it: a checkout that was moved or copied installs itself anew.
# Where the Python that made $(VENV) is gone, so are the stamps.
HERE := $(shell test -x $(PY) || rm -f $(VENV)/*.stamp; pwd | cksum | cut -d' ' -f1)
MADE := $(VENV)/made.stamp
BASE := $(VENV)/base-$(HERE).stamp
DEV := $(VENV)/dev-$(HERE).stamp
PIP_INSTALL := $(PY) -m pip install --quiet --disable-pip-version-check

## Set-up

.PHONY: help
help: ## list the targets
	@awk -F':.*## ' '/^## / { sub("## ", ""); print "\n" $$0 } \
		/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

$(MADE):
	@python=$$(sh .ci/find-python) || exit 1; \
	echo "Making $(VENV) with $$python"; \
	"$$python" -m venv --clear $(VENV)
	@touch $@

$(BASE): requirements/base.txt pyproject.toml | $(MADE)
	@echo "Installing requirements/base.txt and vivido into $(VENV)"
	@$(PIP_INSTALL) --require-hashes -r requirements/base.txt
	@$(PIP_INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

$(DEV): requirements/dev.txt $(BASE)
	@echo "Installing requirements/dev.txt into $(VENV)"
	@$(PIP_INSTALL) --require-hashes -r requirements/dev.txt
	@touch $@

.PHONY: install
install: $(DEV) ## make .venv with everything that the tests and checks need
	@:

# The resolver runs in an environment of its own, so that its version never mixes with ours.
UV_VERSION := 0.13.9
LOCK_VENV := $(VENV)/lock
LOCK := $(LOCK_VENV)/bin/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 \
	--no-emit-index-url --no-emit-find-links --annotation-style line \
	--custom-compile-command 'make lock' $(if $(UPGRADE),--upgrade) pyproject.toml requirements/build.in

.PHONY: lock
lock: | $(MADE) ## renew requirements/*.txt (UPGRADE=1: take the newest versions)
	@test -x $(LOCK_VENV)/bin/uv || $(PY) -m venv $(LOCK_VENV)
	@$(LOCK_VENV)/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@$(LOCK) -o requirements/base.txt
	@$(LOCK) --extra dev --constraint requirements/base.txt -o requirements/dev.txt

## Running

.PHONY: run
run: $(BASE) ## run the order workflow on an example order, live, with the embedded store
	@$(BIN)/vivido run definitions/order_fulfilment.py --input examples/order.json --store .vivido/state.db

## Testing

.PHONY: test
test: $(DEV) ## run all tests of every kind, with branch coverage of those that are no endurance
	@$(PY) -m coverage erase
	@echo "On the second processor: $(FAULTS), into $(VENV)/faults.txt"
	@$(PY) -m pytest -q $(FAULTS) >$(VENV)/faults.txt 2>&1 & faults=$$!; \
	trap 'kill $$faults 2>/dev/null' EXIT; \
	$(PY) -m coverage run -m pytest $(FAULTS:%=--ignore=%) $(ENDURANCE:%=--ignore=%) && \
	$(PY) -m pytest $(ENDURANCE); rest=$$?; \
	wait $$faults; failed=$$?; trap - EXIT; cat $(VENV)/faults.txt; exit $$((rest | failed))
	@$(PY) -m coverage combine --quiet
	@$(PY) -m coverage report

# Thousands of programs and faults, hundreds of processes: measuring their coverage would triple
# their time.
FAULTS := tests/fault tests/model
ENDURANCE := tests/differential tests/kill tests/soak

.PHONY: faults
faults: $(DEV) ## all faults at all calls of the zoo and the examples, and many pairs (some minutes)
	@VIVIDO_FAULTS=all $(PY) -m pytest --quiet tests/fault

MINUTES := 20
SEED := 1
.PHONY: soak
soak: $(DEV) ## four processes on one file, killed, stalled, given messages twice (MINUTES=20 SEED=1)
	@$(PY) tests/soak/soak.py --minutes $(MINUTES) --seed $(SEED)

.PHONY: model
model: $(DEV) ## explore the whole model of the protocol, with its largest scenarios (an hour)
	@$(PY) -m tests.model

.PHONY: coverage
coverage: ## after `make test`: are the parts that decide covered to 97 % (the goal is 98), branches too?
	@$(PY) -m coverage report --fail-under=97 \
		--include='src/vivido/engine/*,src/vivido/compiler/*,src/vivido/expressions/*'

.PHONY: check
check: lint types ## the fast inner loop: lint, types, layers, unit tests
	@$(PY) -m pytest --quiet tests/unit tests/architecture

.PHONY: lint
lint: $(DEV) ## the format, the lint rules and the layers
	@$(PY) -m ruff format --check --quiet
	@$(PY) -m ruff check --quiet
	@$(PY) $(BIN)/lint-imports --no-cache >$(VENV)/layers.txt 2>&1 || { cat $(VENV)/layers.txt; exit 1; }

.PHONY: types
types: $(DEV) ## mypy --strict on src
	@$(PY) -m mypy

.PHONY: format
format: $(DEV) ## write the format, and the lint fixes that are safe
	@$(PY) -m ruff format
	@$(PY) -m ruff check --fix

## Measuring and writing

.PHONY: bench
bench: $(DEV) bench/run.py bench/wide.py bench/growth.py ## measure steps a second, latency and cost of a step, wide forks, growth
	@$(PY) bench/run.py
	@$(PY) bench/wide.py
	@$(PY) bench/growth.py

.PHONY: bench-peers
bench-peers: $(DEV) bench/peers.py ## the same workloads on other engines, side by side
	@$(PY) bench/peers.py

.PHONY: docs
docs: $(DEV) docs/generate.py ## write the pages and pictures that are made from the code
	@$(PY) docs/generate.py

bench/run.py bench/wide.py bench/peers.py docs/generate.py:
	@echo "$@ is not written yet." >&2; exit 1

.PHONY: clean
clean: ## remove what tools left behind (.venv, and stores in .vivido, stay)
	@rm -rf build dist htmlcov .coverage .coverage.* .hypothesis .import_linter_cache \
		.mypy_cache .pytest_cache .ruff_cache
	@find bench definitions docs examples functions src tests -name __pycache__ -type d -prune \
		-exec rm -rf {} + 2>/dev/null || true
