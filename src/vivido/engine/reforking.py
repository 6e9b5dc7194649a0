"""A fork is forked again for those of its children that did not succeed: under which plan?

To everybody else it is a fork of so many children. Its plan says which of the declared children
they are (`again`: runs of [i, scope, j, count], of which child ``scope:j`` a child goes on from, or
null where it begins anew), and where the ENDs of the others lie (`kept`: likewise).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from vivido.model.journal import Json

REFORK: Final = "$refork"  # the variable of a redriven branch that holds the plan, until the FORK


def refork(
    plan: Json, ends: Sequence[Json], scope: str, undone: set[tuple[str, int]]
) -> dict[str, Json] | None:
    """The plan under which a fork is forked again: for all that are not ok. None if there are none.

    `ends` are those of all that were declared, in order; one of an earlier fork says where (`at`).
    What was undone runs from its beginning, under another name; the rest goes on where it stood.
    """
    kept: list[list[Json]] = []
    again: list[list[Json]] = []
    gens: dict[str, int] = dict(plan.get("gens", {}))
    for i, end in enumerate(ends):
        place, j = end.get("at", (scope, i))
        if (place, j) in undone:
            gens[str(i)] = gens.get(str(i), 1) + 1
            _extend(again, [i, None, 0])
        elif end["status"] == "ok":
            _extend(kept, [i, place, j])
        else:
            _extend(again, [i, place, j])
    if not again:
        return None
    width, most = sum(run[-1] for run in again), plan.get("most", plan["lanes"])
    new: dict[str, Json] = {**plan, "width": width, "lanes": min(most, width), "most": most}
    new |= {"again": again, "kept": kept}
    if gens:
        new["gens"] = gens
    if "need" in plan:
        new["told"] = {"need": max(1, plan["need"] - (len(ends) - width))}
    new.pop("deadline", None)
    return new


def _extend(runs: list[list[Json]], one: list[Json]) -> None:
    """Add [i, scope, j] to runs of [i, scope, j, count]; those that begin anew have no scope."""
    i, scope, j = one
    if runs:
        first, place, start, count = runs[-1]
        follows = scope is None or start + count == j
        if (first + count, place) == (i, scope) and follows:
            runs[-1][-1] += 1
            return
    runs.append([i, scope, j, 1])


def original(plan: Json, number: int) -> int:
    """Which of the declared children that child of a fork is."""
    for i, _, _, count in plan.get("again", ()):
        if number < count:
            return int(i + number)
        number -= count
    return number


def source(plan: Json, number: int) -> str | None:
    """The branch from which a child of a fork goes on; None where it begins anew."""
    for _, scope, j, count in plan.get("again", ()):
        if number < count:
            return None if scope is None else f"{scope}:{j + number}"
        number -= count
    return None


def name_of(plan: Json, number: int) -> str | None:
    """Under which name the steps of a child of a fork have their keys."""
    if "name" not in plan:
        return None
    i = original(plan, number)
    gen = plan.get("gens", {}).get(str(i))
    return f"{plan['name']}:{i}" + (f"@{gen}" if gen else "")
