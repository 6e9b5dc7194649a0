"""What lies on a stack of compensations, and which branch undoes which?"""

from typing import Any

import pytest

from vivido.engine import undoing

STEP = {"step": "undo", "args": {}, "node": "act", "path": "act"}
MARK = {"no_return": "pivot"}
UNIT = {"of": [["r.2", 0, 2]], "lanes": 2, "node": "map", "path": "map"}


@pytest.mark.parametrize(
    ("stack", "left"),
    [
        ([], []),
        ([STEP, UNIT], [STEP, UNIT]),
        ([STEP, MARK], []),
        ([STEP, MARK, UNIT, MARK, STEP], [STEP]),
    ],
)
def test_what_lies_above_the_last_point_of_no_return(stack: Any, left: Any) -> None:
    """Only that is undone."""
    assert undoing.above(stack) == left


def test_what_a_fork_pushes() -> None:
    """One unit for all that left something, in ranges, and a mark below it if one of them has."""

    def pushed(*stacks: Any) -> Any:
        left = [("r.2", i, stack) for i, stack in enumerate(stacks)]
        return undoing.of_fork("map", "map", 3, left)

    unit = {"lanes": 3, "node": "map", "path": "map"}
    assert pushed([], []) == []
    assert pushed([STEP], [STEP], [], [STEP]) == [{"of": [["r.2", 0, 2], ["r.2", 3, 4]], **unit}]
    assert pushed([STEP, MARK], []) == [{"no_return": "map"}]
    assert pushed([STEP, MARK, STEP]) == [{"no_return": "map"}, {"of": [["r.2", 0, 1]], **unit}]


def test_ranges_do_not_join_two_forks() -> None:
    """Children of an earlier fork that were kept, and those of a later one."""
    left = [("r.2", 0, [STEP]), ("r.9", 1, [STEP]), ("r.9", 2, [STEP])]
    assert undoing.of_fork("map", "map", 3, left)[0]["of"] == [["r.2", 0, 1], ["r.9", 1, 3]]


def test_what_a_child_execution_tells_and_pushes() -> None:
    """Its END keeps what can be undone; its parent is told that it can, and from which record."""
    end = {"status": "succeeded", "value": 7, **undoing.kept([STEP, MARK, STEP])}
    assert end == {"status": "succeeded", "value": 7, "stack": [STEP], "no_return": True}
    told = undoing.told(end, 5)
    assert told == {"status": "succeeded", "value": 7, "no_return": True, "undo": 5}
    assert undoing.of_child("x~r.2", "call", "call", told) == [
        {"no_return": "call"},
        {"child": "x~r.2", "n": 5, "node": "call", "path": "call"},
    ]
    plain = {"status": "succeeded", "value": 7, **undoing.kept([])}
    assert undoing.told(plain, 5) == {"status": "succeeded", "value": 7}
    assert undoing.of_child("x~r.2", "call", "call", plain) == []


def test_the_last_branch_is_undone_first() -> None:
    """Each branch that undoes has one of its own."""
    plan = {"width": 4, "lanes": 2, "undo": [["r.2", 0, 1], ["r.2", 3, 6]]}
    sources = [undoing.source(plan, number) for number in range(4)]
    assert sources == ["r.2:5", "r.2:4", "r.2:3", "r.2:0"]
    with pytest.raises(IndexError):
        undoing.source(plan, 4)


def test_how_a_branch_that_undoes_begins() -> None:
    """With the stack of the other, under its name; units keep their own."""
    plan = {"width": 1, "lanes": 1, "undo": [["r.2", 3, 4]]}
    begins = undoing.beginning(plan, ["map"], 0, {"stack": [STEP, UNIT]})
    assert begins["phase"] == "unwind"
    assert begins["stack"] == [{"branch": "r.2:3", **STEP}, UNIT]
    assert begins["vars"]["$branch"]["undo"] == "r.2:3"


def test_what_is_left_lies_in_the_order_of_the_branches() -> None:
    """The first branch that failed, the last that was forked, is asked for first."""
    ends = [
        {"status": "ok"},
        {"status": "failed", "stack": [{"n": 1}, {"n": 2}]},
        {"status": "failed", "stack": [{"n": 3}]},
    ]
    assert undoing.leftovers(ends) == [{"n": 3}, {"n": 1}, {"n": 2}]


def test_a_title_says_what_a_record_would() -> None:
    """Of a unit that is not performed."""
    assert undoing.title(UNIT) == {"node": "map", "path": "map/undo"}
    assert undoing.title({"branch": "r.2:3", **STEP}) == {
        "node": "act",
        "step": "undo",
        "branch": "r.2:3",
        "path": "act/undo",
    }
