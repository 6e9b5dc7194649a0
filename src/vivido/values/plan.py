"""How are values of one class stored? One `Plan` a class, made once; the `Codec` finds it.

The codec is the tables: by class what writes and copies a value, by tag what reads one. An entry
is made when it is first asked for, by the first of the *makers* that knows the class; what has
many values in it (a list, a model) gets the codec and looks its parts up in the same tables.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from vivido.values.advice import advice
from vivido.values.tags import Names
from vivido.values.unknown import read_unknown
from vivido.values.wire import TAG, Copier, Json, Reader, Refused, Room, Writer


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """How values of one class are written, read and copied.

    *Tagged*, the value says by itself what it is. *Bare*, its place says it (the declared type of a
    field); `shape` is the JSON type of the bare form, or `object` where there is none. `bare` may
    still give the tagged form for a value that the bare one cannot express.
    """

    tag: str
    shape: type
    bare: Writer
    tagged: Writer
    from_bare: Reader
    from_tagged: Reader
    copy: Copier


@dataclass(frozen=True, slots=True, eq=False)
class Slot:
    """A place with a declared type: how values are written and read there."""

    write: Writer
    read: Reader


Maker: TypeAlias = "Callable[[type, Codec], Plan | None]"
"""Makes the plan of a class that it knows; None leaves the class to the next maker."""


class Codec:
    """The tables of one set of kinds: `write` and `copy` by class, `read_tagged` by tag.

    `names` is where tags become classes. `natives` are the plans of JSON's own types (their tagged
    form is the escaped one), `fixed` those of other classes known beforehand, `makers` the rest.
    """

    def __init__(
        self,
        names: Names,
        *,
        natives: "Callable[[Codec], Mapping[type, Plan]]",
        fixed: "Callable[[Codec], Mapping[type, Plan]]",
        makers: Iterable[Maker],
    ) -> None:
        self.names = names
        self.write = _ByClass(self, _writer)
        self.write_bare = _ByClass(self, _bare_writer)
        self.copy = _ByClass(self, _copier)
        self.read_tagged = _ByTag(self)
        self.slots: dict[Any, Slot] = {}  # by declared type, made by vivido.values.declared
        self._makers = tuple(makers)
        self._plans: dict[type, Plan | None] = {}
        self._natives = dict(natives(self))
        for cls, plan in self._natives.items():
            self._plans[cls] = plan
            self.write[cls] = plan.bare
            self.read_tagged[plan.tag] = plan.from_tagged
        for cls, plan in fixed(self).items():
            self._plans[cls] = plan
            self.read_tagged[plan.tag] = plan.from_tagged

    def plan_of(self, cls: type) -> Plan | None:
        """Return how values of exactly this class are stored, or None where they are not."""
        try:
            return self._plans[cls]
        except KeyError:
            made = next(filter(None, (make(cls, self) for make in self._makers)), None)
            self._plans[cls] = made
            if made is not None:
                self.adopt(made, cls)
            return made

    def adopt(self, plan: Plan, cls: type) -> None:
        """Let the tag of a plan mean its class from now on."""
        self.names.register(plan.tag, cls)
        self.read_tagged[plan.tag] = plan.from_tagged

    def is_native(self, cls: type) -> bool:
        """Tell whether JSON has this type itself."""
        return cls in self._natives

    def required_plan(self, cls: type) -> Plan:
        """Return the plan of a class; raises `Refused`, with what to do, where it has none."""
        plan = self.plan_of(cls)
        if plan is None:
            raise Refused(advice(cls))
        return plan

    def escaped(self, value: Any, depth: int, room: Room) -> Json:
        """Write a str, list or dict so that it cannot be taken for the bare form of a kind."""
        return self._natives[type(value)].tagged(value, depth, room)

    def read(self, data: Json) -> Any:
        """Read JSON whose place says nothing about it."""
        kind = type(data)
        if kind is dict:
            if TAG in data:
                return self.read_tagged[data[TAG]](data)
            return {key: self.read(item) for key, item in data.items()}
        if kind is list:
            return [self.read(item) for item in data]
        return data


class _ByClass(dict[type, Writer]):
    """One function a class, taken from its plan when the class is met for the first time."""

    def __init__(self, codec: Codec, choose: Callable[[Codec, Plan], Writer]) -> None:
        super().__init__()
        self._codec = codec
        self._choose = choose

    def __missing__(self, cls: type) -> Writer:
        chosen = self._choose(self._codec, self._codec.required_plan(cls))
        self[cls] = chosen
        return chosen


class _ByTag(dict[str, Reader]):
    """One reader a tag; a tag whose class cannot be found is asked for again the next time."""

    def __init__(self, codec: Codec) -> None:
        super().__init__()
        self._codec = codec

    def __missing__(self, tag: str) -> Reader:
        cls = self._codec.names.resolve(tag)
        plan = None if cls is None else self._codec.plan_of(cls)
        if plan is None:
            return read_unknown
        self[tag] = plan.from_tagged
        return plan.from_tagged


def _writer(_codec: Codec, plan: Plan) -> Writer:
    return plan.tagged


def _bare_writer(_codec: Codec, plan: Plan) -> Writer:
    return plan.bare


def _copier(_codec: Codec, plan: Plan) -> Copier:
    return plan.copy
