"""Which name does a class have in stored values, and which class does a name mean here and now?

The name of a class is ``"module:Qualname"``, that of a built-in one the bare name. A parametrised
generic model has its arguments behind it: ``"shop:Page[shop:Order]"``. Nothing is ever imported to
find a class: either it was registered (`register`, or because a value of it was stored), or its
module is loaded already.
"""

import sys
from collections.abc import Mapping
from types import NoneType, UnionType
from typing import Any, Final, Union, get_args, get_origin

from vivido.errors import RecordedError
from vivido.values.wire import Refused

_GENERIC_BUILTINS: Final[Mapping[str, Any]] = {
    cls.__name__: cls for cls in (list, dict, tuple, set, frozenset)
}
_SCALAR_BUILTINS: Final[Mapping[str, Any]] = {
    cls.__name__: cls for cls in (str, int, float, bool, bytes, complex, object)
}
_GONE: Final = object()  # stands for a type argument whose class cannot be found
_SPECIAL: Final[Mapping[str, Any]] = {"None": None, "Any": Any, "Union": Union, "...": ...}


def tag_of(cls: type) -> str:
    """Return the name of a class; raises `Refused` for a generic whose arguments have no name."""
    generic = getattr(cls, "__pydantic_generic_metadata__", None)
    if generic and generic["origin"] is not None:
        return f"{_plain_name(generic['origin'])}[{_names_of(generic['args'])}]"
    return _plain_name(cls)


def type_names(error: BaseException | type) -> list[str]:
    """Return the names of a class, or of that of an error, and of all its bases, nearest first.

    These are what ``except`` and ``Retry(on=...)`` compare, so that a handler works where the class
    itself does not exist any more. `object` is left out.
    """
    if isinstance(error, RecordedError):
        return [error.type_name, *error.bases]
    cls = error if isinstance(error, type) else type(error)
    return [_plain_name(base) for base in cls.__mro__ if base is not object]


class Names:
    """The classes that stored values may name: what was registered, then what is loaded."""

    def __init__(self) -> None:
        self._registered: dict[str, type] = {}

    def register(self, tag: str, cls: type) -> None:
        """Let `tag` mean `cls`; the last one wins, as when a module is loaded anew."""
        self._registered[tag] = cls

    def resolve(self, tag: str) -> type | None:
        """Return the class that a name means, or None where it is gone. Imports nothing."""
        registered = self._registered.get(tag)
        if registered is not None:
            return registered
        if tag.endswith("]"):
            return self._generic(tag)
        return _loaded(tag)

    def _generic(self, tag: str) -> type | None:
        found, rest = self._parse(tag)
        return found if isinstance(found, type) and not rest else None

    def _parse(self, text: str) -> tuple[Any, str]:
        """Return the type at the beginning of `text`, None where it is gone, and what follows."""
        end = min((at for at in map(text.find, "[],") if at >= 0), default=len(text))
        found, rest = self._argument(text[:end]), text[end:]
        if not rest.startswith("["):
            return found, rest
        arguments: list[Any] = []
        while rest[:1] in {"[", ","}:
            argument, rest = self._parse(rest[1:])
            arguments.append(argument)
        return _parametrised(found, arguments), rest[1:]

    def _argument(self, name: str) -> Any:
        for table in (_SPECIAL, _SCALAR_BUILTINS, _GENERIC_BUILTINS):
            if name in table:
                return table[name]
        return self.resolve(name) or _GONE


def _parametrised(found: Any, arguments: list[Any]) -> Any:
    """Return a generic with its arguments; runs no code but that of typing and of pydantic."""
    if _GONE in arguments:
        return _GONE
    is_model = hasattr(found, "__pydantic_generic_metadata__")
    if not (is_model or found is Union or found in _GENERIC_BUILTINS.values()):
        return _GONE
    try:
        return found[tuple(arguments)]
    except TypeError:  # it takes no arguments, or another number of them
        return _GONE


def _plain_name(cls: type) -> str:
    if cls.__module__ == "builtins":
        return cls.__qualname__
    return f"{cls.__module__}:{cls.__qualname__}"


def _names_of(arguments: tuple[Any, ...]) -> str:
    return ",".join(_name_of(argument) for argument in arguments)


def _name_of(argument: Any) -> str:
    """Return the name of a type argument; raises `Refused` where it is more than classes."""
    if argument is None or argument is NoneType:
        return "None"
    if argument is Any:
        return "Any"
    if argument is ...:
        return "..."
    origin = get_origin(argument)
    if origin in {Union, UnionType}:
        return f"Union[{_names_of(get_args(argument))}]"
    if origin in _GENERIC_BUILTINS.values():
        return f"{origin.__name__}[{_names_of(get_args(argument))}]"
    if isinstance(argument, type) and origin is None:
        return tag_of(argument)
    raise Refused(
        f"is of a generic model with the argument {argument!r}, which has no name by which it could"
        " be found again, so it cannot be stored: give the model a name, as in"
        " 'class OrderPage(Page[...])'"
    )


def _loaded(tag: str) -> type | None:
    """Return the class of that name in a module that is loaded; runs no code of that module."""
    module, colon, qualname = tag.partition(":")
    holder: Any = sys.modules.get(module) if colon else sys.modules["builtins"]
    for name in (qualname if colon else module).split("."):
        if holder is None:
            return None
        holder = getattr(holder, "__dict__", {}).get(name)
    return holder if isinstance(holder, type) else None
