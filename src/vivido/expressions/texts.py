"""How does a value become text: in an f-string, by `str` and `format`, in a line of a log?"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from vivido.expressions.meter import DECIMAL_DIGITS, Meter, too_large
from vivido.expressions.weighing import is_flat, weigh

WIDTH = 999  # the largest width or precision
SPEC = 200  # characters of one format specification
TEMPLATE = 10_000  # characters of the template of a log line

_FOUR_DIGITS = re.compile(r"\d{4}")
_DIRECTIVE = re.compile(
    r"%(?:\((?P<key>[^()]*)\))?[#0\- +]*"
    r"(?P<width>\*|\d*)(?:\.(?P<precision>\*|\d*))?[hlL]?(?P<type>.)",
    re.DOTALL,
)


def _written(native: Callable[[Any], str]) -> Callable[[Any, Meter], str]:
    def write(value: Any, meter: Meter) -> str:
        if not is_flat(type(value)):
            weigh(value, meter)
        text = native(value)
        meter.charge(len(text) >> 3)
        return text

    return write


repr_of = _written(repr)
ascii_of = _written(ascii)
_str_of = _written(str)
_format_of = _written(format)


def text_of(value: Any, meter: Meter) -> str:
    """`str(value)`; text is returned as it is."""
    return value if type(value) is str else _str_of(value, meter)


def format_value(value: Any, spec: str, meter: Meter) -> str:
    """`format(value, spec)`; raises `ExpressionLimit` for a width or precision above 999."""
    if not spec:
        return value if type(value) is str else _format_of(value, meter)
    bound_spec(value, spec)
    if not is_flat(type(value)):
        weigh(value, meter)
    text = format(value, spec)
    meter.charge(len(text) >> 3)
    return text


def bound_spec(value: Any, spec: str) -> None:
    """Refuse a format specification that makes long text of a short value."""
    if len(spec) > SPEC:
        too_large(f"a format specification of {len(spec):,} characters", f"{SPEC}")
    if _FOUR_DIGITS.search(spec):
        too_large(f"a width or precision in {spec!r}", f"{WIDTH}")
    bound_writing(value)


def bound_writing(value: Any) -> None:
    """Refuse to write out a number of mostly zeros, for which its exponent stands."""
    if isinstance(value, Decimal) and value.is_finite():
        digits = abs(value.adjusted())
        if digits > DECIMAL_DIGITS:
            too_large(f"a number of {digits:,} digits written out", f"{DECIMAL_DIGITS:,}")


def format_log(template: Any, args: tuple[Any, ...] = (), meter: Meter | None = None) -> str:
    """The line that `logging` makes of a template and its arguments: %-formatting, bounded.

    A template that does not fit its arguments gives a line that holds both: logging never fails
    the program. Raises `ExpressionLimit` where the line would be out of bounds.
    """
    meter = meter or Meter()
    text = text_of(template, meter)
    if not args:
        return text
    # As logging does: a sole mapping that holds something is where %(name)s looks.
    sole = args[0] if len(args) == 1 and isinstance(args[0], Mapping) and args[0] else None
    weigh(args, meter)
    _bound_directives(text, args, sole, meter)
    try:
        line = text % (args if sole is None else sole)
    except (TypeError, ValueError, KeyError, OverflowError):
        line = f"{text} {args!r}"
    meter.charge(len(line) >> 3)
    return line


def _bound_directives(text: str, args: tuple[Any, ...], sole: Any, meter: Meter) -> None:
    if len(text) > TEMPLATE:
        too_large(f"a log template of {len(text):,} characters", f"{TEMPLATE:,}")
    rest = iter(args)
    for directive in _DIRECTIVE.finditer(text):
        for field in ("width", "precision"):
            number = directive[field]
            bound = next(rest, 0) if number == "*" else int((number or "0")[:4])
            if isinstance(bound, int) and abs(bound) > WIDTH:
                too_large(f"a {field} of more than {WIDTH} in {directive[0]!r}", f"{WIDTH}")
        if directive["key"] is not None and sole is not None:
            value = sole.get(directive["key"])
            weigh(value, meter)
        elif directive["type"] != "%":
            value = next(rest, None)
        else:
            continue
        if directive["type"] in "diouxX":
            bound_writing(value)
