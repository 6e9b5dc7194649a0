"""Mocks of steps: what runs in place of a step's function.

A mock is a value to return, an exception (or a class of them) to raise, a function that is called
as the step is,
or a list of these, one for each call in turn. A step whose list is used up fails the simulation,
clearly.
"""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Mapping
from typing import Any

from vivido.authoring import Step
from vivido.errors import UsageError

Mocks = Mapping[Step[..., Any], Any]


def mocked(step: Step[..., Any], mock: Any) -> Step[..., Any]:
    """The step with another function; its interface, retry and compensation stay."""
    double = copy.copy(step)
    double.function = _function(step, mock)
    double.is_async = inspect.iscoroutinefunction(double.function)
    double.inline = True
    return double


def inline(step: Step[..., Any]) -> Step[..., Any]:
    """The step itself, run without a thread: a simulation is one line of control."""
    double = copy.copy(step)
    double.inline = True
    return double


def _function(step: Step[..., Any], mock: Any) -> Callable[..., Any]:
    if isinstance(mock, Step):
        return mock.function
    if isinstance(mock, list):
        return _sequence(step, mock)
    if callable(mock) and not _is_error(mock):
        return mock  # type: ignore[no-any-return]
    return lambda *_args, **_named: _give(mock)


def _sequence(step: Step[..., Any], mock: list[Any]) -> Callable[..., Any]:
    left = list(
        reversed(
            [_function(step, one) if not isinstance(one, list) else _value(one) for one in mock]
        )
    )

    def function(*args: Any, **named: Any) -> Any:
        if not left:
            raise UsageError(
                f"step {step.name!r} was called more often than its mock foresees ({len(mock)} "
                "times): give it more values, or a function"
            )
        return left.pop()(*args, **named)

    return function


def _value(value: Any) -> Callable[..., Any]:
    return lambda *_args, **_named: value


def _is_error(mock: Any) -> bool:
    return isinstance(mock, BaseException) or (
        isinstance(mock, type) and issubclass(mock, BaseException)
    )


def _give(mock: Any) -> Any:
    if _is_error(mock):
        raise mock
    return mock
