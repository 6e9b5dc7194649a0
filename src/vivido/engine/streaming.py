"""A variable that holds a long list, read item by item: each is decoded when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from vivido.expressions import Stream
from vivido.model.journal import Json
from vivido.model.pages import Pages


class Streamed(Stream):
    """The values of a list in pages; `decode` makes a value of an encoded item."""

    def __init__(self, pages: Pages, decode: Callable[[Json], Any]) -> None:
        self.pages, self._decode = pages, decode

    def __len__(self) -> int:
        return len(self.pages)

    def __getitem__(self, place: Any) -> Any:
        if isinstance(place, slice):
            return [self._decode(item) for item in self.pages[place]]
        if not hasattr(type(place), "__index__"):
            name = type(place).__name__
            raise TypeError(f"list indices must be integers or slices, not {name}")
        return self._decode(self.pages[place.__index__()])

    def __iter__(self) -> Iterator[Any]:
        return map(self._decode, self.pages)
