"""What may be read of a value, and which of its methods called? Decided once for each type.

Values of the author's own kinds (models, dataclasses, enums, exceptions, named tuples) are open:
any attribute without a leading underscore. Values of Python's own types have what `methods` names.
All else is closed: modules, functions, generators, frames, clients, files.
"""

from __future__ import annotations

import dataclasses
import inspect
import sys
import types
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache, partial
from pathlib import PurePath
from typing import Any

from pydantic import BaseModel

from vivido.errors import ExpressionError
from vivido.expressions import bounds
from vivido.expressions.meter import Meter
from vivido.expressions.methods import KNOWN, METHODS, Rules
from vivido.expressions.rules import Rule
from vivido.expressions.weighing import weigh

PURE_MARK = "__vivido_pure__"  # `@pure` sets this attribute of a function to True
OPEN_MARK = "__vivido_open__"  # a class of ours that is open like one of the author's


def _written(meter: Meter, args: list[Any], named: dict[str, Any]) -> None:
    indent = named.get("indent")
    bounds.indentation(indent)
    tree = weigh(args[0], meter)
    if indent is not None:
        meter.charge(tree.nodes * tree.levels)


_MODEL_METHODS: Rules = dict.fromkeys(
    ("model_copy", "model_dump", "model_dump_json"), Rule(check=_written, grows=True)
)
BUILDERS = frozenset({"model_validate", "model_validate_json"})  # class methods of models
_MODEL_FIELDS = frozenset({"model_extra", "model_fields_set"})
# What pydantic gives to every model, its deprecated readers of files and pickles among it, is not
# the author's.
_MODEL_NAMES = frozenset(n for n in dir(BaseModel) if not n.startswith("_"))
_MODEL_MADE = frozenset(vars(type("Bare", (BaseModel,), {"__module__": __name__})))
_MODEL_CLOSED = _MODEL_NAMES - _MODEL_FIELDS


@dataclass(frozen=True, slots=True)
class Kind:
    """What is open of a type: data attributes and methods by name.

    `own`: also all that its author put there, except what is `closed`.
    """

    fields: frozenset[str]
    methods: Rules
    own: bool
    closed: frozenset[str]


# Methods that are Python's or pydantic's, where a value has no method of its author's by that name.
KNOWN_METHODS = METHODS | _MODEL_METHODS.keys() | {"add_note", "with_traceback"}

_KINDS: dict[type, Kind] = {}
# Types of which any public attribute can be read without a further look, and those of which any
# can that is no name of pydantic's: what makes reading a field of a model or dataclass quick.
OPEN: set[type] = set()
OPEN_FIELDS: set[type] = set()


def kind_of(cls: type) -> Kind:
    """The kind of a type, found once."""
    kind = _KINDS.get(cls)
    if kind is None:
        kind = _KINDS[cls] = _find(cls)
        if kind.own and not kind.methods:
            OPEN.add(cls)
            OPEN_FIELDS.add(cls)
        elif kind.own and kind.methods.keys() == _MODEL_METHODS.keys():
            OPEN_FIELDS.add(cls)
    return kind


def open_types(name: str) -> set[type]:
    """The types of which this attribute can be read as it is; more are added as they are met."""
    return OPEN if name in _MODEL_NAMES else OPEN_FIELDS


def _find(cls: type) -> Kind:
    known = next((KNOWN[base] for base in cls.__mro__ if base in KNOWN), None)
    fields = known.fields if known else frozenset()
    methods = known.methods if known else {}
    if issubclass(cls, BaseModel):
        own = (name for base in cls.__mro__ if base not in BaseModel.__mro__ for name in vars(base))
        kept = _MODEL_CLOSED - cls.model_fields.keys() - (set(own) - _MODEL_MADE)
        return Kind(fields | _MODEL_FIELDS, {**methods, **_MODEL_METHODS}, own=True, closed=kept)
    return Kind(fields, methods, own=is_own_kind(cls), closed=frozenset())


def is_own_kind(cls: type) -> bool:
    """Whether a class is of a kind whose values are open, and which an expression may build."""
    return (
        issubclass(cls, (BaseModel, BaseException, Enum, types.SimpleNamespace))
        or dataclasses.is_dataclass(cls)
        or hasattr(cls, "__attrs_attrs__")
        or hasattr(cls, OPEN_MARK)
        or (issubclass(cls, tuple) and hasattr(cls, "_fields"))
    )


_LIBRARY = PurePath(inspect.__file__ or "").parent


def is_standard(value: Any) -> bool:
    """Whether something comes with Python rather than from the author."""
    while isinstance(value, partial):
        value = value.func
    module = (
        value.__name__
        if isinstance(value, types.ModuleType)
        else getattr(value, "__module__", None)
    )
    return _is_standard_module(str(module or "builtins").partition(".")[0])


@lru_cache(maxsize=1_024)
def _is_standard_module(name: str) -> bool:
    """Whether the module is Python's own, not one of the author's that has its name."""
    if name not in sys.stdlib_module_names:
        return False
    file = getattr(sys.modules.get(name), "__file__", None)
    return file is None or _LIBRARY in PurePath(file).parents


def read(value: Any, name: str) -> Any:
    """`value.name`; raises AttributeError as Python does, `ExpressionError` for what is closed.

    A method of Python's own is returned bound; calling it is a matter of `calling`.
    """
    kind = kind_of(type(value))
    rule = kind.methods.get(name)
    if rule is not None and rule.changes and not kind.own:
        raise ExpressionError(
            f"{name!r} of a {type(value).__name__} changes it: it can be called, not passed on"
        )
    if rule is None and name not in kind.fields and (not kind.own or name in kind.closed):
        raise unavailable(value, name)
    return getattr(value, name)


def unavailable(value: Any, name: str) -> Exception:
    """The error for an attribute that cannot be had: Python's own if there is none."""
    kind = type(value).__name__
    if not has(value, name):
        return AttributeError(f"{kind!r} object has no attribute {name!r}", name=name, obj=value)
    if name in ("format", "format_map"):
        return ExpressionError(
            f"{name!r} of a {kind} is not available in a workflow; write an f-string"
        )
    return ExpressionError(
        f"{name!r} of a {kind} is not available in a workflow; "
        "use it in a step or in a function marked @pure"
    )


def has(value: Any, name: str) -> bool:
    """Whether a value has an attribute; no code of its class runs."""
    missing = object()
    return inspect.getattr_static(value, name, missing) is not missing


def is_marked_pure(function: Any) -> bool:
    """Whether a function or method of the author's is marked `@pure`."""
    return getattr(function, PURE_MARK, False) is True
