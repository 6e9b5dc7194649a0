"""How is text kept exactly? As it is, unless it has half a surrogate pair: UTF-8 has none."""

from typing import Final

from vivido.values.wire import TAG, VALUE, Json, Room

TEXT_TAG: Final = "str"
ESCAPED: Final = "escaped"


def is_clean(text: str) -> bool:
    """Tell whether JSON can hold this text: whether it has no lone surrogate."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def write_text(value: str, _depth: int, _room: Room) -> Json:
    """Return text as it is; with lone surrogates, tagged and with backslash escapes."""
    if value.isascii() or is_clean(value):
        return value
    return {TAG: TEXT_TAG, ESCAPED: value.encode("unicode_escape").decode("ascii")}


def write_text_tagged(value: str, depth: int, room: Room) -> Json:
    """Return text for a place where a bare string means something else."""
    written = write_text(value, depth, room)
    return {TAG: TEXT_TAG, VALUE: value} if written is value else written


def read_text_tagged(data: Json) -> str:
    """Return the text of either tagged form."""
    if ESCAPED in data:
        return str(data[ESCAPED]).encode("ascii").decode("unicode_escape")
    return str(data[VALUE])
