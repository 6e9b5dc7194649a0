"""Commands that ask something of an execution: what comes of it, and what the history says."""

from pathlib import Path

from tests.unit.cli.conftest import Type, Write

SOURCE = """
    from pathlib import Path
    from vivido import step, workflow

    def closed(name: str) -> None:
        if not Path(name).exists():
            raise ValueError(f"{name} is closed")

    @step
    def give_back(n: int) -> None:
        closed("bank")

    @step(compensate=give_back)
    def take(n: int) -> int:
        return n + 1

    @step
    def pay(n: int) -> int:
        closed("shop")
        return n * 10

    @workflow
    def plain(n: int) -> int:
        return pay(n)

    @workflow
    def saved(n: int) -> int:
        x = take(n)
        return pay(x)
"""


def test_a_redrive_goes_on_where_it_failed(vivido: Type, write: Write, here: Path) -> None:
    """With a value edited; the history says who asked, what was changed and why."""
    file = write(SOURCE)
    assert vivido("run", f"{file}:plain", "--input", "1", "--id", "A").code == 1
    (here / "shop").touch()
    said = vivido("redrive", "A", "--set", "n=4", "--note", "open again")
    assert (said.code, said.out) == (0, "40\n")
    shown = vivido("show", "A").out
    assert "redrive goes on from pay, by " in shown
    assert "with other values of n: open again" in shown


def test_what_cannot_be_redriven_is_refused(vivido: Type, write: Write) -> None:
    """In one sentence, with exit code 2."""
    file = write(SOURCE)
    vivido("run", f"{file}:plain", "--input", "1", "--id", "A")
    said = vivido("redrive", "A", "--from", "nowhere")
    assert (said.code, "it came to pay" in said.err) == (2, True)


def test_a_person_decides_and_it_is_undone(vivido: Type, write: Write, here: Path) -> None:
    """A retry of the compensation that failed for good, when the bank is open."""
    file = write(SOURCE)
    assert vivido("run", f"{file}:saved", "--input", "1", "--id", "A").code == 3
    (here / "bank").touch()
    assert vivido("retry", "A").code == 1
    assert "retry, by " in vivido("show", "A").out


def test_a_failed_step_is_resolved_by_hand(vivido: Type, write: Write) -> None:
    """Its result is supplied."""
    file = write(SOURCE)
    vivido("run", f"{file}:plain", "--input", "1", "--id", "A")
    said = vivido("resolve", "A", "--result", "7")
    assert (said.code, said.out) == (0, "7\n")


def test_who_cancelled_is_shown(vivido: Type, write: Write, here: Path) -> None:
    """The request leaves a line, and what was done is undone."""
    file = write(
        SOURCE.replace("return pay(x)", "sleep(hours=1)\n        return pay(x)").replace(
            "import step", "import sleep, step"
        )
    )
    (here / "bank").touch()
    vivido("run", f"{file}:saved", "--input", "1", "--id", "A", "--no-wait")
    assert vivido("cancel", "A", "--note", "wrong order").code == 1
    shown = vivido("show", "A").out
    assert "cancel by " in shown
    assert ": wrong order" in shown


def test_a_redrive_on_a_newer_definition(vivido: Type, write: Write, here: Path) -> None:
    """Refused with the reasons, or gone on; the history names both definitions."""
    old = write(SOURCE)
    new = write(SOURCE.replace("return pay(n)", "x = pay(n)\n        return x + 5"))
    assert vivido("run", f"{old}:plain", "--input", "1", "--id", "A").code == 1
    (here / "shop").touch()
    refused = vivido("redrive", "A", "--newer", f"{new}:saved")
    assert (refused.code, "- it is an execution of 'plain'" in refused.err) == (2, True)
    said = vivido("redrive", "A", "--newer", f"{new}:plain")
    assert (said.code, said.out) == (0, "15\n")
    assert "redrive goes on from pay on another definition, " in vivido("show", "A").out
