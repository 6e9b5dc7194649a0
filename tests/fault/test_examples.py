"""Every example under every single fault: its outcome is the calm one."""

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import pytest
from tests.fault.test_enumeration import every_fault

from vivido import Workflow
from vivido.testing.world import Result, World, check, wasted

ALL_OF_THEM = os.environ.get("VIVIDO_FAULTS") == "all"  # `make faults`
ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "definitions"))  # as `vivido run definitions/…` does

from agent_loop import agent_loop  # noqa: E402
from document_pipeline import document_pipeline  # noqa: E402
from etl import etl  # noqa: E402
from order_fulfilment import order_fulfilment  # noqa: E402


class Case(NamedTuple):
    """An example with an input, made for a folder of the run's own."""

    name: str
    workflow: Workflow[..., Any]
    given: Callable[[Path], Any]
    step: int = 1  # each so-many-th fault: what runs long is sampled


def order(name: str) -> Callable[[Path], Any]:
    """One of the orders."""
    return lambda _: orjson.loads((ROOT / "examples" / f"{name}.json").read_bytes())


def some_documents(folder: Path) -> Any:
    """Three of the documents."""
    documents = sorted((ROOT / "examples" / "documents").iterdir())[2:5]
    (folder / "documents").mkdir(parents=True)
    for document in documents:
        shutil.copy(document, folder / "documents")
    return {"folder": str(folder / "documents")}


def few_sales(folder: Path) -> Any:
    """The first 120 lines of the sales."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = (ROOT / "examples" / "etl" / "sales.csv").read_text().splitlines(keepends=True)[:121]
    (folder / "sales.csv").write_text("".join(lines))
    return {"source": str(folder / "sales.csv"), "target": str(folder / "books"), "rows": 60}


CASES = [
    Case("order", order_fulfilment, order("order")),
    Case("declined", order_fulfilment, order("order_declined")),
    Case("backordered", order_fulfilment, order("order_backordered")),
    Case("bulk", order_fulfilment, order("order_bulk")),
    Case("agent", agent_loop, order("question"), step=3),
    Case("documents", document_pipeline, some_documents, step=5),
    Case("etl", etl, few_sales, step=3),
]


def run(case: Case, folder: Path, monkeypatch: pytest.MonkeyPatch, *faults: Any) -> Result:
    """One run in a world of its own."""
    monkeypatch.setenv("VIVIDO_EXAMPLES", str(folder / "shop"))
    return World(*faults).run(case.workflow, case.given(folder))


def same(outcome: Any, folder: Path) -> str:
    """An outcome without the folder of its run."""
    return repr(outcome).replace(str(folder), "FOLDER")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_an_example_under_each_fault(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A crash before and after each call, a late worker, an echo, a copy of each delivery."""
    monkeypatch.chdir(ROOT)
    calm = run(case, tmp_path / "calm", monkeypatch)
    assert check(calm) == []
    faults = list(every_fault(calm))[:: 1 if ALL_OF_THEM else case.step]
    for number, fault in enumerate(faults):
        folder = tmp_path / str(number)
        result = run(case, folder, monkeypatch, fault)
        assert (str(fault), check(result)) == (str(fault), [])
        assert same(result.outcome, folder) == same(calm.outcome, tmp_path / "calm")
        assert wasted(result) <= 1
        shutil.rmtree(folder, ignore_errors=True)
    with capsys.disabled():
        print(
            f"\n{case.name}: {calm.outcome[0]}, {calm.calls} calls of ports, {len(faults)} faults"
        )
    assert os.environ["VIVIDO_EXAMPLES"].startswith(str(tmp_path))
