"""What does `vivido test` say: the path with mock data, and what faults would do?"""

import json
import textwrap

import pytest

FLOW = '''
    import itertools

    from vivido import map_each, sleep, step, step_context, workflow

    numbers = itertools.count()

    class Declined(Exception):
        pass

    class Pair(Exception):
        def __init__(self, one, other):
            super().__init__(f"{one}, {other}")

    @step
    def give_back(amount: int) -> None:
        """Undo."""

    @step(compensate=give_back)
    def take(amount: int) -> int:
        step_context().effect("taken", amount)
        return amount

    @step
    def number(amount: int) -> int:
        step_context().effect("number", next(numbers))
        return amount

    @step
    def items(amount: int) -> list[int]:
        return [amount]

    @workflow
    def child(amount: int) -> int:
        return number(amount)

    @workflow
    def flow(amount: int) -> int:
        taken = take(amount)
        sleep(days=1)
        return taken + child(1)

    @workflow
    def forked(amount: int) -> list[int]:
        return map_each(take, [amount])

    @workflow
    def steady(amount: int) -> list[int]:
        take(amount)
        return items(amount)
'''


@pytest.fixture
def flow(write):
    """A file of workflows."""
    return write(FLOW)


def test_the_path_is_printed(vivido, flow):
    """Rows and the path on standard error, the result on standard output."""
    said = vivido("test", f"{flow}:flow", "--input", "7")
    assert (said.code, said.out) == (0, "8\n")
    assert "path: take → sleep → child" in said.err
    assert "⏱ sleep waits until" in said.err
    said = vivido("test", f"{flow}:forked", "--input", "7")
    assert said.err.index("✔ take") < said.err.index("● succeeded")


def test_mocks_take_the_place_of_steps(vivido, flow):
    """Values, lists of them, lists as one value, errors; also in workflows that are called."""
    mocks = {"take": 40, "number": [{"$raise": "Declined", "message": "no"}]}
    said = vivido("test", f"{flow}:flow", "--input", "7", "--mocks", json.dumps(mocks))
    assert (said.code, said.out) == (1, "")
    assert "● compensated Declined: no" in said.err
    mocks = {"take": [5], "number": 2}
    assert vivido("test", f"{flow}:flow", "--input", "7", "--mocks", json.dumps(mocks)).out == "7\n"
    mocks = {"items": {"$return": [1, 2]}}
    said = vivido("test", f"{flow}:steady", "--input", "7", "--mocks", json.dumps(mocks), "--json")
    assert json.loads(said.out)["output"] == [1, 2]
    mocks = {"items": {"$raise": "Pair", "args": [1, 2]}}
    said = vivido("test", f"{flow}:steady", "--input", "7", "--mocks", json.dumps(mocks), "--json")
    assert json.loads(said.out)["error"] == {"type": "Pair", "message": "1, 2"}


def test_a_name_is_looked_for_in_definitions(vivido, flow, here):
    """As `vivido graph` does."""
    (here / "definitions").mkdir()
    (here / flow).rename(here / "definitions" / flow)
    assert vivido("test", "steady", "--input", "7").out == "[\n  7\n]\n"
    said = vivido("test", "unsteady", "--input", "7")
    assert (said.code, "no workflow 'unsteady' in definitions/" in said.err) == (2, True)


def test_mocks_from_a_file(vivido, flow, here):
    """A file of JSON, as --input."""
    (here / "mocks.json").write_text('{"take": 1}')
    said = vivido("test", f"{flow}:steady", "--input", "7", "--mocks", "mocks.json")
    assert json.loads(said.out) == [7]


@pytest.mark.parametrize(
    ("mocks", "sentence"),
    [
        ('{"take_it": 1}', "the mocks name 'take_it', which is no step: there is give_back, items"),
        ("[1]", "the mocks are [1]: give an object, step names to values"),
        ('{"take": {"$raise": "Nothing"}}', "raises 'Nothing', which is no exception"),
        ('{"take": {"$raise": "os:path"}}', "raises 'os:path', which is no exception"),
        ('{"take": {"$raise": "no_module:X"}}', "raises 'no_module:X', which is no exception"),
        ('{"take": {"$raise": "Pair"}}', "cannot be raised"),
        ("mocks.json", "--mocks 'mocks.json' is neither a file nor JSON"),
    ],
)
def test_mocks_that_mean_nothing(vivido, flow, mocks, sentence):
    """It says what is wrong with them, and runs nothing."""
    said = vivido("test", f"{flow}:steady", "--input", "7", "--mocks", mocks)
    assert (said.code, said.out) == (2, "")
    assert sentence in said.err


def test_under_faults(vivido, flow):
    """A report on standard output; 1 where it found something, 0 where not."""
    said = vivido("test", f"{flow}:flow", "--input", "7", "--faults", "--most", "80")
    assert said.code == 1
    line = 1 + textwrap.dedent(FLOW).splitlines().index("    return number(amount)")
    assert f"step 'number' (node 'number', line {line}) is not idempotent" in said.out
    assert "without mocks, so run for real each time: give_back, number, take" in said.err
    said = vivido(
        "test", f"{flow}:steady", "--input", "7", "--faults", "--mocks", '{"items": [[1]]}'
    )
    assert said.code == 0
    assert "runs under faults" in said.out


def test_under_faults_for_machines(vivido, flow):
    """One JSON object."""
    words = ("test", f"{flow}:flow", "--input", "7", "--faults", "--pairs", "3", "--json")
    said = vivido(*words, "--most", "60")
    found = json.loads(said.out)
    assert (said.code, found["status"], found["seconds"]) == (1, "succeeded", 86_400.0)
    assert [one["node"] for one in found["path"]] == ["take", "sleep", "child"]
    assert found["faults"]["not_idempotent"][0]["step"] == "number"
    assert found["faults"]["runs"]["pairs"] == 3


def test_ctrl_c_keeps_what_was_found(vivido, flow, monkeypatch):
    """The report says how far it came; exit code 3."""
    from vivido.testing.trials import Trials  # noqa: PLC0415

    go = Trials.go

    def cut(self):
        for done in go(self):
            if done == 40:
                raise KeyboardInterrupt
            yield done

    monkeypatch.setattr(Trials, "go", cut)
    said = vivido("test", f"{flow}:flow", "--input", "7", "--faults")
    assert said.code == 3
    assert "stopped after 40 of" in said.out


def test_wrong_input(vivido, flow):
    """As for `vivido run`."""
    said = vivido("test", f"{flow}:flow", "--input", '"seven"', "--faults")
    assert said.code == 2
