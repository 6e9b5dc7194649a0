"""Idempotency keys: of branches side by side they hold step paths, never record numbers."""

from typing import Any

from vivido import ids, map_each, parallel, sleep, step, step_context, workflow
from vivido.testing import simulate

keys: list[tuple[str, Any]] = []


@step
def undo(n: int) -> None:
    """Undo `act`."""
    keys.append(("undo", step_context().idempotency_key))


@step(compensate=undo)
def act(n: int) -> int:
    """Note its key."""
    keys.append(("act", step_context().idempotency_key))
    return n


@step
def fail(n: int) -> int:
    """Fail."""
    raise ValueError(n)


@workflow
def short(rows: list[int]) -> int:
    """A fork, a fork in it."""
    map_each(lambda n: parallel(act(n), act(n + 1)), rows)
    return 0


@workflow
def longer(rows: list[int]) -> int:
    """The same after a wait: the record numbers are others."""
    sleep("1h")
    map_each(lambda n: parallel(act(n), act(n + 1)), rows)
    return 0


@workflow
def undone(rows: list[int]) -> int:
    """The same, undone."""
    map_each(lambda n: parallel(act(n), act(n + 1)), rows)
    return fail(0)


def noted(workflow_: Any) -> list[tuple[str, Any]]:
    """The keys that the steps of a run see."""
    keys.clear()
    simulate(workflow_, [1, 2])
    return list(keys)


def test_the_keys_of_children_hold_step_paths_and_indices() -> None:
    """The fork's step path and the child's index, at each level."""
    inner = [f"r.map:{i}.parallel:{j}" for i in (0, 1) for j in (0, 1)]
    steps = ["act", "act_2", "act", "act_2"]
    expected = [ids.idempotency_key("simulated", *pair) for pair in zip(inner, steps, strict=True)]
    assert sorted(key for _, key in noted(short)) == sorted(expected)


def test_what_is_recorded_before_changes_no_key() -> None:
    """Cloudflare 4: a key outlives whatever else happened, so a service may know it again."""
    before = {key for _, key in noted(short)}
    assert before == {key for _, key in noted(longer)}


def test_compensations_of_children_have_the_keys_of_who_ran_the_steps() -> None:
    """All keys differ, and undoing has the name of the branch that did it."""
    found = noted(undone)
    inner = [f"r.map:{i}.parallel:{j}" for i in (0, 1) for j in (0, 1)]
    paths = ["act/undo", "act_2/undo", "act/undo", "act_2/undo"]
    expected = {ids.idempotency_key("simulated", *pair) for pair in zip(inner, paths, strict=True)}
    assert {key for what, key in found if what == "undo"} == expected
    assert len({key for _, key in found}) == len(found) == 8
