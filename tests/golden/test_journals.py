"""Do journals that were written earlier still fold and show, also without the code that wrote them?

Each file holds executions as they lie in a store: META, definition, records. The folder's name is
the format of the definitions in it. Files of a format are written once, by this test with
``VIVIDO_REGENERATE=1``, and never again when a later format is out: they are what people have.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from tests.fault import undone, zoo

from vivido import Workflow, ids, values
from vivido import engine as pure
from vivido.backends.sqlite import SqliteStore
from vivido.cli.main import main
from vivido.engine import undoing
from vivido.engine.program import Program
from vivido.model import formats
from vivido.model.definition import FORMAT
from vivido.model.journal import Json, Kind, Meta, ParentWait, Record, Status
from vivido.testing.simulation import never
from vivido.testing.world import EXECUTION, World

ROOT = Path(__file__).parents[2]
JOURNALS = Path(__file__).with_name("journals")
KEPT = sorted(JOURNALS.glob("format_*/*.json"))
MINE = JOURNALS / f"format_{FORMAT}"
FLOWS = {
    "loop": zoo.looped,
    "saga": zoo.inner_saga,
    "fork_undone": zoo.forked_and_undone,
    "fork_stopped": zoo.map_fails,
    "no_return": zoo.past_return,
    "timer_and_retries": zoo.retried_slowly,
    "children": zoo.parent,
    "claim": zoo.claimed,
    "forks_undone_side_by_side": undone.between_forks,
    "children_undone": undone.children_undone,
}


# ------------------------------------------------------------------ writing
def written(workflow: Workflow[..., Any], given: Any, **more: Any) -> Json:
    """Run, and return all that a store holds then. No paths of this machine are part of it."""
    world = World()
    result = world.run(workflow, given, goes_on_inline=never, **more)
    metas = {one: asyncio.run(world.ports.metas.get(one)) for one in sorted(result.records)}
    digests = {meta.digest for meta in metas.values() if meta}
    found = {digest: asyncio.run(world.ports.registry.get(digest)) for digest in sorted(digests)}
    data = {
        "metas": {name: asdict(meta) for name, meta in metas.items() if meta},
        "definitions": {digest: one.as_json() for digest, one in found.items() if one},
        "journals": {
            execution: {
                name: [asdict(record) for record in records] for name, records in some.items()
            }
            for execution, some in sorted(result.records.items())
        },
    }
    text = json.dumps(data, ensure_ascii=False, indent=1)
    return json.loads(re.sub(r'"traceback": "(?:[^"\\]|\\.)*"', '"traceback": ""', text))


@pytest.fixture
def examples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Import the order example, with a shop of its own; leave nothing behind."""
    monkeypatch.setenv("VIVIDO_EXAMPLES", str(tmp_path))
    monkeypatch.syspath_prepend(str(ROOT / "definitions"))
    before = set(sys.modules)
    import order_fulfilment  # noqa: PLC0415

    yield order_fulfilment
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(ROOT / "definitions")):
            del sys.modules[name]


@pytest.mark.skipif(os.environ.get("VIVIDO_REGENERATE") != "1", reason="writes the golden files")
def test_write_the_files_of_this_format(examples: Any) -> None:
    """Run the workflows, and two orders, and keep what they leave."""
    MINE.mkdir(exist_ok=True)
    flaky = {zoo.flaky_slowly: [zoo.Flaky("once"), 5]}
    for name, flow in FLOWS.items():
        mocks = flaky if flow is zoo.retried_slowly else None
        keep(name, written(flow, 1, mocks=mocks))
    for name in ("order", "order_declined"):
        given = json.loads((ROOT / "examples" / f"{name}.json").read_text())
        keep(name, written(examples.order_fulfilment, given))


def keep(name: str, data: Json) -> None:
    """Write a file."""
    text = json.dumps(data, ensure_ascii=False, indent=1) + "\n"
    (MINE / f"{name}.json").write_text(text, "utf-8")


# ------------------------------------------------------------------ reading
class Kept:
    """What a file holds."""

    def __init__(self, path: Path) -> None:
        data = json.loads(path.read_text("utf-8"))
        self.metas = {name: _meta(one) for name, one in data["metas"].items()}
        self.definitions = {
            digest: formats.read_data(one) for digest, one in data["definitions"].items()
        }
        self.journals = {
            execution: {
                branch: [Record(**{**one, "kind": Kind(one["kind"])}) for one in records]
                for branch, records in branches.items()
            }
            for execution, branches in data["journals"].items()
        }

    def program(self, execution: str) -> Program:
        """Load the definition, with none of the author's code."""
        return pure.load(self.definitions[self.metas[execution].digest], _nothing)

    def folded(self, execution: str, branch: str) -> pure.State:
        """Fold a journal from its beginning: META, or the FORK that made the branch."""
        place = ids.parent_of(branch)
        if place is None:
            state = pure.begin(self.metas[execution].input)
        else:
            fork = self.journals[execution][place.branch][place.fork - 1].data["state"]
            if "undo" in fork["wait"]:
                source = undoing.source(fork["wait"], place.child)
                end = self.journals[execution][source][-1].data["end"]
                begins = undoing.beginning(fork["wait"], fork["at"], place.child, end)
                return self.all_folded(execution, branch, pure.restore(begins))
            node: Any = self.program(execution).nodes[fork["at"][-1]]
            state = pure.restore(node.child(fork["wait"], fork["vars"], place.child))
        return self.all_folded(execution, branch, state)

    def all_folded(self, execution: str, branch: str, state: pure.State) -> pure.State:
        """Fold all records."""
        for record in self.journals[execution][branch]:
            state = pure.fold(state, record)
        return state


def _meta(data: Json) -> Meta:
    parent = data["parent"] and ParentWait(**data["parent"])
    return Meta(**{**data, "status": Status(data["status"]), "parent": parent})


def _nothing(ref: str) -> Any:
    raise LookupError(ref)


@pytest.mark.parametrize("path", KEPT, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_journals_of_earlier_versions_fold(path: Path) -> None:
    """Branch by branch to the end that META tells of; positions name nodes of the definition."""
    kept = Kept(path)
    for execution, branches in kept.journals.items():
        nodes = {*kept.program(execution).nodes, "$start"}
        for branch in branches:
            state = kept.folded(execution, branch)
            assert state.phase == "ended"
            assert set(state.at) <= nodes
            if branch == ids.ROOT:
                assert state.wait["status"] == kept.metas[execution].status
                assert state.wait.get("value") == kept.metas[execution].output


@pytest.mark.parametrize("path", KEPT, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_values_of_earlier_versions_can_be_read(path: Path) -> None:
    """Inputs, results and errors; a class that is gone leaves its fields, an error its message."""
    for meta in Kept(path).metas.values():
        for given in meta.input.values():
            values.decode(given)
        values.decode(meta.output)
        if meta.error is not None:
            assert str(values.decode(meta.error)) == meta.error["message"]


@pytest.mark.parametrize("path", KEPT, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_journals_of_earlier_versions_show(
    path: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Put into a store, `vivido show` tells their story."""
    kept, store = Kept(path), str(tmp_path / "state.db")
    asyncio.run(_stored(kept, store))
    for words in ([], ["--json"]):
        with pytest.raises(SystemExit) as ended:
            main(["show", EXECUTION, "--store", store, *words])
        out, _ = capfd.readouterr()
        assert ended.value.code == 0
        assert str(kept.metas[EXECUTION].status).replace("_", " ") in out.replace("_", " ")


async def _stored(kept: Kept, path: str) -> None:
    store = SqliteStore(path)
    for definition in kept.definitions.values():
        await store.ports.registry.put(definition)
    for execution, meta in kept.metas.items():
        await store.ports.metas.create(meta)
        for branch, records in kept.journals[execution].items():
            for record in records:
                assert await store.ports.journal.append(execution, branch, record) is None
    store.close()


def test_files_of_each_format_are_kept() -> None:
    """A format that was ever written has its folder."""
    folders = {path.parent.name for path in KEPT}
    assert folders == {f"format_{number}" for number in range(1, FORMAT + 1)}
    assert len(KEPT) >= len(FLOWS)
