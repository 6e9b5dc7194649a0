"""What an expression may give: things, and the variable through which they were reached."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from vivido.compiler.ownership.things import NONE, Things, Variable


@dataclass(frozen=True, slots=True)
class Value:
    """The things that a value may be; nothing, if it cannot change.

    `base` is the variable at the start of the path to it (`order` of `order.items[0]`); None if it
    came from a call. `parts` are the places of a tuple that was written out and is not stored yet.
    """

    things: Things = NONE
    base: Variable | None = None
    parts: tuple[Value, ...] | None = None


SCALAR = Value()


def either(values: Iterable[Value]) -> Value:
    """What may be one of several values."""
    things = NONE
    for value in values:
        things |= value.things
        if value.parts is not None:
            things |= either(value.parts).things
    return Value(things)
