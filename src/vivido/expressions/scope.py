"""What do the names in an expression mean? Decided once, when it is compiled."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True, slots=True)
class Binding:
    """What a name of the author's module stands for: a class, a constant, a module, a function.

    `pure` counts for functions (marked `@pure`: the same result when it is called again). Whether
    building an instance of a class is pure is read off the class.
    """

    value: Any
    pure: bool = False


def _same(name: str) -> str:
    return name


@dataclass(frozen=True, slots=True)
class Scope:
    """The names around an expression.

    A name is looked up among locals of comprehensions and lambdas, then `variables`, `bindings`,
    the built-in names that expressions know; any other name is a variable too. `resolve` turns the
    name of a variable into its key in the environment.
    """

    bindings: Mapping[str, Binding] = field(default_factory=lambda: MappingProxyType({}))
    resolve: Callable[[str], str] = _same
    variables: frozenset[str] = frozenset()
