"""What is looked at before something of Python's own is called? One rule for each callable."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from vivido.expressions.meter import Meter

# Looks at the arguments of a call (those of a method begin with its object) before the work is
# done: charges, raises, or puts metered arguments in the place of those given. Wrong arguments it
# leaves to Python to complain about.
Check = Callable[[Meter, list[Any], dict[str, Any]], None]
Place = int | str  # of an argument: its position, or its name


@dataclass(frozen=True, slots=True)
class Rule:
    """How something is called.

    params: names of its first parameters, so that those given by name are looked at too;
    check: bounds the work; grows: the size of the result is charged; cost: units for every call;
    callbacks: arguments that the callee will call; eats: arguments that it iterates to their end;
    pure: calling it again gives the same; changes: a method that changes its
    object; instead: is called in its place, with the meter before the arguments.
    """

    params: tuple[str, ...] = ()
    check: Check | None = None
    grows: bool = False
    cost: int = 0
    callbacks: tuple[Place, ...] = ()
    eats: tuple[int, ...] = ()
    pure: bool = True
    changes: bool = False
    instead: Callable[..., Any] | None = None

    @property
    def free(self) -> bool:
        """Whether the callee can be called without a look at anything."""
        looks = self.params or self.check or self.callbacks or self.eats or self.instead
        return not (looks or self.grows or self.cost)


FREE = Rule()
GROWS = Rule(grows=True)

Table = dict[Callable[..., Any], Rule]


def place(params: tuple[str, ...], args: list[Any], named: dict[str, Any]) -> None:
    """Move arguments given by name to their positions, as far as those before them are given."""
    for name in params[len(args) :]:
        if name not in named:
            return
        args.append(named.pop(name))


def table(owner: Any, names: str, rule: Rule = FREE) -> Table:
    """One rule for several members of a module or class, those that this Python has."""
    return {getattr(owner, name): rule for name in names.split() if hasattr(owner, name)}
