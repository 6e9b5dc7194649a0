"""Is this value what its annotation promises? Judged as `isinstance` would, changing nothing.

A value is checked once, where it enters an execution. Pydantic is not asked, because it answers
another question (what could this be turned into?): even its strict mode rebuilds lists, turns an
`IntEnum` into an `int`, refuses `True` for an `int`, and takes a dict for a model. It is asked only
for the constraints of ``Annotated[int, Gt(0)]``. Models and dataclasses were validated when they
were built, so their fields are not looked at again. What cannot be judged is accepted.
"""

import functools
import reprlib
import types
import typing
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

from pydantic import TypeAdapter, ValidationError
from pydantic.errors import PydanticUserError
from pydantic_core import SchemaError

from vivido.authoring.spelling import written


@dataclass(frozen=True, slots=True)
class Misfit:
    """The first place where a value is not what was promised."""

    path: str
    value: Any
    wanted: str

    def within(self, step: str) -> "Misfit":
        """The same misfit, seen from the value around it."""
        return Misfit(step + self.path, self.value, self.wanted)

    def __str__(self) -> str:
        where = self.path or "it"
        shown = (
            "None"
            if self.value is None
            else f"{reprlib.repr(self.value)} ({type(self.value).__name__})"
        )
        return f"{where} is {shown}, where {self.wanted} is wanted"


Check = Callable[[Any], Misfit | None]
# PEP 484's numeric tower: where a float is asked for, an int will do.
_ALSO: dict[type, tuple[type, ...]] = {float: (float, int), complex: (complex, float, int)}
_CONTAINERS = ("builtins", "collections", "collections.abc")


def anything(value: Any) -> Misfit | None:  # noqa: ARG001  the check that finds nothing
    """Accept every value."""
    return None


def check_of(hint: Any) -> Check:
    """Return the check of a resolved annotation; `anything` where nothing can be judged."""
    origin = get_origin(hint)
    if origin is None:
        return next((build(hint) for fits, build in _BARE if fits(hint)), anything)
    if origin in _SPECIAL:
        return _SPECIAL[origin](hint)
    return _generic(origin, get_args(hint)) if isinstance(origin, type) else anything


def _generic(origin: type, args: tuple[Any, ...]) -> Check:
    """Check ``list[X]``, ``Mapping[K, V]`` …; the author's own generics by their class alone."""
    if origin.__module__ in _CONTAINERS:
        if issubclass(origin, Mapping) and len(args) == 2:  # noqa: PLR2004  keys and values
            return _mapping(origin, *args)
        if issubclass(origin, Collection) and len(args) == 1:
            return _items(origin, args[0])
    return _class(origin)


def _alias(hint: Any) -> Check:
    # A `type` alias may name itself, so what it stands for is read when it is needed.
    built = functools.cache(lambda: check_of(hint.__value__))

    def check(value: Any) -> Misfit | None:
        return built()(value)

    return check


def _type_variable(hint: TypeVar) -> Check:
    return anything if hint.__bound__ is None else check_of(hint.__bound__)


def _class(cls: type) -> Check:
    # A parametrised pydantic model is a class of its own: Page[Item] must accept a plain Page(…).
    generic = getattr(cls, "__pydantic_generic_metadata__", None) or {}
    cls = generic.get("origin") or cls
    try:
        isinstance(None, cls)
    except TypeError:  # a protocol that is not runtime-checkable
        return anything
    return _instance(_ALSO.get(cls, cls), cls.__name__)


def _instance(cls: type | tuple[type, ...], wanted: str) -> Check:
    def check(value: Any) -> Misfit | None:
        return None if isinstance(value, cls) else Misfit("", value, wanted)

    return check


def _annotated(hint: Any) -> Check:
    structure = check_of(get_args(hint)[0])
    try:
        adapter: TypeAdapter[Any] = TypeAdapter(hint)
    except (PydanticUserError, SchemaError, TypeError):
        return structure

    def check(value: Any) -> Misfit | None:
        misfit = structure(value)
        if misfit is not None:
            return misfit
        try:
            adapter.validate_python(
                value
            )  # a predicate: what it would make of the value is dropped
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            return Misfit(place(first["loc"]), first["input"], first["msg"])
        return None

    return check


def _union(hint: Any) -> Check:
    checks = [check_of(arg) for arg in get_args(hint)]
    if anything in checks:
        return anything
    wanted = written(hint)

    def check(value: Any) -> Misfit | None:
        misfits = [check(value) for check in checks]
        if None in misfits:
            return None
        deepest = max((m for m in misfits if m is not None), key=lambda m: len(m.path))
        return deepest if deepest.path else Misfit("", value, wanted)

    return check


def _literal(hint: Any) -> Check:
    args = get_args(hint)

    def check(value: Any) -> Misfit | None:
        if any(isinstance(value, type(arg)) and value == arg for arg in args):
            return None
        return Misfit("", value, " or ".join(map(repr, args)))

    return check


def _tuple(hint: Any) -> Check:
    args = get_args(hint)
    if len(args) == 2 and args[1] is Ellipsis:  # noqa: PLR2004  tuple[X, ...]
        return _items(tuple, args[0])
    if any(getattr(arg, "__unpacked__", False) or get_origin(arg) is typing.Unpack for arg in args):
        return _instance(tuple, "tuple")  # tuple[X, *tuple[Y, ...]]: of some length
    checks = [check_of(arg) for arg in args]

    def check(value: Any) -> Misfit | None:
        if not isinstance(value, tuple) or len(value) != len(checks):
            return Misfit("", value, f"a tuple of {len(checks)}")
        return _first(
            (f"[{index}]", item_check(item))
            for index, (item_check, item) in enumerate(zip(checks, value, strict=True))
        )

    return check


def _items(origin: type, arg: Any) -> Check:
    outer, inner = _class(origin), check_of(arg)
    if inner is anything:
        return outer

    def check(value: Any) -> Misfit | None:
        misfit = outer(value)
        if misfit is not None or isinstance(value, str | bytes):
            return misfit
        for index, item in enumerate(value):
            misfit = inner(item)
            if misfit is not None:
                return misfit.within(f"[{index}]")
        return None

    return check


def _mapping(origin: type, key_hint: Any, value_hint: Any) -> Check:
    outer, key_check, value_check = _class(origin), check_of(key_hint), check_of(value_hint)

    def check(value: Any) -> Misfit | None:
        misfit = outer(value)
        if misfit is not None:
            return misfit
        for key, item in value.items():
            misfit = key_check(key)
            if misfit is not None:
                return misfit.within(".keys()")
            misfit = value_check(item)
            if misfit is not None:
                return misfit.within(f"[{key!r}]")
        return None

    return check


def _typed_dict(hint: Any) -> Check:
    try:
        hints = typing.get_type_hints(hint)
    except NameError:
        hints = {}
    checks = {name: check_of(arg) for name, arg in hints.items()}
    required: frozenset[str] = hint.__required_keys__

    def check(value: Any) -> Misfit | None:
        if not isinstance(value, dict) or not required <= value.keys():
            return Misfit("", value, f"{hint.__name__}, a dict with {', '.join(sorted(required))}")
        return _first(
            (f"[{name!r}]", item_check(value[name]))
            for name, item_check in checks.items()
            if name in value
        )

    return check


def _first(found: Iterable[tuple[str, Misfit | None]]) -> Misfit | None:
    return next((misfit.within(step) for step, misfit in found if misfit is not None), None)


def place(location: Iterable[int | str]) -> str:
    """Return a place in a value as people write it: ``.items[0].price``."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)


# Annotations without arguments, the first that fits; those that are not here are not judged.
_BARE: tuple[tuple[Callable[[Any], bool], Callable[[Any], Check]], ...] = (
    (
        lambda hint: hint is None or hint is types.NoneType,
        lambda _: _instance(types.NoneType, "None"),
    ),
    (lambda hint: hint is object, lambda _: anything),
    (lambda hint: isinstance(hint, TypeVar), _type_variable),
    (lambda hint: isinstance(hint, typing.NewType), lambda hint: check_of(hint.__supertype__)),
    (lambda hint: hasattr(hint, "__value__"), _alias),
    (typing.is_typeddict, _typed_dict),
    (lambda hint: isinstance(hint, type), _class),
)
_SPECIAL: dict[Any, Callable[[Any], Check]] = {
    typing.Annotated: _annotated,
    Union: _union,
    types.UnionType: _union,
    Literal: _literal,
    tuple: _tuple,
}
