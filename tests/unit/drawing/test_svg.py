"""Is the figure whole, readable and harmless, whatever a definition says?"""

import re
import runpy
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vivido.drawing import dot, mermaid, svg
from vivido.model.definition import Definition

kinds: dict[str, Any] = runpy.run_path(str(Path(__file__).parent / "kinds.py"))
ALL: Definition = kinds["ALL"]
SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "</text><script>alert(1)</script> & \x1b[31m \x00 \u202e \ud800 \"'`"


def parsed(drawn: str) -> ET.Element:
    """Return the root of a drawing."""
    return ET.fromstring(drawn)  # noqa: S314  (we have just drawn it)


def ids(body: Any) -> list[str]:
    """Return the ids of all nodes of a definition's JSON, but for those that only log."""
    if isinstance(body, list):
        return [name for item in body for name in ids(item)]
    if not isinstance(body, dict):
        return []
    own = [body["id"]] if "id" in body and body.get("kind") != "log" else []
    return own + [name for value in body.values() for name in ids(value)]


def group(drawn: str, node: str) -> ET.Element:
    """Return the group of a node."""
    return next(e for e in parsed(drawn).iter(f"{SVG}g") if e.get("data-node") == node)


def test_each_node_can_be_pointed_at() -> None:
    """Every node is a group with its id; runs of what only computes bear the id of their first."""
    drawn = {e.get("data-node") for e in parsed(svg(ALL)).iter(f"{SVG}g")}
    hidden = {"if_3", "do", "publish"}  # an elif; the second and third of a run
    assert set(ids(ALL.as_json()["blocks"])) - hidden - drawn == set()


def test_each_node_knows_its_line() -> None:
    """A page can jump from the drawing to the source."""
    assert group(svg(ALL), "reserve").get("data-line") == "12"


def test_it_can_be_read_aloud() -> None:
    """It is one picture with a title and a description that screen readers find."""
    root = parsed(svg(ALL))
    named = {e.get("id"): e.text for e in root if e.tag in (f"{SVG}title", f"{SVG}desc")}
    labels = (root.get("aria-labelledby") or "").split()
    assert root.get("role") == "img"
    assert [named[label] for label in labels] == [
        "The workflow all_kinds",
        "Shows every kind of node",
    ]


def test_states_colour_nodes() -> None:
    """A node that an execution has gone through bears its state as a class, others do not."""
    drawn = svg(ALL, {"reserve": "done"})
    assert group(drawn, "reserve").get("class") == "vv-step vv-is-done"
    assert group(drawn, "g").get("class") == "vv-step"


def test_it_is_light_and_dark() -> None:
    """All colours are variables that have another value by night."""
    style = parsed(svg(ALL)).findtext(f"{SVG}style") or ""
    day, night = (dict(re.findall(r"(--vv-[\w-]+):(#\w+)", part)) for part in style.split("@media"))
    used = set(re.findall(r"var\((--vv-[\w-]+)\)", style))
    assert used - set(day) == set()
    assert [name for name in day if day[name] == night[name]] == []


def boxes(root: ET.Element, *styles: str) -> list[tuple[float, float, float, float]]:
    """Return x, y, right and bottom of the rectangles of some styles; of all without any."""
    places = []
    for rect in root.iter(f"{SVG}rect"):
        if not styles or rect.get("class") in styles:
            x, y, width, height = (float(rect.get(n) or 0) for n in ("x", "y", "width", "height"))
            places.append((x, y, x + width, y + height))
    return places


def test_all_of_it_is_inside_the_picture() -> None:
    """No box reaches over the edge."""
    root = parsed(svg(ALL))
    width, height = float(root.get("width") or 0), float(root.get("height") or 0)
    outside = [b for b in boxes(root) if b[0] < 0 or b[1] < 0 or b[2] > width or b[3] > height]
    assert outside == []


CARDS = ("vv-card", "vv-pill", "vv-question", "vv-quiet", "vv-undo")
LEAF = st.sampled_from(
    [
        {"kind": "step", "step": "reserve"},
        {"kind": "sleep", "args": {"days": "2"}},
        {"kind": "set", "to": "x", "value": "1"},
        {"kind": "return", "value": "x"},
    ]
)


def around(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Return nodes that hold bodies of `inner`."""
    body = st.lists(inner, max_size=3)
    return st.one_of(
        st.fixed_dictionaries(
            {"kind": st.just("if"), "test": st.just("x"), "then": body, "orelse": body}
        ),
        st.fixed_dictionaries(
            {"kind": st.just("for"), "to": st.just("x"), "items": st.just("xs"), "body": body}
        ),
        st.fixed_dictionaries(
            {
                "kind": st.just("try"),
                "body": body,
                "handlers": st.lists(st.fixed_dictionaries({"body": body}), max_size=3),
                "orelse": body,
                "final": body,
            }
        ),
        st.fixed_dictionaries(
            {
                "kind": st.just("parallel"),
                "branches": st.lists(st.fixed_dictionaries({"body": body}), min_size=1, max_size=3),
            }
        ),
        st.fixed_dictionaries({"kind": st.just("saga"), "body": body}),
    )


def numbered(body: Any, count: list[int]) -> Any:
    """Return the body with an id for each node."""
    if isinstance(body, list):
        return [numbered(item, count) for item in body]
    if not isinstance(body, dict):
        return body
    inside = {name: numbered(value, count) for name, value in body.items()}
    if "kind" not in body:
        return inside
    count[0] += 1
    return {"id": f"n{count[0]}", **inside}


BODIES = st.lists(st.recursive(LEAF, around, max_leaves=8), max_size=4)


@given(BODIES)
def test_cards_never_overlap(body: list[Any]) -> None:
    """However nodes are nested, no card covers another."""
    drawn = svg(kinds["definition"](*numbered(body, [0])))
    places = boxes(parsed(drawn), *CARDS)
    overlapping = [
        (one, other)
        for index, one in enumerate(places)
        for other in places[index + 1 :]
        if one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
    ]
    assert overlapping == []


@given(BODIES)
def test_networks_are_whole(body: list[Any]) -> None:
    """However nodes are nested, edges lead to what is there, and no box is empty."""
    chart = mermaid(kinds["definition"](*numbered(body, [0])))
    there = set(re.findall(r"^\s*(?:subgraph )?([nc]\d+)[\[({]", chart, re.MULTILINE))
    ends = re.findall(r"^  ([nc]\d+) -[.-]+>(?:\|.*\|)? ([nc]\d+)$", chart, re.MULTILINE)
    assert {end for pair in ends for end in pair} - there == set()
    assert re.findall(r"subgraph [^\n]*\n\s*end", chart) == []


@pytest.mark.parametrize("draw", [svg, mermaid, dot])
def test_hostile_text_stays_text(draw: Any) -> None:
    """What a definition says in names and texts is neither markup nor steers a terminal."""
    node = {"kind": "step", "id": "s", "step": HOSTILE, "doc": HOSTILE, "label": HOSTILE}
    drawn = draw(
        kinds["definition"](
            {**node, "args": {"x": HOSTILE}, "to": HOSTILE},
            {"kind": "return", "id": "r", "value": HOSTILE},
            name=HOSTILE,
            doc=HOSTILE,
        )
    )
    assert re.findall(r"[\x00-\x09\x0b-\x1f\u202e\ud800]", drawn) == []
    if draw is not dot:  # whose quoted strings have no markup
        assert "<script" not in drawn


def test_long_texts_are_cut_and_kept_whole_in_the_tooltip() -> None:
    """A card stays of a size to look at; all that there is to say is in its title."""
    long = "x" * 400
    node = {"kind": "step", "id": "s", "step": "s", "args": {"a": long}, "label": long}
    drawn = svg(kinds["definition"](node))
    assert float(parsed(drawn).get("width") or 0) < 400
    assert group(drawn, "s").findtext(f"{SVG}title") == f"s(a={long})"
