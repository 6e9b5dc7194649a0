"""How is a stored definition read, and what is refused in which words?"""

import json
from typing import Any

import pytest

from vivido.errors import DefinitionError
from vivido.model import formats
from vivido.model.definition import DEEPEST, FORMAT, Block, Definition
from vivido.model.nodes import Return

MINIMAL = Definition(name="w", blocks={"main": Block(body=[Return(id="return")])})


def with_body(*body: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The JSON of a definition whose `main` has these nodes."""
    return {"format": FORMAT, "name": "w", "blocks": {"main": {"body": list(body)}}, **more}


def nested(levels: int, innermost: Any = None) -> dict[str, Any]:
    """A node with so many nodes around it."""
    node: dict[str, Any] = innermost or {"id": "return", "kind": "return"}
    for level in range(levels):
        node = {"id": f"saga_{level}", "kind": "saga", "body": [node]}
    return node


@pytest.mark.parametrize("text", [MINIMAL.canonical_json(), MINIMAL.canonical_json().encode()])
def test_what_was_written_is_read(text: str | bytes) -> None:
    """Text or bytes give the definition back."""
    assert formats.read(text) == MINIMAL


def test_a_newer_format_is_refused() -> None:
    """Nobody guesses what a later version may have meant: the sentence says what to do."""
    with pytest.raises(DefinitionError) as caught:
        formats.read_data(with_body(format=FORMAT + 1))
    assert str(caught.value) == (
        f"the definition 'w' has format {FORMAT + 1}, and this version reads up to {FORMAT}: "
        "upgrade vivido"
    )


@pytest.mark.parametrize("written", [None, 0, -1, True, "1", 1.5, [1]])
def test_a_format_is_a_number(written: object) -> None:
    """What names no format is not taken for the newest."""
    with pytest.raises(DefinitionError, match="the definition says format") as caught:
        formats.read_data(with_body(format=written))
    assert repr(written) in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the definition is not JSON: Expecting value"),
        (MINIMAL.canonical_json()[:-2], "it may have been cut off"),
        (b"\xff\xfe\x00", "the definition is not JSON"),
        ('{"format":1,"name":NaN}', "NaN is no JSON"),
        ("[" * 100_000, "the definition is not JSON: maximum recursion"),
        ("[1]", "a definition is a JSON object, and this is 'list'"),
        ("null", "a definition is a JSON object, and this is 'NoneType'"),
    ],
    ids=["empty", "cut", "bytes", "nan", "deep", "list", "null"],
)
def test_what_is_no_definition_at_all(text: str | bytes, message: str) -> None:
    """Whatever the bytes are, the error is the author's and says what they are."""
    with pytest.raises(DefinitionError, match=message):
        formats.read(text)


@pytest.mark.parametrize(
    ("node", "message"),
    [
        ({"id": "x", "kind": "zoo"}, "blocks.main.body.0: Input tag 'zoo'"),
        ({"id": "x", "kind": "step"}, r"blocks.main.body.0.step.step: Field required"),
        ({"id": "x", "kind": "break", "typo": 1}, r"break.typo: Extra inputs .* \(found 1\)"),
        ({"kind": "break"}, "blocks.main.body.0.break.id: Field required"),
        ("break", "blocks.main.body.0"),
    ],
    ids=["kind", "missing", "extra", "no id", "no object"],
)
def test_what_breaks_the_schema_says_where(node: Any, message: str) -> None:
    """The place in the tree, what was expected and what is there."""
    with pytest.raises(DefinitionError, match=message):
        formats.read_data(with_body(node))


def test_very_many_findings_are_cut() -> None:
    """The first few say enough: the others mostly follow from them."""
    with pytest.raises(DefinitionError) as caught:
        formats.read_data(with_body(*({"id": f"b{i}", "kind": "zoo"} for i in range(9))))
    lines = str(caught.value).splitlines()
    assert (len(lines), lines[-1]) == (7, "  … and 4 more")


def test_ids_are_unique() -> None:
    """Two nodes of one id would share their step path, and with it an idempotency key."""
    twice = {"id": "x", "kind": "break", "line": 7}
    with pytest.raises(DefinitionError) as caught:
        formats.read_data(with_body(nested(2, twice), twice))
    assert str(caught.value) == (
        "w: the id 'x' (line 7) is that of two nodes: ids are unique in a definition"
    )


@pytest.mark.parametrize(
    "name", ["", "a b", "a/b", "for[0]", "$branch", "fork#1", "x~y", "a\n", "\x1b", "\ud800"]
)
def test_ids_keep_step_paths_apart(name: str) -> None:
    """An id that looks like a part of a step path, or like a hidden variable, is refused."""
    with pytest.raises(DefinitionError, match="use letters, digits") as caught:
        formats.read_data(with_body({"id": name, "kind": "break"}))
    assert repr(name) in str(caught.value)


@pytest.mark.parametrize("name", ["charge", "for_2", "inner.charge", "größe", "ship-it", "注文"])
def test_ids_may_be_any_word(name: str) -> None:
    """As they come from Python names, in any language, and from connectors."""
    read = formats.read_data(with_body({"id": name, "kind": "break"}))
    assert read.main.body[0].id == name


def test_nesting_is_bounded() -> None:
    """What is read can be written: past the bound both are refused, whoever made it."""
    deepest = DEEPEST - 3  # the definition, the block and the innermost node are levels too
    fits = formats.read_data(with_body(nested(deepest)))
    assert formats.read(fits.canonical_json()) == fits
    for levels in (deepest + 1, 10 * DEEPEST):
        with pytest.raises(DefinitionError, match=f"nested deeper than {DEEPEST} levels"):
            formats.read_data(with_body(nested(levels)))


def test_deep_constants_are_written_as_they_are_read() -> None:
    """A constant may be as deep as the nodes."""
    deep: Any = 1
    for _ in range(2 * DEEPEST):
        deep = [deep]
    names = {"deep": {"kind": "constant", "value": deep}}
    read = formats.read_data(with_body(names=names))
    assert json.loads(read.canonical_json())["names"] == names


def test_older_formats_are_brought_up_to_date_one_by_one() -> None:
    """Each upgrade sees the format that it was written for, and the next one its result."""
    seen = []

    def upgrade(data: dict[str, Any]) -> dict[str, Any]:
        seen.append(data["format"])
        return {**data, "name": f"{data['name']}+"}

    table = dict.fromkeys(range(1, 4), upgrade)
    assert formats.upgraded({"format": 2, "name": "w"}, table, newest=4) == {
        "format": 4,
        "name": "w++",
    }
    assert seen == [2, 3]


def test_every_older_format_has_an_upgrade() -> None:
    """Readers of format N read every earlier one: a new format without a reader fails here."""
    assert sorted(formats.UPGRADES) == list(range(1, FORMAT))


def test_half_a_pair_of_surrogates_is_stored() -> None:
    """Python text may hold what UTF-8 cannot: it is escaped, and read back as it was."""
    odd = MINIMAL.model_copy(update={"doc": "a\ud800b\U0001f600"})
    assert formats.read(odd.canonical_json().encode()) == odd
    assert len(odd.digest) == 64
