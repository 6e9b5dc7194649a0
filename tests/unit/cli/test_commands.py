"""What do the commands beside `vivido run` say?"""

import json
import re
import sqlite3
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from vivido.cli.main import COMMANDS, explained, main
from vivido.errors import DefinitionError, InvariantError, Unavailable, UsageError
from vivido.model.definition import Definition

FLOW = '''
    from vivido import parallel, sleep, step, workflow

    @step
    def double(x: int) -> int:
        """Twice as much."""
        return 2 * x

    @step
    def fail(x: int) -> int:
        raise ValueError("never")

    @workflow(tags={"team": "sums"})
    def flow(x: int) -> int:
        y = double(x)
        a, b = parallel(double(y), double(y + 1))
        print("added", a + b)
        return a + b

    @workflow
    def fails(x: int) -> int:
        return fail(x)
'''
LATER = """
    from vivido import sleep, step, workflow

    @step
    def double(x: int) -> int:
        return 2 * x

    @workflow
    def later(x: int) -> int:
        y = double(x)
        sleep(days=1)
        return double(y)
"""
WRONG = """
    from vivido import step, workflow

    @step
    def double(x: int) -> int:
        return 2 * x

    @workflow
    def wrong(x: int) -> int:
        return doubel(x)
"""


@pytest.fixture
def ran(vivido: Any, write: Any) -> str:
    """Two executions: S1 succeeded, E1 failed. Returns the file of their workflows."""
    file = str(write(FLOW))
    vivido("run", f"{file}:flow", "--input", "3", "--id", "S1")
    vivido("run", f"{file}:fails", "--input", "3", "--id", "E1")
    return file


# ------------------------------------------------------------------ show
def test_show_tells_what_happened(vivido: Any, ran: str) -> None:  # noqa: ARG001
    """Input, a line for each record with its duration, branches indented, result."""
    said = vivido("show", "S1")
    assert said.code == 0
    lines = said.out.splitlines()
    assert lines[0] == "flow (version 1)  S1"
    assert lines[1].startswith("succeeded, started ")
    assert lines[2] == "x = 3"
    told = [re.sub(r" \(\d\.\d+ s\)", "", line[10:]) for line in lines[4:-2]]
    assert told == [
        "✔ double → 6",
        "┬ parallel 2 branches side by side",
        "  ✔ double_2 → 12",
        "  ✔ double_3 → 14",
        "| added 26",
        "● succeeded → 26",
    ]
    assert lines[-1] == "output: 26"


def test_show_for_machines_is_one_object(vivido: Any, ran: str) -> None:  # noqa: ARG001
    """Everything that the store knows, the history in the order in which people read it."""
    shown = json.loads(vivido("show", "S1", "--json").out)
    assert (shown["status"], shown["input"], shown["output"]) == ("succeeded", {"x": 3}, 26)
    assert shown["tags"] == {"team": "sums"}
    assert [(r["branch"], r["kind"]) for r in shown["history"]] == [
        ("r", "OK"),
        ("r", "FORK"),
        ("r.2:0", "END"),
        ("r.2:1", "END"),
        ("r", "END"),
    ]


def test_show_of_a_failure_ends_with_the_error(vivido: Any, ran: str) -> None:  # noqa: ARG001
    """The last line says why."""
    said = vivido("show", "E1")
    assert said.out.splitlines()[-1] == "error: ValueError: never"
    assert json.loads(vivido("show", "E1", "--json").out)["error"] == {
        "type": "ValueError",
        "message": "never",
    }


def test_show_reads_page_by_page(vivido: Any, write: Any) -> None:
    """A journal that is longer than a page is shown whole."""
    file = write("""
        from vivido import step, workflow

        @step(inline=True)
        def double(x: int) -> int:
            return 2 * x

        @workflow
        def many(n: int) -> int:
            total = 0
            for i in range(n):
                total += double(i)
            return total
    """)
    vivido("run", file, "--input", "450", "--id", "P1")
    history = json.loads(vivido("show", "P1", "--json").out)["history"]
    assert [record["n"] for record in history] == list(range(1, len(history) + 1))
    assert len(history) >= 450


# ------------------------------------------------------------------ list
def test_list_is_a_table_newest_first(vivido: Any, ran: str) -> None:  # noqa: ARG001
    """Id, workflow, status, start, and why it failed."""
    lines = vivido("list").out.splitlines()
    assert [line.split()[:3] for line in lines] == [
        ["ID", "WORKFLOW", "STATUS"],
        ["E1", "fails", "failed"],
        ["S1", "flow", "succeeded"],
    ]
    assert lines[1].endswith("ValueError: never")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ((), ["E1", "S1"]),
        (("--workflow", "flow"), ["S1"]),
        (("--status", "failed"), ["E1"]),
        (("--limit", "1"), ["E1"]),
        (("--status", "running"), []),
    ],
)
def test_list_for_machines(
    vivido: Any,
    ran: str,  # noqa: ARG001
    words: tuple[str, ...],
    expected: list[str],
) -> None:
    """One JSON object a line, of those that were asked for."""
    said = vivido("list", "--json", *words)
    assert [json.loads(line)["execution"] for line in said.out.splitlines()] == expected


def test_list_of_nothing_says_so(vivido: Any, ran: str) -> None:  # noqa: ARG001
    """An empty table would look like an error."""
    said = vivido("list", "--status", "cancelled")
    assert (said.code, said.out, said.err) == (0, "", "no execution is like that\n")


@pytest.mark.parametrize("words", [("list",), ("show", "X1"), ("resume", "X1")])
def test_a_store_that_is_not_there_is_not_made(
    vivido: Any, here: Path, words: tuple[str, ...]
) -> None:
    """Looking at nothing makes nothing."""
    said = vivido(*words)
    assert (said.code, said.out) == (2, "")
    assert "there is no store '.vivido/state.db': run a workflow first" in said.err
    assert list(here.iterdir()) == []


@pytest.mark.parametrize("command", ["show", "resume"])
def test_an_unknown_execution_is_wrong_use(vivido: Any, ran: str, command: str) -> None:  # noqa: ARG001
    """It says where to look."""
    said = vivido(command, "X1")
    assert (said.code, said.out) == (2, "")
    assert "there is no execution 'X1' in '.vivido/state.db': see `vivido list" in said.err


def test_a_damaged_store_is_a_sentence(vivido: Any, ran: str, here: Path) -> None:  # noqa: ARG001
    """What SQLite finds is said with the file and the remedy."""
    store = here / ".vivido" / "state.db"
    with sqlite3.connect(store) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    content = bytearray(store.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    store.write_bytes(content)
    said = vivido("list")
    assert (said.code, said.out) == (1, "")
    assert "the store '.vivido/state.db' is damaged" in said.err


# ------------------------------------------------------------------ resume
def test_resume_needs_no_more_than_the_id(vivido: Any, write: Any) -> None:
    """The stored definition says which file the steps are in."""
    vivido("run", write(LATER), "--input", "3", "--id", "L1", "--no-wait")
    said = vivido("resume", "L1", "--no-wait")
    assert (said.code, said.out) == (3, "")
    assert said.err.splitlines()[0] == "later (version 1) goes on as L1"
    assert "waits until" in said.err


def test_an_execution_keeps_its_definition(vivido: Any, write: Any, here: Path) -> None:
    """A file that was edited meanwhile changes nothing that is under way, and it is said."""
    file = write(LATER)
    vivido("run", file, "--input", "3", "--id", "L3", "--no-wait")
    edited = f"edited_{file}"
    (here / edited).write_text((here / file).read_text("utf-8").replace("days=1", "days=9"))
    said = vivido("run", edited, "--input", "3", "--id", "L3", "--no-wait")
    assert said.code == 3
    assert said.err.splitlines()[:2] == [
        "later (version 1) goes on as L3",
        "it keeps the definition with which it was started",
    ]


def test_resume_of_what_has_ended_says_its_result(vivido: Any, ran: str, here: Path) -> None:
    """For that, the code need not be there any more."""
    (here / ran).unlink()
    said = vivido("resume", "S1")
    assert (said.code, said.out) == (0, "26\n")
    assert vivido("resume", "E1").code == 1


def test_resume_finds_the_code_elsewhere(vivido: Any, write: Any, here: Path) -> None:
    """A file that has moved is named; without, one sentence says how."""
    file = write(LATER)
    vivido("run", file, "--input", "3", "--id", "L2", "--no-wait")
    (here / "moved").mkdir()
    (here / file).rename(here / "moved" / file)
    lost = vivido("resume", "L2", "--no-wait")
    assert lost.code == 2
    assert f"the workflow's file '{file}' is not there: say where it is with --file" in lost.err
    assert vivido("resume", "L2", "--no-wait", "--file", f"moved/{file}").code == 3


def test_a_child_execution_is_resumed_with_its_parent(vivido: Any, write: Any) -> None:
    """The sentence says which."""
    file = write(
        LATER
        + """
    @workflow
    def parent(x: int) -> int:
        return later(x)
    """
    )
    vivido("run", f"{file}:parent", "--input", "3", "--id", "P1", "--no-wait")
    said = vivido("resume", "P1~r.1")
    assert said.code == 2
    assert "'P1~r.1' is a child execution: resume the whole, 'P1'" in said.err


# ------------------------------------------------------------------ check
def test_check_lists_every_finding(vivido: Any, write: Any) -> None:
    """All files are compiled before anything is said; errors make the exit code 1."""
    good, bad = write(FLOW), write(WRONG)
    said = vivido("check", good, bad)
    assert said.code == 1
    assert f"{bad}:10:12: error" in said.out
    assert said.out.splitlines()[-1] == "2 workflows compile, 1 error"
    assert vivido("check", good).out.splitlines()[-1] == "2 workflows compile"


def test_check_for_machines(vivido: Any, write: Any) -> None:
    """One object with all findings."""
    bad = write(WRONG)
    found = json.loads(vivido("check", bad, "--json").out)
    assert (found["errors"], found["workflows"]) == (1, [])
    assert [(one["file"], one["line"], one["severity"]) for one in found["findings"]] == [
        (bad, 10, "error")
    ]


def test_check_without_paths_takes_definitions(vivido: Any, write: Any, here: Path) -> None:
    """A project's workflows are in definitions/."""
    assert "'definitions' is not there" in vivido("check").err
    (here / "definitions").mkdir()
    (here / write(FLOW)).rename(here / "definitions" / "flows_of_check.py")
    said = vivido("check")
    assert (said.code, said.out) == (0, "2 workflows compile\n")


# ------------------------------------------------------------------ graph and schema
@pytest.mark.parametrize(
    ("words", "begins"),
    [
        ((), "<svg xmlns"),
        (("--format", "mermaid"), "flowchart TD\n"),
        (("--format", "dot"), 'digraph "flow" {\n'),
        (("--format", "json"), '{\n  "format": 1'),
    ],
)
def test_graph_writes_to_standard_output(
    vivido: Any, write: Any, words: tuple[str, ...], begins: str
) -> None:
    """Each format, svg where none is named."""
    said = vivido("graph", f"{write(FLOW)}:flow", *words)
    assert (said.code, said.err, said.out[: len(begins)]) == (0, "", begins)


def test_graph_as_json_is_the_definition(vivido: Any, write: Any) -> None:
    """What is printed is a definition that can be read again."""
    said = vivido("graph", f"{write(FLOW)}:flow", "--format", "json")
    assert Definition.model_validate_json(said.out).name == "flow"


@pytest.mark.parametrize(
    ("file", "begins"), [("a.svg", "<svg"), ("a.mmd", "flowchart"), ("a.dot", "digraph")]
)
def test_graph_goes_by_the_ending_of_its_file(
    vivido: Any, write: Any, here: Path, file: str, begins: str
) -> None:
    """`-o flow.mmd` says enough."""
    said = vivido("graph", f"{write(FLOW)}:flow", "-o", file)
    assert (said.code, said.out, said.err) == (0, "", "")
    assert (here / file).read_text("utf-8").startswith(begins)


def test_graph_finds_a_workflow_by_its_name(vivido: Any, write: Any, here: Path) -> None:
    """A bare name is looked for in definitions/."""
    (here / "definitions").mkdir()
    (here / write(FLOW)).rename(here / "definitions" / "flows_of_graph.py")
    assert vivido("graph", "flow", "--format", "dot").out.startswith('digraph "flow"')
    said = vivido("graph", "nothing")
    assert said.code == 2
    assert "there is no workflow 'nothing' in definitions/: name its file" in said.err


def test_schema_is_a_json_schema(vivido: Any) -> None:
    """It says which format it describes."""
    said = vivido("schema")
    schema = json.loads(said.out)
    assert schema["$id"] == "urn:vivido:definition:1"
    assert {"name", "blocks"} <= set(schema["required"])


def test_graph_draws_a_definition_that_is_json(vivido: Any, write: Any, here: Path) -> None:
    """What the designer or `--format json` wrote needs no Python."""
    drawn = vivido("graph", f"{write(FLOW)}:flow", "--format", "dot").out
    vivido("graph", f"{write(FLOW)}:flow", "-o", "flow.json")
    for file in here.glob("*.py"):
        file.unlink()
    assert vivido("graph", "flow.json", "--format", "dot").out == drawn


def test_a_file_that_cannot_be_written_is_a_sentence(vivido: Any, write: Any) -> None:
    """What the system says, with the name of the file."""
    said = vivido("graph", f"{write(FLOW)}:flow", "-o", "nowhere/flow.svg")
    assert (said.code, said.out) == (1, "")
    assert said.err == "error: 'nowhere/flow.svg' cannot be used: No such file or directory\n"


# ------------------------------------------------------------------ all of it
def test_the_version_is_that_of_the_package(vivido: Any) -> None:
    """So that reports of bugs can say it."""
    assert vivido("--version").out == f"vivido {metadata.version('vivido')}\n"


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (InvariantError("two heads"), 1, "error: a bug of Vivido, not yours: two heads"),
        (KeyError("x"), 1, "error: a bug of Vivido, not yours: KeyError: 'x' (run it with"),
        (Unavailable("the disk is full"), 1, "error: the disk is full"),
        (UsageError("no such thing"), 2, "error: no such thing"),
        (DefinitionError("not compiled"), 2, "error: not compiled"),
    ],
)
def test_an_error_is_a_sentence_and_a_code(
    capfd: pytest.CaptureFixture[str], error: Exception, code: int, message: str
) -> None:
    """The class says who must act: the caller, nobody, or we."""
    assert explained(error) == code
    assert capfd.readouterr().err.startswith(message)


def test_debug_shows_the_traceback(vivido: Any, ran: str, write: Any) -> None:
    """Of an error of the command line itself, and of the step that failed."""
    assert f'File "{Path(ran).absolute()}", line ' in vivido("--debug", "show", "E1").out
    with pytest.raises(UsageError):
        main(["--debug", "run", f"{write(FLOW)}:nope"])


def test_help_lists_all_commands_and_exit_codes(vivido: Any) -> None:
    """Nobody has to guess."""
    said = vivido("--help")
    listed = [line.split()[0] for line in said.out.partition("Commands:")[2].splitlines() if line]
    assert listed == list(COMMANDS)
    assert {"run", "resume", "list", "show", "logs", "repair", "prune", "check"} <= set(listed)
    assert "0 succeeded, 1 failed, 2 wrong use, 3 still waiting" in said.out


@pytest.mark.parametrize(
    "command", ["run", "resume", "list", "show", "logs", "prune", "check", "graph", "schema"]
)
def test_each_command_has_help(vivido: Any, command: str) -> None:
    """Its first line is what `vivido --help` says of it, in full."""
    said = vivido(command, "--help")
    assert (said.code, said.out.startswith(f"Usage: vivido {command} ")) == (0, True)


def test_an_unknown_command_is_wrong_use(vivido: Any) -> None:
    """It is named."""
    said = vivido("rnu")
    assert said.code == 2
    assert "No such command 'rnu'" in said.err
