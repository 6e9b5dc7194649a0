"""How does one value become several: `a, *b = value`, with Python's own errors?"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from vivido.expressions.meter import Meter
from vivido.expressions.weighing import metered_lazily

Store = Callable[[Any, Any, Meter], None]  # environment or frame, value, meter


def unpacker(stores: list[Store], star: int | None) -> Store:
    """Store the items of an iterable one by one; the target at `star` takes the rest as a list."""
    if star is None:
        return _exact(stores)
    return _starred(stores[:star], stores[star], stores[star + 1 :])


def _items(value: Any, meter: Meter) -> Any:
    if not hasattr(type(value), "__iter__") and not hasattr(type(value), "__getitem__"):
        raise TypeError(f"cannot unpack non-iterable {type(value).__name__} object")
    return iter(metered_lazily(value, meter))


def _exact(stores: list[Store]) -> Store:
    count = len(stores)

    def store(e: Any, value: Any, m: Meter) -> None:
        if type(value) is not tuple or len(value) != count:
            value = list(itertools.islice(_items(value, m), count + 1))
            if len(value) > count:
                raise ValueError(f"too many values to unpack (expected {count})")
            if len(value) < count:
                raise ValueError(
                    f"not enough values to unpack (expected {count}, got {len(value)})"
                )
        for one, item in zip(stores, value, strict=True):
            one(e, item, m)

    return store


def _starred(before: list[Store], rest: Store, after: list[Store]) -> Store:
    least = len(before) + len(after)

    def store(e: Any, value: Any, m: Meter) -> None:
        items = list(_items(value, m))
        if len(items) < least:
            raise ValueError(
                f"not enough values to unpack (expected at least {least}, got {len(items)})"
            )
        middle = len(items) - len(after)
        for one, item in zip(before, items, strict=False):
            one(e, item, m)
        rest(e, items[len(before) : middle], m)
        for one, item in zip(after, items[middle:], strict=True):
            one(e, item, m)

    return store
