"""How the JSON of a caller becomes the arguments of a workflow.

The input is the sole argument, or a dict of all parameters. Values that are already what the
parameter asks for stay as they are; everything else is validated by pydantic, as a model's own
constructor would.
"""

import dataclasses
import difflib
import inspect
import reprlib
import typing
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from vivido.authoring.conformance import place
from vivido.authoring.hints import Hint
from vivido.authoring.interface import Interface
from vivido.errors import UsageError

_FEW = 5  # how many mistakes one message lists


def bound(workflow: str, interface: Interface, value: Any) -> dict[str, Any]:
    """Return a value for every parameter; `UsageError` names each field that is wrong."""
    owner = f"workflow {workflow!r}"
    arguments: dict[str, Any] = {}
    mistakes: list[str] = []
    for name, item in _by_name(owner, interface, value).items():
        try:
            arguments[name] = _validated(interface.hints[name], interface.parameters[name], item)
        except ValidationError as error:
            mistakes.extend(_mistakes(name, error))
        except TypeError as error:
            mistakes.append(f"{name}: {error}")
    if mistakes:
        more = f"; and {len(mistakes) - _FEW} more" if len(mistakes) > _FEW else ""
        raise UsageError(
            f"the input of {owner} does not fit: {'; '.join(mistakes[:_FEW])}{more}:"
            " correct it and start again"
        )
    return interface.complete(arguments)


def _by_name(owner: str, interface: Interface, value: Any) -> Mapping[str, Any]:
    parameters = interface.parameters
    if value is None and not interface.required:
        return {}  # no input at all
    if not parameters and value != {}:
        raise UsageError(f"{owner} takes no input, and got {reprlib.repr(value)}: leave it out")
    if len(parameters) == 1:
        (parameter,) = parameters.values()
        if parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            return _sole(interface, parameter.name, value)
    if isinstance(value, Mapping):
        return _named(owner, interface, value)
    if len(interface.required) == 1:
        return {interface.required[0]: value}
    raise UsageError(
        f"{owner} takes several parameters, and got {reprlib.repr(value)}: give a dict of"
        f" {', '.join(parameters)}"
    )


def _sole(interface: Interface, name: str, value: Any) -> dict[str, Any]:
    """Read the input of a workflow with one parameter: the argument, or a dict that names it."""
    hint = interface.hints[name]
    names_it = isinstance(value, Mapping) and set(value) == {name}
    if hint.judges and hint.misfit(value) is None:
        return {name: value}
    if names_it and not _has_field(hint.type, name):
        return {name: value[name]}
    if value == {} and hint.judges and not interface.required:
        return {}
    return {name: value}


def _named(owner: str, interface: Interface, value: Mapping[Any, Any]) -> dict[str, Any]:
    given = dict(value)
    unknown = [name for name in given if name not in interface.parameters]
    rest = next((n for n, p in interface.parameters.items() if p.kind is p.VAR_KEYWORD), None)
    texts = all(isinstance(name, str) for name in unknown)
    if unknown and texts and rest is not None and rest not in given:
        given[rest] = {name: given.pop(name) for name in unknown}
        unknown = []
    missing = [name for name in interface.required if name not in given]
    if not unknown and not missing:
        return given
    known = ", ".join(interface.parameters)
    faults = [f"there is no parameter {name!r}{_meant(name, interface)}" for name in unknown]
    faults += [f"{name!r} is missing" for name in missing]
    raise UsageError(
        f"the input of {owner} does not fit: {'; '.join(faults)}: give a dict of {known}"
    )


def _validated(hint: Hint, parameter: inspect.Parameter, item: Any) -> Any:
    if parameter.kind is parameter.VAR_POSITIONAL:
        _must_be(list, item)
        return tuple(_value(hint, each) for each in item)
    if parameter.kind is parameter.VAR_KEYWORD:
        _must_be(dict, item)
        return {name: _value(hint, each) for name, each in item.items()}
    return _value(hint, item)


def _must_be(cls: type, item: object) -> None:
    if not isinstance(item, cls):
        raise TypeError(f"{reprlib.repr(item)} is no {cls.__name__}")


def _value(hint: Hint, item: Any) -> Any:
    if hint.misfit(item) is None:
        return item
    if hint.adapter is None:
        raise TypeError(f"{reprlib.repr(item)} is no {hint.text}")
    return hint.adapter.validate_python(item)


def _mistakes(name: str, error: ValidationError) -> Iterable[str]:
    for one in error.errors(include_url=False, include_context=False):
        shown = "" if one["type"] == "missing" else f" {reprlib.repr(one['input'])}:"
        yield f"{name}{place(one['loc'])}:{shown} {one['msg']}"


def _meant(name: object, interface: Interface) -> str:
    close = difflib.get_close_matches(str(name), interface.parameters, n=1)
    return f" (did you mean {close[0]!r}?)" if close else ""


def _has_field(hint: Any, name: str) -> bool:
    """Whether a dict for a value of this type may have `name` as one of its own keys."""
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        aliases = {f.alias for f in hint.model_fields.values()}
        return name in hint.model_fields or name in aliases
    if dataclasses.is_dataclass(hint):
        return name in {field.name for field in dataclasses.fields(hint)}
    if typing.is_typeddict(hint):
        return name in hint.__annotations__
    return any(_has_field(arg, name) for arg in typing.get_args(hint))
