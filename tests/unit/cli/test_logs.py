"""Does `vivido logs` print what workflow and steps said, and `vivido show` how far steps are?"""

import asyncio
import json
from contextlib import closing
from pathlib import Path

import pytest

from vivido.bootstrap import open_local
from vivido.model.journal import Meta, Status
from vivido.ports import Line, Progress

FLOW = """
    import logging
    from vivido import step, step_context, workflow

    log = logging.getLogger("shop")

    @step
    def pay(n: int) -> int:
        step_context().log.info("paying %d", n)
        return n

    @step
    def pack(n: int) -> int:
        step_context().log.warning("no box\\x1b[2J")
        return n

    @workflow
    def flow(n: int) -> int:
        log.info("begins")
        pay(n)
        print("paid")
        return pack(n)
"""


@pytest.fixture
def ran(vivido, write) -> None:
    """An execution that has said something."""
    assert vivido("run", write(FLOW), "--input", '{"n": 2}', "--id", "E1").code == 0


@pytest.mark.usefixtures("ran")
def test_logs_of_workflow_and_steps_in_order(vivido) -> None:
    """With level and place; nothing steers the terminal."""
    said = vivido("logs", "E1")
    found = [line.split(maxsplit=1)[1] for line in said.out.splitlines()]
    assert sorted(found) == sorted(
        [
            "info      shop: begins",
            "info      pay: paying 2",
            "info      print: paid",
            "warning   pack: no box\\x1b[2J",
        ]
    )
    times = [json.loads(line)["time"] for line in vivido("logs", "E1", "--json").out.splitlines()]
    assert times == sorted(times)


@pytest.mark.usefixtures("ran")
def test_logs_of_one_step(vivido) -> None:
    """Also after the end, followed."""
    said = vivido("logs", "E1", "--step", "pay", "--json", "--follow")
    (line,) = map(json.loads, said.out.splitlines())
    del line["time"]
    assert line == {
        "branch": "r",
        "step": "pay",
        "where": "pay",
        "attempt": 1,
        "level": "info",
        "text": "paying 2",
    }


@pytest.mark.usefixtures("ran")
def test_logs_of_an_unknown_execution(vivido) -> None:
    """Wrong use."""
    said = vivido("logs", "E2")
    assert (said.code, "there is no execution 'E2'" in said.err) == (2, True)


def test_show_says_how_far_running_steps_are(vivido, here: Path) -> None:
    """Share, words, and how long ago."""

    async def put(ports) -> None:
        now = ports.clock.now()
        await ports.metas.create(Meta("E1", "flow", "1", "d", {}, now, Status.RUNNING))
        await ports.notes.progress("E1", Progress(now, "r", "read", "read", 1, 0.4, "page 40"))
        await ports.notes.progress("E1", Progress(now, "r", "wait", "wait", 1, None))
        await ports.notes.log("E1", [Line(now, "r.1:0", "read", "read", 2, "info", "again")])

    with closing(open_local(str(here / ".vivido" / "state.db"))) as local:
        asyncio.run(put(local.ports))
    lines = vivido("show", "E1").out.splitlines()
    assert [line.rpartition(" (")[0] for line in lines[-2:]] == [
        "… read 40% page 40",
        "… wait alive",
    ]
    assert vivido("logs", "E1").out.split(maxsplit=1)[1] == (
        "info      read [r.1:0] (attempt 2): again\n"
    )
