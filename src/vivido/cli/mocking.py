"""Mocks from a JSON file: names of steps to what takes their place in `vivido test`."""

from __future__ import annotations

import builtins
import sys
from collections.abc import Iterator
from typing import Any, Final

from vivido import errors
from vivido.authoring import Step, Workflow
from vivido.errors import DefinitionError, UsageError
from vivido.model.definition import Definition
from vivido.runtime.library import Library
from vivido.testing.mocks import Mocks

RAISE: Final = "$raise"  # {"$raise": "CardDeclined", "args": ["limit"]}
RETURN: Final = "$return"  # {"$return": […]}: a list that is one value


def mocks_of(data: Any, workflow: Workflow[..., Any], definition: Definition) -> Mocks:
    """Return the mocks that a JSON object means; raises UsageError where it means none.

    Each member names a step of the workflow, or of one that it calls: a value to return, an object
    ``{"$raise": class, "args": […]}``, or a list of these, one for each call.
    """
    if not isinstance(data, dict):
        raise UsageError(f"the mocks are {data!r}: give an object, step names to values")
    library = Library()
    library.put(workflow.ref, workflow)
    known = dict(steps_of(definition, library))
    mocks: dict[Step[..., Any], Any] = {}
    for name, mock in data.items():
        if name not in known:
            steps = ", ".join(sorted(known)) or "none"
            raise UsageError(f"the mocks name {name!r}, which is no step: there is {steps}")
        mocks[known[name]] = _mock(name, mock, workflow, library)
    return mocks


def steps_of(definition: Definition, library: Library) -> Iterator[tuple[str, Step[..., Any]]]:
    """Yield the steps of a workflow by name, after those of the workflows that it calls."""
    seen: set[str] = set()
    yield from _steps(definition, library, seen)


def _steps(
    definition: Definition, library: Library, seen: set[str]
) -> Iterator[tuple[str, Step[..., Any]]]:
    for child in definition.workflows.values():
        if child.ref not in seen:
            seen.add(child.ref)
            yield from _steps(library.definition(child.ref), library, seen)
    for name, spec in definition.steps.items():
        yield name, library.step(spec.ref)


def _mock(name: str, mock: Any, workflow: Workflow[..., Any], library: Library) -> Any:
    if isinstance(mock, list):
        return [_one(name, one, workflow, library) for one in mock]
    return _one(name, mock, workflow, library)


def _one(name: str, mock: Any, workflow: Workflow[..., Any], library: Library) -> Any:
    if not isinstance(mock, dict) or not {RAISE, RETURN} & mock.keys():
        return mock
    if RETURN in mock:
        value = mock[RETURN]
        return lambda *_args, **_named: value
    args = mock.get("args", [mock["message"]] if "message" in mock else [])
    try:
        return _error_class(name, mock[RAISE], workflow, library)(*args)
    except TypeError as error:
        raise UsageError(
            f"the mock of {name!r} cannot be raised: {error}; give its arguments in 'args'"
        ) from error


def _error_class(
    step: str, name: Any, workflow: Workflow[..., Any], library: Library
) -> type[Exception]:
    found = _found(str(name), workflow, library)
    if isinstance(found, type) and issubclass(found, Exception):
        return found
    raise UsageError(
        f"the mock of {step!r} raises {name!r}, which is no exception: name one of the workflow's"
        " module, of Python or of vivido.errors, or write module:Class"
    )


def _found(name: str, workflow: Workflow[..., Any], library: Library) -> Any:
    if ":" in name:
        try:
            return library.find(name)
        except (LookupError, DefinitionError):
            return None
    module = sys.modules.get(workflow.ref.partition(":")[0])
    places = (module, builtins, errors)
    return next((getattr(place, name) for place in places if hasattr(place, name)), None)
