"""A retry says how often, when and for which errors a step is tried again."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vivido import DefinitionError, Retry
from vivido.authoring.retry import delay
from vivido.model.definition import Retry as Spec


class Throttled(Exception):
    """An error of the author's."""


class Slower(Throttled):
    """One below it."""


def test_defaults() -> None:
    """Three attempts, from a second on, twice as long each time, for every exception."""
    assert Retry().spec() == Spec(
        max_attempts=3, backoff="1s", factor=2.0, max_backoff="1h", jitter=0.0, on=[], give_up_on=[]
    )


def test_spec_names_classes() -> None:
    """Classes become tags: bare for built-in ones, with their module for others."""
    spec = Retry(on=[Throttled, KeyError], give_up_on=[Slower], backoff=90, factor=3).spec()
    assert (spec.on, spec.give_up_on) == (
        [f"{__name__}:Throttled", "KeyError"],
        [f"{__name__}:Slower"],
    )
    assert (spec.backoff, spec.factor) == ("1m30s", 3.0)


def test_lists_are_kept_as_they_were() -> None:
    """A policy does not follow later changes of the list it was given, and can be compared."""
    classes: list[type[Exception]] = [KeyError]
    policy = Retry(on=classes)
    classes.append(ValueError)
    assert policy == Retry(on=(KeyError,))
    assert hash(policy) == hash(Retry(on=[KeyError]))


def test_one_class_needs_no_list() -> None:
    """A single class says what it means without a list around it."""
    assert Retry(on=KeyError) == Retry(on=[KeyError])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("policy", "error", "expected"),
    [
        (Retry(), Throttled(), True),
        (Retry(), KeyboardInterrupt(), False),
        (Retry(on=[Throttled]), Slower(), True),
        (Retry(on=[Slower]), Throttled(), False),
        (Retry(on=[LookupError]), KeyError(), True),
        (Retry(give_up_on=[Slower]), Slower(), False),
        (Retry(give_up_on=[Slower]), Throttled(), True),
        (Retry(on=[Throttled], give_up_on=[Slower]), Slower(), False),
        (Retry(on=[Throttled], give_up_on=[Slower]), KeyError(), False),
    ],
)
def test_matches(policy: Retry, error: BaseException, expected: bool) -> None:
    """An error is retried if it is one of `on` and none of `give_up_on`, subclasses too."""
    assert policy.matches(error) is expected


def test_delays_grow_up_to_the_longest() -> None:
    """Each wait is `factor` times the one before, and none longer than `max_backoff`."""
    policy = Retry(backoff="10s", factor=3, max_backoff="2m")
    assert [policy.delay(n, 0.5).total_seconds() for n in (1, 2, 3, 4, 5)] == [10, 30, 90, 120, 120]


def test_jitter_is_a_share_of_the_wait() -> None:
    """With a jitter of 0.5, half of the wait is fixed and half is random."""
    policy = Retry(backoff="10s", jitter=0.5)
    assert [policy.delay(1, r).total_seconds() for r in (0.0, 0.5, 0.999)] == [5, 7.5, 9.995]


def test_no_backoff() -> None:
    """A backoff of zero tries again at once."""
    assert Retry(backoff=0).delay(9, 0.9) == timedelta()


@given(
    backoff=st.integers(0, 10**6),
    factor=st.floats(1, 1e300),
    longest=st.integers(0, 10**6),
    jitter=st.floats(0, 1),
    attempt=st.integers(1, 10**6),
    random=st.floats(0, 1, exclude_max=True),
)
def test_every_policy_has_a_delay(
    backoff: int, factor: float, longest: int, jitter: float, attempt: int, random: float
) -> None:
    """Whatever the numbers, a wait is never negative and never longer than the longest."""
    policy = Spec(backoff=f"{backoff}s", factor=factor, max_backoff=f"{longest}s", jitter=jitter)
    assert timedelta() <= delay(policy, attempt, random) <= timedelta(seconds=longest)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"max_attempts": 0}, "max_attempts=0: give a whole number from 1"),
        ({"max_attempts": 1.5}, "max_attempts=1.5: give a whole number from 1"),
        ({"max_attempts": True}, "max_attempts=True: give a whole number from 1"),
        ({"factor": 0.5}, "factor=0.5: give a number from 1"),
        ({"factor": float("inf")}, "factor=inf: give a number from 1"),
        ({"factor": float("nan")}, "factor=nan: give a number from 1"),
        ({"factor": "2"}, "factor='2': give a number from 1"),
        ({"jitter": 1.5}, "jitter=1.5: give a share from 0 to 1"),
        ({"jitter": True}, "jitter=True: give a share from 0 to 1"),
        ({"backoff": "soon"}, "backoff='soon': 'soon' is no duration"),
        ({"backoff": None}, "backoff=None: None is no duration"),
        ({"max_backoff": -1}, "max_backoff=-1: -1 is negative"),
        ({"on": ["KeyError"]}, "on holds 'KeyError': give classes of exceptions"),
        ({"on": "KeyError"}, "on='KeyError': give a list of exception classes"),
        ({"on": 5}, "on=5: give a list of exception classes"),
        ({"on": [KeyError()]}, r"on holds KeyError\(\): give classes of exceptions"),
        ({"on": [int]}, "on holds <class 'int'>: give classes of exceptions"),
        ({"on": [KeyboardInterrupt]}, "on holds <class 'KeyboardInterrupt'>"),
        ({"give_up_on": [int]}, "give_up_on holds <class 'int'>: give classes of exceptions"),
    ],
    ids=repr,
)
def test_what_is_no_policy(options: dict[str, Any], sentence: str) -> None:
    """A policy that means nothing is refused where it is written."""
    with pytest.raises(DefinitionError, match=f"^Retry: {sentence}"):
        Retry(**options)
