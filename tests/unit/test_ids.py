"""Do names stay the same, never meet, and read back?"""

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vivido import ids
from vivido.errors import InvariantError, UsageError
from vivido.ids import Place

steps = st.lists(st.tuples(st.integers(1, 10**6), st.integers(0, 10**6)), max_size=5)
chosen = st.from_regex(re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,99}"), fullmatch=True)


def branch_at(places: list[tuple[int, int]]) -> str:
    """Name the branch that forks lead to from the root."""
    branch = ids.ROOT
    for fork, child in places:
        branch = ids.child_branch(branch, fork, child)
    return branch


branches = steps.map(branch_at)


def test_branches_read_as_the_protocol_writes_them() -> None:
    """Child 2 of the fork at record 5 of the root, and child 0 of the fork at its record 7."""
    assert ids.child_branch("r", 5, 2) == "r.5:2"
    assert ids.child_branch("r.5:2", 7, 0) == "r.5:2.7:0"
    assert ids.parent_of("r.5:2.7:0") == Place("r.5:2", 7, 0)
    assert ids.parent_of("r") is None


@given(steps)
def test_a_branch_says_where_it_came_from(places: list[tuple[int, int]]) -> None:
    """Following the parents of a branch gives back the forks that led to it."""
    found: list[tuple[int, int]] = []
    branch = branch_at(places)
    while (place := ids.parent_of(branch)) is not None:
        found.append((place.fork, place.child))
        branch = place.branch
    assert (branch, found[::-1]) == (ids.ROOT, places)


@pytest.mark.parametrize(("fork", "child"), [(0, 0), (-1, 0), (1, -1)])
def test_no_branch_starts_before_the_first_record(fork: int, child: int) -> None:
    """Records count from 1 and children from 0: anything else is our own mistake."""
    with pytest.raises(InvariantError, match="records count from 1"):
        ids.child_branch("r", fork, child)


@pytest.mark.parametrize(
    "text", ["", "x", "r.", "r.5", "r.5:", "r.05:1", "r.5:01", "r.0:1", "x.5:2", "r.5:2.7", "r:1"]
)
def test_what_is_no_branch_is_refused(text: str) -> None:
    """Text that no fork could have made is an invariant broken, not a guess."""
    with pytest.raises(InvariantError) as caught:
        ids.parent_of(text)
    assert str(caught.value) == f"{text!r} is no branch: expected 'r', 'r.5:2', 'r.5:2.7:0' …"


def test_scopes_of_a_branch_are_its_forks_and_the_execution() -> None:
    """The innermost fork comes first, the execution last."""
    assert ids.scope_of("r") == "r"
    assert ids.scope_of("r.5:2.7:0") == "r.5:2.7"
    assert ids.scopes_of("r.5:2.7:0") == ("r.5:2.7", "r.5", "r")
    assert ids.scopes_of("r") == ("r",)


@pytest.mark.parametrize(
    ("branch", "scope", "expected"),
    [
        ("r", "r", True),
        ("r.5:2", "r", True),
        ("r.5:2", "r.5", True),
        ("r.5:2.7:0", "r.5", True),
        ("r", "r.5", False),
        ("r.55:2", "r.5", False),
        ("r.5:2", "r.5:2.7", False),
        ("r.5:20.7:0", "r.5:2.7", False),
    ],
)
def test_a_stop_reaches_the_children_only(branch: str, scope: str, expected: bool) -> None:
    """A scope holds the children of its fork and theirs, not the branch that forked."""
    assert ids.within(branch, scope) is expected


@given(branches, branches)
def test_within_agrees_with_scopes_of(branch: str, other: str) -> None:
    """A branch is within exactly those scopes that it lists."""
    scope = ids.scope_of(other)
    assert ids.within(branch, scope) == (scope in ids.scopes_of(branch))


def test_derived_names_are_readable_where_they_are_short() -> None:
    """A person can see from a name what it belongs to."""
    assert ids.child_execution_id("order-17", "r.5:2", 9) == "order-17~r.5:2.9"
    assert ids.idempotency_key("order-17", "r", "charge") == "order-17~r~charge"


@given(chosen, branches, st.integers(1, 10**6), chosen, branches, st.integers(1, 10**6))
def test_child_executions_never_share_a_name(
    one: str, branch: str, number: int, other: str, elsewhere: str, later: int
) -> None:
    """Different places have different children, of a bounded length that no caller can choose."""
    child = ids.child_execution_id(one, branch, number)
    same = (one, branch, number) == (other, elsewhere, later)
    assert (child == ids.child_execution_id(other, elsewhere, later)) == same
    assert len(child) <= ids.MAX_EXECUTION_ID
    with pytest.raises(UsageError):
        ids.chosen_execution_id(child)


def test_the_names_of_deep_recursion_stay_short_and_apart() -> None:
    """A workflow that calls itself 200 times over has 200 names, all within the bound."""
    names = ["fibonacci-of-a-rather-large-number"]
    while len(names) < 200:
        names.append(ids.child_execution_id(names[-1], "r.12:3", 45))
    assert len(set(names)) == 200
    assert max(map(len, names)) <= ids.MAX_EXECUTION_ID


@given(chosen, branches, st.text(max_size=80), st.text(max_size=80))
def test_idempotency_keys_are_short_safe_and_apart(
    execution: str, branch: str, path: str, other: str
) -> None:
    """Two steps have two keys; each fits a header, a URL and 64 characters."""
    key = ids.idempotency_key(execution, branch, path)
    assert re.fullmatch(r"[A-Za-z0-9._:~-]{1,64}", key) is not None
    assert (key == ids.idempotency_key(execution, branch, other)) == (path == other)


def test_a_separator_in_a_step_path_makes_no_two_keys_meet() -> None:
    """A path that contains the separator is hashed, so it cannot pose as another branch."""
    assert ids.idempotency_key("x~r", "r.1:0", "a") == "x~r~r.1:0~a"
    assert len(ids.idempotency_key("x", "r", "r.1:0~a")) == 64


def test_new_ids_sort_by_time() -> None:
    """A later millisecond gives a greater id, whatever the random bits."""
    made = [ids.new_execution_id(ms, bits) for ms in (0, 1, 2**40) for bits in (0, 2**80 - 1)]
    assert all(one < other for one, other in pairwise(made))
    assert made[0] == "0" * 26
    assert ids.new_execution_id(2**48 - 1, 2**80 - 1) == "7" + "Z" * 25
    assert [ids.chosen_execution_id(name) for name in made] == made


@pytest.mark.parametrize(("ms", "bits"), [(-1, 0), (2**48, 0), (0, -1), (0, 2**80)])
def test_new_ids_refuse_what_does_not_fit(ms: int, bits: int) -> None:
    """48 bits of time and 80 of chance: more would silently sort wrongly."""
    with pytest.raises(InvariantError, match="48 and 80 bits"):
        ids.new_execution_id(ms, bits)


@pytest.mark.parametrize("text", ["order-17", "A", "0", "a.b_c:d-e", "x" * 100])
def test_callers_may_choose_plain_ids(text: str) -> None:
    """Letters, digits and four marks, up to the bound."""
    assert ids.chosen_execution_id(text) == text


@pytest.mark.parametrize("text", ["", "-a", ".a", "a/b", "a b", "a~b", "é", "a\n", "x" * 101])
def test_other_ids_are_refused_with_the_rule(text: str) -> None:
    """The error quotes the id and says what is allowed."""
    with pytest.raises(UsageError) as caught:
        ids.chosen_execution_id(text)
    assert str(caught.value) == (
        f"{text!r} cannot be the id of an execution: use 1 to 100 ASCII letters, digits, "
        "'.', '_', ':' or '-', the first a letter or digit"
    )
