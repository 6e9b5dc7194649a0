"""Can an ordinary program start, await, look at and control executions?"""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

import vivido
from vivido import Client, sleep, step, workflow
from vivido.client import Request
from vivido.errors import ExecutionStopped, UsageError


@step(inline=True)
def double(x: int) -> int:
    """Twice as much."""
    return 2 * x


@step(inline=True)
def fail(x: int) -> int:
    """No result."""
    raise LookupError(f"no {x}")


@step(inline=True)
def large(x: int) -> str:
    """More than a record holds."""
    return "x" * x


@workflow
def doubles(x: int) -> int:
    """One step."""
    return double(x)


@workflow
def fails(x: int) -> int:
    """One step that fails."""
    return fail(x)


@workflow
def waits(x: int) -> int:
    """A day between two steps."""
    y = double(x)
    sleep(days=1)
    return double(y)


@workflow
def grows(x: int) -> str:
    """A large result."""
    return large(x)


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    """A client of a new store."""
    with Client.local(tmp_path / "state.db") as client:
        yield client


def test_start_and_wait_for_the_result(client: Client) -> None:
    """The id is given or made."""
    assert client.start(doubles, 2, id="A") == "A"
    assert client.result("A") == 4
    assert client.result(client.start(doubles, {"x": 3}), wait="10s") == 6


def test_a_large_result_comes_back_whole(client: Client) -> None:
    """From the blob store."""
    assert client.result(client.start(grows, 50_000)) == "x" * 50_000


def test_the_error_of_a_workflow_is_raised(client: Client) -> None:
    """As it was raised there."""
    with pytest.raises(LookupError, match="no 7"):
        client.result(client.start(fails, 7))


def test_a_start_is_idempotent(client: Client) -> None:
    """The same id and input: the same execution. Another input: a conflict that says both."""
    client.start(doubles, 2, id="A")
    assert client.start(doubles, 2, id="A") == "A"
    with pytest.raises(UsageError, match="'x' is 2 there and 3 now; choose another id"):
        client.start(doubles, 3, id="A")
    with pytest.raises(UsageError, match="of the workflow 'doubles' and not of 'fails'"):
        client.start(fails, 2, id="A")
    assert [info.id for info in client.list()] == ["A"]


def test_a_large_input_is_compared_whole(client: Client) -> None:
    """Also where it lies in the blob store."""

    @workflow
    def length(text: str) -> int:
        return len(text)

    client.start(length, "x" * 20_000, id="A")
    assert client.start(length, "x" * 20_000, id="A") == "A"
    with pytest.raises(UsageError, match="'text' is"):
        client.start(length, "x" * 19_999 + "y", id="A")
    assert client.result("A") == 20_000


def test_many_starts_are_one_transaction(client: Client) -> None:
    """A conflict among them keeps none of the others from starting."""
    client.start(doubles, 0, id="A1")
    store = client._ports.queue._database  # noqa: SLF001
    before = store.stats.durable
    answers = client.start_many(Request(doubles, n, id=f"A{n}") for n in range(100))
    assert store.stats.durable - before == 1
    assert [str(n) for n, one in enumerate(answers) if isinstance(one, UsageError)] == ["1"]
    assert [client.result(f"A{n}") for n in range(100)] == [0, 0, *range(4, 200, 2)]


def test_the_same_id_twice_in_one_call(client: Client) -> None:
    """One execution; with two inputs the first one counts."""
    requests = [Request(doubles, n, id="A") for n in (1, 1, 2)]
    first, second, third = client.start_many(requests)
    assert (first, second) == ("A", "A")
    assert isinstance(third, UsageError)
    assert client.result("A") == 2


def test_a_wait_that_is_too_short(client: Client) -> None:
    """The execution goes on: it waits for tomorrow."""
    client.start(waits, 1, id="W")
    for wait in (0, "0.3s"):
        with pytest.raises(TimeoutError, match="'W' is still running"):
            client.result("W", wait=wait)
    assert [str(record.kind) for record in client.history("W")] == ["OK", "WAIT"]


def test_a_workflow_is_paused_and_everything_is(client: Client) -> None:
    """What is started meanwhile waits; resumed, all of it ends."""
    client.pause_all("doubles")
    client.pause_all()
    client.start(doubles, 1, id="P")
    client.start(grows, 1, id="G")
    for name in ("P", "G"):
        with pytest.raises(TimeoutError):
            client.result(name, wait="0.2s")
    assert client.resume_all() == 2
    assert client.result("G") == "x"
    assert client.resume_all("doubles", rate=100.0) == 1
    assert client.result("P") == 2


def test_repair_says_which_it_has_sent_messages_to(client: Client) -> None:
    """One execution, or any that has not ended."""
    client.start(doubles, 1, id="A")
    client.start(waits, 1, id="B")
    assert client.repair("A") == ["A"]
    assert sorted(client.repair()) == ["A", "B"]
    assert client.result("A") == 2
    assert (client.repair("A"), client.repair()) == ([], ["B"])
    with pytest.raises(UsageError, match="no execution 'C'"):
        client.repair("C")


def test_cancel_pause_resume(client: Client) -> None:
    """What is paused does not move, what is cancelled ends."""
    client.start(doubles, 1, id="P")
    client.pause("P")
    with pytest.raises(TimeoutError):
        client.result("P", wait="0.3s")
    info = client.get("P")
    assert info is not None
    assert (info.paused, info.status) == (True, "running")
    client.resume("P")
    assert client.result("P") == 2
    client.start(waits, 1, id="W")
    client.cancel("W")
    with pytest.raises(ExecutionStopped):
        client.result("W", wait="10s")
    assert [info.id for info in client.list(status="cancelled")] == ["W"]


def test_what_is_not_there(client: Client) -> None:
    """`get` says None, the others that there is none."""
    assert client.get("A") is None
    for call in (client.result, client.pause, client.resume, client.cancel):
        with pytest.raises(UsageError, match="there is no execution 'A'"):
            call("A")


def test_a_client_is_not_for_coroutines(client: Client) -> None:
    """It says what is."""

    async def work() -> None:
        client.get("A")

    with pytest.raises(UsageError, match="in a coroutine"):
        asyncio.run(work())


def test_no_other_name_is_made_up() -> None:
    """The package says so as any other."""
    with pytest.raises(AttributeError, match="no attribute 'Klient'"):
        vivido.Klient  # noqa: B018
