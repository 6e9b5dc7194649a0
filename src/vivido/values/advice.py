"""What should an author do about a value that cannot be stored? A sentence for each common case."""

from collections import OrderedDict, defaultdict, deque
from collections.abc import Awaitable, Iterator, Mapping
from datetime import date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from fractions import Fraction
from pathlib import PurePath
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

_DEFAULT: Final = (
    "make its class a dataclass or a pydantic model, or return only what is needed of it"
)
_BY_NAME: Final[Mapping[str, str]] = {
    "pydantic.types.SecretStr": "keep secrets out of values, and read them in the step",
    "pydantic.types.SecretBytes": "keep secrets out of values, and read them in the step",
    "builtins.memoryview": "use bytes(...)",
    "builtins.function": "name the function in the workflow instead of keeping it in a value",
    "builtins.builtin_function_or_method": "keep what it returns instead",
    "builtins.method": "keep what it returns instead",
    "builtins.module": "import it where it is used",
    "builtins.mappingproxy": "use dict(...)",
    "builtins.dict_keys": "use list(...)",
    "builtins.dict_values": "use list(...)",
    "builtins.dict_items": "use list(...)",
    "re.Pattern": "keep its text and compile it in the step",
    "re.Match": "keep match.group() or match.groupdict()",
}
_BY_MODULE: Final[Mapping[str, str]] = {
    "_thread": "make it in the step that uses it",
    "threading": "make it in the step that uses it",
    "asyncio": "make it in the step that uses it",
    "_asyncio": "await it, and keep its result",
    "_io": "keep its path, and open it in the step that uses it",
    "io": "keep its content or its path",
    "tempfile": "keep its path",
    "socket": "open it in the step that uses it",
    "sqlite3": "keep rows as dicts, and connect in the step",
    "numpy": "use .tolist() or .item(), or keep the path of a file",
    "pandas": "use .to_dict('records'), or keep the path of a file",
    "pytz": "use zoneinfo.ZoneInfo",
    "dateutil": "use zoneinfo.ZoneInfo",
}
# Of these only the class itself is stored: what a subclass adds is where nobody can see it.
_NOT_SUBCLASSED: Final = (
    datetime,
    date,
    time,
    timedelta,
    ZoneInfo,
    Decimal,
    Fraction,
    UUID,
    PurePath,
    deque,
    OrderedDict,
    defaultdict,
    bytearray,
)
_BY_BASE: Final[Mapping[type, str]] = {
    **{base: f"use {base.__module__}.{base.__qualname__}" for base in _NOT_SUBCLASSED},
    tzinfo: "use zoneinfo.ZoneInfo('Area/City') or datetime.timezone",
    type: "keep its name, or an enum, instead of the class",
    Awaitable: "await it, and keep its result",
    Iterator: "use list(...)",
}


def advice(cls: type) -> str:
    """Return what is said, behind the way to it, of a value of this class."""
    return f"is of the type {_name(cls)}, which cannot be stored: {_what_to_do(cls)}"


def _what_to_do(cls: type) -> str:
    named = _BY_NAME.get(_name(cls, full=True))
    if named is not None:
        return named
    for base in cls.__mro__:
        by_module = _BY_MODULE.get(base.__module__.partition(".")[0])
        if by_module is not None:
            return by_module
    by_base = (what for base, what in _BY_BASE.items() if issubclass(cls, base))
    return next(by_base, _DEFAULT)


def _name(cls: type, *, full: bool = False) -> str:
    if cls.__module__ == "builtins" and not full:
        return cls.__qualname__
    return f"{cls.__module__}.{cls.__qualname__}"
