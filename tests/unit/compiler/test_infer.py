"""Which types the expressions of a workflow have."""

# ruff: noqa: ARG001, T201, UP037 - the sample is read, and never runs

from __future__ import annotations

import ast
from dataclasses import dataclass
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from vivido import map_each, parallel, step, workflow
from vivido.compiler.infer import of_value, types_of
from vivido.compiler.read import read
from vivido.compiler.types import UNKNOWN, describe

LIMITS = {"a": 1}


@dataclass
class Box:
    """Holds a number."""

    number: int
    names: list[str]


@step
def count(name: str) -> int:
    """A step."""
    return len(name)


def helper(name: str) -> Decimal:
    """A function."""
    return Decimal(name)


@workflow
def sample(
    n: int, x: float, text: str, boxes: list[Box], table: dict[str, int], any_: Any, opt: int | None
) -> None:
    """Variables of many types."""

    def inner(a: int, b: "str", *rest: int, **named: int) -> list[Box]:
        return boxes

    box = boxes[0]
    number = box.number
    grown = 1
    grown += x
    made = [1]
    either = 1 if n else "a"
    for name, value in table.items():
        print(name, value)
    first, *others = boxes
    declared: "list[int]" = any_
    odd: list[nowhere] = any_  # type: ignore[name-defined]  # noqa: F821
    wrong: "list[" = any_  # type: ignore[valid-type]  # noqa: F722
    try:
        count("x")
    except (ValueError, KeyError) as e:
        caught = e
    pair = (n, [text])
    print(
        parallel(n),
        map_each(count, []),
        inner,
        number,
        grown,
        made,
        either,
        first,
        others,
        declared,
        odd,
        wrong,
        caught,
        pair,
    )


UNIT = read(sample)
INFER = types_of(UNIT)
EXPRESSIONS = {
    "n": "int",
    "x": "float",
    "boxes": "list[Box]",
    "any_": "Any",
    "opt": "int | None",
    "n + 1": "int",
    "n / 2": "float",
    "n * x": "float",
    "-n": "int",
    "not n": "bool",
    "n ** 2": "int | float",
    "x ** 2": "Any",
    "'a' + text": "str",
    "'%s' % n": "str",
    "text * 2": "str",
    "[n] + [n]": "list[int]",
    "[n] + [text]": "list",
    "n + any_": "Any",
    "True + n": "int",
    "[1] * 2": "list[int]",
    "n + text": "Any",
    "n < 3": "bool",
    "n is None": "bool",
    "any_ < 3": "Any",
    "any_ in [1]": "bool",
    "f'{n}'": "str",
    "n and text": "int | str",
    "n if x else text": "int | str",
    "(y := n)": "int",
    "box.number": "int",
    "box.names[0]": "str",
    "box.names[1:]": "list[str]",
    "any_.x": "Any",
    "text[0]": "str",
    "table['a']": "int",
    "table.get('a')": "int | None",
    "table.get('a', 5)": "Any",
    "table.items()": "list[tuple[str, int]]",
    "table.keys()": "list[str]",
    "table.values()": "list[int]",
    "table.copy()": "dict[str, int]",
    "table.pop('a')": "int",
    "table.popitem()": "Any",
    "boxes.pop()": "Box",
    "boxes.copy()": "list[Box]",
    "text.upper()": "str",
    "text.split()": "list[str]",
    "text.nothing()": "Any",
    "any_.upper()": "Any",
    "box.__repr__()": "Any",
    "len(boxes)": "int",
    "str(n)": "str",
    "list(text)": "list[str]",
    "tuple(boxes)": "tuple[Box, ...]",
    "tuple(any_)": "tuple",
    "sorted(boxes)": "list[Box]",
    "set(text)": "set[str]",
    "dict(table)": "dict",
    "range(3)": "range",
    "min(n, x)": "int | float",
    "max(box.names)": "str",
    "sum([n])": "int",
    "sum([x])": "int | float",
    "sum(any_)": "Any",
    "abs(n)": "int",
    "enumerate(text)": "list[tuple[int, str]]",
    "zip(text, boxes)": "list[tuple[str, Box]]",
    "zip(*boxes)": "Any",
    "isinstance(n, int)": "bool",
    "Box(1, [])": "Box",
    "count(text)": "int",
    "helper(text)": "Decimal",
    "inner(1, 'a')": "list[Box]",
    "object()": "Any",
    "type(n)": "Any",
    "sample": "Any",
    "LIMITS": "dict[str, int]",
    "Box": "type[Box]",
    "len": "Any",
    "[n, text]": "list[int | str]",
    "[*boxes]": "list",
    "(n, text)": "tuple[int, str]",
    "(*boxes, n)": "tuple",
    "{n: text}": "dict[int, str]",
    "{**table}": "dict",
    "{n}": "set[int]",
    "[b.number for b in boxes]": "list[int]",
    "{b.number for b in boxes}": "set[int]",
    "{k: v for k, v in table.items()}": "dict[str, int]",
    "(b for b in boxes)": "Any",
    "parallel(count(text), n)": "tuple[int, int]",
    "parallel(*boxes)": "Any",
    "map_each(count, [text])": "list[int]",
    "map_each(lambda b: b, [1])": "list",
    "map_each(count, [text], on_error='collect')": "Any",
    "lambda: n": "Any",
    "number": "int",
    "grown": "Any",
    "made": "list",
    "either": "int | str",
    "name": "str",
    "value": "int",
    "first": "Box",
    "others": "list[Box]",
    "declared": "list[int]",
    "odd": "list[Any]",
    "wrong": "Any",
    "e": "ValueError | KeyError",
    "pair": "tuple[int, list]",
    "missing": "Any",
    "any_()": "Any",
    "(lambda: 1)()": "Any",
}


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_expressions(text: str) -> None:
    """Each has the type that its parts tell."""
    node = ast.parse(text, mode="eval").body
    assert describe(INFER.of(node, UNIT.scope)) == EXPRESSIONS[text]


@pytest.mark.parametrize(
    ("name", "text"), {"a": "int", "b": "str", "rest": "tuple", "named": "dict"}.items()
)
def test_parameters_of_nested_functions(name: str, text: str) -> None:
    """They are typed by their annotations, which are read as syntax."""
    assert describe(INFER.variable(name, UNIT.scope.nested["inner"])) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ([1], "list[int]"),
        ([], "list"),
        ({"a": 1}, "dict[str, int]"),
        ({}, "dict"),
        ((1, "a"), "tuple[int, str]"),
        ({1}, "set[int]"),
        (SimpleNamespace(), "SimpleNamespace"),
        ([SimpleNamespace(), 1], "list[SimpleNamespace | int]"),
    ],
)
def test_values_of_the_module(value: object, text: str) -> None:
    """What is there already has the type that it has."""
    assert describe(of_value(value)) == text


def test_a_variable_that_never_settles_is_unknown() -> None:
    """Going round ends."""

    @workflow
    def growing(n: int) -> None:
        grown = n
        for _ in range(3):
            grown = (grown, grown)
        print(grown)

    unit = read(growing)
    assert types_of(unit).variable("grown", unit.scope) == UNKNOWN
