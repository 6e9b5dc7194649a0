"""A list that is read item by item, and need not be in memory as a whole.

An environment may give one for a variable (`stream(key)`) where an expression goes through it once:
in a comprehension, as the argument of `len`, `sum` and their like, before brackets. Everywhere else
the variable is the plain list that it stands for.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Any

from vivido.expressions.context import Context, Run
from vivido.expressions.meter import Meter


class Stream(Sequence[Any]):
    """Marks what stands for a list; each item is fresh."""


def stream_of(node: ast.expr, context: Context) -> Callable[[Any, Meter], Stream | None] | None:
    """How to read a variable item by item, where it holds a list that is long; None: no variable.

    What is found is None where there is no such list.
    """
    if not isinstance(node, ast.Name) or not context.is_variable(node.id):
        return None
    key, hops = context.scope.resolve(node.id), len(context.locals)

    def find(e: Any, m: Meter) -> Stream | None:
        for _hop in range(hops):
            e = e[0]
        stream = getattr(e, "stream", None)
        found: Stream | None = None if stream is None else stream(key)
        if found is not None:
            m.grant(key, len(found))
        return found

    return find


def lower_source(node: ast.expr, context: Context) -> Run:
    """What is gone through once, or asked for one item."""
    plain, stream = context.lower(node), stream_of(node, context)
    if stream is None:
        return plain

    def load(e: Any, m: Meter) -> Any:
        found = stream(e, m)
        return plain(e, m) if found is None else found

    return load
