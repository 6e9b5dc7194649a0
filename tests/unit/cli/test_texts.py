"""Are times, durations and values short and clear?"""

import json
from datetime import UTC, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vivido import values
from vivido.cli import texts
from vivido.cli.console import json_text
from vivido.visible import visible


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (-1, "0.00 s"),
        (0, "0.00 s"),
        (0.04, "0.04 s"),
        (0.0949, "0.09 s"),
        (0.095, "0.1 s"),
        (3.24, "3.2 s"),
        (9.94, "9.9 s"),
        (9.95, "10 s"),
        (59.4, "59 s"),
        (59.6, "1 min"),
        (125, "2 min 5 s"),
        (3_600, "1 h"),
        (3_780, "1 h 3 min"),
        (86_400 * 2 + 4 * 3_600, "2 d 4 h"),
    ],
)
def test_durations_are_read_at_a_glance(seconds: float, expected: str) -> None:
    """Two numbers at most, finer where it is short."""
    assert texts.took(seconds) == expected


def test_a_moment_has_its_date_on_other_days() -> None:
    """Days are those of the reader's zone."""
    noon = 1_767_265_200.0  # 2026-01-01 11:00 UTC
    assert texts.moment(noon, noon, UTC) == "11:00:00"
    assert texts.moment(noon, noon + 86_400, UTC) == "2026-01-01 11:00:00"
    far = timezone(timedelta(hours=14))
    assert texts.moment(noon, noon + 3_600, far) == "01:00:00"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, "null"),
        ({"a": [1, 2]}, '{"a":[1,2]}'),
        ({3}, "[3]"),
        ("x" * 100, '"' + "x" * 70 + "…"),
        (float("nan"), "null"),
    ],
)
def test_a_value_is_one_short_line(value: Any, expected: str) -> None:
    """Without the tags of the store, cut where it is long."""
    assert texts.brief(values.encode(value)) == expected


def test_what_cannot_be_read_is_shown_as_stored() -> None:
    """Data of a class that refuses it now must not hide all the rest."""
    assert texts.plain({"$": "decimal", "v": "no number"}) == {"$": "decimal", "v": "no number"}


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (KeyError("k"), "KeyError: 'k'"),
        (ValueError(), "ValueError"),
    ],
)
def test_an_error_is_its_class_and_message(error: Exception, expected: str) -> None:
    """The module is for the curious."""
    assert texts.error(values.encode(error)) == expected
    assert texts.error({"type": "shop:Cards.Declined", "message": "no"}) == "Declined: no"


TEXT = st.text(st.characters(exclude_categories=["Cs"]))


@given(st.recursive(TEXT | st.integers(-9, 9), lambda inner: st.lists(inner, max_size=3)))
def test_json_keeps_its_value_and_can_be_seen(value: Any) -> None:
    """What cannot be seen is escaped in JSON's own way."""
    text = json_text(value)
    assert json.loads(text) == value
    assert visible(text) == text
