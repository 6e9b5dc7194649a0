"""What does `vivido run` do with what it is given, and what does it say?"""

import json
from pathlib import Path
from typing import Any

import pytest

SHOP = '''
    import logging
    from datetime import timedelta
    from pydantic import BaseModel
    from vivido import Retry, map_each, parallel, sleep, step, workflow

    log = logging.getLogger("shop")

    class Order(BaseModel):
        id: str
        amount: int

    class Declined(Exception):
        """The card says no."""

    @step
    def release(order: Order, result: str) -> None:
        print("released", result)

    @step(compensate=release)
    def reserve(order: Order) -> str:
        print("reserving")
        return f"goods of {order.id}"

    tries = 0

    @step(retry=Retry(max_attempts=2, backoff="10ms"))
    def charge(order: Order) -> int:
        global tries
        tries += 1
        if order.amount > 100:
            raise Declined(f"{order.amount} is too much for {order.id}")
        if tries == 1 and order.amount == 7:
            raise ConnectionError("try again")
        return order.amount

    @workflow(version="2")
    def shop(order: Order) -> dict[str, object]:
        """Sells."""
        goods = reserve(order)
        log.info("reserved %s", goods)
        paid = charge(order)
        return {"goods": goods, "paid": paid}
'''
OTHER = """
    @workflow
    def later() -> str:
        sleep(days=2)
        return "done"

    @workflow
    def wide(n: int = 20) -> int:
        return sum(map_each(charge, [Order(id="x", amount=i) for i in range(n)], max_concurrency=4))

    @workflow
    def family(order: Order) -> int:
        return len(shop(order)) + 1
"""
ORDER = '{"id": "A1", "amount": 40}'


def test_a_result_is_json_on_standard_output_alone(vivido: Any, write: Any) -> None:
    """Progress, log lines and what steps print are for people; the output is for programs."""
    said = vivido("run", write(SHOP), "--input", ORDER, "--id", "R1")
    assert (said.code, json.loads(said.out)) == (0, {"goods": "goods of A1", "paid": 40})
    lines = [line.partition(" (")[0] for line in said.err.splitlines()]
    assert (
        lines[1:]
        == [
            "shop (version 2) runs as R1",
            "… reserve",
            "reserving",
            "✔ reserve",
            "| shop: reserved goods of A1",
            "… charge",
            "✔ charge",
            "succeeded",
        ][1:]
    )


def test_a_failure_is_undone_and_exits_with_1(vivido: Any, write: Any) -> None:
    """The error is one sentence, and nothing is on standard output."""
    given = '{"id": "A1", "amount": 400}'
    said = vivido("run", write(SHOP), "--input", given, "--id", "R2")
    assert (said.code, said.out) == (1, "")
    assert "charge (" in said.err
    assert "attempt 1 failed: Declined: 400 is too much for A1; again at" in said.err
    assert "failed: Declined: 400 is too much for A1 (attempt 2)" in said.err
    assert "undone by release" in said.err
    assert "compensated: Declined: 400 is too much for A1" in said.err
    assert "vivido show R2" in said.err


def test_an_attempt_that_fails_is_tried_again(vivido: Any, write: Any) -> None:
    """A retry is told with its reason; the result counts."""
    said = vivido("run", write(SHOP), "--input", '{"id": "A1", "amount": 7}')
    assert (said.code, json.loads(said.out)["paid"]) == (0, 7)
    assert "attempt 1 failed: ConnectionError: try again; again at" in said.err
    assert "→ 7 (attempt 2)" in said.err


def test_the_same_id_is_the_same_execution(vivido: Any, write: Any) -> None:
    """What has ended is not run again: its result is said again."""
    file = write(SHOP)
    first = vivido("run", file, "--input", ORDER, "--id", "R3")
    again = vivido("run", file, "--input", ORDER, "--id", "R3")
    assert (again.code, again.out) == (0, first.out)
    assert again.err.splitlines() == ["shop (version 2) has ended before as R3", "succeeded"]


def test_another_input_for_the_same_id_is_wrong_use(vivido: Any, write: Any) -> None:
    """An id names one start: what has happened under it is not mixed with something else."""
    file = write(SHOP)
    vivido("run", file, "--input", ORDER, "--id", "R4")
    said = vivido("run", file, "--input", '{"id": "B2", "amount": 1}', "--id", "R4")
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("error: execution 'R4' of 'shop' exists with another input")
    assert "choose another id" in said.err


def test_every_line_for_machines_is_json(vivido: Any, write: Any) -> None:
    """Nothing else is on standard output, whatever steps print there."""
    said = vivido("run", write(SHOP), "--input", ORDER, "--id", "R5", "--json")
    events = [json.loads(line) for line in said.out.splitlines()]
    told = [(event["event"], event.get("kind")) for event in events]
    assert told == [("started", None), ("record", "OK"), ("record", "END"), ("ended", None)]
    assert (events[0]["execution"], events[0]["anew"]) == ("R5", True)
    assert events[1]["logs"] == [["info", "shop", "reserved goods of A1"]]
    assert events[-1]["status"] == "succeeded"
    assert events[-1]["output"] == {"goods": "goods of A1", "paid": 40}
    assert "reserving" in said.err


def test_machines_get_errors_by_type_and_message(vivido: Any, write: Any) -> None:
    """A script decides by the exit code and the type."""
    file = write(SHOP)
    said = vivido("run", file, "--input", '{"id": "A", "amount": 400}', "--json")
    last = json.loads(said.out.splitlines()[-1])
    assert (said.code, last["status"]) == (1, "compensated")
    assert last["error"] == {
        "type": f"{Path(file).stem}:Declined",
        "message": "400 is too much for A",
    }


def test_who_does_not_want_to_wait_is_told_how_to_go_on(vivido: Any, write: Any) -> None:
    """Where only a time is awaited, `--no-wait` leaves with exit code 3."""
    said = vivido("run", f"{write(SHOP + OTHER)}:later", "--id", "L1", "--no-wait")
    assert (said.code, said.out) == (3, "")
    assert "sleep waits until" in said.err
    assert "go on with: vivido resume L1" in said.err
    again = vivido("resume", "L1", "--no-wait", "--json")
    events = [json.loads(line) for line in again.out.splitlines()]
    assert (again.code, [event["event"] for event in events]) == (3, ["started", "waiting", "left"])
    assert events[-1]["resume"] == "vivido resume L1"


def test_a_wide_fork_is_counted(vivido: Any, write: Any) -> None:
    """Twenty branches that go well are two lines, not forty."""
    said = vivido("run", f"{write(SHOP + OTHER)}:wide", "--id", "W1")
    assert (said.code, said.out) == (0, "190\n")
    assert [line for line in said.err.splitlines() if "charge" in line] == []
    assert "20 branches side by side, 4 at once" in said.err


def test_a_child_execution_is_told_indented(vivido: Any, write: Any) -> None:
    """What a child does stands below the line that waits for it."""
    said = vivido("run", f"{write(SHOP + OTHER)}:family", "--input", ORDER, "--id", "F1")
    assert (said.code, said.out) == (0, "3\n")
    lines = said.err.splitlines()
    place = next(
        n for n, line in enumerate(lines) if "waits for the child execution F1~r.1" in line
    )
    assert lines[place + 1] == "  … reserve"


def test_without_a_store_nothing_is_left(vivido: Any, write: Any, here: Path) -> None:
    """`--no-store` leaves no file behind."""
    said = vivido("run", write(SHOP), "--input", ORDER, "--no-store")
    assert (said.code, json.loads(said.out)["paid"]) == (0, 40)
    assert not (here / ".vivido").exists()


def test_the_store_is_private(vivido: Any, write: Any, here: Path) -> None:
    """Values may be anybody's data: folder and file are for their owner only."""
    vivido("run", write(SHOP), "--input", ORDER)
    store = here / ".vivido" / "state.db"
    assert [path.stat().st_mode & 0o777 for path in (store.parent, store)] == [0o700, 0o600]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("missing.py",), "the file 'missing.py' is not there"),
        ((".",), "the file '.' is a folder"),
        (("data.txt",), "'data.txt' is no Python file"),
        (("json.py",), "'json.py' would hide Python's own module 'json'"),
        (("none.py",), "'none.py' has no @workflow"),
        (("ends.py",), "'ends.py' ended the program when it was imported (exit code 4)"),
        (("latin.py",), "'latin.py' is not UTF-8 text"),
        (("{}:nope",), "has no workflow 'nope': it has shop, later, wide, family"),
        (("{}",), "has several workflows (shop, later, wide, family): say which"),
        (("{}:shop", "--input", "{bad"), "--input is not JSON: Expecting property name"),
        (("{}:shop", "--input", "order.jsn"), "neither a file nor JSON"),
        (("{}:shop", "--input", "bad.json"), "'bad.json' is not JSON: Expecting value at line 2"),
        (("{}:shop", "--input", "latin.json"), "'latin.json' is not UTF-8 text (byte 1)"),
        (("{}:shop", "--input", '{"id": "A"}'), "order.amount: Field required"),
        (("{}:shop", "--input", '{"id": "A", "amount": "x"}'), "order.amount: 'x': Input should"),
        (("{}:shop", "--input", '{"id": "A", "amount": NaN}'), "the input holds NaN"),
        (("{}:shop",), "the input of workflow 'shop' does not fit"),
        (("{}:later", "--input", "3"), "workflow 'later' takes no input, and got 3"),
        (("{}:shop", "--input", ORDER, "--id", "a b"), "'a b' cannot be the id of an execution"),
        (("{}:shop", "--input", ORDER, "--store", "foreign.db"), "'foreign.db' is not a Vivido"),
        (("{}:shop", "--input", ORDER, "--store", "."), "the store '.' cannot be"),
    ],
)
def test_wrong_use_is_one_sentence_and_exit_code_2(
    vivido: Any, write: Any, here: Path, words: tuple[str, ...], message: str
) -> None:
    """It says what was wrong and what to do, and nothing is run."""
    file = write(SHOP + OTHER)
    (here / "data.txt").write_text("x")
    (here / "json.py").write_text("x = 1")
    (here / "none.py").write_text("x = 1")
    (here / "ends.py").write_text("raise SystemExit(4)")
    (here / "latin.py").write_bytes(b"# \xe9\nx = 1")
    (here / "bad.json").write_text('{"id":\n}')
    (here / "latin.json").write_bytes(b'"\xe9\xe9"')
    (here / "foreign.db").write_text("this is no database, and long enough to look like one" * 40)
    said = vivido("run", *(word.replace("{}", file) for word in words))
    assert (said.code, said.out) == (2, "")
    assert message in said.err
    assert said.err.startswith("error: ")


def test_an_unknown_option_is_wrong_use(vivido: Any) -> None:
    """What click finds reads and exits like all else."""
    said = vivido("run", "x.py", "--nope")
    assert (said.code, said.out) == (2, "")
    assert "No such option" in said.err


def test_a_workflow_that_cannot_be_compiled_says_why(vivido: Any, write: Any) -> None:
    """All errors are shown with file, line and caret, and nothing is run."""
    file = write("""
        from vivido import step, workflow

        @step
        def double(x: int) -> int:
            return 2 * x

        @workflow
        def flow(x: int) -> int:
            y = doubel(x)
            return y + zed
    """)
    said = vivido("run", file, "--input", "1")
    assert (said.code, said.out) == (2, "")
    assert "the workflow cannot be compiled: 2 errors" in said.err
    assert [f"{file}:10:9: error" in said.err, "^^^^^^" in said.err] == [True, True]


def test_a_file_that_cannot_be_imported_says_where(vivido: Any, write: Any) -> None:
    """The author's own exception is a sentence with a line."""
    file = write("import vivido\n1 / 0\n")
    said = vivido("run", file)
    assert (said.code, said.out) == (2, "")
    assert f"{file}:2:1: error V102: Importing the file failed: ZeroDivisionError" in said.err


def test_hostile_text_is_written_out(vivido: Any, write: Any) -> None:
    """Neither inputs, results, errors nor log lines can steer a terminal."""
    file = write(r"""
        import logging
        from vivido import step, workflow

        @step
        def same(text: str) -> str:
            logging.getLogger("vivido.step.same").warning("seen %s", text)
            return text

        @workflow
        def echo(text: str) -> str:
            seen = same(text)
            print(f"got {seen}")
            return seen

        @step
        def fail(text: str) -> str:
            raise ValueError(text)

        @workflow
        def fails(text: str) -> str:
            return fail(text)
    """)
    evil = "\x1b[31m\x07\u202e\u2028\U000e0001 red"
    good = vivido("run", f"{file}:echo", "--input", json.dumps(evil), "--id", "H1")
    assert (good.code, json.loads(good.out)) == (0, evil)
    bad = vivido("run", f"{file}:fails", "--input", json.dumps(evil), "--id", "H2")
    assert bad.code == 1
    shown = vivido("show", "H2")
    listed = vivido("list")
    for said in (good, bad, shown, listed):
        text = said.out + said.err
        assert [c for c in "\x1b\x07\u202e\u2028\U000e0001" if c in text] == []
    assert r"ValueError: \x1b[31m\x07\u202e" in listed.out


BIG = """
    from vivido import step, workflow

    @step
    def copied(text: str) -> str:
        return text * 10_000

    @workflow
    def big(text: str) -> str:
        return copied(text)

    @step
    def fail(text: str) -> str:
        raise ValueError(text * 10_000)

    @workflow
    def bad(text: str) -> str:
        return fail(text)
"""


def test_a_large_value_is_whole_at_the_end_and_short_on_the_way(vivido: Any, write: Any) -> None:
    """What does not fit into a record is kept elsewhere: nobody sees that but by its size."""
    file = write(BIG)
    said = vivido("run", f"{file}:big", "--input", '"ab"', "--id", "B1")
    assert (said.code, json.loads(said.out)) == (0, "ab" * 10_000)
    assert max(map(len, said.err.splitlines())) < 200
    shown = vivido("show", "B1")
    assert max(map(len, shown.out.splitlines()[:-1])) < 200
    assert json.loads(vivido("show", "B1", "--json").out)["output"] == "ab" * 10_000
    events = vivido("resume", "B1", "--json").out.splitlines()
    assert json.loads(events[-1])["output"] == "ab" * 10_000


def test_a_large_error_is_short_in_a_list(vivido: Any, write: Any) -> None:
    """Its class and the beginning of its message."""
    said = vivido("run", f"{write(BIG)}:bad", "--input", '"ab"', "--id", "B2")
    assert said.code == 1
    assert max(map(len, said.err.splitlines())) < 600
    lines = vivido("list").out.splitlines()
    assert "ValueError: abab" in lines[1]
    assert len(lines[1]) < 150
    (listed,) = vivido("list", "--json").out.splitlines()
    assert json.loads(listed)["error"]["type"] == "ValueError"
