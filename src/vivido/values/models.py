"""How are pydantic models stored? As their fields, and what pydantic notes about them.

Beside the fields, where there is something to say: ``$unset``, fields that were not given (what
`model_fields_set` leaves out), ``$set``, names in it that are no fields, ``$extra``, values without
a field, and ``$private``, private attributes. Aliases, serializers and validators play no part.
"""

from collections.abc import Callable
from typing import Any, Final

from pydantic import BaseModel, RootModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from vivido.values.declared import slot_of
from vivido.values.layout import (
    ABSENT,
    Layout,
    State,
    copy_named,
    recomputed_in,
    slots_of,
    write_named,
)
from vivido.values.plan import Codec, Plan
from vivido.values.tags import tag_of
from vivido.values.wire import TAG, Json, Refused, Room

_UNSET: Final = "$unset"
_SET: Final = "$set"
_EXTRA: Final = "$extra"
_PRIVATE: Final = "$private"

_put = object.__setattr__


def model_plan(cls: type, codec: Codec) -> Plan | None:
    """Return the plan of a pydantic model."""
    if not issubclass(cls, BaseModel):
        return None
    return _ModelPlan(cls, codec).plan()


class _ModelPlan:
    """What is known of a model once and for all."""

    def __init__(self, cls: type[BaseModel], codec: Codec) -> None:
        self._cls = cls
        self._codec = codec
        # A reader must know the types that the writer knew, before any instance is made here.
        cls.model_rebuild(raise_errors=False)
        _check(cls)
        fields = cls.model_fields
        self._layout = Layout(
            codec,
            tuple((name, slot_of(field.annotation, codec)) for name, field in fields.items()),
            frozenset(fields),
            {name: make for name, field in fields.items() if (make := _default(field))},
            recomputed_in(cls),
        )
        self._keeps_extra = cls.model_config.get("extra") == "allow"
        self._is_root = issubclass(cls, RootModel)
        self._has_private = bool(cls.__private_attributes__)

    def plan(self) -> Plan:
        """Return the plan made of the methods below."""
        tag, unnamed = _tag(self._cls)

        def tagged(value: BaseModel, depth: int, room: Room) -> Json:
            if unnamed is not None:
                raise Refused(unnamed)
            return self._write(value, {TAG: tag}, depth, room)

        def bare(value: BaseModel, depth: int, room: Room) -> Json:
            return self._write(value, {}, depth, room)

        return Plan(tag, dict, bare, tagged, self._read, self._read, self._copy)

    def _write(self, value: BaseModel, into: dict[str, Json], depth: int, room: Room) -> Json:
        self._layout.write(value, value.__dict__, into, depth, room)
        extra, private = value.__pydantic_extra__, value.__pydantic_private__
        if extra:
            into[_EXTRA] = write_named(self._codec, value, extra, depth + 1, room)
        if private:
            into[_PRIVATE] = write_named(self._codec, value, private, depth + 1, room)
        if value.__pydantic_fields_set__ != self._layout.names or ABSENT in into:
            self._write_fields_set(value, into)
        return into

    def _write_fields_set(self, value: BaseModel, into: dict[str, Json]) -> None:
        fields_set = value.__pydantic_fields_set__
        usual = self._layout.names & value.__dict__.keys()
        usual = usual.union(value.__pydantic_extra__ or ())
        if usual - fields_set:
            into[_UNSET] = sorted(usual - fields_set)
        if fields_set - usual:
            into[_SET] = sorted(fields_set - usual)

    def _read(self, data: Json) -> BaseModel:
        state = self._layout.read(data)
        extra = self._codec.read(data[_EXTRA]) if _EXTRA in data else None
        if extra is None and self._keeps_extra:
            extra = {}
        private = self._codec.read(data[_PRIVATE]) if _PRIVATE in data else {}
        fields_set: set[str] = data.keys() & self._layout.names
        if extra:
            fields_set.update(extra)
        fields_set.difference_update(data.get(_UNSET, ()))
        fields_set.update(data.get(_SET, ()))
        return self._restored(state, extra, self._with_private_defaults(private), fields_set)

    def _copy(self, value: BaseModel, depth: int, room: Room) -> BaseModel:
        state = self._layout.copy(value, value.__dict__, depth, room)
        extra, private = (
            None if parts is None else copy_named(self._codec, value, parts, depth + 1, room)
            for parts in (value.__pydantic_extra__, value.__pydantic_private__)
        )
        return self._restored(state, extra, private, set(value.__pydantic_fields_set__))

    def _with_private_defaults(self, private: dict[str, Any]) -> dict[str, Any] | None:
        if not self._has_private:
            return private or None
        for name, attribute in self._cls.__private_attributes__.items():
            if name not in private:
                default = attribute.get_default()
                if default is not PydanticUndefined:
                    private[name] = default
        return private

    def _restored(
        self,
        state: dict[str, Any],
        extra: dict[str, Any] | None,
        private: dict[str, Any] | None,
        fields_set: set[str],
    ) -> BaseModel:
        value = object.__new__(self._cls)
        _put(value, "__dict__", state)
        _put(value, "__pydantic_fields_set__", fields_set)
        if not self._is_root:  # a root model has none of these two
            _put(value, "__pydantic_extra__", extra)
            _put(value, "__pydantic_private__", private)
        return value


def _check(cls: type[BaseModel]) -> None:
    """Refuse a model with state that we would lose, or with fields that look like our own keys."""
    slots = slots_of(cls).keys() - slots_of(BaseModel).keys()
    if slots:
        raise Refused(
            f"is a model with __slots__ ({', '.join(sorted(slots))}), which cannot be stored:"
            " use private attributes"
        )
    for name in cls.model_fields:
        if name.startswith(TAG):
            raise Refused(
                f"is a model with a field named {name!r}, which cannot be stored: rename it"
            )


def _tag(cls: type[BaseModel]) -> tuple[str, str | None]:
    """Return the name of a model, and why it cannot be tagged where it has none of its own."""
    try:
        return tag_of(cls), None
    except Refused as refused:
        return cls.__qualname__, refused.what


def _default(field: FieldInfo) -> Callable[[State], Any] | None:
    """Return what gives a field its default, None where it has none."""
    if field.is_required():
        return None
    factory: Callable[..., Any] | None = field.default_factory
    if factory is None:
        return lambda _: field.get_default()
    if getattr(field, "default_factory_takes_validated_data", False):  # known since pydantic 2.10
        return lambda state: factory(dict(state))
    return lambda _: factory()
