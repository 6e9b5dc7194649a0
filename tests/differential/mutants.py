"""Which deliberate mistakes of compiler, evaluator and engine must random programs find?

Each is a function that puts a wrong part in the place of a right one, for the length of a test.
"""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from vivido.compiler import load
from vivido.compiler.checks import ownership
from vivido.compiler.lower import (
    choices,
    compound,
    comprehensions,
    expressions,
    keeping,
    questions,
)
from vivido.compiler.lower.rewriting import held
from vivido.engine import control, fork, handling
from vivido.engine import records as engine_records
from vivido.engine import state as engine_state
from vivido.engine.fork import ForkNode
from vivido.engine.state import Variables
from vivido.expressions import containers, expression, lowering, operators
from vivido.runtime import performing

Mutant = Callable[[pytest.MonkeyPatch], None]


# ---------------------------------------------------------------- compiler
def nothing_is_kept(patch: pytest.MonkeyPatch) -> None:
    """What stands before an effect is evaluated behind it."""
    patch.setattr(keeping, "before", lambda _low, part, _later: part.expression)


def effects_in_reverse(patch: pytest.MonkeyPatch) -> None:
    """The last argument's step runs first."""
    right = expressions.sequence

    def reverse(low: Any, parts: Any, **options: Any) -> list[ast.expr]:
        return right(low, list(parts)[::-1], **options)[::-1]

    patch.setattr(expressions, "sequence", reverse)


def no_short_circuit(patch: pytest.MonkeyPatch) -> None:
    """The steps of all operands of `and` and `or` run."""

    def eager(low: Any, node: ast.BoolOp) -> ast.expr:
        return ast.copy_location(ast.BoolOp(node.op, low.in_order(node.values)), node)

    patch.setattr(choices, "short_circuit", eager)


def both_arms(patch: pytest.MonkeyPatch) -> None:
    """The steps of both arms of a conditional expression run."""

    def eager(low: Any, node: ast.IfExp, _sink: Any) -> ast.expr:
        test, body, orelse = low.in_order([node.test, node.body, node.orelse])
        return ast.copy_location(ast.IfExp(test, body, orelse), node)

    patch.setattr(choices, "choose", eager)
    patch.setattr(expressions, "into", _plain_into)


def _plain_into(low: Any, target: ast.expr, node: ast.expr) -> None:
    low.assign(target, expressions.value(low, node), node)


def conditions_are_dropped(patch: pytest.MonkeyPatch) -> None:
    """A comprehension with steps has all items."""
    patch.setattr(comprehensions, "_where", lambda _low, _tests, inside: inside())


def any_does_not_stop(patch: pytest.MonkeyPatch) -> None:
    """`any` and `all` look at every item."""

    def eager(low: Any, generator: ast.GeneratorExp, *, wanted: bool) -> ast.expr:
        whole = ast.ListComp(generator.elt, generator.generators)
        collected = comprehensions.lower(low, ast.copy_location(whole, generator))
        called = held("any" if wanted else "all", generator)
        return ast.copy_location(ast.Call(called, [collected], []), generator)

    patch.setattr(comprehensions, "_quantify", eager)


def old_value_read_late(patch: pytest.MonkeyPatch) -> None:
    """`x += …` reads `x` behind what the right side assigns."""
    patch.setattr(questions.Questions, "rebinds", lambda *_: False)


def loops_lose_else(patch: pytest.MonkeyPatch) -> None:
    """The `else` of a loop is not lowered."""
    right = compound.for_loop

    def without(low: Any, node: ast.For) -> None:
        bare = ast.For(node.target, node.iter, node.body, [])
        right(low, ast.copy_location(bare, node))

    patch.setattr(compound, "for_loop", without)


def shared_values_may_change(patch: pytest.MonkeyPatch) -> None:
    """Nobody looks after values with two names."""
    checks = tuple(check for check in load.CHECKS if check is not ownership.check)
    patch.setattr(load, "CHECKS", checks)


def receivers_are_copies(patch: pytest.MonkeyPatch) -> None:
    """What is changed behind an effect is kept in a temporary variable."""
    patch.setattr(
        keeping, "_receiver", lambda low, part, later: keeping.keep(low, part.expression, later)
    )


# ---------------------------------------------------------------- evaluator
def middle_twice(patch: pytest.MonkeyPatch) -> None:
    """`a < b < c` evaluates `b` for each comparison."""

    def twice(node: ast.Compare, context: Any) -> Any:
        operands = [node.left, *node.comparators]
        pairs = [
            lowering.lower_comparison(ast.Compare(operands[i], [op], [operands[i + 1]]), context)
            for i, op in enumerate(node.ops)
        ]
        return lambda e, m: all(pair(e, m) for pair in pairs)

    patch.setitem(expression.LOWER, ast.Compare, twice)


def or_gives_truth(patch: pytest.MonkeyPatch) -> None:
    """`a or b` is True or False."""

    def truth(node: ast.BoolOp, context: Any) -> Any:
        run = lowering.lower_boolean(node, context)
        return lambda e, m: bool(run(e, m))

    patch.setitem(expression.LOWER, ast.BoolOp, truth)


def slices_include_their_end(patch: pytest.MonkeyPatch) -> None:
    """`xs[1:2]` has two items."""
    right = containers.get_item

    def longer(holder: Any, key: Any, meter: Any) -> Any:
        if type(key) is slice and type(key.stop) is int and key.stop >= 0:
            key = slice(key.start, key.stop + 1, key.step)
        return right(holder, key, meter)

    patch.setattr(containers, "get_item", longer)


def division_truncates(patch: pytest.MonkeyPatch) -> None:
    """`-1 // 2` is 0."""
    patch.setitem(operators.BINARY, ast.FloorDiv, lambda a, b, _: int(a / b))


def sorted_is_not_stable(patch: pytest.MonkeyPatch) -> None:
    """Text is compared by identity of case: `upper` does nothing."""
    patch.setitem(lowering.COMPARE, ast.NotIn, lowering.COMPARE[ast.In])


# ---------------------------------------------------------------- engine
def _unrecorded(patch: pytest.MonkeyPatch, prefix: str) -> None:
    right = Variables.__setitem__

    def assign(self: Variables, name: str, value: object) -> None:
        right(self, name, value)
        if name.startswith(prefix):
            del self.dirty[name]

    patch.setattr(Variables, "__setitem__", assign)


def rounds_are_not_recorded(patch: pytest.MonkeyPatch) -> None:
    """The number of a loop's round is not in the records."""
    _unrecorded(patch, "$for")


def what_finally_waits_for_is_not_recorded(patch: pytest.MonkeyPatch) -> None:
    """Nor is what a `finally` has to go on with."""
    _unrecorded(patch, "$try")


def changes_are_not_recorded(patch: pytest.MonkeyPatch) -> None:
    """A value changed in place counts as unchanged."""
    patch.setattr(Variables, "changed", lambda *_: None)


def growth_is_off_by_one(patch: pytest.MonkeyPatch) -> None:
    """The first item that a list got is not recorded."""
    right = Variables.grew
    patch.setattr(Variables, "grew", lambda self, name, before: right(self, name, before + 1))


def the_gone_stay(patch: pytest.MonkeyPatch) -> None:
    """What a record says to be gone is there again when it is read."""
    right = engine_records.fold

    def fold(state: Any, record: Any) -> Any:
        data = {key: part for key, part in record.data.items() if key != "gone"}
        return right(state, dataclasses.replace(record, data=data))

    patch.setattr("vivido.engine.fold", fold)


def joins_in_reverse(patch: pytest.MonkeyPatch) -> None:
    """The last branch's value comes first."""
    right = ForkNode.gather
    patch.setattr(fork.ForkNode, "gather", lambda self, ends, plan: right(self, ends[::-1], plan))


def chance_is_not_recorded(patch: pytest.MonkeyPatch) -> None:
    """No SET record stands before a step that depends on chance."""
    right = performing.perform

    async def perform(turn: Any, need: Any) -> bool:
        turn.state.unrecorded = False
        return await right(turn, need)

    patch.setattr(performing, "perform", perform)


def return_skips_finally(patch: pytest.MonkeyPatch) -> None:
    """`finally` is not run on `return`."""
    right = handling.TryNode.finish

    def finish(self: Any, walk: Any, jump: Any) -> Any:
        if jump is not None and jump.how == "return":
            self.leave(walk)
            return self
        return right(self, walk, jump)

    patch.setattr(handling.TryNode, "finish", finish)


def else_after_an_error(patch: pytest.MonkeyPatch) -> None:
    """The `else` of a `try` runs behind a handler, too."""
    right = handling.TryNode.done

    def done(self: Any, walk: Any, slot: str) -> None:
        right(self, walk, "body" if slot.startswith("handler ") else slot)

    patch.setattr(handling.TryNode, "done", done)


def handlers_keep_their_name(patch: pytest.MonkeyPatch) -> None:
    """`except … as e` leaves `e` behind."""
    patch.setattr(handling.TryNode, "forget", lambda self, walk, _: walk.vars.discard(self.handled))


def log_lines_are_doubled(patch: pytest.MonkeyPatch) -> None:
    """A record does not clear the lines that it has written."""
    right = engine_state.State.written

    def written(self: Any) -> None:
        logs = self.logs
        right(self)
        self.logs = logs

    patch.setattr(engine_state.State, "written", written)


def continue_is_break(patch: pytest.MonkeyPatch) -> None:
    """`continue` leaves the loop."""
    right = control.LoopNode.take

    def take(self: Any, walk: Any, slot: str, jump: Any) -> Any:
        if jump.how == "continue":
            jump = dataclasses.replace(jump, how="break")
        return right(self, walk, slot, jump)

    patch.setattr(control.LoopNode, "take", take)


COMPILER = (
    nothing_is_kept, effects_in_reverse, no_short_circuit, both_arms, conditions_are_dropped,
    any_does_not_stop, old_value_read_late, loops_lose_else, shared_values_may_change,
    receivers_are_copies,
)  # fmt: skip
EVALUATOR = (middle_twice, or_gives_truth, slices_include_their_end, division_truncates)
ENGINE = (
    rounds_are_not_recorded, what_finally_waits_for_is_not_recorded, changes_are_not_recorded,
    growth_is_off_by_one, the_gone_stay, joins_in_reverse, chance_is_not_recorded,
    return_skips_finally, else_after_an_error, handlers_keep_their_name, log_lines_are_doubled,
    continue_is_break,
)  # fmt: skip
__all__ = ["COMPILER", "ENGINE", "EVALUATOR", "Mutant"]
