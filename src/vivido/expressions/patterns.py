"""Does a value match what follows `case`, and what does the pattern capture?"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from vivido.errors import ExpressionLimit
from vivido.expressions.access import read
from vivido.expressions.containers import collector
from vivido.expressions.context import Context
from vivido.expressions.expression import new_context
from vivido.expressions.meter import Meter
from vivido.expressions.operators import equal
from vivido.expressions.parsing import bounded, parse_pattern
from vivido.expressions.refused import refused
from vivido.expressions.scope import Scope
from vivido.expressions.statics import find
from vivido.expressions.weighing import charge_hash, metered

# Environment, value, captures so far, meter.
Match = Callable[[Any, Any, dict[str, Any], Meter], bool]

# These match their whole value as the one positional part: `case int(n)`.
_SELF_MATCHING = (bool, bytearray, bytes, dict, float, frozenset, int, list, set, str, tuple)


class Pattern:
    """A compiled pattern; `binds`: keys of the variables it captures, `names`: that it reads."""

    __slots__ = ("_match", "binds", "names", "text")

    def __init__(self, text: str, match: Match, context: Context) -> None:
        self.text = text
        self._match = match
        self.binds = frozenset(context.facts.binds)
        self.names = frozenset(context.facts.reads)

    def match(
        self, env: Mapping[str, Any], value: Any, meter: Meter | None = None
    ) -> dict[str, Any] | None:
        """What the pattern captures, by the keys of the variables, or None if it does not match."""
        captures: dict[str, Any] = {}
        try:
            matched = self._match(env, value, captures, meter or Meter())
        except (RecursionError, MemoryError) as error:
            raise ExpressionLimit(f"matching {self.text:.200} goes too deep: {error}") from None
        return captures if matched else None

    def __repr__(self) -> str:
        return f"<Pattern {self.text:.200}>"


def compile_pattern(source: str | ast.pattern, scope: Scope | None = None) -> Pattern:
    """Compile what may follow `case`; raises `ExpressionRefused`."""
    node = parse_pattern(source) if isinstance(source, str) else bounded(source)
    text = source if isinstance(source, str) else ast.unparse(source)
    context = new_context(scope)
    return Pattern(text, _lower(node, context), context)


def _lower(node: ast.pattern, context: Context) -> Match:
    return _LOWER[type(node)](node, context)


def _value(node: ast.MatchValue, context: Context) -> Match:
    run = context.lower(node.value)
    return lambda e, value, _, m: bool(equal(value, run(e, m), m))


def _singleton(node: ast.MatchSingleton, _: Context) -> Match:
    constant = node.value
    return lambda _e, value, _c, _m: value is constant


def _capture(node: ast.MatchAs, context: Context) -> Match:
    matches = _lower(node.pattern, context) if node.pattern is not None else None
    key = _bind(node.name, context)

    def capture(e: Any, value: Any, captures: dict[str, Any], m: Meter) -> bool:
        if matches is not None and not matches(e, value, captures, m):
            return False
        if key is not None:
            captures[key] = value
        return True

    return capture


def _bind(name: str | None, context: Context) -> str | None:
    if name is None:
        return None
    key = context.scope.resolve(name)
    context.facts.binds.add(key)
    return key


def _alternatives(node: ast.MatchOr, context: Context) -> Match:
    parts = [_lower(part, context) for part in node.patterns]

    # All alternatives bind the same names, so what a failed one has captured is overwritten.
    return lambda e, value, captures, m: any(part(e, value, captures, m) for part in parts)


def _sequence(node: ast.MatchSequence, context: Context) -> Match:
    parts = node.patterns
    stars = [place for place, part in enumerate(parts) if isinstance(part, ast.MatchStar)]
    if len(stars) > 1:
        raise refused(node, "multiple starred expressions in sequence pattern", reason="syntax")
    star = stars[0] if stars else len(parts)
    before = [_lower(part, context) for part in parts[:star]]
    after = [_lower(part, context) for part in parts[star + 1 :]]
    starred = parts[star] if stars else None
    key = _bind(starred.name, context) if isinstance(starred, ast.MatchStar) else None
    least = len(before) + len(after)

    def match(e: Any, value: Any, captures: dict[str, Any], m: Meter) -> bool:
        if not isinstance(value, Sequence) or isinstance(value, (str, bytes, bytearray)):
            return False
        if len(value) < least or (not stars and len(value) != least):
            return False
        middle = len(value) - len(after)
        if not all(part(e, value[place], captures, m) for place, part in enumerate(before)):
            return False
        if key is not None:
            captures[key] = list(metered(value[star:middle], m))
        return all(part(e, value[place], captures, m) for place, part in enumerate(after, middle))

    return match


_MISSING = object()


def _mapping(node: ast.MatchMapping, context: Context) -> Match:
    keys = collector(node.keys, context)
    parts = [_lower(part, context) for part in node.patterns]
    rest = _bind(node.rest, context)

    def match(e: Any, value: Any, captures: dict[str, Any], m: Meter) -> bool:
        if not isinstance(value, Mapping):
            return False
        wanted = keys(e, m)
        for key in wanted:
            charge_hash(key, m)
        if len(set(wanted)) < len(wanted):
            twice = next(key for place, key in enumerate(wanted) if key in wanted[:place])
            raise ValueError(f"mapping pattern checks duplicate key ({twice!r})")
        for key, part in zip(wanted, parts, strict=True):
            found = value.get(key, _MISSING)
            if found is _MISSING or not part(e, found, captures, m):
                return False
        if rest is not None:
            captures[rest] = {k: v for k, v in metered(value.items(), m, 5) if k not in wanted}
        return True

    return match


def _class(node: ast.MatchClass, context: Context) -> Match:
    static = find(node.cls, context)
    if static is None:
        raise refused(
            node,
            f"{ast.unparse(node.cls)!r} is not a known class",
            reason="pattern",
            hint="name a class of the module",
        )
    cls = static.value
    positional = [_lower(part, context) for part in node.patterns]
    named = [
        (name, _lower(part, context))
        for name, part in zip(node.kwd_attrs, node.kwd_patterns, strict=True)
    ]
    for name in node.kwd_attrs:
        if name.startswith("_"):
            raise refused(
                node,
                f"the attribute {name!r} is private",
                reason="underscore",
                hint="give it a public name",
            )

    def match(e: Any, value: Any, captures: dict[str, Any], m: Meter) -> bool:
        if not isinstance(cls, type):
            raise TypeError("called match pattern must be a class")
        if not isinstance(value, cls):
            return False
        whole = issubclass(cls, _SELF_MATCHING) and not hasattr(cls, "__match_args__")
        if whole and len(positional) == 1:
            return positional[0](e, value, captures, m) and _attributes(
                named, e, value, captures, m
            )
        names = _positional_names(cls, len(positional), [name for name, _ in named], whole=whole)
        return _attributes([*zip(names, positional, strict=False), *named], e, value, captures, m)

    return match


def _positional_names(cls: type, count: int, named: Sequence[str], *, whole: bool) -> Sequence[str]:
    """The attributes that positional parts stand for; raises TypeError as Python does."""
    if not count:
        return ()
    names = getattr(cls, "__match_args__", ())
    if not isinstance(names, tuple):
        raise TypeError(
            f"{cls.__name__}.__match_args__ must be a tuple (got {type(names).__name__})"
        )
    most = 1 if whole else len(names)
    if count > most:
        plural = "" if most == 1 else "s"
        raise TypeError(
            f"{cls.__name__}() accepts {most} positional sub-pattern{plural} ({count} given)"
        )
    for name in names[:count]:
        if not isinstance(name, str):
            raise TypeError(f"__match_args__ elements must be strings (got {type(name).__name__})")
        if name in named:
            raise TypeError(f"{cls.__name__}() got multiple sub-patterns for attribute {name!r}")
    return names


def _attributes(
    parts: Sequence[tuple[str, Match]], e: Any, value: Any, captures: dict[str, Any], m: Meter
) -> bool:
    for name, part in parts:
        try:
            found = read(value, name)
        except AttributeError:
            return False
        if not part(e, found, captures, m):
            return False
    return True


_LOWER: dict[type[ast.pattern], Callable[[Any, Context], Match]] = {
    ast.MatchAs: _capture,
    ast.MatchClass: _class,
    ast.MatchMapping: _mapping,
    ast.MatchOr: _alternatives,
    ast.MatchSequence: _sequence,
    ast.MatchSingleton: _singleton,
    ast.MatchValue: _value,
}
