"""Are durations read as people mean them, and written in one way only?"""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vivido import durations


@pytest.mark.parametrize(
    ("given_", "seconds"),
    [
        ("30s", 30),
        ("2h", 7_200),
        ("1d", 86_400),
        ("1w", 604_800),
        ("1h30m", 5_400),
        ("1h 30m", 5_400),
        ("  5m ", 300),
        ("1d2h3m4s", 93_784),
        ("500ms", 0.5),
        ("1s500ms", 1.5),
        ("1.5h", 5_400),
        ("0s", 0),
        ("90m", 5_400),
        ("250us", 0.00025),
        (30, 30),
        (0, 0),
        (1.5, 1.5),
        (timedelta(days=2), 172_800),
    ],
)
def test_a_duration_is_read_as_people_mean_it(given_: Any, seconds: float) -> None:
    """Text, numbers of seconds and timedeltas name the duration that they seem to name."""
    assert durations.parse(given_) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("keywords", "expected"),
    [
        ({"days": 2}, timedelta(days=2)),
        ({"hours": 1, "minutes": 30}, timedelta(hours=1, minutes=30)),
        ({"weeks": 1, "days": 1}, timedelta(days=8)),
        ({"seconds": 0.25}, timedelta(milliseconds=250)),
        ({"milliseconds": 5}, timedelta(milliseconds=5)),
        ({"days": 1, "hours": -1}, timedelta(hours=23)),
    ],
)
def test_keywords_add_up(keywords: dict[str, float], expected: timedelta) -> None:
    """Keywords mean what they mean to timedelta."""
    assert durations.parse(**keywords) == expected


HOW = "write it like '30s', '2h', '1d', '1h30m' or '500ms'"


@pytest.mark.parametrize(
    ("given_", "message"),
    [
        ("", f"'' is no duration: {HOW}"),
        ("soon", f"'soon' is no duration: {HOW}"),
        ("30", f"'30' is no duration: {HOW}"),
        ("30 s", f"'30 s' is no duration: {HOW}"),
        ("-5s", f"'-5s' is no duration: {HOW}"),
        ("30m1h", f"'30m1h' is no duration: {HOW}"),
        ("1h1h", f"'1h1h' is no duration: {HOW}"),
        ("2H", f"'2H' is no duration: {HOW}"),
        ("٣s", f"'٣s' is no duration: {HOW}"),
        ("99999999999w", f"'99999999999w' is no duration that can be counted: {HOW}"),
        ("900000000d 99999999d 5h", f"'900000000d 99999999d 5h' is no duration: {HOW}"),
        ("999999999d24h", f"'999999999d24h' is no duration that can be counted: {HOW}"),
        (-1, "-1 is negative: a duration is zero or more"),
        (float("nan"), f"nan is no duration that can be counted: {HOW}"),
        (float("inf"), f"inf is no duration that can be counted: {HOW}"),
        (
            timedelta(seconds=-1),
            "datetime.timedelta(days=-1, seconds=86399) is negative: a duration is zero or more",
        ),
    ],
)
def test_what_names_no_duration_is_a_value_error(given_: Any, message: str) -> None:
    """The error quotes what was given and shows how to write one."""
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the whole message is compared
        durations.parse(given_)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("given_", "keywords", "message"),
    [
        (
            None,
            {},
            f"None is no duration: {HOW}, or give a timedelta or keywords such as hours=2",
        ),
        (
            True,
            {},
            f"True is no duration: {HOW}, or give a timedelta or keywords such as hours=2",
        ),
        ("1h", {"minutes": 2}, "a duration is given once: either '1h' or keywords, not both"),
        (
            None,
            {"years": 1},
            "a duration has no 'years': use weeks, days, hours, minutes, seconds, milliseconds",
        ),
        (None, {"days": "2"}, "days='2' is no number"),
        (None, {"days": False}, "days=False is no number"),
    ],
)
def test_the_wrong_kind_of_argument_is_a_type_error(
    given_: Any, keywords: dict[str, Any], message: str
) -> None:
    """The error names the argument and what would do instead."""
    with pytest.raises(TypeError) as caught:
        durations.parse(given_, **keywords)
    assert str(caught.value) == message


def test_keywords_that_end_below_zero_are_refused() -> None:
    """Keywords may subtract, but not below zero; too many of anything cannot be counted either."""
    with pytest.raises(ValueError, match=r"\{'days': 1, 'hours': -25\} is negative"):
        durations.parse(days=1, hours=-25)
    with pytest.raises(ValueError, match="is no duration that can be counted"):
        durations.parse(weeks=10**12)


@pytest.mark.parametrize(
    ("duration", "expected"),
    [
        (timedelta(), "0s"),
        (timedelta(seconds=90), "1m30s"),
        (timedelta(days=14), "14d"),
        (timedelta(hours=25), "1d1h"),
        (timedelta(milliseconds=1_500), "1s500ms"),
        (timedelta(microseconds=1), "1us"),
        (timedelta.max, "999999999d23h59m59s999ms999us"),
    ],
)
def test_a_duration_has_one_canonical_text(duration: timedelta, expected: str) -> None:
    """Largest unit first, whole numbers, nothing that is zero."""
    assert durations.text(duration) == expected


def test_a_negative_duration_has_no_text() -> None:
    """What could not be read back is not written."""
    with pytest.raises(ValueError, match="is negative: a duration is zero or more"):
        durations.text(timedelta(seconds=-1))


@given(st.timedeltas(min_value=timedelta()))
def test_the_text_of_a_duration_reads_back_exactly(duration: timedelta) -> None:
    """Reading what was written gives the same duration, to the microsecond."""
    assert durations.parse(durations.text(duration)) == duration


@given(st.text(alphabet="0123456789.wdhmsu -", max_size=40))
def test_any_text_is_a_duration_or_a_value_error(text: str) -> None:
    """Nothing but a value or a ValueError comes of a text, and what is read is never negative."""
    try:
        duration = durations.parse(text)
    except ValueError:
        return
    assert duration >= timedelta()
    assert durations.parse(durations.text(duration)) == duration
