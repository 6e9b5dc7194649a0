"""What becomes of a run that is stopped, killed, or not alone?"""

import json
import signal
import sqlite3
import textwrap
from pathlib import Path
from typing import Any

import pytest

INPUT = ("--input", '"a"')
DONE = ["first of a", "through", "first of a2"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_run_finishes_its_step_and_says_how_to_go_on(
    vivido: Any, begin: Any, gates: Any, number: int
) -> None:
    """The running step comes to its end and is recorded; resuming begins with the next one."""
    run = begin("run", "flow.py", *INPUT, "--id", "A1")
    run.wait_for("at the gate")
    run.interrupt(number)
    run.wait_for("stopping after the running step; Ctrl-C again to end at once")
    gates.open("a")
    said = run.end()
    assert (said.code, said.out) == (3, "")
    assert said.err.splitlines()[-1] == "flow was stopped; go on with: vivido resume A1"
    assert gates.ran == ["first a", "gated a"]
    again = vivido("resume", "A1")
    assert (again.code, json.loads(again.out)) == (0, DONE)
    assert gates.ran == ["first a", "gated a", "first a2"]


def test_a_second_interrupt_ends_it_at_once(vivido: Any, begin: Any, gates: Any) -> None:
    """The step that was cut off runs again, and history says so."""
    run = begin("run", "flow.py", *INPUT, "--id", "A1")
    run.wait_for("at the gate")
    run.interrupt()
    run.wait_for("stopping")
    run.interrupt()
    said = run.end()
    assert (said.code, said.out) == (3, "")
    assert said.err.splitlines()[-1] == "flow was stopped; go on with: vivido resume A1"
    again = begin("resume", "A1")
    again.wait_for("at the gate")
    gates.open("a")
    assert json.loads(again.end().out) == DONE
    assert gates.ran == ["first a", "gated a", "gated a", "first a2"]
    assert "gated is run again: it may have begun before" in vivido("show", "A1").out


def test_a_run_that_only_waits_leaves_at_once(begin: Any, tmp_path: Path) -> None:
    """Nothing is running that could be finished."""
    source = """
        from vivido import sleep, workflow

        @workflow
        def later() -> None:
            sleep(days=1)
    """
    (tmp_path / "later.py").write_text(textwrap.dedent(source))
    run = begin("run", "later.py", "--id", "L1")
    run.wait_for("waits until")
    run.interrupt()
    said = run.end()
    assert (said.code, said.out) == (3, "")
    assert said.err.splitlines()[-1] == "later was stopped; go on with: vivido resume L1"


def test_a_run_for_machines_that_is_stopped_says_how_to_go_on(begin: Any, gates: Any) -> None:
    """The last line names the command; every line is JSON."""
    run = begin("run", "flow.py", *INPUT, "--id", "A1", "--json")
    run.wait_for("at the gate")
    run.interrupt()
    run.wait_for_output("stopping")
    gates.open("a")
    events = [json.loads(line) for line in run.end().out.splitlines()]
    told = [event["event"] for event in events]
    assert told == ["started", "record", "stopping", "record", "left"]
    assert events[-1]["resume"] == "vivido resume A1"


def test_a_killed_run_goes_on_where_it_was(begin: Any, gates: Any) -> None:
    """SIGKILL, the same command again: what is recorded does not run again."""
    run = begin("run", "flow.py", *INPUT, "--id", "A1")
    run.wait_for("at the gate")
    run.kill()
    again = begin("run", "flow.py", *INPUT, "--id", "A1")
    again.wait_for("at the gate")
    gates.open("a")
    said = again.end()
    assert (said.code, json.loads(said.out)) == (0, DONE)
    assert said.err.splitlines()[0] == "flow (version 1) goes on as A1"
    assert gates.ran == ["first a", "gated a", "gated a", "first a2"]


@pytest.mark.usefixtures("gates")
def test_a_run_goes_on_from_another_folder(begin: Any, tmp_path: Path) -> None:
    """The file of the steps is found beside the store's project, wherever one stands."""
    run = begin("run", "flow.py", *INPUT, "--id", "A1", "--store", ".vivido/state.db")
    run.wait_for("at the gate")
    run.kill()
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "gate.a").write_text("through")
    store = tmp_path / ".vivido" / "state.db"
    again = begin("resume", "A1", "--store", store, cwd=tmp_path / "below")
    assert json.loads(again.end().out) == DONE


def test_two_runs_share_a_store_and_nothing_else(begin: Any, gates: Any, tmp_path: Path) -> None:
    """Each process drives its own execution, although the other's waits in the same file."""
    other = tmp_path / "elsewhere"
    other.mkdir()
    source = """
        from pathlib import Path
        from vivido import step, workflow

        @step
        def only_here() -> str:
            return Path("gate.b").read_text()

        @workflow
        def other() -> str:
            return only_here()
    """
    (other / "other.py").write_text(textwrap.dedent(source))
    type(gates)(other).shut("b")
    store = tmp_path / "both.db"
    one = begin("run", "flow.py", *INPUT, "--id", "A1", "--store", store)
    two = begin("run", "other.py", "--id", "B1", "--store", store, cwd=other)
    one.wait_for("at the gate")
    two.wait_for("… only_here")
    type(gates)(other).open("b", "by the other")
    assert json.loads(two.end().out) == "by the other"
    gates.open("a")
    assert json.loads(one.end().out) == DONE


@pytest.mark.usefixtures("gates")
def test_what_another_run_left_is_left_alone(vivido: Any, begin: Any, tmp_path: Path) -> None:
    """A killed execution is not picked up by the next run of something else."""
    run = begin("run", "flow.py", *INPUT, "--id", "A1")
    run.wait_for("at the gate")
    run.kill()
    (tmp_path / "gate.b").write_text("no gate")
    said = vivido("run", "flow.py", "--input", '"b"', "--id", "B1")
    assert (said.code, json.loads(said.out)[1]) == (0, "no gate")
    listed = [line.split()[:3] for line in vivido("list").out.splitlines()[1:]]
    assert listed == [["B1", "flow", "succeeded"], ["A1", "flow", "running"]]


def test_two_runs_of_one_execution_give_one_answer(begin: Any, gates: Any) -> None:
    """The second sees it end, and no step ran twice."""
    one = begin("run", "flow.py", *INPUT, "--id", "A1")
    one.wait_for("at the gate")
    two = begin("run", "flow.py", *INPUT, "--id", "A1")
    two.wait_for("goes on as A1")
    gates.open("a")
    assert [json.loads(run.end().out) for run in (one, two)] == [DONE, DONE]
    assert gates.ran == ["first a", "gated a", "first a2"]


@pytest.mark.usefixtures("gates")
def test_a_store_that_is_locked_is_a_sentence(vivido: Any, tmp_path: Path) -> None:
    """Whoever holds the lock is to be ended; nothing is lost."""
    (tmp_path / "gate.c").write_text("through")
    assert vivido("run", "flow.py", "--input", '"c"', "--store", "s.db").code == 0
    with sqlite3.connect(tmp_path / "s.db") as holder:
        holder.execute("BEGIN EXCLUSIVE")
        said = vivido("run", "flow.py", "--input", '"c"', "--store", "s.db")
    holder.close()
    assert (said.code, said.out) == (1, "")
    assert "is locked by another process for too long" in said.err
