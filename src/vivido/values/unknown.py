"""What becomes of a value whose class is gone? A mapping of what was stored, as it was."""

from typing import Any, Final

from vivido.values.wire import TAG, Json, Refused, Room

UNKNOWN_TAG: Final = "unknown"  # never written: a value keeps the tag it came with


class Unknown(dict[str, Any]):
    """A stored value of a class that cannot be found here: its JSON as it is, tags and all.

    It stores again to the very same JSON, so that the value is whole again where the class exists.
    """

    @property
    def tag(self) -> str:
        """The name of the class that is gone, ``"module:Qualname"``."""
        return str(self.get(TAG))

    def __getattr__(self, name: str) -> Any:
        """Say why the attribute is missing; only called for what a dict does not have."""
        raise AttributeError(
            f"the class {self.tag!r} of this value cannot be found here, so it has no attribute"
            f" {name!r}: import its module, or read what was stored with [{name!r}]",
            name=name,
            obj=self,
        )

    def __repr__(self) -> str:
        return f"Unknown({super().__repr__()})"


def read_unknown(data: Json) -> Unknown:
    """Return the value of a tagged object whose class is gone."""
    return Unknown({key: _copy(item, 0, Room()) for key, item in data.items()})


def write_unknown(value: Unknown, depth: int, room: Room) -> Json:
    """Return the JSON of which it was made; raises `Refused` where something else was put in."""
    return _copy(dict(value), depth, room)


def copy_unknown(value: Unknown, depth: int, room: Room) -> Unknown:
    """Return another mapping with the same JSON."""
    return Unknown(write_unknown(value, depth, room))


def _copy(data: Json, depth: int, room: Room) -> Json:
    kind = type(data)
    if kind is dict:
        room.take(depth, len(data))
        return {key: _copy(item, depth + 1, room) for key, item in data.items()}
    if kind is list:
        room.take(depth, len(data))
        return [_copy(item, depth + 1, room) for item in data]
    if data is None or kind in {str, int, float, bool}:
        return data
    raise Refused(
        f"is part of a value whose class is gone, where only JSON can be kept, not {kind.__name__}"
    )
