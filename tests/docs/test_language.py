"""Is docs/language.md true? What it says is compiled is compiled, and does what Python does."""

import asyncio
import importlib.util
import inspect
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from vivido.testing import simulate

ROOT = Path(__file__).parents[2]
ENOUGH = 95  # per cent of the orchestrators


def load(path: Path) -> Any:
    """Import a script."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module  # dataclasses look there
    spec.loader.exec_module(module)
    return module


language = load(ROOT / "docs" / "generate_language.py")
SURVEY = language.read()
RUNNABLE = [
    pytest.param(number, id=feature.name)
    for number, feature in enumerate(SURVEY.features)
    if not feature.outside
]


@pytest.fixture(scope="module")
def probes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Compile all probes once."""
    yield language.compile_probes(SURVEY, tmp_path_factory.mktemp("probes"))
    sys.modules.pop(language.MODULE, None)


@pytest.fixture(scope="module")
def judged(probes: Any) -> Any:
    """Say what came of the probes."""
    return language.judged(SURVEY, probes)


def test_the_page_is_fresh() -> None:
    """It is what `python docs/generate_language.py` writes today."""
    assert language.PAGE.read_text("utf-8") == language.generate()


def test_enough_programs_get_through(judged: Any) -> None:
    """What is compiled adds up to as many of the orchestrators as was promised, or more."""
    assert judged.let_through() >= ENOUGH


@pytest.mark.parametrize("number", RUNNABLE)
def test_a_probe_does_what_python_does(number: int, probes: Any, judged: Any) -> None:
    """The engine returns what the function returns, for every feature that the page says it has."""
    if SURVEY.features[number].name in judged.later:
        pytest.skip("the page says: later")
    workflow = probes.workflows[f"probe_{number}"]
    order = probes.module.Order()
    expected = workflow(order)
    if inspect.iscoroutine(expected):
        expected = asyncio.run(expected)
    run = simulate(workflow, {"order": order})
    assert (run.status, run.output) == ("succeeded", expected)


def test_what_is_refused_counts_against_the_sum() -> None:
    """A named feature takes away what it adds; one that is not named, its share of all."""
    assert SURVEY.let_through() == SURVEY.gains[-1].percent
    for refused, left in (("`print`", 93), ("timer", 66), ("`pass`", 96)):
        survey = language.Survey(SURVEY.groups, SURVEY.gains, {refused: "V000"})
        assert survey.let_through() == left


def test_a_probe_that_is_refused_is_shown(tmp_path: Path) -> None:
    """The page names the codes of its findings, and of no other probe's."""
    features = [
        language.Feature("good", "return n\n", share=1),
        language.Feature("bad", "import os\nreturn n\n", share=2),
    ]
    survey = language.Survey(dict.fromkeys(language.TITLES, features), ())
    found = language.judged(survey, language.compile_probes(survey, tmp_path))
    sys.modules.pop(language.MODULE, None)
    assert found.refused == {"bad": "V204"}
    row = "| bad | 2 |  | <code>import os<br>return n</code> | no: V204 |"
    assert row in language.page(found).splitlines()
