"""Arguments are bound as Python would, from whatever form they arrive in."""

import ast
import enum
import typing
from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, NewType, Optional, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from vivido import step, workflow
from vivido.authoring.interface import NO_TEXT, Interface, text
from vivido.authoring.spelling import written


def nothing() -> Any:
    """Take nothing."""
    return ()


def plain(a: int, b: int = 2) -> Any:
    """Take two, one with a default."""
    return a, b


def keywords(a: int, *, b: int, c: int = 3) -> Any:
    """Take keywords."""
    return a, b, c


def positional(a: int, b: int = 2, /, c: int = 3) -> Any:
    """Take positional ones."""
    return a, b, c


def everything(a: int, /, b: int, c: int = 3, *more: int, d: int = 4, **rest: int) -> Any:
    """Take all kinds."""
    return a, b, c, more, d, rest


def gathered(*more: int, **rest: int) -> Any:
    """Take whatever comes."""
    return more, rest


FUNCTIONS: list[Callable[..., Any]] = [
    nothing, plain, keywords, positional, everything, gathered,
]  # fmt: skip


def outcome(function: Callable[..., Any], args: Any, kwargs: Any) -> Any:
    """Return what a call gives, or the class of what it raises."""
    try:
        return function(*args, **kwargs)
    except TypeError:
        return TypeError


def table(
    function: Callable[..., Any],
    positional: tuple[int, ...],
    starred: tuple[int, ...] | None,
    named: Mapping[str, int],
    double: Mapping[str, int] | None,
) -> dict[str, Any] | None:
    """Write ``f(positional…, *starred, named…, **double)`` as a table; None where it cannot be."""
    names = [
        name
        for name, parameter in Interface(function, {}).parameters.items()
        if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD)
    ]
    if len(positional) > len(names) or set(names[: len(positional)]) & named.keys():
        return None
    made: dict[str, Any] = dict(zip(names, positional, strict=False))
    if starred is not None:
        made["*"] = starred
    made.update(named)
    if double is not None:
        made["**"] = double
    return made


NUMBERS = st.lists(st.integers(0, 9), max_size=4).map(tuple)
NAMED = st.dictionaries(st.sampled_from("bcdx"), st.integers(0, 9), max_size=3)


@given(st.sampled_from(FUNCTIONS), NUMBERS, st.none() | NUMBERS, NAMED, st.none() | NAMED)
def test_table_binds_as_python_does(
    function: Callable[..., Any],
    positional: tuple[int, ...],
    starred: tuple[int, ...] | None,
    named: dict[str, int],
    double: dict[str, int] | None,
) -> None:
    """A table gives the value of the call it was made from, or a TypeError where that has one."""
    args = table(function, positional, starred, named, double)
    if args is None:
        return
    clash = named.keys() & (double or {}).keys()
    expected = (
        TypeError
        if clash
        else outcome(function, (*positional, *(starred or ())), {**named, **(double or {})})
    )
    interface = Interface(function, {})
    try:
        call = interface.prepare(args)
    except TypeError:
        actual: Any = TypeError
    else:
        actual = outcome(function, call.args, call.kwargs)
    assert actual == expected


def test_given_twice() -> None:
    """A name given by itself and by unpacking is given twice."""
    with pytest.raises(TypeError, match=r"plain\(\) got multiple values for argument 'a'"):
        step(plain).prepare({"a": 1, "**": {"a": 2}})
    with pytest.raises(
        TypeError, match=r"nothing\(\) got multiple values for keyword argument 'a'"
    ):
        step(nothing).prepare({"a": 1, "**": {"a": 2}})


@pytest.mark.parametrize(
    ("function", "args", "expected"),
    [
        (nothing, {}, {}),
        (plain, {"a": 1}, {"a": 1, "b": 2}),
        (plain, {"*": [1, 5]}, {"a": 1, "b": 5}),
        (positional, {"a": 1, "c": 5}, {"a": 1, "b": 2, "c": 5}),
        (gathered, {"x": 1}, {"more": (), "rest": {"x": 1}}),
        (
            everything,
            {"a": 1, "b": 2, "c": 5, "*": [6], "d": 7, "**": {"x": 8}},
            {"a": 1, "b": 2, "c": 5, "more": (6,), "d": 7, "rest": {"x": 8}},
        ),
    ],
)
def test_variables_of_a_child(
    function: Callable[..., Any], args: dict[str, Any], expected: dict[str, Any]
) -> None:
    """A child execution begins with a value for each of its parameters."""
    assert workflow(function).prepare(args) == expected


class Colour(enum.Enum):
    """An enum."""

    RED = 1


class Size(BaseModel):
    """A model."""

    n: int


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, "None"),
        (1.5, "1.5"),
        ("it's", '"it\'s"'),
        ([1, "a"], "[1, 'a']"),
        ({"b", "a"}, "{'a', 'b'}"),
        (frozenset("ba"), "frozenset({'a', 'b'})"),
        (set(), "set()"),
        (Colour.RED, "Colour.RED"),
        (Decimal("1.50"), "Decimal('1.50')"),
        (timedelta(days=1), "datetime.timedelta(days=1)"),
        (Size(n=1), "Size(n=1)"),
        (int, "int"),
        (object(), NO_TEXT),
        (print, NO_TEXT),
        (float("nan"), "nan"),
    ],
    ids=repr,
)
def test_default_as_text(value: object, expected: str) -> None:
    """A default is written as an expression, always the same, or not at all."""
    assert text(value) == expected
    assert ast.parse(expected, mode="eval") is not None


def test_deep_default() -> None:
    """A default that is nested too deeply for an expression has no text."""
    deep: list[Any] = []
    for _ in range(300):
        deep = [deep]
    assert text(deep) == NO_TEXT


def test_annotations_as_text() -> None:
    """Annotations read as they were written, without module names."""

    class Local:
        """A class of a function."""

    def work(  # type: ignore[no-untyped-def]
        a: "Size",
        b: Size,
        c: list[Size] | None,
        d: Optional[Local],  # noqa: UP045  written so by some
        e: dict[str, Any],
        f: Path,
        g=1,
    ) -> None:
        """Do nothing."""

    assert [param.type for param in step(work).spec().params] == [
        "Size",
        "Size",
        "list[Size] | None",
        "Local | None",
        "dict[str, Any]",
        "Path",
        None,
    ]


@pytest.mark.parametrize(
    ("hint", "expected"),
    [
        (None, "None"),
        (Colour, "Colour"),
        (tuple[int, ...], "tuple[int, ...]"),
        (tuple[()], "tuple[()]"),
        (Callable[[int, Size], None], "Callable[[int, Size], None]"),
        (Callable[..., Any], "Callable[..., Any]"),
        (typing.List["Size"], "list[Size]"),  # noqa: UP006  written so by some
        (Literal["a.b", 1], "Literal['a.b', 1]"),
        (Annotated[int, Field(gt=0), print], "int"),
        (NewType("Sku", str), "Sku"),
        (TypeVar("T"), "T"),
        (object(), "object"),
    ],
    ids=repr,
)
def test_type_as_text(hint: object, expected: str) -> None:
    """A type is written by its name, without its module."""
    assert written(hint) == expected


class Unschemed:
    """A class that pydantic knows nothing of."""


class Noisy(BaseModel):
    """A model whose default JSON has no word for."""

    what: Any = Field(default=print)


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        (int, {"type": "integer"}),
        (list[int], {"items": {"type": "integer"}, "type": "array"}),
        (Any, None),
        (Unschemed, None),
        (list[Unschemed], None),
        ("Nowhere", None),
        ("not an annotation", None),
        (Callable[[int], int], None),
        (Noisy, {
            "description": "A model whose default JSON has no word for.",
            "properties": {"what": {"title": "What"}}, "title": "Noisy", "type": "object",
        }),
    ],
    ids=repr,
)  # fmt: skip
def test_schema(annotation: object, expected: object) -> None:
    """There is a JSON Schema where pydantic can make one, without a warning, and else none."""

    def work(a: Any) -> Any:
        """Do nothing."""
        return a

    work.__annotations__.update({"a": annotation, "return": annotation})
    spec = step(work).spec()
    assert (spec.params[0].json_schema, spec.returns.json_schema) == (expected, expected)


def test_schema_of_what_goes_in_and_what_comes_out() -> None:
    """A default makes a field optional on the way in, and certain on the way out."""

    class Field(BaseModel):
        n: Decimal = Decimal(1)

    @step
    def work(a: Field) -> Field:
        """Do nothing."""
        return a

    spec = work.spec()
    assert spec.params[0].json_schema is not None
    assert spec.returns.json_schema is not None
    assert spec.params[0].json_schema["properties"]["n"]["anyOf"][0] == {"type": "number"}
    assert spec.returns.json_schema["properties"]["n"]["type"] == "string"
