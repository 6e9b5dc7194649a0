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
HERE := $(shell pwd | cksum | cut -d' ' -f1)
BASE := $(VENV)/base-$(HERE).stamp
DEV := $(VENV)/dev-$(HERE).stamp
PIP_INSTALL := $(PY) -m pip install --quiet --disable-pip-version-check

## Set-up

.PHONY: help
help: ## list the targets
	@sed -n -e 's/^## \(.*\)/\n\1/p' -e 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile \
	| awk -F'|' 'NF == 2 { printf "%-18s %s\n", $$1, $$2; next } { print }'

$(PY):
	@python=$$(sh .ci/find-python) || exit 1; \
	echo "Making $(VENV) with $$python"; \
	"$$python" -m venv --clear $(VENV)

$(BASE): requirements/base.txt pyproject.toml | $(PY)
	@$(PY) -c 'import pip' 2>/dev/null || { rm -rf $(VENV); $(MAKE) $(PY); }
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
	--no-emit-index-url --no-emit-find-links --no-header

.PHONY: lock
lock: $(PY) ## renew requirements/*.txt (UPGRADE=1 takes the newest versions)
	@test -x $(LOCK_VENV)/bin/uv || $(PY) -m venv $(LOCK_VENV)
	@$(LOCK_VENV)/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@$(LOCK) $(if $(UPGRADE),--upgrade) pyproject.toml requirements/build.in -o requirements/base.txt
	@$(LOCK) $(if $(UPGRADE),--upgrade) pyproject.toml requirements/build.in --extra dev \
		--constraint requirements/base.txt -o requirements/dev.txt
