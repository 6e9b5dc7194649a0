"""Do `vivido pause` and `vivido resume` hold back and let go: one execution, a workflow, all?"""

import json

import pytest

FLOW = """
    from vivido import sleep, step, workflow

    @step
    def add(n: int) -> int:
        return n + 1

    @workflow
    def flow(n: int) -> int:
        sleep(seconds=n)
        return add(n)

    @workflow
    def other(n: int) -> int:
        return add(n)
"""


@pytest.fixture
def flow(write) -> str:
    """A file of two workflows."""
    return write(FLOW)


def run(vivido, flow: str, name: str, id_: str, n: int = 1):
    """Run as far as it goes without waiting."""
    return vivido("run", f"{flow}:{name}", "--input", str(n), "--id", id_, "--no-wait")


def test_a_workflow_is_paused_and_resumed(vivido, flow: str) -> None:
    """Its executions wait, those of another one run; resumed, they go on."""
    assert run(vivido, flow, "other", "B0").code == 0
    said = vivido("pause", "--workflow", "flow")
    assert (said.code, said.err) == (
        0,
        "workflow 'flow' is paused: no step begins, running ones finish, starts wait\n",
    )
    assert run(vivido, flow, "flow", "A1", 0).code == 3
    assert run(vivido, flow, "other", "B1").code == 0
    said = vivido("resume", "--workflow", "flow", "--json")
    assert json.loads(said.out) == {
        "paused": False,
        "workflow": "flow",
        "held": 1,
        "still_paused": [],
    }
    assert vivido("resume", "A1").code == 0


def test_everything_is_paused_and_resumed(vivido, flow: str) -> None:
    """What is paused by name as well stays so, and is named."""
    assert run(vivido, flow, "other", "B0").code == 0
    assert json.loads(vivido("pause", "--all", "--json").out) == {"paused": True, "workflow": None}
    assert vivido("pause", "--workflow", "flow").code == 0
    assert run(vivido, flow, "other", "B1").code == 3
    said = vivido("resume", "--all", "--rate", "10")
    assert said.err == (
        "every workflow goes on: 1 execution had been held back, 10 of them begin in a second; "
        "still paused by name: flow\n"
    )
    assert vivido("resume", "B1").code == 0


def test_one_execution_is_paused_and_resumed(vivido, flow: str) -> None:
    """`vivido resume ID` lets it go on and drives it to its end."""
    assert run(vivido, flow, "flow", "A1", 3).code == 3
    said = vivido("pause", "A1", "--note", "the bank is closed")
    assert (said.code, said.err) == (0, "A1 is paused: go on with `vivido resume A1`\n")
    assert '"paused":true' in vivido("list", "--json").out.replace(" ", "")
    assert vivido("resume", "A1").code == 0
    assert json.loads(vivido("pause", "A1", "--json").out) == {"execution": "A1", "paused": True}


@pytest.mark.parametrize("words", [[], ["A1", "--all"], ["--all", "--workflow", "flow"]])
@pytest.mark.parametrize("command", ["pause", "resume"])
def test_it_is_one_of_three(vivido, flow: str, command: str, words: list[str]) -> None:
    """An id, --workflow or --all."""
    assert run(vivido, flow, "other", "B0").code == 0
    said = vivido(command, *words)
    assert (said.code, "--workflow NAME or --all" in said.err) == (2, True)
