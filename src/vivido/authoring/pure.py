"""Which functions of the author's may be evaluated again: those marked `pure`."""

from collections.abc import Callable
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])


def pure(function: F) -> F:
    """Mark a function whose result depends on its arguments alone, and return it unchanged.

    A workflow may call any function; what it returned is recorded before the next step, at the
    cost of a write. A pure one is called again instead, and may be used in the designer.

        @pure
        def discount(total: Decimal) -> Decimal:
            return total * Decimal("0.9")
    """
    function.__vivido_pure__ = True  # type: ignore[attr-defined]
    return function


def is_pure(function: object) -> bool:
    """Whether the author marked it as pure."""
    return getattr(function, "__vivido_pure__", False) is True
