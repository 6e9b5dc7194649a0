"""How is an exception stored? By its class and bases, message, arguments, attributes and cause.

Storing one never fails: it is how a failure becomes known. An attribute that cannot be stored is
left out and named under ``omitted``; such an argument becomes its text. Reading makes an instance
of the real class again, without calling `__init__`, or a `RecordedError` where that cannot be done.
"""

from collections.abc import Callable, Mapping
from functools import cache
from reprlib import Repr
from types import GetSetDescriptorType, MemberDescriptorType, TracebackType
from typing import Any, Final, TypeAlias

from pydantic_core import ValidationError

from vivido.errors import RecordedError
from vivido.values.layout import is_python_class, native_base, recomputed_in
from vivido.values.plan import Codec, Plan
from vivido.values.tags import type_names
from vivido.values.text import is_clean, write_text
from vivido.values.unknown import read_unknown
from vivido.values.wire import TAG, Json, Refused, Room

_Member: TypeAlias = MemberDescriptorType | GetSetDescriptorType

_TAG: Final = "error"
_TRACEBACK: Final = "__vivido_traceback__"  # where a traceback is kept on an exception
_NOTES: Final = "__notes__"
# Of built-in exceptions: what the arguments say already, and what is of no use to a later reader.
_NOT_KEPT: Final = frozenset({"args", "exceptions", "obj"})
_ARGUMENT: Final = Repr()  # for an argument that cannot be stored
_ARGUMENT.maxother = _ARGUMENT.maxstring = 200
_FIRST_FRAMES: Final = 10
_LAST_FRAMES: Final = 40


def base_error_plans(codec: Codec) -> Mapping[type, Plan]:
    """Return the plan under whose tag all exceptions are stored."""
    errors = _Errors(codec)
    return {
        BaseException: Plan(
            _TAG, object, errors.write, errors.write, errors.read, errors.read, errors.copy
        )
    }


def error_plan(cls: type, codec: Codec) -> Plan | None:
    """Return the plan of an exception class."""
    if not issubclass(cls, BaseException):
        return None
    errors = _Errors(codec)
    # Nothing is stored under the name of the class itself, so nothing is read there.
    name = type_names(cls)[0]
    return Plan(name, object, errors.write, errors.write, read_unknown, read_unknown, errors.copy)


def traceback_text(error: BaseException) -> str:
    """Return where an exception was raised, as it was kept or, else, without lines of source."""
    kept = error.__dict__.get(_TRACEBACK)
    return str(kept) if kept is not None else _frames(error.__traceback__)


def keep_traceback(error: BaseException, text: str) -> None:
    """Let `text` be stored with an exception, in place of what the codec can say by itself.

    The codec reads no files, so it cannot quote the source; who catches the exception can.
    """
    error.__dict__[_TRACEBACK] = text


def message_of(error: BaseException) -> str:
    """Return the text of an exception, whatever its author's `__str__` does."""
    try:
        return str(error)
    except Exception as failure:  # noqa: BLE001 - an author's __str__ may raise anything
        return f"<str() of this error raised {type(failure).__name__}>"


class _Errors:
    """Writes and reads exceptions of any class."""

    def __init__(self, codec: Codec) -> None:
        self._codec = codec

    def write(self, error: BaseException, depth: int, room: Room) -> Json:
        """Return an exception as JSON; raises `Refused` only inside itself and past the bounds."""
        if id(error) in room.open_errors:
            raise Refused("is the error itself again")
        room.take(depth, 1)
        room.open_errors.add(id(error))
        try:
            return self._record(error, depth, room)
        finally:
            room.open_errors.discard(id(error))

    def read(self, data: Json) -> BaseException:
        """Return the exception that was stored, or its stand-in."""
        read = self._codec.read
        args = tuple(read(item) for item in data.get("args", ()))
        attributes = {name: read(item) for name, item in data.get("attributes", {}).items()}
        error = _rebuilt(self._codec.names.resolve(data["type"]), args, attributes)
        if error is None or ("omitted" in data and not _prints(error)):
            error = RecordedError(
                data["type"],
                read(data["message"]),
                bases=data["bases"],
                args=args,
                attributes=attributes,
            )
        if "notes" in data:
            error.__dict__[_NOTES] = read(data["notes"])
        if "traceback" in data:
            error.__dict__[_TRACEBACK] = read(data["traceback"])
        if "cause" in data:
            error.__cause__ = read(data["cause"])
        return error

    def copy(self, error: BaseException, depth: int, room: Room) -> BaseException:
        """Return another exception, equal in all that is stored."""
        return self.read(self.write(error, depth, room))

    def _record(self, error: BaseException, depth: int, room: Room) -> Json:
        omitted: list[str] = []

        def kept(parts: Mapping[str, Any]) -> dict[str, Json]:
            written = {}
            for name, part in parts.items():
                try:
                    written[name] = self._codec.write[type(part)](part, depth + 2, room)
                except Refused:
                    omitted.append(name)
            return written

        type_name, *bases = type_names(error)
        args = kept({f"args[{at}]": item for at, item in enumerate(error.args)})
        attributes = kept(_attributes(error))
        others = kept(_others(error))
        record = {
            "args": [
                args[f"args[{at}]"] if f"args[{at}]" in args else _shown(item)
                for at, item in enumerate(error.args)
            ],
            "attributes": attributes,
            **others,
            "traceback": write_text(traceback_text(error), depth, room),
            "omitted": omitted,
        }
        return {
            TAG: _TAG,
            "type": type_name,
            "bases": bases,
            "message": write_text(message_of(error), depth, room),
            **{name: part for name, part in record.items() if part},
        }


def _attributes(error: BaseException) -> Mapping[str, Any]:
    """Return what was set on an exception, and what its built-in base keeps beside `args`."""
    if isinstance(error, RecordedError):
        return error.attributes
    if isinstance(error, ValidationError):
        return _validation_details(error)
    found: dict[str, Any] = {}
    cls: type = type(error)
    for name, member in _members(cls).items():
        try:
            item = member.__get__(error)
        except AttributeError:
            continue
        if item is not None:
            found[name] = item
    ours = recomputed_in(cls) | {_TRACEBACK, _NOTES}
    found.update(
        (name, item) for name, item in error.__dict__.items() if name not in ours and is_clean(name)
    )
    return found


def _others(error: BaseException) -> Mapping[str, Any]:
    """Return what every exception may have."""
    found: dict[str, Any] = {}
    if _NOTES in error.__dict__:
        found["notes"] = error.__dict__[_NOTES]
    if error.__cause__ is not None:
        found["cause"] = error.__cause__
    return found


def _validation_details(error: ValidationError) -> Mapping[str, Any]:
    """Return what is wrong where; pydantic lets nobody make such an error again."""
    details = error.errors(include_url=False, include_context=False, include_input=False)
    return {
        "title": error.title,
        "details": [
            {"type": each["type"], "loc": list(each["loc"]), "msg": each["msg"]} for each in details
        ],
    }


@cache
def _members(cls: type) -> Mapping[str, _Member]:
    """Return the attributes of an exception class that are kept outside of `__dict__`."""
    return {
        name: member
        for base in reversed(cls.__mro__)
        for name, member in vars(base).items()
        if isinstance(member, MemberDescriptorType | GetSetDescriptorType)
        and not name.startswith("__")
        and (is_python_class(base) or name not in _NOT_KEPT)
    }


def _rebuilt(
    found: type | None, args: tuple[Any, ...], attributes: Mapping[str, Any]
) -> BaseException | None:
    """Return an exception of its own class, or None where Python does not let us make one."""
    if found is None or not issubclass(found, BaseException):
        return None
    cls: type = found
    native: Callable[..., BaseException] = native_base(cls).__new__
    try:
        # Only a group needs its arguments this early; OSError would choose another class by them.
        error = native(cls, *args) if issubclass(cls, BaseExceptionGroup) else native(cls)
    except (TypeError, ValueError):
        return None
    error.args = args
    members = _members(cls)
    for name, item in attributes.items():
        if name not in members:
            error.__dict__[name] = item
            continue
        try:
            members[name].__set__(error, item)
        except (AttributeError, TypeError):  # read-only: made from the arguments
            continue
    return error


def _prints(error: BaseException) -> bool:
    try:
        str(error)
    except Exception:  # noqa: BLE001 - its __str__ wanted something that could not be stored
        return False
    return True


def _shown(item: object) -> str:
    return _ARGUMENT.repr(item)


def _frames(traceback: TracebackType | None) -> str:
    lines: list[str] = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        lines.append(
            f'  File "{code.co_filename}", line {traceback.tb_lineno}, in {code.co_name}\n'
        )
        traceback = traceback.tb_next
    if len(lines) > _FIRST_FRAMES + _LAST_FRAMES:
        left_out = len(lines) - _FIRST_FRAMES - _LAST_FRAMES
        lines[_FIRST_FRAMES:-_LAST_FRAMES] = [f"  … {left_out} more\n"]
    return "".join(lines)
