"""Copies, and things taken out and put back: who is alone with its value may change it.

Each accepted workflow has a neighbour that looks much the same and shares the value: plain Python
would show the change by a second name, the engine would not, and so it is refused.
"""

from __future__ import annotations

import copy
import dataclasses
from collections import defaultdict, deque
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from pydantic import BaseModel, Field

from vivido import Workflow, step, workflow
from vivido.compiler import compile_workflow
from vivido.errors import DefinitionError
from vivido.testing import simulate

KEYS = ["a", "b", "a"]


@dataclass
class Summary:
    """Groups numbers."""

    total: int = 0
    groups: dict[str, list[int]] = field(default_factory=dict)


class Card(BaseModel):
    """Holds lists."""

    tags: list[str] = Field(default_factory=list)
    notes: list[str] = Field(default_factory=list)


@step
def weigh(key: str) -> int:
    """A node: variables may be stored and read again here."""
    return ord(key)


@step
def known_groups() -> dict[str, list[int]]:
    """What was there before."""
    return {"a": [0]}


# ------------------------------------------------------------- setdefault
@workflow
def groups_of_a_dataclass(keys: list[str]) -> Summary:
    """The dict comes from a factory; each list is in it once."""
    summary = Summary()
    for key in keys:
        summary.groups.setdefault(key, []).append(weigh(key))
    return summary


@workflow
def one_list_for_all(keys: list[str]) -> tuple[Summary, list[int]]:
    """The list has a name of its own."""
    summary = Summary()
    found: list[int] = []
    for key in keys:
        summary.groups.setdefault(key, found).append(weigh(key))
    return summary, found


@workflow
def groups_in_groups(keys: list[str]) -> dict[str, dict[str, list[int]]]:
    """A dict of dicts of lists."""
    found: dict[str, dict[str, list[int]]] = {}
    for key in keys:
        found.setdefault(key, {}).setdefault("weights", []).append(weigh(key))
    return found


@workflow
def groups_in_two_places(keys: list[str]) -> tuple[dict[str, list[int]], list[list[int]]]:
    """Each list is in a list of lists, too."""
    found = known_groups()
    order: list[list[int]] = []
    for key in keys:
        order.append(found.setdefault(key, []))
        found.setdefault(key, []).append(weigh(key))
    return found, order


# ------------------------------------------------------------- fromkeys
@workflow
def counted(keys: list[str]) -> dict[str, int]:
    """Numbers cannot be shared."""
    counts = dict.fromkeys(sorted(set(keys)), 0)
    for key in keys:
        counts[key] += weigh(key)
    return counts


@workflow
def one_list_under_all_keys(keys: list[str]) -> dict[str, list[int]]:
    """`fromkeys` gives each key the same list."""
    found: dict[str, list[int]] = dict.fromkeys(keys, [])  # noqa: RUF024 - this is why
    for key in keys:
        found[key].append(weigh(key))
    return found


# ------------------------------------------------------------- pop
@workflow
def paths(most: int) -> list[list[int]]:
    """A path is in one list at a time."""
    stack = [[0]]
    done: list[list[int]] = []
    while stack:
        path = stack.pop()
        path.append(weigh("a"))
        if len(path) < most:
            stack.append(path)
        else:
            done.append(path)
    return done


@workflow
def paths_kept_twice(most: int) -> tuple[list[list[int]], list[list[int]]]:
    """A path goes back while another list holds it."""
    stack = [[0]]
    seen: list[list[int]] = []
    while stack:
        path = stack.pop()
        path.append(weigh("a"))
        seen.append(path)
        if len(path) < most:
            stack.append(path)
    return stack, seen


@workflow
def queued(most: int) -> list[list[int]]:
    """What is in a tuple goes with it."""
    queue = [(0, [1])]
    done: list[list[int]] = []
    while queue:
        number, path = queue.pop(0)
        path.append(weigh("b"))
        if number < most:
            queue.append((number + 1, path))
        else:
            done.append(path)
    return done


@workflow
def queued_twice(most: int) -> list[tuple[int, list[int]]]:
    """Two tuples hold one list."""
    queue = [(0, [1])]
    for number in range(most):
        _, path = queue.pop(0)
        path.append(weigh("b"))
        queue.append((number, path))
        queue.append((number + 1, path))
    return queue


@workflow
def put_back(keys: list[str]) -> dict[str, list[int]]:
    """What is under a key is taken out, changed and put back."""
    found = known_groups()
    for key in keys:
        group = found.pop(key, None) or []
        group.append(weigh(key))
        found[key] = group
    return found


@workflow
def never_taken_out(keys: list[str]) -> dict[str, list[int]]:
    """`get` leaves it where it is."""
    found = known_groups()
    for key in keys:
        group = found.get(key, [])
        group.append(weigh(key))
        if len(group) < 3:
            found[key] = group
    return found


@workflow
def round_robin(most: int) -> deque[list[int]]:
    """A deque of lists goes round."""
    waiting = deque([[1], [2]])
    for _ in range(most):
        first = waiting.popleft()
        first.append(weigh("a"))
        waiting.append(first)
    return waiting


@workflow
def looked_at(most: int) -> tuple[deque[list[int]], list[int]]:
    """The first one is still in the deque."""
    waiting = deque([[1], [2]])
    first = waiting[0]
    for _ in range(most):
        first.append(weigh("a"))
    return waiting, first


# ------------------------------------------------------------- replace, copy, model_copy
@workflow
def replaced(keys: list[str]) -> Summary:
    """The one before is not read any more."""
    summary = Summary()
    for key in keys:
        summary = replace(summary, total=summary.total + weigh(key))
        summary.groups[key] = [summary.total]
    return summary


@workflow
def replaced_beside(keys: list[str]) -> tuple[Summary, Summary]:
    """Both have the same dict."""
    summary = Summary()
    other = dataclasses.replace(summary, total=weigh(keys[0]))
    other.groups["a"] = [1]
    return summary, other


@workflow
def replaced_where_it_changes(keys: list[str]) -> tuple[Summary, Summary]:
    """Each has a dict of its own."""
    summary = Summary()
    other = dataclasses.replace(summary, groups={})
    other.groups[keys[0]] = [weigh("a")]
    other.total += 1
    return summary, other


@workflow
def replaced_by_what_is_named(keys: list[str]) -> tuple[Summary, dict[str, list[int]]]:
    """The dict has a name of its own."""
    groups: dict[str, list[int]] = {}
    summary = replace(Summary(), groups=groups)
    summary.groups[keys[0]] = [weigh("a")]
    return summary, groups


@workflow
def updated(keys: list[str]) -> tuple[Card, Card]:
    """The copy has notes of its own, and nobody changes the tags."""
    card = Card(tags=["x"])
    other = card.model_copy(update={"notes": ["first"]})
    for key in keys:
        other.notes.append(str(weigh(key)))
    return card, other


@workflow
def updated_by_what_is_named(keys: list[str]) -> tuple[Card, list[str]]:
    """`update` copies nothing, and neither does `deep`."""
    notes = ["first"]
    card = Card().model_copy(update={"notes": notes}, deep=True)
    for key in keys:
        card.notes.append(str(weigh(key)))
    return card, notes


@workflow
def updated_beside(keys: list[str]) -> tuple[Card, Card]:
    """A shallow copy has the same tags."""
    card = Card(tags=["x"])
    other = card.model_copy(update={"notes": []}, deep=False)
    other.tags.append(str(weigh(keys[0])))
    return card, other


@workflow
def copied(keys: list[str]) -> tuple[Summary, Summary]:
    """The copy counts for itself."""
    summary = Summary()
    other = copy.copy(summary)
    other.total += weigh(keys[0])
    other.groups = {"a": [1]}
    other.groups["a"].append(2)
    return summary, other


@workflow
def copied_but_not_deeply(keys: list[str]) -> tuple[Summary, Summary]:
    """Both have the same dict."""
    summary = Summary()
    other = copy.copy(summary)
    other.groups["a"] = [weigh(keys[0])]
    return summary, other


@workflow
def with_default(keys: list[str]) -> dict[str, list[int]]:
    """The lists that were there are in the new dict only."""
    found = defaultdict(list, known_groups())
    for key in keys:
        found[key].append(weigh(key))
    return dict(found)


@workflow
def with_default_beside(keys: list[str]) -> tuple[dict[str, list[int]], dict[str, list[int]]]:
    """The lists are in both dicts."""
    known = known_groups()
    found = defaultdict(list, known)
    for key in keys:
        found[key].append(weigh(key))
    return dict(found), known


@workflow
def copied_list(keys: list[str]) -> tuple[list[list[int]], list[list[int]]]:
    """The copy grows by itself."""
    rows = [[1], [2]]
    more = rows.copy()
    more.append([weigh(keys[0])])
    return rows, more


@workflow
def copied_list_of_the_same(keys: list[str]) -> tuple[list[list[int]], list[list[int]]]:
    """Both lists hold the same rows."""
    rows = [[1], [2]]
    more = rows.copy()
    more[0].append(weigh(keys[0]))
    return rows, more


@workflow
def replaced_by_a_dict(keys: list[str]) -> tuple[Summary, dict[str, list[int]]]:
    """Any of the changes may be anywhere in the copy."""
    groups: dict[str, list[int]] = {}
    changes = {"groups": groups}
    summary = replace(Summary(), **changes)
    summary.groups[keys[0]] = [weigh("a")]
    return summary, groups


ACCEPTED: dict[Workflow[..., Any], Any] = {
    groups_of_a_dataclass: KEYS, groups_in_groups: KEYS, counted: KEYS, paths: 4, queued: 3,
    put_back: KEYS, round_robin: 5, replaced: KEYS, replaced_where_it_changes: KEYS,
    updated: KEYS, copied: KEYS, with_default: KEYS, copied_list: KEYS,
}  # fmt: skip
REFUSED: tuple[Workflow[..., Any], ...] = (
    one_list_for_all, groups_in_two_places, one_list_under_all_keys, paths_kept_twice,
    queued_twice, never_taken_out, looked_at, replaced_beside, replaced_by_what_is_named,
    updated_by_what_is_named, updated_beside, copied_but_not_deeply, with_default_beside,
    copied_list_of_the_same, replaced_by_a_dict,
)  # fmt: skip


@pytest.mark.parametrize("program", ACCEPTED, ids=lambda each: each.name)
def test_who_is_alone_with_a_value_may_change_it(program: Workflow[..., Any]) -> None:
    """Plain Python and the engine give the same result."""
    given = ACCEPTED[program]
    run = simulate(program, given)
    assert (run.error, run.output) == (None, program(given))


@pytest.mark.parametrize("program", REFUSED, ids=lambda each: each.name)
def test_what_two_hold_is_not_changed_through_one(program: Workflow[..., Any]) -> None:
    """The one change of each is refused."""
    with pytest.raises(DefinitionError) as caught:
        compile_workflow(program)
    assert [each.code for each in caught.value.diagnostics] == ["V501"]
