"""How much would this call make? Known before the work is done, by the size of what it is given.

Each function is the check of a rule: it charges, raises `ExpressionLimit`, or puts bounded
arguments in place.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from vivido.errors import ExpressionError
from vivido.expressions.meter import Meter, too_large
from vivido.expressions.operators import bound_search, charge_text_search
from vivido.expressions.rules import Check
from vivido.expressions.texts import bound_spec
from vivido.expressions.weighing import (
    SHORT,
    charge_hash,
    extent,
    is_flat,
    metered,
    weigh,
)

Args = list[Any]
Named = dict[str, Any]

_TEXT_AND_PIECES = 2  # arguments of `join`
_INDENT = 16  # characters of an indentation or separator
_SPACES = "".join(c for c in map(chr, range(0x3001)) if c.isspace())
_LINE_ENDS = "\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
_CODECS = (
    "utf8 utf-8 utf_8 utf-8-sig ascii us-ascii latin1 latin-1 iso-8859-1 cp1252 windows-1252 "
    "utf16 utf-16 utf-16-le utf-16-be utf32 utf-32 utf-32-le utf-32-be"
)


def at(args: Args, index: int, named: Named, name: str = "", default: Any = None) -> Any:
    """An argument by its position or its name."""
    if index < len(args):
        return args[index]
    return named.get(name, default)


def both(*checks: Check) -> Check:
    """One check after another."""

    def check(meter: Meter, args: Args, named: Named) -> None:
        for one in checks:
            one(meter, args, named)

    return check


# Text and bytes: the object is the first argument.


def scan(meter: Meter, args: Args, _: Named) -> None:
    """A method that goes through its object once."""
    meter.charge(len(args[0]) >> 4)


def strip(meter: Meter, args: Args, _: Named) -> None:
    """A method that compares each character with some."""
    some = len(args[1]) if len(args) > 1 and isinstance(args[1], (str, bytes)) else 1
    meter.charge(len(args[0]) * min(some, 128) >> 7)


def search(meter: Meter, args: Args, _: Named) -> None:
    """A method that looks for one text in another."""
    if len(args) > 1 and isinstance(args[1], (str, bytes)):
        charge_text_search(args[0], args[1], meter)
    else:
        meter.charge(len(args[0]) >> 4)


def affix(meter: Meter, args: Args, _: Named) -> None:
    """`startswith` and `endswith`: one text or a tuple of them."""
    wanted = at(args, 1, {})
    for text in wanted if isinstance(wanted, tuple) else (wanted,):
        meter.charge(extent(text) >> 2)


def pad(meter: Meter, args: Args, _: Named) -> None:
    """`center`, `ljust`, `rjust`, `zfill`."""
    width = at(args, 1, {})
    if isinstance(width, int):
        meter.charge(max(width, len(args[0])) >> 3)


def expand_tabs(meter: Meter, args: Args, named: Named) -> None:
    """Each tab becomes up to so many spaces."""
    size = at(args, 1, named, "tabsize", 8)
    if isinstance(size, int):
        tabs = args[0].count("\t" if isinstance(args[0], str) else b"\t")
        meter.charge((len(args[0]) + tabs * max(size, 0)) >> 3)


def replace(meter: Meter, args: Args, named: Named) -> None:
    """The result is known exactly: so many times the difference."""
    text, old, new = args[0], at(args, 1, named), at(args, 2, named)
    if not (isinstance(old, type(text)) and isinstance(new, type(text))):
        return
    charge_text_search(text, old, meter)
    times = text.count(old)
    limit = at(args, 3, named, "count", -1)
    if isinstance(limit, int) and 0 <= limit < times:
        times = limit
    meter.charge(max(len(text) + times * (len(new) - len(old)), len(text)) >> 3)


def split(meter: Meter, args: Args, named: Named) -> None:
    """Each piece is an object of its own."""
    text, separator = args[0], at(args, 1, named, "sep")
    limit = at(args, 2, named, "maxsplit", -1)
    if len(text) <= SHORT:
        pieces = len(text) >> 1
    elif isinstance(separator, type(text)) and separator:
        charge_text_search(text, separator, meter)
        pieces = text.count(separator)
    elif isinstance(text, str):
        pieces = sum(map(text.count, _SPACES))
    else:
        pieces = sum(text.count(space) for space in b" \t\n\r\x0b\f")
    if isinstance(limit, int) and 0 <= limit < pieces:
        pieces = limit
    meter.charge(3 * pieces + 1 + (len(text) >> 4))


def split_lines(meter: Meter, args: Args, _: Named) -> None:
    """Each line is an object of its own."""
    text = args[0]
    ends = _LINE_ENDS if isinstance(text, str) else (b"\n", b"\r")
    meter.charge(3 * sum(map(text.count, ends)) + 1 + (len(text) >> 4))


def join(meter: Meter, args: Args, _: Named) -> None:
    """The pieces are collected first, so that the length is known."""
    if len(args) != _TEXT_AND_PIECES:
        return
    pieces = metered(args[1], meter)
    if not isinstance(pieces, (list, tuple)):
        if not hasattr(pieces, "__iter__"):
            return
        pieces = list(pieces)
    args[1] = pieces
    length = len(args[0]) * len(pieces)
    for piece in pieces:
        if isinstance(piece, (str, bytes)):
            length += len(piece)
    meter.charge(length >> 3)


def codec(meter: Meter, args: Args, named: Named) -> None:
    """Only encodings that take and make a few bytes a character."""
    name = at(args, 1, named, "encoding", "utf-8")
    if isinstance(name, str) and name.lower() not in _CODECS.split():
        raise ExpressionError(f"the encoding {name!r} is not available in a workflow; use 'utf-8'")
    meter.charge(len(args[0]) >> 2)


# Lists, sets, dicts, …: the object is the first argument.


def shift(meter: Meter, args: Args, _: Named) -> None:
    """A method that may move all items of a list."""
    meter.charge(len(args[0]) >> 6)


def copied(meter: Meter, args: Args, _: Named) -> None:
    """A method that copies its object."""
    meter.charge(extent(args[0]))


def find_item(meter: Meter, args: Args, _: Named) -> None:
    """A method that looks for an item."""
    if len(args) > 1:
        bound_search(args[1], args[0], meter)


def key(meter: Meter, args: Args, _: Named) -> None:
    """A method that hashes its first argument."""
    if len(args) > 1:
        charge_hash(args[1], meter)


def members(first: int = 1) -> Check:
    """Iterables whose items are hashed, from the argument at `first` on."""

    def check(meter: Meter, args: Args, _: Named) -> None:
        for index in range(first, len(args)):
            args[index] = hashed_items(args[index], meter)

    return check


def hashed_items(source: Any, meter: Meter) -> Any:
    """An iterable for a set: sets and dicts have hashed their items already."""
    if isinstance(source, (str, bytes, dict, set, frozenset)):
        return metered(source, meter, 5)
    items = metered(source, meter, 5)
    if isinstance(items, (list, tuple)):
        for item in items:
            charge_hash(item, meter)
        return items
    return _hashing(items, meter) if hasattr(items, "__iter__") else items


def _hashing(items: Any, meter: Meter) -> Any:
    for item in items:
        charge_hash(item, meter)
        yield item


def pairs(first: int = 1) -> Check:
    """What `dict(…)` and `update(…)` take: a mapping, or an iterable of pairs."""

    def check(meter: Meter, args: Args, named: Named) -> None:
        meter.charge(5 * len(named))
        if len(args) > first:
            source = args[first]
            if hasattr(source, "keys"):
                meter.charge(5 * len(source) if hasattr(source, "__len__") else 5)
            else:
                args[first] = paired(source, meter)

    return check


def paired(source: Any, meter: Meter) -> Any:
    """An iterable of pairs for a dict: their keys are hashed."""
    items = metered(source, meter, 7)
    if isinstance(items, (list, tuple)):
        for pair in items:
            _charge_pair(pair, meter)
        return items
    return _pairing(items, meter) if hasattr(items, "__iter__") else items


def _pairing(items: Any, meter: Meter) -> Any:
    for pair in items:
        _charge_pair(pair, meter)
        yield pair


def _charge_pair(pair: Any, meter: Meter) -> None:
    if isinstance(pair, (tuple, list)) and pair:
        charge_hash(pair[0], meter)


def ordering(place: int) -> Check:
    """Sorting the items of the argument at `place`: they are collected first."""

    def check(meter: Meter, args: Args, named: Named) -> None:
        if len(args) <= place:
            return
        items = args[place]
        if not isinstance(items, (list, tuple)):
            items = metered(items, meter)
            if not hasattr(items, "__iter__"):
                return
            items = args[place] = list(items)
        meter.charge(len(items) * max(len(items).bit_length() >> 1, 1))
        if named.get("key") is None:
            charge_each(items, len(items).bit_length(), meter)

    return check


def charge_each(items: Any, times: int, meter: Meter) -> None:
    """Pay for comparing each of the items so many times."""
    if all(map(is_flat, set(map(type, items)))):
        return
    before = meter.fuel
    for item in items:
        if isinstance(item, (str, bytes)):
            meter.charge(len(item) >> 5)
        else:
            weigh(item, meter)
    meter.charge((before - meter.fuel) * (times >> 2))


# Text of values.


def format_spec(place: int) -> Callable[[Meter, Args, Named], None]:
    """A format that is given as the argument at `place`, for the first argument."""

    def check(_: Meter, args: Args, named: Named) -> None:
        spec = at(args, place, named, "format", "")
        if isinstance(spec, str):
            bound_spec(args[0] if args else None, spec)

    return check


def indentation(width: Any) -> None:
    """Refuse an indentation or separator, as a number or as text, that is mostly blanks."""
    size = len(width) if isinstance(width, str) else width
    if isinstance(size, int) and size > _INDENT:
        too_large(f"an indentation or separator of {size:,} characters", f"{_INDENT}")


def weighed(meter: Meter, args: Args, named: Named) -> None:
    """A function that walks through all its arguments."""
    weigh(args, meter)
    if named:
        weigh(named, meter)
