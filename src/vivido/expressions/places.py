"""Where does an assignment write? A place is found once, then read, written to or emptied."""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Any, Protocol

from vivido.errors import ExpressionError
from vivido.expressions.access import has, kind_of, read, unavailable
from vivido.expressions.containers import get_item
from vivido.expressions.meter import Meter
from vivido.expressions.weighing import charge_hash, is_flat, metered

FREE = "cannot access free variable {!r} where it is not associated with a value in enclosing scope"
LOCAL = "cannot access local variable {!r} where it is not associated with a value"


def unbound(
    missing: KeyError, name: str, key: str, *, known: bool, inner: bool = False
) -> Exception:
    """Python's error for a variable without a value, or the environment's own error."""
    if missing.args != (key,):
        return missing
    if not known:
        return NameError(f"name {name!r} is not defined", name=name)
    if inner:
        return NameError(FREE.format(name), name=name)
    return UnboundLocalError(LOCAL.format(name), name=name)


class Place(Protocol):
    """What a target stands for, once its parts are evaluated; raises what Python raises."""

    def get(self, meter: Meter) -> Any:
        """The present value."""

    def set(self, value: Any, meter: Meter) -> None:
        """Put a value there."""

    def delete(self, meter: Meter) -> None:
        """Leave nothing there."""


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable of the workflow; `known` to be one of its function's."""

    env: MutableMapping[str, Any]
    name: str
    key: str
    known: bool

    def get(self, _: Meter) -> Any:
        """Read it."""
        try:
            return self.env[self.key]
        except KeyError as missing:
            raise unbound(missing, self.name, self.key, known=self.known) from None

    def set(self, value: Any, _: Meter) -> None:
        """Bind it."""
        self.env[self.key] = value

    def delete(self, _: Meter) -> None:
        """Unbind it."""
        try:
            del self.env[self.key]
        except KeyError as missing:
            raise unbound(missing, self.name, self.key, known=self.known) from None


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute of a value of one of the author's own kinds."""

    owner: Any
    name: str

    def get(self, _: Meter) -> Any:
        """Read it."""
        return read(self.owner, self.name)

    def set(self, value: Any, _: Meter) -> None:
        """Set it."""
        self._check()
        setattr(self.owner, self.name, value)

    def delete(self, _: Meter) -> None:
        """Remove it."""
        self._check()
        delattr(self.owner, self.name)

    def _check(self) -> None:
        kind = kind_of(type(self.owner))
        if kind.own and self.name not in kind.closed:
            return
        known = self.name in kind.fields or self.name in kind.methods
        if not known and (has(self.owner, self.name) or hasattr(self.owner, "__dict__")):
            raise unavailable(self.owner, self.name)
        # Python's own types have nothing to write to, and say so themselves.


@dataclass(frozen=True, slots=True)
class Item:
    """An item or a slice."""

    owner: Any
    key: Any

    def get(self, meter: Meter) -> Any:
        """Read it."""
        return get_item(self.owner, self.key, meter)

    def set(self, value: Any, meter: Meter) -> None:
        """Put it; what a slice gets is paid for."""
        self._pay(meter)
        self.owner[self.key] = metered(value, meter) if type(self.key) is slice else value

    def delete(self, meter: Meter) -> None:
        """Remove it."""
        self._pay(meter)
        del self.owner[self.key]

    def _pay(self, meter: Meter) -> None:
        if isinstance(self.owner, type):
            name = self.owner.__name__
            raise ExpressionError(
                f"the items of the class {name!r} cannot be changed in a workflow"
            )
        if type(self.key) is slice:
            meter.charge(len(self.owner) >> 6 if hasattr(self.owner, "__len__") else 1)
        elif not is_flat(type(self.key)):
            charge_hash(self.key, meter)
