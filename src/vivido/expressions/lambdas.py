"""How do lambdas run?"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from vivido.expressions.binding import Signature, bind
from vivido.expressions.context import Context, Local, Run
from vivido.expressions.meter import Meter

_NAME = "<lambda>"
_MADE = 35  # units for a function object


def lower_lambda(node: ast.Lambda, context: Context) -> Run:
    """`lambda …: …`: a function of Python's that runs the compiled body."""
    context.facts.multiplies = True
    signature = Signature.of(_NAME, node.args)
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
