"""What copies hold: all that the original holds, but for what is given anew."""

from __future__ import annotations

import ast
from collections.abc import Callable, Hashable, Sequence

from pydantic import BaseModel

from vivido.compiler import types
from vivido.compiler.ownership.evaluate import Evaluator
from vivido.compiler.ownership.things import ANY, Things
from vivido.compiler.ownership.values import SCALAR, Value
from vivido.compiler.types import UNKNOWN, Instance, Type


class Copies(Evaluator):
    """Copies of objects and containers; `Methods` and `Calls` know which calls make them."""

    def new(self, site: Hashable, kind: Type = UNKNOWN) -> Value:
        """Something that nothing else holds: what a step returned, an event's payload."""
        return Value(self.make(site, kind, lazy=True))

    def kind_of(self, value: Value) -> Type:
        """The type of a value, if it has but one."""
        kinds = {self.here.things[thing].kind for thing in value.things}
        return next(iter(kinds)) if len(kinds) == 1 else UNKNOWN

    def is_copied_by(self, value: Value, test: Callable[[type], bool]) -> bool:
        """Whether a class of the value's has code of the author's that says what a copy is."""
        return any(
            isinstance(kind, Instance) and test(kind.cls)
            for thing in value.things
            for kind in types.members(self.here.things[thing].kind)
        )

    def replaced(self, node: ast.Call, original: Value, given: Sequence[Value]) -> Value:
        """`dataclasses.replace(original, name=value)`: a copy with other values."""
        kept = [
            self.keep(self.settle(value, (node, index), node.lineno))
            for index, value in enumerate(given)
        ]
        made = self.shallow(original, node)
        for keyword, each in zip(node.keywords, kept, strict=True):
            value = self.take(each)
            if keyword.arg is None:  # `**changes`: any of them may be anywhere
                self.here.store(made.things, ANY, self.anything_in(value), node.lineno)
            else:
                label = f".{keyword.arg}"
                self.here.store(made.things, label, value.things, node.lineno, instead=True)
        return made

    def updated(self, node: ast.Call, original: Value, given: Sequence[Value]) -> Value:
        """`original.model_copy(update=…, deep=…)`: the new values are not copied in any case."""
        options = {keyword.arg: keyword.value for keyword in node.keywords}
        update = options.get("update")
        index = [keyword.arg for keyword in node.keywords].index("update") if update else 0
        kept = self.keep(given[len(node.args) + index] if update else SCALAR)
        match options.get("deep"):
            case ast.Constant(value=True):
                made = self.new(node, self.kind_of(original))
            case _:
                made = self.shallow(original, node)
        changes = self.take(kept)
        names = written_out(update)
        if names is None:
            self.here.store(made.things, ANY, self.anything_in(changes), node.lineno)
        for name in names or ():
            held = [
                part for thing in changes.things for part in self.here.parts(thing, f"[{name!r}]")
            ]
            self.here.store(made.things, f".{name}", held, node.lineno, instead=True)
        return made

    def same_for_all(self, node: ast.Call, values: Sequence[Value]) -> Value:
        """`dict.fromkeys(keys, value)`: a new dict that holds the one value under each key."""
        value = self.settle(values[1], (node, "value"), node.lineno) if values[1:] else SCALAR
        return self.holding_all(node, Instance(dict), [value.things, value.things])

    def anything_in(self, value: Value) -> Things:
        """Everything that a value holds, whatever it is."""
        return self.values(value) | self.items(value)

    def contents(self, cls: type, value: Value) -> Things:
        """What a container of a class holds that is made of a value."""
        if not issubclass(cls, dict):
            return self.items(value)
        pairs = self.items(value)
        return self.values(value) or (self.items(Value(pairs)) | pairs)


def written_out(update: ast.expr | None) -> list[str] | None:
    """The keys of a dict that are all written out as texts."""
    if not isinstance(update, ast.Dict):
        return None
    names = [key.value for key in update.keys if isinstance(key, ast.Constant)]
    texts = [name for name in names if isinstance(name, str)]
    return texts if len(texts) == len(update.keys) else None


def has_own_init(cls: type) -> bool:
    """Whether the author's code runs where an object of a class is made."""
    if issubclass(cls, BaseModel):
        return (
            cls.__init__ is not BaseModel.__init__
            or cls.model_post_init is not BaseModel.model_post_init
        )
    return hasattr(cls, "__post_init__")


def has_own_copy(cls: type) -> bool:
    """Whether the author's code says what a copy of an object is."""
    return any(
        name in vars(base)
        for base in cls.__mro__
        if base is not BaseModel and base is not object
        for name in ("__copy__", "__deepcopy__")
        if base.__module__ not in ("collections", "builtins")
    )
