"""Does each backend keep journals as `ports.Journal` says?"""

import asyncio

import pytest

from vivido.errors import ValueNotStorable
from vivido.model.journal import Kind, Meta, Record
from vivido.ports import Ports

NASTY = {
    "text": 'quote " backslash \\ newline \n null \0 emoji 🙂 umlaut ä',
    "numbers": [0, -1, 2**63 - 1, -(2**63), 1.0, -0.5, 1e300, 5e-324],
    "nothing": None,
    "truth": [True, False],
    "empty": {"list": [], "dict": {}, "": ""},
}


def record(n: int, kind: Kind = Kind.OK, **data: object) -> Record:
    """Make record `n`, written by message m under delivery d."""
    return Record(n, kind, "m", "d", 12.5, data)


async def fill(ports: Ports, branch: str, *kinds: Kind, execution: str = "x") -> list[Record]:
    """Append a record of each kind to a branch."""
    records = [record(n, kind, branch=branch) for n, kind in enumerate(kinds, 1)]
    for one in records:
        await ports.journal.append(execution, branch, one)
    return records


async def test_append_adds_a_free_number(ports: Ports) -> None:
    """The first record of a number is added, which None says."""
    assert await ports.journal.append("x", "r", record(1)) is None


async def test_append_is_refused_by_the_record_that_is_there(ports: Ports) -> None:
    """A second record of the same number changes nothing and gets the first one back."""
    first, second = record(1, by="first"), record(1, Kind.ERROR, by="second")
    await ports.journal.append("x", "r", first)
    assert await ports.journal.append("x", "r", second) == first
    assert list(await ports.journal.read("x", "r")) == [first]


async def test_append_twice_is_refused_by_itself(ports: Ports) -> None:
    """A repeated request gets its own record back, and so knows the writer."""
    await ports.journal.append("x", "r", record(1))
    assert await ports.journal.append("x", "r", record(1)) == record(1)


async def test_of_many_at_once_one_wins(ports: Ports) -> None:
    """Of appends of one number issued together exactly one is added, the others get that one."""
    rivals = [record(1, rival=number) for number in range(20)]
    answers = await asyncio.gather(*(ports.journal.append("x", "r", one) for one in rivals))
    (stored,) = await ports.journal.read("x", "r")
    assert sorted(answers, key=repr) == sorted([stored] * 19 + [None], key=repr)


async def test_a_refused_append_does_not_hinder_its_neighbours(ports: Ports) -> None:
    """Appends issued together are each decided alone."""
    await ports.journal.append("x", "r", record(1))
    branches = ["r.1:0", "r", "r.1:1"]
    answers = await asyncio.gather(*(ports.journal.append("x", b, record(1)) for b in branches))
    assert answers == [None, record(1), None]
    assert list(await ports.journal.branches("x")) == ["r", "r.1:0", "r.1:1"]


async def test_what_is_not_json_fails_alone(ports: Ports) -> None:
    """A record that holds what JSON does not is an error of its own, not of its neighbours."""
    appends = [
        ports.journal.append("x", "r", record(1)),
        ports.journal.append("x", "r.1:0", record(1, bad=object())),
        ports.journal.append("x", "r.1:1", record(1)),
    ]
    answers = await asyncio.gather(*appends, return_exceptions=True)
    assert [type(answer) for answer in answers] == [type(None), ValueNotStorable, type(None)]
    assert list(await ports.journal.branches("x")) == ["r", "r.1:1"]


async def test_a_record_comes_back_as_it_was(ports: Ports) -> None:
    """All fields and all of JSON survive."""
    stored = Record(1, Kind.FORK, "message-7", "delivery-9", 1_700_000_000.123456, NASTY)
    await ports.journal.append("x", "r", stored)
    assert await ports.journal.head("x", "r", 0) == (None, stored)


@pytest.mark.parametrize("kind", Kind)
async def test_every_kind_comes_back(ports: Ports, kind: Kind) -> None:
    """Each kind of record is kept as that kind."""
    await ports.journal.append("x", "r", record(1, kind))
    (stored,) = await ports.journal.read("x", "r")
    assert stored.kind is kind


async def test_head_of_nothing(ports: Ports) -> None:
    """Without META and record there is neither."""
    assert await ports.journal.head("x", "r", 0) == (None, None)


async def test_head_reads_meta_and_the_next_record(ports: Ports) -> None:
    """`head` gives META and record n + 1, not record n."""
    meta = Meta("x", "orders", "1", "digest", {}, 5.0)
    await ports.metas.create(meta)
    first, second = await fill(ports, "r", Kind.OK, Kind.OK)
    heads = [await ports.journal.head("x", "r", n) for n in range(3)]
    assert heads == [(meta, first), (meta, second), (meta, None)]


@pytest.mark.parametrize(
    ("after", "limit", "expected"),
    [
        (0, None, [1, 2, 3, 4, 5]),
        (2, None, [3, 4, 5]),
        (5, None, []),
        (9, None, []),
        (0, 2, [1, 2]),
        (3, 2, [4, 5]),
        (4, 9, [5]),
        (0, 0, []),
    ],
)
async def test_read_gives_the_records_above(
    ports: Ports, after: int, limit: int | None, expected: list[int]
) -> None:
    """`read` gives the records above a number, ascending, at most `limit`."""
    await fill(ports, "r", *[Kind.OK] * 5)
    read = await ports.journal.read("x", "r", after, limit)
    assert [one.n for one in read] == expected


async def test_read_goes_by_number_not_by_text(ports: Ports) -> None:
    """Record 10 follows record 9, and is not found between 1 and 2."""
    await fill(ports, "r", *[Kind.OK] * 12)
    assert [one.n for one in await ports.journal.read("x", "r")] == list(range(1, 13))


async def test_journals_are_apart(ports: Ports) -> None:
    """Neither other branches nor other executions are read along."""
    await fill(ports, "r", Kind.OK)
    await fill(ports, "r.1:0", Kind.OK, Kind.OK)
    await fill(ports, "r", Kind.OK, Kind.OK, Kind.OK, execution="y")
    assert [one.n for one in await ports.journal.read("x", "r")] == [1]


async def test_ends_gives_the_end_of_each_child_in_order(ports: Ports) -> None:
    """A child that has not ended or not begun is None; only children of this fork are read."""
    (first,) = await fill(ports, "r.5:0", Kind.END)
    await fill(ports, "r.5:1", Kind.OK)
    *_, third = await fill(ports, "r.5:2", Kind.OK, Kind.OK, Kind.END)
    await fill(ports, "r.5:3.2:0", Kind.END)
    await fill(ports, "r.6:4", Kind.END)
    await fill(ports, "r.5:4", Kind.END, execution="y")
    ends = await ports.journal.ends("x", "r", 5, 5)
    assert list(ends) == [first, None, third, None, None]


async def test_ends_goes_by_number_of_the_child(ports: Ports) -> None:
    """Child 10 comes after child 9."""
    stored = [(await fill(ports, f"r.5:{child}", Kind.END))[0] for child in range(12)]
    assert list(await ports.journal.ends("x", "r", 5, 12)) == stored


async def test_an_end_that_is_not_the_last_record_is_none(ports: Ports) -> None:
    """A branch that went on after its END has not ended."""
    await fill(ports, "r.5:0", Kind.END, Kind.REDRIVE)
    assert list(await ports.journal.ends("x", "r", 5, 1)) == [None]


async def test_ends_of_no_children(ports: Ports) -> None:
    """A fork of width zero has no ends."""
    assert list(await ports.journal.ends("x", "r", 5, 0)) == []


async def test_branches_are_those_with_a_record_sorted(ports: Ports) -> None:
    """Each branch is named once, however long its journal is."""
    for branch in ("r.2:1", "r", "r.2:0", "r.2:10.3:0"):
        await fill(ports, branch, Kind.OK, Kind.OK)
    await fill(ports, "r.9:9", Kind.OK, execution="y")
    expected = sorted(["r", "r.2:0", "r.2:1", "r.2:10.3:0"])
    assert list(await ports.journal.branches("x")) == expected


async def test_branches_of_nothing(ports: Ports) -> None:
    """An execution without records has no branches."""
    assert list(await ports.journal.branches("x")) == []


async def test_what_was_given_is_not_what_is_kept(ports: Ports) -> None:
    """A later change of what was read does not reach the journal."""
    given = record(1, items=[1])
    await ports.journal.append("x", "r", given)
    (read,) = await ports.journal.read("x", "r")
    given.data["items"].append(2)
    read.data["items"].append(3)
    assert list(await ports.journal.read("x", "r")) == [record(1, items=[1])]


async def test_the_last_record_of_a_branch(ports: Ports) -> None:
    """It is the one with the greatest number; a branch without records has none."""
    records = await fill(ports, "r", *[Kind.OK] * 11)
    await fill(ports, "r.1:0", Kind.OK)
    assert await ports.journal.last("x", "r") == records[-1]
    assert await ports.journal.last("x", "r.2:0") is None
    assert await ports.journal.last("y", "r") is None


async def test_heads_come_in_pages_parents_first(ports: Ports) -> None:
    """Each branch with its last record, sorted by name, from a name on, so many at once."""
    branches = ["r", "r.2:0", "r.2:0.1:3", "r.2:1", "r.2:10"]
    last = {branch: (await fill(ports, branch, Kind.OK, Kind.END))[-1] for branch in branches}
    await fill(ports, "r.9:9", Kind.OK, execution="y")
    assert list(await ports.journal.heads("x")) == list(last.items())
    assert [branch for branch, _ in await ports.journal.heads("x", "r.2:0", 2)] == branches[2:4]
    assert list(await ports.journal.heads("x", "r.2:10")) == []
    assert list(await ports.journal.heads("z")) == []
