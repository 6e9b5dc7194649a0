"""A long list in pages: each a blob, so that nobody needs all of it in memory at once.

The list is stored as a reference, with the digests of its pages::

    {"$": "pages", "length": 100000, "each": 1000, "size": 2188891, "preview": "…", "pages": ["…"]}

All pages hold `each` items but the last, so an item is found without reading others. An item may be
a reference itself (`deep`: some are).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from vivido.model.journal import Json

PAGES: Final = "pages"
LONG: Final = 1_000  # a list with more items than this is worth pages
MOST: Final = 100  # pages: so a reference is always small enough to stay in its record
PAGE_BYTES: Final = 256_000  # about, where items are small


def are_pages(data: Json) -> bool:
    """Whether encoded data is a list in pages."""
    return type(data) is dict and data.get("$") == PAGES


def page_length(length: int, item_bytes: float) -> int:
    """How many items a page holds."""
    return max(LONG, -(-length // MOST), int(PAGE_BYTES / max(item_bytes, 1.0)))


class Pages(Sequence[Json]):
    """The encoded items of a list in pages, read as they are asked for.

    `fetch` reads what a reference refers to.
    """

    def __init__(self, reference: Json, fetch: Callable[[Json], Json]) -> None:
        self.reference, self._fetch = reference, fetch
        self._length, self._each = reference["length"], reference["each"]

    def __len__(self) -> int:
        return int(self._length)

    def __getitem__(self, place: int | slice) -> Json:
        if isinstance(place, slice):
            return [self[one] for one in range(*place.indices(len(self)))]
        if not -len(self) <= place < len(self):
            raise IndexError("list index out of range")
        page, within = divmod(place % len(self), self._each)
        return self._page(page)[within]

    def __iter__(self) -> Iterator[Json]:
        for page in range(len(self.reference["pages"])):
            yield from self._page(page)

    def _page(self, number: int) -> Json:
        size = self.reference["size"] // len(self.reference["pages"])
        blob = {"$": "blob", "sha256": self.reference["pages"][number], "size": size}
        return self._fetch(blob)
