"""Writes a long list page by page, as its items come: no more than one page is held."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import orjson

from vivido.model.journal import Json
from vivido.model.pages import LONG, PAGES, page_length
from vivido.model.payloads import is_reference, preview_of

if TYPE_CHECKING:
    from vivido.runtime.payloads import Payloads


class PageWriter:
    """A list of about `length` encoded items on its way into the blob store, for an execution."""

    def __init__(self, payloads: Payloads, execution: str, length: int) -> None:
        self._payloads, self._execution, self._expected = payloads, execution, length
        self._items: list[Json] = []
        self._each = LONG
        self._length = self._size = 0
        self._pages: list[str] = []
        self._preview = ""
        self._deep = False

    async def add(self, items: Iterable[Json]) -> None:
        """Put items at the end."""
        for item in items:
            self._items.append(item)
            if len(self._items) == LONG and not self._pages:  # enough to know how long items are
                self._each = page_length(self._expected, len(orjson.dumps(self._items)) / LONG)
            if len(self._items) == self._each:
                await self._write()

    async def reference(self) -> Json:
        """Write what is left; the reference that takes the place of the list."""
        if self._items:
            await self._write()
        found: dict[str, Json] = {
            "$": PAGES,
            "length": self._length,
            "each": self._each,
            "size": self._size,
            "preview": self._preview,
            "pages": self._pages,
        }
        return {**found, "deep": True} if self._deep else found

    async def _write(self) -> None:
        text = orjson.dumps(self._items)
        self._length += len(self._items)
        self._size += len(text)
        self._deep = self._deep or any(map(is_reference, self._items))
        self._preview = self._preview or preview_of(text)
        self._items = []
        self._pages.append(await self._payloads.put(self._execution, text))
