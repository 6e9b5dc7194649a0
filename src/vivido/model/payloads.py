"""Which values leave a record, message or META for the blob store, and what stands in their place?

A value whose JSON text is larger than a bound is replaced by a reference to that text::

    {"$": "blob", "sha256": "9f86d0…", "size": 31042, "preview": "[[1, 2], …"}

The reference says what it refers to, so the same text is stored once and a reference can be copied
from record to message to child as it is. `lighten` is pure: it returns the lighter data and the
texts to be stored before it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final, TypeAlias

import orjson

from vivido.errors import ValueNotStorable
from vivido.model.journal import Json
from vivido.model.pages import PAGES, are_pages
from vivido.settings import Settings

TAG: Final = "blob"
PREVIEW: Final = 72  # characters
_SMALL: Final = (int, float, bool, type(None))
Path: TypeAlias = tuple[str | int, ...]


class TooLarge(ValueNotStorable):
    """A value is larger than any store takes. `path` leads to it in the data it lies in."""

    def __init__(self, what: str, size: int, bound: int, path: Path = ()) -> None:
        super().__init__(
            f"{what} takes {size:,} bytes as JSON, and {bound:,} is the most that is stored: "
            "write it to a file or bucket and keep where it lies"
        )
        self.path = path


@dataclass(frozen=True, slots=True)
class Bounds:
    """In bytes of JSON: of one value inline, of all of them together, of any value at all."""

    value: int
    total: int
    most: int

    @classmethod
    def of(cls, settings: Settings) -> Bounds:
        """The bounds of a deployment."""
        return cls(
            settings.inline_value_bytes, settings.inline_total_bytes, settings.max_value_bytes
        )


@dataclass(slots=True)
class Blobs:
    """Texts to be stored, by their digests. A value that lies in several places is hashed once."""

    texts: dict[str, bytes] = field(default_factory=dict)
    known: dict[int, tuple[Json, Json]] = field(default_factory=dict)  # by identity: value, its ref

    def refer(self, value: Json, text: bytes) -> Json:
        """The reference to a value whose text this is."""
        if id(value) not in self.known:
            reference = reference_to(value, text)
            self.texts[reference["sha256"]] = text
            self.known[id(value)] = (value, reference)
        return self.known[id(value)][1]


def is_reference(data: Json) -> bool:
    """Whether encoded data is a reference to a blob, or to the blobs of a list in pages."""
    return type(data) is dict and data.get("$") in (TAG, PAGES)


def reference_to(value: Json, text: bytes) -> dict[str, Json]:
    """The reference to an encoded value with this JSON text."""
    return {
        "$": TAG,
        "sha256": sha256(text).hexdigest(),
        "size": len(text),
        "preview": _preview(value, text),
    }


def _preview(value: Json, text: bytes) -> str:
    """What a person sees of it. Of an exception that is its class and message."""
    if type(value) is dict and value.get("$") == "error":
        return f"{value.get('type')}: {str(value.get('message', ''))[:PREVIEW]}"
    return preview_of(text)


def preview_of(text: bytes) -> str:
    """The beginning of a JSON text."""
    start = text[: 4 * PREVIEW].decode(errors="ignore")
    return start if len(start) <= PREVIEW else start[:PREVIEW] + "…"


# ---------------------------------------------------------------- where values lie
@dataclass(frozen=True, slots=True)
class Each:
    """All members of a list or object are of this shape."""

    shape: Shape


@dataclass(frozen=True, slots=True)
class Value:
    """An encoded value."""


Shape: TypeAlias = "Value | Each | Mapping[str, Shape]"

_VALUE = Value()
_STACK: Shape = Each({"args": Each(_VALUE)})
END: Final[Shape] = {"value": _VALUE, "error": _VALUE, "stack": _STACK}
STATE: Final[Shape] = {
    "vars": Each(_VALUE),
    "stack": _STACK,
    "error": _VALUE,
    "shown": Each(_VALUE),
    "wait": {"items": Each(_VALUE), "child": {"input": Each(_VALUE)}},
}
RECORD: Final[Shape] = {
    "result": _VALUE,
    "raised": _VALUE,
    "error": _VALUE,
    "vars": Each(_VALUE),
    "more": Each(Each(_VALUE)),
    "shown": Each(_VALUE),
    "push": _STACK,
    "end": END,
    "state": STATE,
    "begins": STATE,
}
MESSAGE: Final[Shape] = {"state": STATE, "data": END}
VALUES: Final[Shape] = Each(_VALUE)
META: Final[Shape] = {"input": Each(_VALUE), "output": _VALUE, "error": _VALUE}


def places(data: Json, shape: Shape, path: Path = ()) -> Iterator[tuple[Path, Json]]:
    """All values in data of a shape, with the ways to them."""
    match shape:
        case Value():
            yield path, data
        case Each(inner):
            members = enumerate(data) if isinstance(data, list) else data.items()
            for key, member in members:
                yield from places(member, inner, (*path, key))
        case _ if isinstance(data, dict):
            for key, inner in shape.items():
                if data.get(key) is not None:
                    yield from places(data[key], inner, (*path, key))


def references(data: Json, shape: Shape) -> set[str]:
    """The digests of all blobs that data refers to."""
    found: set[str] = set()
    for _, value in places(data, shape):
        if is_reference(value):
            found.update(value["pages"] if are_pages(value) else (value["sha256"],))
    return found


def pages_of_references(data: Json, shape: Shape) -> list[Json]:
    """The lists in pages that data holds, of which some items are references themselves."""
    return [value for _, value in places(data, shape) if are_pages(value) and value.get("deep")]


# ---------------------------------------------------------------- out
def lighten(data: Json, shape: Shape, bounds: Bounds, blobs: Blobs) -> Json:
    """The same data, its large values replaced by references; their texts are added to `blobs`.

    `data` itself is left alone, and returned where nothing is large. Raises TooLarge.
    """
    if data is None or len(orjson.dumps(data)) <= bounds.value:
        return data
    left: list[tuple[int, Path, Json]] = []
    lighter = data
    for path, value in places(data, shape):
        if isinstance(value, _SMALL) or is_reference(value):
            continue
        if id(value) in blobs.known:
            lighter = _with(lighter, path, blobs.known[id(value)][1])
            continue
        text = orjson.dumps(value)
        if len(text) > bounds.most:
            raise TooLarge(_name(path), len(text), bounds.most, path)
        if len(text) > bounds.value:
            lighter = _with(lighter, path, blobs.refer(value, text))
        else:
            left.append((len(text), path, value))
    return _within_total(lighter, left, bounds, blobs)


def _within_total(
    data: Json, left: list[tuple[int, Path, Json]], bounds: Bounds, blobs: Blobs
) -> Json:
    """Let the largest of what is left go, until all that stays is within the bound in all."""
    total = sum(size for size, _, _ in left)
    for size, path, value in sorted(left, key=lambda one: -one[0]):
        if total <= bounds.total:
            break
        reference = blobs.refer(value, orjson.dumps(value))
        data = _with(data, path, reference)
        total -= size
    return data


def _name(path: Path) -> str:
    """What the author calls the value there."""
    names = [part for part in path if part not in ("state", "vars", "end", "more", "args", "input")]
    return ".".join(str(name).removeprefix("$") for name in names) or "the value"


def _with(data: Json, path: Path, value: Json) -> Json:
    """The same data with another value at the end of a way; what lies beside it is shared."""
    if not path:
        return value
    copy: Any = list(data) if isinstance(data, list) else dict(data)
    copy[path[0]] = _with(data[path[0]], path[1:], value)
    return copy
