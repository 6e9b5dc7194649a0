"""Which parameter gets which argument? As in a Python call, with Python's own errors."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Signature:
    """The parameters of a function called `title`, in the order of their slots."""

    title: str
    positional: tuple[str, ...]
    only_positional: int
    keywords: tuple[str, ...]
    rest: str | None
    others: str | None

    @classmethod
    def of(cls, title: str, given: ast.arguments) -> Signature:
        """Read the parameters."""
        return cls(
            title,
            tuple(a.arg for a in (*given.posonlyargs, *given.args)),
            len(given.posonlyargs),
            tuple(a.arg for a in given.kwonlyargs),
            given.vararg.arg if given.vararg else None,
            given.kwarg.arg if given.kwarg else None,
        )

    @property
    def names(self) -> list[str]:
        """All parameters in the order of their slots."""
        ends = [name for name in (self.rest, self.others) if name is not None]
        return [*self.positional, *self.keywords, *ends]


def bind(
    signature: Signature,
    defaults: Mapping[str, Any],
    args: tuple[Any, ...],
    named: Mapping[str, Any],
) -> list[Any]:
    """The values of all parameters in the order of their slots; raises TypeError as Python does."""
    values = dict(zip(signature.positional, args, strict=False))
    others = _take_named(signature, values, named)
    extra = args[len(signature.positional) :]
    if extra and signature.rest is None:
        raise TypeError(_too_many(signature, defaults, len(args)))
    for name, default in defaults.items():
        values.setdefault(name, default)
    _require(signature, signature.positional, values, "positional")
    _require(signature, signature.keywords, values, "keyword-only")
    if signature.rest is not None:
        values[signature.rest] = extra
    if signature.others is not None:
        values[signature.others] = others
    return [values[name] for name in signature.names]


def call_of(
    signature: Signature, table: Mapping[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """A node's argument table as the arguments of a call.

    Under ``"*"`` and ``"**"`` it has what was unpacked. Names that come before ``"*"`` in the order
    of the parameters are positional, as they were in the source; those after it are keywords.
    """
    positional: list[Any] = []
    named: dict[str, Any] = {}
    starred = False
    for name, value in table.items():
        if name == "*":
            if not hasattr(value, "__iter__"):
                raise TypeError(_after(signature, "*", "an iterable", value))
            positional.extend(value)
            starred = True
        elif name == "**":
            if not hasattr(value, "keys"):
                raise TypeError(_after(signature, "**", "a mapping", value))
            _merge(signature, named, value)
        elif not starred and signature.positional[len(positional) :][:1] == (name,):
            positional.append(value)
        else:
            named[name] = value
    return tuple(positional), named


def _after(signature: Signature, stars: str, wanted: str, value: Any) -> str:
    kind = type(value).__name__
    return f"{signature.title}() argument after {stars} must be {wanted}, not {kind}"


def _merge(signature: Signature, named: dict[str, Any], more: Mapping[str, Any]) -> None:
    for name, value in more.items():
        if name in named:
            raise TypeError(
                f"{signature.title}() got multiple values for keyword argument {name!r}"
            )
        named[name] = value


def _take_named(
    signature: Signature, values: dict[str, Any], named: Mapping[str, Any]
) -> dict[str, Any]:
    title = signature.title
    by_name = {*signature.positional[signature.only_positional :], *signature.keywords}
    others: dict[str, Any] = {}
    for name, value in named.items():
        if name in by_name:
            if name in values:
                raise TypeError(f"{title}() got multiple values for argument {name!r}")
            values[name] = value
        elif signature.others is not None:
            others[name] = value
        elif name in signature.positional:
            raise TypeError(
                f"{title}() got some positional-only arguments passed as keyword arguments: "
                f"{name!r}"
            )
        else:
            raise TypeError(f"{title}() got an unexpected keyword argument {name!r}")
    return others


def _too_many(signature: Signature, defaults: Mapping[str, Any], given: int) -> str:
    most = len(signature.positional)
    least = sum(name not in defaults for name in signature.positional)
    takes = str(most) if least == most else f"from {least} to {most}"
    plural = "" if takes == "1" else "s"
    were = "was" if given == 1 else "were"
    return f"{signature.title}() takes {takes} positional argument{plural} but {given} {were} given"


def _require(
    signature: Signature, names: tuple[str, ...], values: Mapping[str, Any], kind: str
) -> None:
    missing = [repr(name) for name in names if name not in values]
    if missing:
        *first, last = missing
        separator = ", and " if len(first) > 1 else " and "
        listed = f"{', '.join(first)}{separator}{last}" if first else last
        plural = "arguments" if first else "argument"
        raise TypeError(
            f"{signature.title}() missing {len(missing)} required {kind} {plural}: {listed}"
        )
