"""How do lambdas run, and how do arguments find their parameters, with Python's own errors?"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from vivido.expressions.context import Context, Local, Run
from vivido.expressions.meter import Meter

_NAME = "<lambda>"
_MADE = 35  # units for a function object


@dataclass(frozen=True, slots=True)
class Signature:
    """The parameters of a lambda in the order of their slots."""

    positional: tuple[str, ...]
    only_positional: int
    keywords: tuple[str, ...]
    rest: str | None
    others: str | None

    @classmethod
    def of(cls, given: ast.arguments) -> Signature:
        """Read the parameters."""
        return cls(
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


def lower_lambda(node: ast.Lambda, context: Context) -> Run:
    """`lambda …: …`: a function of Python's that runs the compiled body."""
    context.facts.multiplies = True
    signature = Signature.of(node.args)
    names = signature.names
    body = context.within(
        {name: Local(slot) for slot, name in enumerate(names, 1)}, in_lambda=True
    ).lower(node.body)
    price = 2 + sum(1 for _ in ast.walk(node.body)) // 2
    defaults = _defaults(node.args, context)
    if not defaults and len(names) == len(signature.positional):
        return lambda e, m: _plain(signature, body, price, e, m)

    def make(e: Any, m: Meter) -> Callable[..., Any]:
        m.charge(_MADE)
        values = {name: run(e, m) for name, run in defaults}

        def call(*args: Any, **named: Any) -> Any:
            m.charge(price)
            return body([e, *bind(signature, values, args, named)], m)

        return _titled(call)

    return make


def _plain(signature: Signature, body: Run, price: int, e: Any, m: Meter) -> Callable[..., Any]:
    m.charge(_MADE)
    count = len(signature.positional)

    def call(*args: Any, **named: Any) -> Any:
        if named or len(args) != count:
            args = tuple(bind(signature, {}, args, named))
        m.charge(price)
        return body([e, *args], m)

    return _titled(call)


def _titled(function: Callable[..., Any]) -> Callable[..., Any]:
    function.__name__ = function.__qualname__ = _NAME
    return function


def _defaults(given: ast.arguments, context: Context) -> list[tuple[str, Run]]:
    positional = [*given.posonlyargs, *given.args]
    with_default = positional[len(positional) - len(given.defaults) :]
    pairs = [
        *zip(with_default, given.defaults, strict=True),
        *zip(given.kwonlyargs, given.kw_defaults, strict=True),
    ]
    return [(parameter.arg, context.lower(node)) for parameter, node in pairs if node is not None]


def bind(
    signature: Signature, defaults: dict[str, Any], args: tuple[Any, ...], named: dict[str, Any]
) -> list[Any]:
    """The values of all parameters in the order of their slots; raises TypeError as Python does."""
    values = dict(zip(signature.positional, args, strict=False))
    others = _take_named(signature, values, named)
    extra = args[len(signature.positional) :]
    if extra and signature.rest is None:
        raise TypeError(_too_many(signature, defaults, len(args)))
    for name, default in defaults.items():
        values.setdefault(name, default)
    _require(signature.positional, values, "positional")
    _require(signature.keywords, values, "keyword-only")
    if signature.rest is not None:
        values[signature.rest] = extra
    if signature.others is not None:
        values[signature.others] = others
    return [values[name] for name in signature.names]


def _take_named(
    signature: Signature, values: dict[str, Any], named: dict[str, Any]
) -> dict[str, Any]:
    by_name = {*signature.positional[signature.only_positional :], *signature.keywords}
    others: dict[str, Any] = {}
    for name, value in named.items():
        if name in by_name:
            if name in values:
                raise TypeError(f"{_NAME}() got multiple values for argument {name!r}")
            values[name] = value
        elif signature.others is not None:
            others[name] = value
        elif name in signature.positional:
            raise TypeError(
                f"{_NAME}() got some positional-only arguments passed as keyword arguments: "
                f"{name!r}"
            )
        else:
            raise TypeError(f"{_NAME}() got an unexpected keyword argument {name!r}")
    return others


def _too_many(signature: Signature, defaults: dict[str, Any], given: int) -> str:
    most = len(signature.positional)
    least = sum(name not in defaults for name in signature.positional)
    takes = str(most) if least == most else f"from {least} to {most}"
    plural = "" if takes == "1" else "s"
    were = "was" if given == 1 else "were"
    return f"{_NAME}() takes {takes} positional argument{plural} but {given} {were} given"


def _require(names: tuple[str, ...], values: dict[str, Any], kind: str) -> None:
    missing = [repr(name) for name in names if name not in values]
    if missing:
        *first, last = missing
        separator = ", and " if len(first) > 1 else " and "
        listed = f"{', '.join(first)}{separator}{last}" if first else last
        plural = "arguments" if first else "argument"
        raise TypeError(f"{_NAME}() missing {len(missing)} required {kind} {plural}: {listed}")
