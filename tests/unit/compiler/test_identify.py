"""Do ids stay put? They come from names, and from the place among equals."""

from __future__ import annotations

import pytest

from vivido.compiler.identify import number, word
from vivido.errors import InvariantError
from vivido.model.definition import Block
from vivido.model.nodes import (
    Branch,
    Call,
    Case,
    If,
    Match,
    Node,
    Parallel,
    Return,
    Set,
    Sleep,
    Step,
)


def step(name: str) -> Step:
    """A step node without an id."""
    return Step(id="", step=name)


def ids(body: list[Node], others: dict[str, Block] | None = None) -> list[str]:
    """The ids of all nodes of the main block, inner ones behind the one around them."""
    blocks = number({"main": Block(body=body), **(others or {})})
    found: list[str] = []

    def search(part: object) -> None:
        if isinstance(part, list):
            for item in part:
                search(item)
        elif hasattr(part, "id"):
            found.append(part.id)
        for name in type(part).model_fields if hasattr(type(part), "model_fields") else ():
            value = getattr(part, name)
            if isinstance(value, list | Branch):
                search(value)

    for block in blocks.values():
        search(block.body)
    return found


def test_names_and_places() -> None:
    """A step lends its name, an assignment its variable, all else its kind; equals are numbered."""
    body: list[Node] = [
        step("charge"),
        Set(id="", to="total", value="1"),
        step("charge"),
        Set(id="", to="_temporary", value="1"),
        Set(id="", to="d[k]", value="1"),
        Call(id="", block="helper"),
        Sleep(id="", args={}),
        Return(id=""),
    ]
    assert ids(body) == [
        "charge",
        "set_total",
        "charge_2",
        "set_temporary",
        "set",
        "helper",
        "sleep",
        "return",
    ]


def test_inserting_elsewhere_changes_nothing() -> None:
    """A new node takes no id from others, unless it stands before an equal."""
    before = ids([step("a"), If(id="", test="x", then=[step("b")]), step("c")])
    after = ids([step("new"), step("a"), If(id="", test="x", then=[step("b")]), step("c")])
    assert before == ["a", "if", "b", "c"]
    assert after == ["new", *before]


def test_a_name_with_a_number_is_no_clash() -> None:
    """A step that is called as a numbered one would be gets the next free number."""
    assert ids([step("a"), step("a_2"), step("a")]) == ["a", "a_2", "a_3"]


def test_what_is_no_node() -> None:
    """Only nodes have names."""
    with pytest.raises(InvariantError, match="is no node"):
        word(Branch())


def test_bodies_of_all_kinds_are_numbered() -> None:
    """Cases, branches and blocks have ids in them; those of a block have its name in front."""
    body: list[Node] = [
        Match(id="", subject="x", cases=[Case(pattern="1", body=[step("a")])]),
        Parallel(id="", branches=[Branch(body=[step("a")]), Branch(value="1")]),
    ]
    others = {"helper": Block(within="main", body=[step("a"), Return(id="")])}
    assert ids(body, others) == [
        "match",
        "a",
        "parallel",
        "a_2",
        "helper.a",
        "helper.return",
    ]
