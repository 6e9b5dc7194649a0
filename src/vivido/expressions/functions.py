"""Which built-in functions and classes may an expression call, and under which rule?"""

from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import Any

from vivido.errors import ExpressionError
from vivido.expressions import bounds, numerals, texts
from vivido.expressions.access import kind_of, read
from vivido.expressions.meter import Meter
from vivido.expressions.operators import add, bound_power, charge_division
from vivido.expressions.rules import FREE, GROWS, Rule
from vivido.expressions.weighing import extent, metered, metered_lazily

_SUMMED_NATIVELY: frozenset[type] = frozenset({int, float, bool, complex})


def lazy(place: int) -> Rule:
    """A rule for what goes through the argument at `place` and may stop early."""

    def check(meter: Meter, args: list[Any], _: dict[str, Any]) -> None:
        if len(args) > place:
            args[place] = metered_lazily(args[place], meter)

    return Rule(check=check)


def _own_extent(meter: Meter, args: list[Any], _: dict[str, Any]) -> None:
    for value in args:
        meter.charge(extent(value))


def _division(meter: Meter, args: list[Any], _: dict[str, Any]) -> None:
    left, right = (*args, None, None)[:2]
    if isinstance(left, int) and isinstance(right, int):
        charge_division(left, right, meter)


def _power(meter: Meter, args: list[Any], _: dict[str, Any]) -> None:
    base, exp, mod = (*args, None, None, None)[:3]
    if mod is None:
        bound_power(base, exp, meter)
    elif isinstance(exp, int) and isinstance(mod, int):
        meter.charge(exp.bit_length() * ((mod.bit_length() >> 5) + 4) ** 2 >> 5)


def _text(meter: Meter, *args: Any, **named: Any) -> str:
    if len(args) == 1 and not named:
        return texts.text_of(args[0], meter)
    if args and isinstance(args[0], (bytes, bytearray)):
        bounds.codec(meter, [*args], named)
    return str(*args, **named)


def _written(native: Callable[..., str], write: Callable[[Any, Meter], str]) -> Rule:
    def call(meter: Meter, *args: Any, **named: Any) -> str:
        fits = len(args) == 1 and not named
        return write(args[0], meter) if fits else native(*args, **named)

    return Rule(instead=call)


def _format(meter: Meter, *args: Any, **named: Any) -> str:
    value, spec = (*args, "", "")[:2]
    fits = len(args) in (1, 2) and isinstance(spec, str) and not named
    return texts.format_value(value, spec, meter) if fits else format(*args, **named)


def total(meter: Meter, *args: Any, **named: Any) -> Any:
    """`sum(…)`: numbers natively, others one by one, for sums of lists and fractions grow."""
    source, *rest = args or (None,)
    start = rest[0] if rest else named.get("start", 0)
    refused = (
        len(rest) > 1 or named.keys() - {"start"} or isinstance(start, (str, bytes, bytearray))
    )
    if refused or not hasattr(source, "__iter__"):
        return sum(*args, **named)  # raises Python's own error
    items = list(metered(source, meter))
    kinds = set(map(type, items))
    if kinds <= _SUMMED_NATIVELY and type(start) in _SUMMED_NATIVELY:
        if int in kinds:
            longest = max(item.bit_length() for item in items if type(item) is int)
            meter.charge(len(items) * (longest >> 6))
        return sum(items, start)
    for item in items:
        start = add(start, item, meter)
    return start


def _extreme(meter: Meter, args: list[Any], named: dict[str, Any]) -> None:
    if len(args) == 1:
        args[0] = _collected(args[0], meter)
        compared = args[0]
    else:
        compared = args
    if named.get("key") is None and isinstance(compared, (list, tuple)):
        bounds.charge_each(compared, 4, meter)


def _collected(source: Any, meter: Meter) -> Any:
    items = metered(source, meter)
    return (
        items if isinstance(items, (list, tuple)) or not hasattr(items, "__iter__") else list(items)
    )


def type_of(_: Meter, *args: Any) -> type:
    """`type(value)`: a class to compare with, or to read `__name__` of; it makes no classes."""
    if len(args) != 1:
        raise ExpressionError("type() makes no classes in a workflow; it takes one argument")
    return type(args[0])


def _name(name: Any) -> str:
    if not isinstance(name, str):
        raise TypeError(f"attribute name must be string, not {type(name).__name__!r}")
    if name.startswith("_"):
        raise ExpressionError(
            f"the attribute {name!r} is not available in a workflow: it begins with _"
        )
    return name


def _getattr(_: Meter, *args: Any) -> Any:
    value, name, *default = args if len(args) in (2, 3) else (getattr(*args), "")
    try:
        return read(value, _name(name))
    except AttributeError:
        if default:
            return default[0]
        raise


def _hasattr(_: Meter, *args: Any) -> bool:
    value, name = args if len(args) == len(("value", "name")) else (hasattr(*args), "")
    if _name(name) in kind_of(type(value)).methods:
        return True  # though one that changes the value can only be called, not read
    try:
        read(value, name)
    except AttributeError:
        return False
    return True


def _iter(_: Meter, *args: Any) -> Any:
    if len(args) != 1:
        raise ExpressionError("iter() of a function is not available in a workflow; write a loop")
    return iter(args[0])


_FREE = (
    "bool callable chr complex enumerate isinstance issubclass len map next ord range reversed "
    "slice zip"
)
_BY_NAME: dict[str, Rule] = {
    **dict.fromkeys(_FREE.split(), FREE),
    **dict.fromkeys(("bin", "hex", "oct"), GROWS),
    "abs": Rule(check=_own_extent),
    "all": lazy(0),
    "any": lazy(0),
    "ascii": _written(ascii, texts.ascii_of),
    "bytes": Rule(params=("source", "encoding", "errors"), check=numerals.count_of_bytes),
    "dict": Rule(check=bounds.pairs(0), cost=4),
    "divmod": Rule(check=_division),
    "filter": Rule(check=lazy(1).check, callbacks=(0,)),
    "float": Rule(check=numerals.read_int),
    "format": Rule(instead=_format),
    "frozenset": Rule(check=bounds.members(0), cost=8),
    "getattr": Rule(instead=_getattr),
    "hasattr": Rule(instead=_hasattr),
    "int": Rule(check=numerals.read_int, grows=True),
    "iter": Rule(instead=_iter),
    "list": Rule(eats=(0,), cost=2),
    "map": Rule(callbacks=(0,)),
    "max": Rule(check=_extreme, callbacks=("key",)),
    "min": Rule(check=_extreme, callbacks=("key",)),
    "pow": Rule(params=("base", "exp", "mod"), check=_power),
    "repr": _written(repr, texts.repr_of),
    "round": Rule(params=("number", "ndigits"), check=numerals.rounding),
    "set": Rule(check=bounds.members(0), cost=8),
    "sorted": Rule(check=bounds.ordering(0), callbacks=("key",)),
    "str": Rule(params=("object", "encoding", "errors"), instead=_text),
    "sum": Rule(instead=total),
    "tuple": Rule(eats=(0,), cost=2),
    "type": Rule(instead=type_of),
}

BUILTINS: dict[str, Any] = {
    **{name: getattr(builtins, name) for name in _BY_NAME},
    **{
        name: value
        for name, value in vars(builtins).items()
        if isinstance(value, type) and issubclass(value, Exception)
    },
    "object": object,
    "bytearray": bytearray,
    "ExceptionGroup": ExceptionGroup,
    "BaseException": BaseException,
    "Ellipsis": ...,
    "NotImplemented": NotImplemented,
}
RULES: dict[Callable[..., Any], Rule] = {
    getattr(builtins, name): rule for name, rule in _BY_NAME.items()
}

REFUSED = frozenset(name for name in vars(builtins) if not name.startswith("_")) - BUILTINS.keys()
