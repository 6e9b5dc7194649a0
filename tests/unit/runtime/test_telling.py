"""What do steps say while they run, who hears it, and what does it cost?"""

import asyncio
import logging

import pytest

from vivido import step, step_context, workflow
from vivido.backends.memory import memory_ports
from vivido.errors import Unavailable
from vivido.ports import Line, Ports, Progress
from vivido.runtime.local import LocalRuntime, Unwatched
from vivido.runtime.telling import Attempt, Telling
from vivido.testing.simulation import simulate


class Notes:
    """Notes that count what is written."""

    def __init__(self, error: Exception | None = None) -> None:
        self.said: list[object] = []
        self.error = error

    async def log(self, _execution: str, lines: list[Line]) -> None:
        """Lines."""
        if self.error:
            raise self.error
        self.said.append([line.text for line in lines])

    async def progress(self, _execution: str, progress: Progress) -> None:
        """Progress."""
        self.said.append(progress.fraction)

    async def done(self, *_place: str) -> None:
        """The end of it."""
        self.said.append("done")


def told(notes: Notes, speak) -> list[object]:
    """Let an attempt speak; what was written."""

    async def work() -> list[object]:
        telling = Telling(notes, lambda: 7.0, Attempt("x", "r", "pay", "pay", 1))
        await speak(telling)
        await telling.close()
        return notes.said

    return asyncio.run(work())


async def turns(count: int) -> None:
    """Let the loop turn."""
    for _ in range(count):
        await asyncio.sleep(0)


def test_a_silent_step_writes_nothing() -> None:
    """As nearly all are."""

    async def speak(_telling: Telling) -> None:
        """Says nothing."""

    assert told(Notes(), speak) == []


def test_a_step_that_says_much_writes_seldom() -> None:
    """The first word at once, the others together; of progress the last."""

    async def speak(telling: Telling) -> None:
        for number in range(100):
            telling.progress(number / 100, None)
            telling.line(logging.INFO, str(number))
            await turns(3)

    first, early, rest, end = told(Notes(), speak)
    assert (early, end) == (0.0, "done")
    assert [*first, *rest] == [str(number) for number in range(100)]


def test_a_flood_is_cut() -> None:
    """The first thousand lines of a second, and how many more there were."""

    async def speak(telling: Telling) -> None:
        for number in range(1_500):
            telling.line(logging.INFO, str(number))

    ((*lines, last),) = told(Notes(), speak)
    assert (len(lines), last) == (1_000, "500 more lines in this second were dropped")


def test_a_store_that_fails_is_no_failure_of_the_step(caplog: pytest.LogCaptureFixture) -> None:
    """What was said is lost, and a warning says so."""

    async def speak(telling: Telling) -> None:
        telling.line(logging.INFO, "a")

    assert told(Notes(Unavailable("the disk is full")), speak) == []
    assert "what step 'pay' said is lost: the disk is full" in caplog.text


@step
def talks(n: int) -> int:
    """Says a lot."""
    context = step_context()
    context.log.info("page %d", n)
    context.log.debug("not kept")
    context.log.warning("wrong %d", "arguments")
    try:
        raise LookupError("gone")  # noqa: TRY301
    except LookupError:
        context.log.exception("could not")
    context.progress(0.5, "half")
    context.heartbeat()
    return n


@workflow
def flow(n: int) -> int:
    """One step that talks."""
    print("workflow line")  # noqa: T201
    return talks(n)


def run(use) -> object:
    """Run it in threads, on memory."""

    async def work() -> object:
        ports = memory_ports(atomic=True)
        async with LocalRuntime(ports) as runtime:
            await runtime.start(flow.definition, {"n": 3}, execution="A")
            await runtime.wait("A")
            return await use(ports)

    return asyncio.run(work())


@pytest.mark.filterwarnings("ignore")
def test_what_a_step_logs_is_kept_by_execution() -> None:
    """From INFO on; what was logged wrongly is kept as it was given."""

    async def lines(ports) -> list[tuple[str, str, str, int]]:
        return [
            (line.path, line.level, line.text, line.attempt)
            for _, line in await ports.notes.lines("A")
        ]

    logging.raiseExceptions = False
    try:
        found = run(lines)
    finally:
        logging.raiseExceptions = True
    assert found == [
        ("talks", "info", "page 3", 1),
        ("talks", "warning", "wrong %d ('arguments',)", 1),
        ("talks", "error", "could not\nLookupError: gone", 1),
    ]


def test_progress_is_gone_with_its_step() -> None:
    """While it runs it is there; when it is over its record says so."""

    async def running(ports) -> list[Progress]:
        return list(await ports.notes.running("A"))

    assert run(running) == []


SEEN: list[Progress] = []
STORES: list[Ports] = []


@step
async def slow(n: int) -> int:
    """Says how far it is, and looks until that can be seen."""
    step_context().progress(0.4, "page 40")
    step_context().heartbeat()
    while not SEEN:
        SEEN.extend(await STORES[0].notes.running("A"))
        await asyncio.sleep(0)
    return n


@workflow
async def long(n: int) -> int:
    """One step that takes long."""
    return await slow(n)


class Heard(Unwatched):
    """Remembers how far steps have said they are."""

    def __init__(self) -> None:
        self.said_by: list[tuple[str, float | None]] = []

    def said(self, execution: str, progress: Progress) -> None:
        """How far it is."""
        self.said_by.append((execution, progress.fraction))


def test_progress_can_be_seen_while_the_step_runs() -> None:
    """In the store, and by who watches; a heartbeat keeps what was said before it."""
    STORES.append(memory_ports(atomic=True))
    heard = Heard()

    async def work() -> None:
        async with LocalRuntime(STORES[0], watcher=heard) as runtime:
            await runtime.start(long.definition, {"n": 3}, execution="A")
            await runtime.wait("A")

    asyncio.run(work())
    (one,) = SEEN
    assert (one.step, one.fraction, one.text) == ("slow", 0.4, "page 40")
    assert heard.said_by == [("A", 0.4)]


def test_a_simulated_step_can_talk() -> None:
    """There is no clock to wait for."""
    assert simulate(flow, 3, mocks={talks: lambda n: n}).output == 3
