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

from vivido.authoring import Step, step_context
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
        return Script(step, mock)
    if callable(mock) and not _is_error(mock):
        return mock  # type: ignore[no-any-return]
    return lambda *_args, **_named: _give(mock)


class Script:
    """A list of mocks, one for each attempt; an attempt that is run again gets the same again.

    `given` says which attempts have had theirs: (idempotency key, attempt) to a place in the list.
    """

    def __init__(
        self,
        step: Step[..., Any],
        mock: list[Any],
        given: Mapping[tuple[str, int], int] | None = None,
    ) -> None:
        self._step, self._mock = step, mock
        self._functions = [
            _value(one) if isinstance(one, list) else _function(step, one) for one in mock
        ]
        self.given = dict(given or {})

    def again(self) -> Script:
        """The same list for another run, in which the same attempts get the same."""
        return Script(self._step, self._mock, self.given)

    def __call__(self, *args: Any, **named: Any) -> Any:
        """The next item for a new attempt."""
        context = step_context()
        place = self.given.setdefault((context.idempotency_key, context.attempt), len(self.given))
        if place >= len(self._functions):
            raise UsageError(
                f"step {self._step.name!r} was called more often than its mock foresees "
                f"({len(self._functions)} times): give it more values, or a function"
            )
        return self._functions[place](*args, **named)


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
