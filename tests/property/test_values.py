"""Is decode(encode(x)) = x, exactly, for all that is storable and in any place?

Equality alone would not tell (``1 == True``, nan, the class of a time zone, `model_fields_set`), so
values are compared by their *traits*: everything that a program could see of them.
"""

import ipaddress
from collections import Counter, OrderedDict, defaultdict, deque, namedtuple
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum, Flag, IntEnum, IntFlag, StrEnum, auto
from fractions import Fraction
from functools import cached_property
from math import copysign, inf, isnan, nan
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath
from typing import Annotated, Any, Generic, NamedTuple, Optional, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson
import pydantic
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, RootModel, computed_field
from pydantic_core import TzInfo

from vivido import values
from vivido.errors import RecordedError, ValueNotStorable

# What authors write: classes of every kind.


class Colour(Enum):
    """An enum whose values are no JSON."""

    RED = (255, 0, 0)
    BLUE = (0, 0, 255)
    CRIMSON = (255, 0, 0)  # noqa: PIE796 - an alias


class Rank(IntEnum):
    """An enum of numbers."""

    LOW = 1
    HIGH = 2


class Size(StrEnum):
    """An enum of text."""

    S = auto()
    XL = auto()


class Access(Flag):
    """Flags, with a name for two of them."""

    READ = 1
    WRITE = 2
    BOTH = 3
    RUN = 4


class Bits(IntFlag):
    """Flags that keep bits without a name."""

    A = 1
    B = 2


Piped = Flag("Piped", {"a|b": 1, "c": 2})


class Pair(NamedTuple):
    """A typed named tuple with a default."""

    left: Decimal
    right: Any = None


Plain = namedtuple("Plain", "a b")  # noqa: PYI024 - the old kind must work too


class Pinned(Pair):
    """A subclass of a named tuple, which has attributes."""


@dataclass
class Point:
    """A dataclass with typed fields, one of which a caller does not give."""

    x: Decimal
    y: "Point | None" = None
    tags: list[str] = field(default_factory=list)
    sum: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        """Would add to the sum if decoding ran it."""
        self.sum += 1


@dataclass
class Point3(Point):
    """A subclass."""

    z: Any = 0


@dataclass(frozen=True, slots=True)
class Frozen:
    """A dataclass without a `__dict__` that refuses to be set."""

    when: datetime
    parts: tuple[Decimal, ...] = ()


class Thawed(Frozen):
    """A subclass of it that has a `__dict__`."""


@pydantic.dataclasses.dataclass
class Checked:
    """A dataclass of pydantic."""

    amount: Decimal
    items: list[Point] = field(default_factory=list)


T = TypeVar("T")


@dataclass
class Box(Generic[T]):
    """A generic dataclass; typing notes on its instances what they are."""

    content: T


class Item(BaseModel):
    """A model as most are."""

    sku: str
    price: Decimal = Decimal(0)


class Gift(Item):
    """A subclass, found in lists of the other."""

    note: str | None = None


class Order(BaseModel):
    """A model with one of everything."""

    model_config = ConfigDict(extra="allow", arbitrary_types_allowed=True)

    id: str = Field(alias="orderId")
    items: list[Item] = []
    by_day: dict[date, set[int]] = {}
    anything: Any = None
    either: int | str | Decimal | None = None
    size: Size = Size.S
    path: Path | None = None
    pair: tuple[Decimal, Item] | None = None
    parent: "Order | None" = None
    _secret: int = PrivateAttr(default=3)
    _later: Any = PrivateAttr()

    @computed_field
    def kind(self) -> str:
        """Return what is not stored."""
        return type(self).__name__

    @cached_property
    def total(self) -> Decimal:
        """Return what pydantic keeps among the fields."""
        return sum((item.price for item in self.items), Decimal(0))


class Doubled(BaseModel):
    """A model whose validator is not idempotent."""

    n: int

    @pydantic.field_validator("n")
    @classmethod
    def double(cls, n: int) -> int:
        """Double what comes in."""
        return n * 2


class Hidden(BaseModel):
    """A model that dumps less than it has, and refuses to be set."""

    model_config = ConfigDict(frozen=True)

    key: str = Field(exclude=True)
    at: datetime | None = None


class Page(BaseModel, Generic[T]):
    """A generic model."""

    rows: list[T]


class Rows(RootModel[list[Item]]):
    """A model around a list."""


class Noted(RootModel[int]):
    """A model around a number, with a private attribute."""

    _note: str = PrivateAttr(default="n")


class Name(str):  # noqa: SLOT000 - its attribute is the point
    """A subclass of text that holds an attribute."""

    origin: Any


class Stack(list[Any]):
    """A subclass of a list."""


class Bag(dict[str, Any]):
    """A subclass of a dict with slots."""

    __slots__ = ("owner",)


class Declined(Exception):
    """An exception whose arguments are not what it was made with."""

    def __init__(self, code: int, *, retry_after: timedelta) -> None:
        super().__init__(f"declined with {code}")
        self.code = code
        self.retry_after = retry_after


class Odd(OSError):
    """An exception that takes something else than its base does."""

    def __init__(self, *, path: Path) -> None:
        super().__init__(5, "odd", str(path))
        self.path = path


class Slotted(ValueError):
    """An exception with a slot and its own text."""

    __slots__ = ("detail",)

    detail: Any

    def __str__(self) -> str:
        """Show what is in the slot."""
        return f"<{self.detail}>"


# What a program could see of a value.


def traits(value: Any) -> Any:
    """Return all of a value as plain tuples and lists that compare by ``==``."""
    kind = type(value)
    for classes, content in CONTENT.items():
        if isinstance(value, classes):
            return (kind, content(value), state_of(value))
    if hasattr(kind, "__dataclass_fields__"):
        return (kind, state_of(value))  # not its repr, which stumbles over wrong types
    return (kind, repr(value), state_of(value))


def float_content(value: float) -> Any:
    """Return all digits and the sign of a float."""
    return "nan" if isnan(value) else (float.hex(value), copysign(1, value))


def error_content(error: BaseException) -> Any:
    """Return what every exception has, and what built-in ones have beside it."""
    names = ("errno", "strerror", "filename", "start", "end", "reason", "name", "value", "code")
    members = [(name, traits(getattr(error, name, None))) for name in names]
    return traits(error.args), members, traits(error.__cause__)


def mapping_content(value: Mapping[Any, Any]) -> Any:
    """Return the items of a mapping in their order, and what else it knows."""
    factory = getattr(value, "default_factory", None)
    return ([(traits(key), traits(item)) for key, item in value.items()], factory)


def series_content(value: Any) -> Any:
    """Return the items of a list or tuple, and the bound of a deque."""
    return [traits(item) for item in value], getattr(value, "maxlen", None)


CONTENT: Mapping[Any, Callable[[Any], Any]] = {
    (Enum, PurePath): repr,
    (float,): float_content,
    (complex,): lambda value: (float_content(value.real), float_content(value.imag)),
    (int,): hex,  # decimal text may be too long for Python
    (str,): str.__repr__,
    (bytes, bytearray): bytes,
    (BaseException,): error_content,
    (Mapping,): mapping_content,
    (set, frozenset): lambda value: sorted(map(repr, map(traits, value))),
    (list, tuple, deque): series_content,
    (BaseModel,): lambda _: None,
}


def state_of(value: Any) -> Any:
    """Return the attributes of a value, wherever they are kept."""
    if isinstance(value, Enum | PurePath | UUID | Fraction | ZoneInfo | ipaddress.IPv4Network):
        return None  # immutable, and their text says it all
    names = [name for base in type(value).__mro__ for name in getattr(base, "__slots__", ())]
    state = {name: getattr(value, name) for name in names if hasattr(value, name)}
    state.update(getattr(value, "__dict__", {}))
    not_state = {"__orig_class__", "total", "__dict__", "__weakref__", "__vivido_traceback__"}
    if not isinstance(value, BaseModel):  # where the order shows
        state = dict(sorted(state.items()))
    return [(name, traits(item)) for name, item in state.items() if name not in not_state]


# Values that are hard to keep, each for a reason.


def filled_order() -> Order:
    """Return a model with one of everything in it."""
    order = Order(
        orderId="o1",
        items=[Item(sku="a", price="1.50"), Gift(sku="b", note="hi")],
        by_day={"2026-01-02": [3, 1, 2]},
        anything=Gift(sku="c"),
        either="1",
        size="xl",
        path="a/b",
        pair=("2.50", Item(sku="d")),
        parent=Order(orderId="o0", surprise=Item(sku="e")),
    )
    order._secret = 4  # noqa: SLF001 - the state of a test's own class
    _ = order.total
    return order


def caused() -> Declined:
    """Return an exception with a cause, notes and a traceback."""
    try:
        try:
            {"there": 1}["missing"]
        except KeyError as cause:
            raise Declined(402, retry_after=timedelta(seconds=3)) from cause
    except Declined as error:
        error.add_note("first")
        error.add_note("second \ud800")
        caught = error
    return caught


def slotted() -> Slotted:
    """Return an exception whose text needs its slot."""
    error = Slotted("x")
    error.detail = Decimal("1.0")
    return error


def changed(value: Any, **attributes: Any) -> Any:
    """Return a value on which attributes were set, past what its class allows."""
    for name, item in attributes.items():
        object.__setattr__(value, name, item)
    return value


def without(value: Any, name: str) -> Any:
    """Return a value that lost an attribute."""
    delattr(value, name)
    return value


BERLIN = ZoneInfo("Europe/Berlin")

HARD: Mapping[str, Any] = {
    "an integer of 64 bits": 2**63 - 1,
    "one of more": 2**63,
    "a huge one": -(7**9999),
    "a bool among numbers": [1, True, 1.0, 0, False, -0.0],
    "not a number": nan,
    "infinities": [inf, -inf],
    "the smallest float": 5e-324,
    "text of every plane": "\x00 é \u2028 \U0001f600",
    "half a surrogate pair": "a\ud83dz",
    "both halves apart": ["\ud83d\ude00", "\udc00\ud800"],
    "a backslash that looks like one": "\\ud83d é",
    "bytes": b"\x00\xff",
    "a bytearray": bytearray(b"ab"),
    "a tuple in a list": [(1, (2,)), ()],
    "a set of text and numbers": {1, "1", (1, 2), frozenset({None})},
    "an empty set": set(),
    "a dict with the key of our tags": {"$": "decimal", "v": "1"},
    "the same, deeper": {"a": [{"$": 1}, {"$x": 2}]},
    "keys of all kinds": {1: "a", "1": "b", None: 3, (1, 2): 4, Colour.RED: 5, Decimal(2): 6},
    "a key with half a surrogate pair": {"\udfff": 1},
    "Decimal, with its digits": [Decimal("1.50"), Decimal("-0E+3"), Decimal("sNaN12")],
    "a moment with a zone": datetime(2026, 7, 1, 12, 30, 15, 7, tzinfo=BERLIN),
    "the second of two equal hours": datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN, fold=1),
    "UTC of Python, UTC of pydantic": [
        datetime(2026, 1, 1, tzinfo=UTC),
        datetime(2026, 1, 1, tzinfo=TzInfo(0)),
        datetime(2026, 1, 1, tzinfo=TzInfo(5400)),
        datetime(2026, 1, 1, tzinfo=ZoneInfo("UTC")),
    ],
    "an offset with a name": datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=2), "[x] é]")),
    "an offset with seconds": time(1, 2, 3, 4, tzinfo=timezone(-timedelta(hours=1, seconds=5))),
    "times": [time(0), time(23, 59, 59, 999999, fold=1), date.max],
    "a moment without a zone": datetime.min,  # noqa: DTZ901
    "lengths of time": [timedelta(0), timedelta(-1, 1, 1), timedelta.max, timedelta.min],
    "zones themselves": [BERLIN, UTC, timezone(timedelta(hours=1)), TzInfo(60)],
    "enums": [Colour.RED, Colour.CRIMSON, Rank.HIGH, Size.XL],
    "flags": [Access.READ, Access.BOTH, Access.BOTH | Access.RUN, Access(0), Bits.A | 8, Piped(3)],
    "a UUID": UUID(int=2**127),
    "paths": [Path("a/../b"), Path(), PurePosixPath("/x"), PureWindowsPath("c:\\x")],
    "a file name that is no UTF-8": Path("caf\udce9"),
    "ranges, fractions, complex": [range(1, 10, 3), Fraction(-1, 3), complex(nan, -0.0)],
    "a bounded deque": deque([1, (2,)], maxlen=3),
    "dicts of other classes": [
        OrderedDict([("b", 1), (2, {3})]),
        defaultdict(list, {"a": [1]}),
        Counter("aab"),
    ],
    "addresses": [ipaddress.ip_address("::1"), ipaddress.ip_network("10.0.0.0/8")],
    "URLs": [
        pydantic.HttpUrl("https://user@example.org/é?q=1"),
        pydantic.PostgresDsn("postgres://a:b@h1,h2/x"),
    ],
    "a named tuple": [Pair(Decimal(1)), Plain(1, b=Pair(Decimal("1.0"), {2}))],
    "a named tuple with an attribute": changed(Pinned(Decimal(1)), note=(1,)),
    "a dataclass that counts": changed(Point(Decimal("1.0"), Point(Decimal(2))), sum=5),
    "a subclass where its base is declared": Point(Decimal(1), Point3(Decimal(2), z={1})),
    "a dataclass with a wrong type in it": Point("1.0", ["no", "point"], ("t",)),  # type: ignore[arg-type]
    "a dataclass with one more attribute": changed(Point(Decimal(1)), extra=b"x"),
    "a frozen dataclass with slots": Frozen(datetime(2026, 1, 1, tzinfo=UTC), (Decimal(1), 2)),  # type: ignore[arg-type]
    "a subclass with a dict beside the slots": changed(Thawed(datetime.max), more=[1]),  # noqa: DTZ901
    "a dataclass of pydantic": Checked("1.50", [Point3(Decimal(1), z=1)]),  # type: ignore[arg-type]
    "a generic dataclass": Box[int](Decimal(1)),  # type: ignore[arg-type]
    "a model with everything": filled_order(),
    "a model without validation": Order.model_construct(  # type: ignore[call-arg]
        _fields_set={"id", "what"},
        id=3,
        items=({"$": 1},),
        either=Decimal("NaN"),
    ),
    "a model that lost a field": without(Item(sku="a"), "price"),
    "a validator that doubles": Doubled(n=2),
    "what is excluded from dumps": Hidden(key="k"),
    "a generic model": Page[Item](rows=[Item(sku="a"), Gift(sku="b")]),
    "a generic model of generics": Page[Page[dict[str, int | None]]](rows=[{"rows": [{"a": 1}]}]),
    "one of anything": Page[tuple[Any, ...]](rows=[(1, "a")]),
    "a model around a list": Rows([Gift(sku="a")]),
    "one with a private attribute": [Noted(3), Noted(4)],
    "text of a subclass": changed(Name("x\udc80"), origin=Decimal(1)),
    "a list and a dict of subclasses": [Stack([1, Stack()]), changed(Bag(a=1), owner={2})],
    "an exception with another signature": Declined(402, retry_after=timedelta(days=1)),
    "one with a cause and notes": caused(),
    "built-in ones": [KeyError("k"), ValueError(), StopIteration((1, 2)), SystemExit(3)],
    "one of the system": FileNotFoundError(2, "No such file", "caf\udce9"),
    "a subclass of it": Odd(path=Path("p")),
    "one about text": UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad"),
    "a group": ExceptionGroup("two", [KeyError(1), Declined(1, retry_after=timedelta(0))]),
    "one with a slot": slotted(),
    "one whose class is gone": RecordedError("gone:Error", "m", bases=["Exception"], args=[(1,)]),
}


@pytest.mark.parametrize("value", HARD.values(), ids=HARD.keys())
def test_hard_values_round_trip(value: Any) -> None:
    """Values that lose something elsewhere come back with everything, through text too."""
    expected = traits(value)
    assert traits(values.decode(values.encode(value))) == expected
    assert traits(values.loads(values.dumps(value))) == expected
    assert traits(values.copy(value)) == expected


@pytest.mark.parametrize(
    "error",
    [value for value in HARD.values() if isinstance(value, BaseException)],
    ids=lambda error: type(error).__name__,
)
def test_hard_exceptions_print_as_before(error: BaseException) -> None:
    """The text of an exception, and that of where it was raised, come back with it."""
    found = values.decode(values.encode(error))
    assert str(found) == str(error)
    assert repr(found) == repr(error)
    assert values.traceback_text(found) == values.traceback_text(error)


@pytest.mark.parametrize("value", HARD.values(), ids=HARD.keys())
def test_stored_data_is_stable(value: Any) -> None:
    """What was read is stored again as the same text, so that digests of equal values are equal."""
    data = values.encode(value)
    assert values.encode(values.decode(data)) == data
    assert values.digest(values.encode(values.copy(value))) == values.digest(data)


def by_pydantic(value: Any) -> Any:
    """Do with pydantic alone what the codec does: through JSON text and back."""
    adapter: pydantic.TypeAdapter[Any] = pydantic.TypeAdapter(type(value))
    return adapter.validate_json(adapter.dump_json(value, warnings=False))


LOST_BY_PYDANTIC = {
    "a generic dataclass",
    "a model that lost a field",
    "a model with everything",
    "a model without validation",
    "a dataclass of pydantic",
    "a dataclass that counts",
    "a dataclass with a wrong type in it",
    "a dataclass with one more attribute",
    "a frozen dataclass with slots",
    "a subclass with a dict beside the slots",
    "a generic model",
    "a model around a list",
    "a subclass where its base is declared",
    "a validator that doubles",
    "what is excluded from dumps",
}


def test_what_pydantic_alone_loses() -> None:
    """Dump and validate lose models and dataclasses: why the codec is not made of them."""
    lost = set()
    for name, value in HARD.items():
        if isinstance(value, BaseModel) or hasattr(value, "__dataclass_fields__"):
            try:
                kept = traits(by_pydantic(value)) == traits(value)
            except ValueError:
                kept = False
            if not kept:
                lost.add(name)
    assert lost == LOST_BY_PYDANTIC


# The same for values of every shape, made by Hypothesis.

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=8)
ZONES = st.one_of(
    st.none(),
    st.timezones(),
    st.just(UTC),
    st.builds(timezone, st.timedeltas(timedelta(hours=-23), timedelta(hours=23))),
    st.builds(timezone, st.just(timedelta(hours=2)), ANY_TEXT),
    st.builds(TzInfo, st.integers(-86_399, 86_399)),
)


def folded(moment: Any, fold: int) -> Any:
    """Return a moment, or its second occurrence."""
    return moment.replace(fold=fold)


MOMENTS = st.builds(folded, st.datetimes(timezones=ZONES), st.integers(0, 1))
TIMES = st.builds(folded, st.times(timezones=ZONES), st.integers(0, 1))
HASHABLE = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(-(2**200), 2**200),
    st.floats(allow_nan=False),
    ANY_TEXT,
    st.sampled_from(["$", "$$", "v", "$absent", "$private"]),
    st.binary(max_size=8),
    st.decimals(allow_nan=False),
    st.dates(),
    MOMENTS,
    TIMES,
    st.timedeltas(),
    st.uuids(),
    st.fractions(),
    st.ip_addresses(),
    st.sampled_from([*Colour, *Rank, *Size, *Access, *Bits, Access(0), Access.READ | Access.RUN]),
    ANY_TEXT.map(PurePosixPath),
    st.builds(range, st.integers(0, 9), st.integers(), st.integers(1)),
)
HASHABLE = st.recursive(
    HASHABLE,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(tuple),
        st.frozensets(inner, max_size=3),
        st.builds(Plain, inner, inner),
    ),
    max_leaves=4,
)


def holders(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Return what holds values: collections, models, dataclasses, exceptions, filled anyhow."""
    names = st.sampled_from(["a", "b", "_c", "$", "$set", "items"])
    return st.one_of(
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=3).map(tuple),
        st.lists(inner, max_size=3).map(Stack),
        st.builds(deque, st.lists(inner, max_size=3), st.none() | st.integers(0, 4)),
        st.sets(HASHABLE, max_size=3),
        st.dictionaries(ANY_TEXT, inner, max_size=3),
        st.dictionaries(names, inner, max_size=3),
        st.dictionaries(names, inner, max_size=3).map(Bag),
        st.dictionaries(HASHABLE, inner, max_size=3),
        st.dictionaries(HASHABLE, inner, max_size=3).map(OrderedDict),
        st.dictionaries(HASHABLE, inner, max_size=3).map(lambda items: defaultdict(set, items)),
        st.builds(Pair, inner, inner),
        st.builds(Point, inner, inner, inner),
        st.builds(Point3, inner, inner, inner, inner),
        st.builds(Frozen, inner, inner),
        st.builds(Box, inner),
        st.builds(
            made_order, st.dictionaries(st.sampled_from([*Order.model_fields]), inner), inner
        ),
        st.builds(Rows.model_construct, inner),
        st.builds(KeyError, inner, inner),
        st.builds(made_error, inner, inner),
    )


def made_order(fields: dict[str, Any], other: Any) -> Order:
    """Return a model with any values in its fields, beside them, and in its private attributes."""
    order = Order.model_construct(**fields, **{"more": other, "$": other})
    order._later = other  # noqa: SLF001 - the state of a test's own class
    return order


def made_error(argument: Any, attribute: Any) -> Declined:
    """Return an exception with any argument and attribute."""
    error = Declined(1, retry_after=attribute)
    error.args = (argument, attribute)
    error.__cause__ = ValueError(attribute)
    return error


SCALARS = st.one_of(
    HASHABLE,
    st.floats(),
    st.complex_numbers(),
    st.decimals(),
    st.binary(max_size=8).map(bytearray),
    st.sampled_from([name for name in HARD if name != "a huge one"]).map(lambda name: HARD[name]),
)
ANYTHING = st.recursive(SCALARS, holders, max_leaves=8)


@given(ANYTHING)
def test_any_value_round_trips(value: Any) -> None:
    """Whatever is storable comes back as it was, through JSON text too, and so does its copy."""
    expected = traits(value)
    assert traits(values.decode(values.encode(value))) == expected
    assert traits(values.loads(values.dumps(value))) == expected
    assert traits(values.copy(value)) == expected


@given(ANYTHING)
def test_any_value_is_stored_alike_again(value: Any) -> None:
    """Encoding, decoding and encoding again gives the same data."""
    data = unprinted(values.encode(value))
    assert unprinted(values.encode(values.decode(values.encode(value)))) == data
    assert unprinted(values.encode(values.copy(value))) == data


def unprinted(data: Any) -> Any:
    """Return data without the messages of errors, which show sets in whichever order they are."""
    if isinstance(data, list):
        return [unprinted(item) for item in data]
    if isinstance(data, dict):
        is_error = data.get("$") == "error"
        items = data.items()
        return {key: unprinted(item) for key, item in items if not (is_error and key == "message")}
    return data


@given(ANYTHING)
def test_any_value_has_a_plain_form(value: Any) -> None:
    """Whatever is storable has JSON for others too, but for text that no JSON can hold."""
    try:
        plain = values.plain(value)
    except ValueNotStorable as refused:
        assert "half a surrogate pair" in str(refused)  # noqa: PT017 - only where it is refused
    else:
        assert orjson.loads(orjson.dumps(plain)) == plain


TYPES = st.recursive(
    st.sampled_from(
        [
            *(Any, None, object, int, str, float, bool, bytes, Decimal, datetime, time, UUID, list),
            *(
                dict,
                tuple,
                set,
                Path,
                Colour,
                Access,
                Point,
                Frozen,
                Pair,
                Item,
                Order,
                Rows,
                Stack,
            ),
            *(Plain, BaseModel, Sequence, Callable, "no_type", T, Exception, Page[Item]),
        ]
    ),
    lambda inner: st.one_of(
        inner.map(lambda item: list[item]),
        inner.map(lambda item: Sequence[item]),
        inner.map(lambda item: set[item]),
        inner.map(lambda item: frozenset[item]),
        inner.map(lambda item: tuple[item, ...]),
        st.builds(lambda key, item: dict[key, item], inner, inner),
        st.builds(lambda key, item: Mapping[key, item], inner, inner),
        st.builds(lambda one, two: tuple[one, two], inner, inner),
        inner.map(lambda item: Optional[item]),  # noqa: UP045 - the other fails for text
        st.builds(lambda one: one | Decimal, st.sampled_from([int, str, Item, Colour])),
    ),
    max_leaves=4,
)
TYPES |= st.one_of(
    TYPES.map(lambda item: Annotated[item, ["not hashable"]]),
    TYPES.map(lambda item: dict[tuple[Annotated[item, ["not hashable"]]], item]),
)


@given(TYPES, ANYTHING)
def test_a_declared_type_never_misleads(declared: Any, value: Any) -> None:
    """In a place of any declared type, right or wrong, every value comes back as it was."""
    expected = traits(value)
    assert traits(values.decode(values.encode(value, declared), declared)) == expected
    assert traits(values.loads(values.dumps(value, declared), declared)) == expected


FITTING: Sequence[tuple[Any, st.SearchStrategy[Any]]] = [
    (list[Decimal], st.lists(st.decimals() | ANYTHING, max_size=3)),
    (list[str], st.lists(ANY_TEXT | ANYTHING, max_size=3)),
    (list[Item], st.lists(st.builds(Item, sku=ANY_TEXT) | ANYTHING, max_size=3)),
    (dict[str, Decimal], st.dictionaries(ANY_TEXT, st.decimals() | ANYTHING, max_size=3)),
    (dict[date, Item], st.dictionaries(HASHABLE | st.dates(), ANYTHING, max_size=3)),
    (dict[int, Colour], st.dictionaries(st.integers(), st.sampled_from(Colour), max_size=3)),
    (set[Decimal], st.sets(st.decimals(allow_nan=False) | HASHABLE, max_size=3)),
    (tuple[Decimal, Item], st.tuples(st.decimals() | ANYTHING, ANYTHING)),
    (tuple[Pair, ...], st.lists(st.builds(Pair, ANYTHING, ANYTHING), max_size=2).map(tuple)),
]


@pytest.mark.parametrize(
    ("declared", "fitting"), FITTING, ids=[str(declared) for declared, _ in FITTING]
)
@given(data=st.data())
@settings(max_examples=30)
def test_a_declared_collection_keeps_what_fits_and_what_does_not(
    declared: Any, fitting: st.SearchStrategy[Any], data: st.DataObject
) -> None:
    """A collection with items of the declared type, and some of another, comes back as it was."""
    value = data.draw(fitting)
    assert traits(values.decode(values.encode(value, declared), declared)) == traits(value)


# Copies share nothing that can change; neither does data with the value.


def mutable_parts(value: Any, found: dict[int, Any]) -> dict[int, Any]:
    """Collect all objects inside a value that can be changed, by identity."""
    kind = type(value)
    if id(value) in found or isinstance(
        value, Enum | Path | str | int | float | bytes | type(None)
    ):
        return found
    if isinstance(value, list | dict | set | deque | bytearray | BaseException | BaseModel | Point):
        found[id(value)] = value
    if isinstance(value, Mapping):
        for key, item in value.items():
            mutable_parts(key, found)
            mutable_parts(item, found)
    elif isinstance(value, list | tuple | set | frozenset | deque):
        for item in value:
            mutable_parts(item, found)
    if isinstance(value, BaseException):
        mutable_parts(value.args, found)
    if isinstance(value, BaseModel | BaseException) or hasattr(kind, "__dataclass_fields__"):
        for part in state_parts(value):
            mutable_parts(part, found)
    return found


def state_parts(value: Any) -> list[Any]:
    """Return the attributes of an object."""
    names = [name for base in type(value).__mro__ for name in getattr(base, "__slots__", ())]
    slots = [getattr(value, name) for name in names if name != "__dict__" and hasattr(value, name)]
    return [*getattr(value, "__dict__", {}).values(), *slots]


@given(ANYTHING)
def test_copies_are_independent(value: Any) -> None:
    """No part of a copy that can change is a part of the original, nor of what decode gives."""
    parts = mutable_parts(value, {})
    assert parts.keys() & mutable_parts(values.copy(value), {}).keys() == set()
    data = values.encode(value)
    kept = orjson.dumps(data)
    first, second = values.decode(data), values.decode(data)
    assert mutable_parts(first, {}).keys() & mutable_parts(second, {}).keys() == set()
    assert mutable_parts(first, {}).keys() & mutable_parts(data, {}).keys() == set()
    assert orjson.dumps(data) == kept
