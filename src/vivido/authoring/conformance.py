"""Is this value what its annotation promises? Judged as `isinstance` would, changing nothing.

A value is checked once, where it enters an execution. Pydantic is not asked, because it answers
another question (what could this be turned into?): even its strict mode rebuilds lists, turns an
`IntEnum` into an `int`, refuses `True` for an `int`, and takes a dict for a model. It is asked only
for the constraints of ``Annotated[int, Gt(0)]``. Models and dataclasses were validated when they
were built, so their fields are not looked at again. What cannot be judged is accepted.
"""

import collections.abc
import types
import typing
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Never, TypeVar, Union, get_args, get_origin

from pydantic import TypeAdapter, ValidationError
from pydantic.errors import PydanticUserError
from pydantic_core import SchemaError


@dataclass(frozen=True, slots=True)
class Misfit:
    """The first place where a value is not what was promised."""

    path: str
    value: Any
    wanted: str

    def within(self, step: str) -> "Misfit":
        """The same misfit, seen from the value around it."""
        return Misfit(step + self.path, self.value, self.wanted)


Check = Callable[[Any], Misfit | None]
# PEP 484's numeric tower: where a float is asked for, an int will do.
_ALSO: dict[type, tuple[type, ...]] = {float: (float, int), complex: (complex, float, int)}
_ITERABLES = (collections.abc.Collection, collections.abc.Sequence, collections.abc.Set)


def anything(value: Any) -> Misfit | None:  # noqa: ARG001  the check that finds nothing
    """Accept every value."""
    return None


def check_of(hint: Any) -> Check:
    """Return the check of a resolved annotation; `anything` where nothing can be judged."""
    if hint is None or hint is types.NoneType:
        return _instance(types.NoneType, "None")
    if hint is Any or hint is object or hint in (Never, typing.NoReturn):
        return anything
    if isinstance(hint, TypeVar):
        return check_of(hint.__bound__) if hint.__bound__ is not None else anything
    if isinstance(hint, typing.NewType):
        return check_of(hint.__supertype__)
    if hasattr(hint, "__value__"):  # `type Alias = …`: may name itself, so it is read when needed
        return check_of(hint.__value__)
    origin = get_origin(hint)
    if origin is not None:
        return _generic(hint, origin, get_args(hint))
    if typing.is_typeddict(hint):
        return _typed_dict(hint)
    return _class(hint) if isinstance(hint, type) else anything


def _generic(hint: Any, origin: Any, args: tuple[Any, ...]) -> Check:
    """Check a hint with arguments: ``X | Y``, ``list[X]``, ``Annotated[X, …]`` …."""
    if origin is typing.Annotated:
        return _annotated(hint, args[0])
    if origin in (Union, types.UnionType):
        return _union(hint, args)
    if origin is Literal:
        return _literal(args)
    if origin is tuple:
        return _tuple(args)
    if not isinstance(origin, type):
        return anything  # Required, ClassVar …: nothing that a value can be
    if issubclass(origin, Mapping) and len(args) == 2:  # noqa: PLR2004  keys and values
        return _mapping(origin, *args)
    if issubclass(origin, _ITERABLES) or origin in _ITERABLES:
        return _items(origin, args[0]) if len(args) == 1 else _class(origin)
    return _class(origin)


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


def _annotated(hint: Any, inner: Any) -> Check:
    structure = check_of(inner)
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


def _union(hint: Any, args: tuple[Any, ...]) -> Check:
    checks = [check_of(arg) for arg in args]
    if anything in checks:
        return anything
    wanted = str(hint).replace("typing.", "")

    def check(value: Any) -> Misfit | None:
        misfits = [check(value) for check in checks]
        if None in misfits:
            return None
        deepest = max((m for m in misfits if m is not None), key=lambda m: len(m.path))
        return deepest if deepest.path else Misfit("", value, wanted)

    return check


def _literal(args: tuple[Any, ...]) -> Check:
    def check(value: Any) -> Misfit | None:
        if any(value == arg and isinstance(value, type(arg)) for arg in args):
            return None
        return Misfit("", value, " or ".join(map(repr, args)))

    return check


def _tuple(args: tuple[Any, ...]) -> Check:
    if len(args) == 2 and args[1] is Ellipsis:  # noqa: PLR2004  tuple[X, ...]
        return _items(tuple, args[0])
    if any(
        get_origin(arg) is typing.Unpack or isinstance(arg, typing.TypeVarTuple) for arg in args
    ):
        return _instance(tuple, "tuple")
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
        return _first((f"[{index}]", inner(item)) for index, item in enumerate(value))

    return check


def _mapping(origin: type, key_hint: Any, value_hint: Any) -> Check:
    outer, key_check, value_check = _class(origin), check_of(key_hint), check_of(value_hint)

    def check(value: Any) -> Misfit | None:
        misfit = outer(value)
        if misfit is not None:
            return misfit
        return _first((".keys()", key_check(key)) for key in value) or _first(
            (f"[{key!r}]", value_check(item)) for key, item in value.items()
        )

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
