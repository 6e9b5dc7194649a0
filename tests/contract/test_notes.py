"""Does each backend keep what steps say as `ports.notes` says?"""

from dataclasses import replace

from vivido.ports import Line, Ports, Progress
from vivido.ports.notes import KEPT

LINE = Line(5.0, "r.2:0", "for[1]/pay", "pay", 2, "info", "page 1")
SAID = Progress(5.0, "r.2:0", "for[1]/pay", "pay", 2, 0.25, "page 1")


async def test_lines_are_numbered_and_come_back(ports: Ports) -> None:
    """In order, apart by execution, from where one has read."""
    second, third = replace(LINE, text="é\n"), replace(LINE, time=4.0)
    await ports.notes.log("x", [LINE, second])
    await ports.notes.log("y", [LINE])
    await ports.notes.log("x", [third])
    assert list(await ports.notes.lines("x")) == [(1, LINE), (2, second), (3, third)]
    assert list(await ports.notes.lines("x", 1, 1)) == [(2, second)]
    assert list(await ports.notes.lines("z")) == []


async def test_only_the_newest_lines_stay(ports: Ports) -> None:
    """However much a step says."""
    for start in range(0, KEPT + 30, 1_000):
        lines = [replace(LINE, text=str(n)) for n in range(start, min(start + 1_000, KEPT + 30))]
        await ports.notes.log("x", lines)
    kept = await ports.notes.lines("x")
    assert (len(kept), kept[0][1].text, kept[-1][0]) == (KEPT, "30", KEPT + 30)


async def test_progress_is_replaced_and_removed(ports: Ports) -> None:
    """One for each branch and path."""
    other = replace(SAID, path="pack", fraction=None, text=None)
    for one in (SAID, other, replace(SAID, fraction=0.5)):
        await ports.notes.progress("x", one)
    assert list(await ports.notes.running("x")) == [replace(SAID, fraction=0.5), other]
    await ports.notes.done("x", "r.2:0", "for[1]/pay")
    await ports.notes.done("x", "r.2:0", "for[1]/pay")
    assert list(await ports.notes.running("x")) == [other]
    assert list(await ports.notes.running("y")) == []
