"""Which values leave a record for the blob store, and does nothing else change?"""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vivido.model.payloads import (
    MESSAGE,
    META,
    PREVIEW,
    RECORD,
    Blobs,
    Bounds,
    TooLarge,
    is_reference,
    lighten,
    places,
    reference_to,
    references,
)

BOUNDS = Bounds(value=100, total=300, most=10_000)
VALUES = st.one_of(
    st.none(),
    st.integers(0, 10**9),
    st.text(max_size=200),
    st.lists(st.text(max_size=30), max_size=12),
)
NAMED = st.dictionaries(st.sampled_from("abcd"), VALUES, max_size=4)
STACKS = st.lists(st.fixed_dictionaries({"step": st.just("undo"), "args": NAMED}), max_size=2)
STATES = st.fixed_dictionaries(
    {"at": st.just(["x"]), "vars": NAMED},
    optional={"stack": STACKS, "shown": NAMED, "wait": st.fixed_dictionaries({"items": NAMED})},
)
RECORDS = st.fixed_dictionaries(
    {"at": st.just(["x"])},
    optional={
        "result": VALUES,
        "vars": NAMED,
        "more": st.dictionaries(st.sampled_from("ef"), st.lists(VALUES, max_size=3), max_size=2),
        "push": STACKS,
        "end": st.fixed_dictionaries({"status": st.just("ok"), "value": VALUES}),
        "state": STATES,
    },
)


def restored(data, texts):
    """The data with each reference replaced by what its text says."""
    if is_reference(data):
        return orjson.loads(texts[data["sha256"]])
    if isinstance(data, dict):
        return {name: restored(value, texts) for name, value in data.items()}
    return [restored(value, texts) for value in data] if isinstance(data, list) else data


@given(RECORDS)
def test_nothing_is_lost_and_what_stays_is_small(data):
    """References and their texts give back the same data, which itself is left alone."""
    before, blobs = orjson.dumps(data), Blobs()
    lighter = lighten(data, RECORD, BOUNDS, blobs)
    inline = [
        len(orjson.dumps(value))
        for _, value in places(lighter, RECORD)
        if not is_reference(value) and not isinstance(value, int | None)
    ]
    assert restored(lighter, blobs.texts) == data
    assert orjson.dumps(data) == before
    assert [size for size in inline if size > BOUNDS.value] == []
    assert sum(inline) <= BOUNDS.total
    assert references(lighter, RECORD) == set(blobs.texts)


@given(RECORDS)
def test_lightening_again_changes_nothing(data):
    """A reference is not stored again."""
    lighter = lighten(data, RECORD, BOUNDS, Blobs())
    again = Blobs()
    assert lighten(lighter, RECORD, BOUNDS, again) == lighter
    assert again.texts == {}


def test_what_is_small_is_the_same_object():
    """The path of nearly all records: nothing is copied."""
    data = {"result": [1, 2], "at": ["x"]}
    assert lighten(data, RECORD, BOUNDS, Blobs()) is data


def test_the_largest_go_first():
    """Of values that are too many together, the large ones leave."""
    data = {
        "vars": {
            name: name * size for name, size in zip("abcde", (30, 90, 60, 95, 80), strict=True)
        }
    }
    lighter = lighten(data, RECORD, BOUNDS, Blobs())
    assert [name for name, value in lighter["vars"].items() if is_reference(value)] == ["d"]


def test_one_value_in_several_places_is_one_blob():
    """A result that is a variable and an argument of its compensation is hashed once."""
    value = ["x" * 200]
    blobs = Blobs()
    data = {"result": value, "vars": {"a": value}, "push": [{"args": {"result": value}}]}
    lighter = lighten(data, RECORD, BOUNDS, blobs)
    assert len(blobs.texts) == 1
    assert lighter["result"] is lighter["vars"]["a"] is lighter["push"][0]["args"]["result"]


def test_messages_and_metas_have_their_places():
    """States, ends of children, inputs, outputs and errors can be large."""
    large = "x" * 200
    message = {"state": {"vars": {"a": large}}, "data": {"status": "ok", "value": large}}
    meta = {"input": {"a": large}, "output": large, "error": large}
    found = [
        len([place for place in places(lighten(data, shape, BOUNDS, Blobs()), shape)
             if is_reference(place[1])])
        for data, shape in ((message, MESSAGE), (meta, META))
    ]  # fmt: skip
    assert found == [2, 3]


def test_a_value_that_no_store_takes():
    """The error says which, how large it is, the bound, and what to do."""
    with pytest.raises(TooLarge) as caught:
        lighten({"vars": {"rows": "x" * 10_001}}, RECORD, BOUNDS, Blobs())
    assert str(caught.value) == (
        "rows takes 10,003 bytes as JSON, and 10,000 is the most that is stored: "
        "write it to a file or bucket and keep where it lies"
    )
    assert caught.value.path == ("vars", "rows")


def test_a_reference_says_what_it_refers_to():
    """Digest, size, and the beginning; of an exception its class and message."""
    value = ["é" * 50, "x" * 50]
    text = orjson.dumps(value)
    reference = reference_to(value, text)
    assert reference["size"] == len(text)
    assert reference["preview"] == text.decode()[:PREVIEW] + "…"
    error = {"$": "error", "type": "shop:Declined", "message": "over the limit"}
    assert reference_to(error, b"")["preview"] == "shop:Declined: over the limit"
