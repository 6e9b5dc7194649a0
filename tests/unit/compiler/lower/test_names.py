"""What do a definition's tables hold: by which name, and where is it found again?"""

from __future__ import annotations

import datetime as dt
import json
import math
import sys
from datetime import timedelta
from decimal import Decimal
from enum import Enum
from math import floor, sqrt
from random import randint
from types import ModuleType
from typing import Any

import pytest

from vivido import pure, step, values, workflow
from vivido.compiler import compile_workflow
from vivido.compiler.lower.names import Table, binding
from vivido.model.definition import Binding


class Kind(Enum):
    """An enum of the module."""

    A = "a"


def impure(x: int) -> int:
    """Be a function of the module."""
    return x


double = lambda x: x * 2  # noqa: E731  people write it
impure_too = impure
RATE, LIMIT, OTHER = Decimal("1.10"), 3, 3


@pure
def known(x: int) -> int:
    """Be a pure function of the module."""
    return x


def place(name: str) -> str:
    """A name of this module."""
    return f"{__name__}:{name}"


@pytest.fixture(autouse=True)
def importable() -> None:
    """Tests are no modules that can be imported; this one is found under its name."""
    sys.modules.setdefault(__name__, ModuleType(__name__)).__dict__.update(globals())


@pytest.mark.parametrize(
    ("value", "written", "expected"),
    [
        (Kind, "Kind", Binding(kind="class", ref=place("Kind"))),
        (timedelta, "timedelta", Binding(kind="class", ref="datetime:timedelta")),
        (math, "math", Binding(kind="module", ref="math")),
        (dt, "dt", Binding(kind="module", ref="datetime")),
        (sqrt, "sqrt", Binding(kind="function", ref="math:sqrt", pure=False)),
        (impure, "impure", Binding(kind="function", ref=place("impure"), pure=False)),
        (impure_too, "impure_too", Binding(kind="function", ref=place("impure"), pure=False)),
        (known, "known", Binding(kind="function", ref=place("known"))),
        (double, "double", Binding(kind="function", ref=place("double"), pure=False)),
        (randint, "randint", Binding(kind="function", ref=place("randint"), pure=False)),
        (RATE, "RATE", Binding(kind="constant", value=values.encode(RATE))),
        ((1, 2), "PAIR", Binding(kind="constant", value=values.encode((1, 2)))),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_bindings_are_found_again(value: Any, written: str, expected: Binding) -> None:
    """A constant is kept by value; all else says where it is, as itself or as the workflow does."""
    assert binding(value, place(written)) == expected


def test_local_functions_say_who_they_are() -> None:
    """What can be found nowhere is named all the same: whoever runs the definition looks for it."""

    def local() -> None:
        pass

    assert binding(local, place("local")) == Binding(
        kind="function",
        ref=f"{__name__}:test_local_functions_say_who_they_are.<locals>.local",
        pure=False,
    )


def test_two_things_of_one_name() -> None:
    """The second one gets a number, and keeps it."""
    table = Table(taken={"taken"})
    first, second = object(), object()
    names = [table.enter(*each) for each in [("a", first), ("a", second), ("a", first)]]
    assert names == ["a", "a_2", "a"]
    assert table.enter("a", second) == "a_2"
    assert table.enter("b", first) == "b"
    assert table.enter("taken", first) == "taken_2"


def test_tables_of_a_definition() -> None:
    """Constants go by the names they are written with; steps bring their compensations."""

    @step
    def undo(x: int) -> None: ...

    @step(compensate=undo)
    def act(x: int) -> int:
        return x

    @workflow
    def child(x: int) -> int:
        return act(x)

    @workflow
    def parent(x: int) -> object:
        act(LIMIT + OTHER)
        return child(x), RATE, Kind.A, json.dumps({}), floor(sqrt(x)), len([x])

    definition = compile_workflow(parent)
    assert list(definition.names) == ["Kind", "LIMIT", "OTHER", "RATE", "floor", "json", "sqrt"]
    assert {name: spec.compensate for name, spec in definition.steps.items()} == {
        "act": "undo",
        "undo": None,
    }
    assert list(definition.workflows) == ["child"]
