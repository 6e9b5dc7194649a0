"""What do events, HTTP and forms get of a value?"""

import threading
from collections import Counter, OrderedDict, deque
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from math import inf, nan
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import orjson
import pytest
from pydantic import BaseModel, Field, computed_field, field_serializer

from vivido import values
from vivido.errors import RecordedError, ValueNotStorable


class Colour(Enum):
    """An enum with a value that JSON has not."""

    RED = (255, 0, 0)


class Pair(NamedTuple):
    """A named tuple."""

    left: Decimal
    right: Any = None


@dataclass
class Line:
    """A dataclass."""

    sku: str
    amount: Decimal


class Item(BaseModel):
    """A model with all that shapes a dump."""

    sku: str = Field(alias="SKU")
    at: datetime | None = None
    hidden: int = Field(default=1, exclude=True)
    other: Any = None

    @computed_field
    def size(self) -> int:
        """Return what is computed."""
        return len(self.sku)

    @field_serializer("at")
    def year(self, at: datetime | None) -> int | None:
        """Dump only the year."""
        return at.year if at else None


class Broken(BaseModel):
    """A model that cannot be dumped."""

    @computed_field
    def wrong(self) -> int:
        """Fail."""
        raise ZeroDivisionError("by design")


class Gift(Item):
    """A subclass."""

    note: str = "n"


PLAIN = [
    (None, None),
    (2**63 - 1, 2**63 - 1),
    (2**64, str(2**64)),
    ([nan, -inf, 1.5], [None, None, 1.5]),
    ({"$": 1, 2: 3, None: 4, Colour.RED: 5, date(2026, 1, 2): 6},
     {"$": 1, "2": 3, "null": 4, "[255,0,0]": 5, "2026-01-02": 6}),
    ((1, (2,)), [1, [2]]),
    ({3, 1, 2}, [1, 2, 3]),
    (frozenset({"b", 1}), ["b", 1]),
    (deque([1]), [1]),
    (OrderedDict(a=(1,)), {"a": [1]}),
    (Counter("aa"), {"a": 2}),
    (Decimal("1.50"), "1.50"),
    (datetime(2026, 1, 2, tzinfo=UTC), "2026-01-02T00:00:00Z"),
    (timedelta(days=1, seconds=2), "P1DT2S"),
    (Path("a/b"), "a/b"),
    (UUID(int=1), str(UUID(int=1))),
    (b"\xff\xfe", "__4="),
    (Fraction(1, 3), "1/3"),
    (complex(1, 2), "1+2j"),
    (range(10**30), [0, str(10**30), 1]),
    (Colour.RED, [255, 0, 0]),
    (Pair(Decimal(1), {2}), ["1", [2]]),
    (Line("a", Decimal(1)), {"sku": "a", "amount": "1"}),
    ([Gift(SKU="ab", at=datetime(2026, 1, 2, tzinfo=UTC), other=Line("a", Decimal(nan)))],
     [{"SKU": "ab", "at": 2026, "other": {"sku": "a", "amount": "NaN"}, "note": "n", "size": 2}]),
    (Item(SKU="a", other=[ValueError("v"), complex(1, 2), range(2)]),
     {"SKU": "a", "at": None, "size": 1,
      "other": [{"type": "ValueError", "message": "v"}, "1+2j", [0, 2, 1]]}),
    (Item(SKU="a", other=b"\xff"),
     {"SKU": "a", "at": None, "size": 1, "other": "_w=="}),
    (Line("a", [bytearray(b"\xff")]), {"sku": "a", "amount": ["_w=="]}),
    (KeyError("k"), {"type": "KeyError", "message": "'k'"}),
    (ValueError("\ud800"), {"type": "ValueError", "message": "?"}),
    (RecordedError("gone:A", "m"), {"type": "gone:A", "message": "m"}),
    (values.Unknown({"$": "gone:B", "x": {"y": 1}, "$unset": []}), {"x": {"y": 1}}),
]  # fmt: skip


@pytest.mark.parametrize(("value", "plain"), PLAIN, ids=[repr(value) for value, _ in PLAIN])
def test_what_others_get(value: Any, plain: Any) -> None:
    """JSON as pydantic would write it, without any tag."""
    found = values.plain(value)
    assert found == plain
    assert orjson.loads(orjson.dumps(found)) == plain


@pytest.mark.parametrize(
    ("value", "what"),
    [
        (
            [{"a": threading.Lock()}],
            "result[0]['a'] is of the type _thread.lock, which cannot be stored: make it in",
        ),
        (
            Item(SKU="a", other=threading.Lock()),
            "result['other'] is of the type _thread.lock, which cannot",
        ),
        ([Broken()], "result[0] has no JSON: by design"),
        (["\ud800"], "result[0] is text with half a surrogate pair"),
        ({"\ud800": 1}, "result['\\ud800'] is text with half a surrogate pair"),
        (Item(SKU="\ud800"), "result['SKU'] is text with half a surrogate pair"),
    ],
    ids=[
        "a lock",
        "a lock in a model",
        "a model that fails",
        "text",
        "text as a key",
        "text in a model",
    ],
)
def test_what_others_cannot_get(value: Any, what: str) -> None:
    """What has no JSON is refused with the way to it, as far as it is known."""
    with pytest.raises(ValueNotStorable) as caught:
        values.plain(value, name="result")
    assert str(caught.value).startswith(what)
