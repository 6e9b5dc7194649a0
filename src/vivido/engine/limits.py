"""Limits of a step ready to be asked for: keys and priorities as compiled expressions.

A limit is named after what it bounds: the kind, then the step (by where it is found), or the name
that its author gave it; never a version. So it is one limit for all versions of a definition, and
the bound that was stated last counts.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from typing import Any, Final

from vivido import durations, values
from vivido.errors import DefinitionError
from vivido.expressions import Expression, ExpressionRefused, Scope, compile_expression
from vivido.model.definition import Definition, StepSpec

LONGEST_KEY: Final = 200  # characters; longer ones are cut, and told apart by a hash


@dataclass(frozen=True, slots=True)
class Bound:
    """So many at once; or, with a `period` in seconds, so many in each."""

    name: str
    bound: int
    key: Expression | None
    period: float = 0.0

    def key_of(self, named: Mapping[str, Any]) -> str:
        """The key for these arguments by name; raises what the expression raises."""
        return key_of(self.key, named)


@dataclass(frozen=True, slots=True)
class Limited:
    """What a step must have before it begins."""

    concurrency: Bound | None = None
    rate: Bound | None = None
    priority: Expression | None = None

    def priority_of(self, named: Mapping[str, Any]) -> float:
        """The priority for these arguments; 0 without one. Raises what the expression raises."""
        if self.priority is None:
            return 0.0
        value = self.priority(named)
        if not isinstance(value, int | float | Decimal) or not math.isfinite(value):
            raise TypeError(f"the priority {self.priority.text!r} is {value!r}, which is no number")
        return float(value)


def of_step(spec: StepSpec) -> Limited | None:
    """The limits of a step, or None."""
    if spec.concurrency is None and spec.rate is None:
        return None
    compiler = _Compiler(spec.ref, (param.name for param in spec.params))
    return compiler.limited(spec)


def refuse_of_workflow(definition: Definition) -> None:
    """Raise DefinitionError where a whole workflow has limits: nothing here would keep them."""
    for name in ("concurrency", "rate", "priority", "singleton", "debounce"):
        if getattr(definition, name) is not None:
            raise DefinitionError(
                f"{definition.name!r} has {name}: limits of whole workflows are not kept by this "
                "version; put concurrency, rate and priority on the steps that need them"
            )


def key_of(key: Expression | None, named: Mapping[str, Any]) -> str:
    """The text of a key: a text as it is, anything else as the JSON that records hold of it."""
    if key is None:
        return ""
    value = key(named)
    if isinstance(value, str):
        text = str(value)
    else:
        encoded = values.encode(value, name=f"the key {key.text!r}")
        text = json.dumps(encoded, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    if len(text) <= LONGEST_KEY:
        return text
    digest = sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{text[: LONGEST_KEY - 41]}~{digest[:40]}"


class _Compiler:
    """Compiles the expressions of one owner."""

    def __init__(self, owner: str, parameters: Iterable[str]) -> None:
        self._owner, self._scope = owner, Scope(variables=frozenset(parameters))

    def limited(self, spec: StepSpec) -> Limited:
        """All that a step says of it."""
        concurrency, rate = spec.concurrency, spec.rate
        return Limited(
            None
            if concurrency is None
            else self.bound("concurrency", concurrency.limit, concurrency.key, concurrency.name),
            None
            if rate is None
            else self.bound("rate", rate.limit, rate.key, rate.name, period=rate.per),
            None if spec.priority is None else self.expression(spec.priority),
        )

    def bound(
        self, kind: str, bound: int, key: str | None, shared: str | None = None, period: str = "0s"
    ) -> Bound:
        """One limit."""
        name = f"{kind} {self._owner if shared is None else '@' + shared}"
        seconds = durations.parse(period).total_seconds()
        return Bound(name, bound, None if key is None else self.expression(key), seconds)

    def expression(self, text: str) -> Expression:
        """Compile; a definition that no compiler of ours has written may hold anything."""
        try:
            compiled = compile_expression(text, self._scope)
        except ExpressionRefused as error:
            raise DefinitionError(f"{self._owner}: {text!r:.200} cannot be run: {error}") from None
        unknown = sorted(compiled.names - self._scope.variables)
        if unknown or compiled.impure:
            what = f"{unknown[0]!r} is no parameter" if unknown else "it is not the same each time"
            raise DefinitionError(f"{self._owner}: {text!r:.200} cannot be run: {what}")
        return compiled
