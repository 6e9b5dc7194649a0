"""Where do time and random numbers come from? From the meter, so a test can hold them still."""

from __future__ import annotations

import datetime as dt
import random
import time
import uuid
from typing import Any

import pytest

from vivido.expressions import Ambient, Binding, Meter, Scope, compile_expression

MODULES = (dt, random, time, uuid)
SCOPE = Scope({module.__name__: Binding(module) for module in MODULES})
NOON = 1_767_268_800.25  # 2026-01-01 12:00:00.25 UTC


def evaluate(text: str) -> Any:
    """The value at noon on New Year's Day, with random numbers from a seed."""
    ambient = Ambient(now=lambda: NOON, monotonic=lambda: 5.5, random=random.Random(7))  # noqa: S311  # repeatable
    return compile_expression(text, SCOPE)({}, Meter(ambient=ambient))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("time.time()", NOON),
        ("time.time_ns()", 1_767_268_800_250_000_000),
        ("time.monotonic(), time.perf_counter()", (5.5, 5.5)),
        ("time.monotonic_ns(), time.perf_counter_ns()", (5_500_000_000, 5_500_000_000)),
        (
            "datetime.datetime.now(datetime.timezone.utc).isoformat()",
            "2026-01-01T12:00:00.250000+00:00",
        ),
        ("datetime.datetime.now(tz=datetime.timezone.utc).hour", 12),
        ("datetime.datetime.utcnow().isoformat()", "2026-01-01T12:00:00.250000"),
        ("datetime.datetime.now() == datetime.datetime.today()", True),
        ("datetime.datetime.now().date() == datetime.date.today()", True),
        ("datetime.datetime.now().timestamp()", NOON),
    ],
)
def test_the_clock_is_the_meters(text: str, value: Any) -> None:
    """Every way to ask for the time gives the time of the meter."""
    assert evaluate(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "random.random()",
        "random.randint(1, 10)",
        "random.choice([1, 2, 3])",
        "random.sample(range(100), 3)",
        "random.choices([1, 2], k=5)",
        "random.choices([1, 2], weights=[1, 5], k=5)",
        "random.uniform(1, 2)",
        "random.getrandbits(40)",
        "random.randbytes(4)",
    ],
)
def test_random_numbers_are_the_meters(text: str) -> None:
    """Every draw comes from the source of the meter, as that source would give it."""
    drawn = eval(text, {"random": random.Random(7)})  # noqa: S307, S311  # Python
    assert evaluate(text) == drawn


def test_a_shuffle_changes_its_list() -> None:
    """`random.shuffle` changes the list of a variable, and says so."""
    expression = compile_expression("random.shuffle(xs)", SCOPE)
    env = {"xs": list(range(10))}
    assert (expression(env), sorted(env["xs"]), expression.mutates) == (
        None,
        list(range(10)),
        {"xs"},
    )


def test_ids_are_random_and_well_formed() -> None:
    """`uuid4` draws from the meter and gives a version 4."""
    made = evaluate("uuid.uuid4()")
    assert (made, made.version) == (evaluate("uuid.uuid4()"), 4)


def test_without_a_meter_the_system_is_asked() -> None:
    """By default time passes and no two ids are the same."""
    before = time.time()  # noqa: TID251  # what is tested
    now = compile_expression("time.time()", SCOPE)({})
    ids = compile_expression("[uuid.uuid4() for _ in range(100)]", SCOPE)({})
    assert before <= now <= before + 60
    assert len(set(ids)) == 100
