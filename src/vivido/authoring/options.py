"""Are the options of a decorator what they should be? Refused where they are written."""

import inspect
import re
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

from vivido import durations
from vivido.errors import DefinitionError

Duration = str | float | timedelta
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,127}")


def duration(owner: str, option: str, value: Duration, *, zero: bool = False) -> timedelta:
    """Return a duration; `DefinitionError` if it is none, or no time at all where `zero` is not."""
    try:
        parsed = durations.parse(value)
    except (TypeError, ValueError) as error:
        raise DefinitionError(f"{owner}: {option}={value!r}: {error}") from None
    if not parsed and not zero:
        raise DefinitionError(f"{owner}: {option}={value!r} is no time at all: give more than zero")
    return parsed


def name(owner: str, value: object) -> str:
    """Return a name that files, addresses and metrics can bear."""
    if not isinstance(value, str) or _NAME.fullmatch(value) is None:
        raise DefinitionError(
            f"{owner}: {value!r} is no name: use letters, digits, '_' and '-', at most 128 of them,"
            " with a letter first"
        )
    return value


def flag(owner: str, option: str, value: object) -> bool:
    """Return True or False; a text such as "no" is refused, for it would count as true."""
    if not isinstance(value, bool):
        raise DefinitionError(f"{owner}: {option}={value!r}: it is either True or False")
    return value


def only_known(owner: str, given: Iterable[str], known: Iterable[str]) -> None:
    """Refuse options that do not exist."""
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise DefinitionError(
            f"{owner} has no option {', '.join(map(repr, unknown))}: it takes {', '.join(known)}"
        )


def reference(function: Callable[..., Any]) -> str:
    """Return the name under which a function is found again: ``module:qualname``."""
    return f"{function.__module__}:{function.__qualname__}"


def plain_function(decorator: str, given: object) -> Callable[..., Any]:
    """Return a function or coroutine function; anything else cannot be decorated."""
    if not inspect.isfunction(given):
        raise DefinitionError(f"{decorator} goes on a function, and {given!r} is none: write a def")
    if inspect.isgeneratorfunction(given) or inspect.isasyncgenfunction(given):
        raise DefinitionError(
            f"{decorator} on {reference(given)}: a generator has no one result: return a list"
        )
    return given
