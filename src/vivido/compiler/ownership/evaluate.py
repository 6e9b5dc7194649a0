"""What the parts of an expression give, and what evaluating them changes."""

from __future__ import annotations

import ast
from collections.abc import Hashable, Sequence

from vivido.compiler import types
from vivido.compiler.infer import of_value
from vivido.compiler.ownership.frame import joined
from vivido.compiler.ownership.judging import Judge
from vivido.compiler.ownership.things import ANY, ITEMS, MANY, NONE, Root, Thing, Things, Variable
from vivido.compiler.ownership.values import SCALAR, Value, either
from vivido.compiler.read import Found
from vivido.compiler.symbols import Comprehension
from vivido.compiler.types import UNKNOWN, Instance
from vivido.compiler.visit import is_effect


class Evaluator(Judge):
    """Expressions without calls; `Calls` adds those."""

    def value(self, node: ast.expr) -> Value:  # noqa: C901, PLR0911, PLR0912  one case a kind
        """Evaluate an expression."""
        match node:
            case ast.Constant() | ast.Lambda():
                return SCALAR
            case ast.Name():
                return self._name(node)
            case ast.Attribute():
                return self._attribute(node)
            case ast.Subscript():
                return self._subscript(node)
            case ast.Call():
                return self.call(node)
            case ast.NamedExpr(target=target, value=inner):
                return self._walrus(node, target, inner)
            case ast.Await(value=ast.Call() as inner):
                return self.value(inner)
            case ast.Await(value=inner):
                self.value(inner)
                return Value(self.make(node, lazy=True))
            case ast.BoolOp(values=parts):
                return self._either(parts)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                self.value(test)
                return self._alternatives(body, orelse)
            case ast.BinOp():
                return self._binary(node)
            case ast.Tuple(elts=parts) if not any(isinstance(part, ast.Starred) for part in parts):
                return Value(parts=tuple(self.operands(parts)))
            case ast.Tuple(elts=parts) | ast.List(elts=parts) | ast.Set(elts=parts):
                cls = {ast.Tuple: tuple, ast.List: list, ast.Set: set}[type(node)]
                return self.collected(node, parts, Instance(cls))
            case ast.Dict():
                return self._dict(node)
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                return self.comprehension(node)
            case _:
                self.operands(
                    [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]
                )
                return SCALAR

    def call(self, node: ast.Call) -> Value:
        """Evaluate a call."""
        raise NotImplementedError

    def operands(self, nodes: Sequence[ast.expr]) -> list[Value]:
        """Evaluate one after another.

        If there is an effect among the later ones, the earlier ones wait for it.
        """
        kept = []
        for index, node in enumerate(nodes):
            value = self.value(node.value if isinstance(node, ast.Starred) else node)
            kept.append(
                self.keep(
                    value, waiting=any(self.has_effect(later) for later in nodes[index + 1 :])
                )
            )
        return [self.take(each) for each in kept]

    def has_effect(self, node: ast.AST) -> bool:
        """Whether evaluating it may come to a hop."""
        return any(
            isinstance(part, ast.Await)
            or (isinstance(part, ast.Call) and is_effect(self.resolve(part.func)))
            for part in ast.walk(node)
        )

    def resolve(self, node: ast.expr) -> Found | None:
        """What a name or dotted name means here."""
        frame = self.frame
        return frame.unit.resolve(node, frame.scope, frozenset(frame.hidden))

    # -------------------------------------------------------------- names and places
    def variable(self, name: str) -> Variable | None:
        """The variable that a name means here."""
        if name in self.frame.hidden:
            return self.frame.hidden[name]
        owner = self.frame.scope.owner(name)
        return None if owner is None else (owner.block, name)

    def _name(self, node: ast.Name) -> Value:
        self.frame.unread.discard(node)
        variable = self.variable(node.id)
        if variable is not None:
            return Value(frozenset(self.here.variables.get(variable, {})), variable)
        found = self.resolve(node)
        return SCALAR if found is None else self.of_module(found)

    def of_module(self, found: Found) -> Value:
        """A value that the module holds."""
        if found.kind != "constant":
            return SCALAR
        site = ("module", id(found.value))
        if types.immutable(of_value(found.value)):
            return SCALAR
        thing = Thing(Root(site))
        if thing not in self.here.things:
            self.make(site, of_value(found.value), lazy=True)
        return Value(frozenset({thing}))

    def _attribute(self, node: ast.Attribute) -> Value:
        found = self.resolve(node)
        if found is not None:
            return self.of_module(found)
        value = self.value(node.value)
        owner = self.resolve(node.value)
        if owner is not None and owner.kind == "class":
            return self._of_class(owner.value, node.attr)
        if self._computed(value, node.attr):
            return Value(self.anything(value, node).things, value.base)
        return Value(self.load(value.things, f".{node.attr}", node), value.base)

    def _of_class(self, cls: type, name: str) -> Value:
        """An attribute of a class: an enum's member, or a value that the class holds."""
        held = types.member(cls, name)
        if held is None or callable(held) or isinstance(held, cls):
            return SCALAR
        return self.of_module(Found("constant", name, held))

    def _computed(self, value: Value, name: str) -> bool:
        """Whether the attribute is a property, which may give anything of the object."""
        for thing in value.things:
            for kind in types.members(self.here.things[thing].kind):
                if isinstance(kind, Instance) and types.member(kind.cls, name) is not None:
                    declared = types.attribute(kind, name)
                    if name not in (types.fields(kind.cls) or {}) and not types.immutable(
                        declared or UNKNOWN
                    ):
                        return True
        return False

    def _subscript(self, node: ast.Subscript) -> Value:
        if isinstance(node.slice, ast.Slice):
            bounds = [
                each for each in (node.slice.lower, node.slice.upper, node.slice.step) if each
            ]
            return self.shallow(self.operands([node.value, *bounds])[0], node)
        value, _ = self.operands([node.value, node.slice])
        return Value(self.load(value.things, self.label(value, node.slice), node), value.base)

    def label(self, value: Value, index: ast.expr) -> str:
        """The label of an item: its key, if that is a text or a place of a tuple; else any item."""
        match index:
            case ast.Constant(value=str() as key):
                return f"[{key!r}]"
            case ast.Constant(value=int() as place) if all(
                self._is_tuple(thing) for thing in value.things
            ):
                return f"[{place}]"
            case _:
                return ITEMS

    def _is_tuple(self, thing: Thing) -> bool:
        kind = self.here.things[thing].kind
        return isinstance(kind, Instance) and issubclass(kind.cls, tuple)

    def load(self, things: Things, label: str, site: Hashable) -> Things:
        """One of what the things hold under a label."""
        choices: set[Thing] = set()
        for thing in things:
            choices |= self.here.parts(thing, label).keys()
        return self.pick(site, choices, held_by=things) if choices else NONE

    def blend_written(self, holders: Things, come: Things, site: tuple[Hashable, ...]) -> None:
        """Items that were written out are at one place each, as those of any list are."""
        single = frozenset(thing for thing in come if thing.single)
        written = self.here.held_only_by(single, holders)
        if len(holders) == 1 and written and not self.here.holds_twice(holders, written):
            self.here.blend(written, site)

    def items(self, value: Value) -> Things:
        """Everything that iteration over a value may give."""
        if value.parts is not None:
            return either(value.parts).things
        found: set[Thing] = set()
        for thing in value.things:
            if not self.is_mapping(thing):
                found |= self.here.parts(thing, ITEMS).keys()
        return frozenset(found)

    def is_mapping(self, thing: Thing) -> bool:
        """Whether iteration gives keys, which cannot change."""
        kind = self.here.things[thing].kind
        return isinstance(kind, Instance) and issubclass(kind.cls, dict)

    def anything(self, value: Value, site: Hashable) -> Value:
        """What may be any part of a value, or all of it, or something new made of such parts."""
        things = either([value]).things
        if not things:
            return SCALAR
        whole = self.keep(Value(things))
        picked = self.pick(site, self.parts_of(value, (site, "new")))
        return Value(self.take(whole).things | picked)

    def parts_of(self, value: Value, site: Hashable) -> Things:
        """All that is in a value, and new containers that may hold any of it, at many places."""
        inside = self.keep(Value(frozenset(self.here.unfold_all(either([value]).things))))
        vague = self.make_vague(site)
        held = self.take(inside).things
        for _ in range(MANY):
            self.here.store(frozenset({vague}), ANY, held, 0)
        return held | {vague}

    # -------------------------------------------------------------- operators
    def _either(self, parts: Sequence[ast.expr]) -> Value:
        first = self.value(parts[0])
        if len(parts) == 1:
            return first
        kept = self.keep(first)
        before, rest = self.here.copy(), []
        after = self.attempt(lambda: rest.append(self._either(parts[1:])))
        self.heap = joined([after, before])
        both = either([first, self.take(kept), *rest])
        return Value(both.things, first.base if not either(rest).things else None)

    def _alternatives(self, one: ast.expr, other: ast.expr) -> Value:
        before, values, ends = self.here, [], []
        for node in (one, other):
            self.heap = before.copy()
            ends.append(self.attempt(lambda node=node: values.append(self.value(node))))  # type: ignore[misc]
        self.heap = joined(ends)
        if self.ended:
            self.heap, self.lost = before, True
        bases = {value.base for value in values}
        return Value(either(values).things, bases.pop() if len(bases) == 1 else None)

    def _binary(self, node: ast.BinOp) -> Value:
        left, right = self.operands([node.left, node.right])
        if not (left.things or right.things or left.parts or right.parts):
            return SCALAR
        kinds = {self.here.things[thing].kind for thing in left.things | right.things}
        plain = all(
            isinstance(kind, Instance) and issubclass(kind.cls, _COLLECTIONS) for kind in kinds
        )
        groups = [self.items(value) | self.values(value) for value in (left, right)]
        if not plain:  # an operator of the author's may keep what it is given
            groups += [left.things, right.things]
        kind = next(iter(kinds)) if len(kinds) == 1 else UNKNOWN
        twice = isinstance(node.op, ast.Mult)
        return self.holding_all(node, kind if plain else UNKNOWN, groups * 2 if twice else groups)

    def values(self, value: Value) -> Things:
        """Everything that mappings among the things hold."""
        found: set[Thing] = set()
        for thing in value.things:
            if self.is_mapping(thing):
                found |= self.here.parts(thing, ITEMS).keys()
        return frozenset(found)

    def holding_all(self, node: ast.expr, kind: types.Type, groups: Sequence[Things]) -> Value:
        """A new container that holds things, each group once."""
        kept = [self.keep(Value(group)) for group in groups]
        made = self.make(node, _loose(kind))
        for group in kept:
            self.here.store(made, ITEMS, self.take(group).things, node.lineno)
        return Value(made)

    # -------------------------------------------------------------- displays
    def collected(self, node: ast.expr, parts: Sequence[ast.expr], kind: types.Type) -> Value:
        """A list, set or tuple that is written out."""
        kept = [self.keep(value) for value in self.operands(parts)]
        groups = []
        for index, (part, each) in enumerate(zip(parts, kept, strict=True)):
            value = self.take(each)
            held = (
                self.items(value)
                if isinstance(part, ast.Starred)
                else self.settle(value, (node, index), node.lineno).things
            )
            groups.append(self.keep(Value(held)))
        return self.holding_all(node, kind, [self.take(group).things for group in groups])

    def _dict(self, node: ast.Dict) -> Value:
        pairs = list(zip(node.keys, node.values, strict=True))
        order = [part for pair in pairs for part in pair if part is not None]
        kept = dict(zip(order, map(self.keep, self.operands(order)), strict=True))
        settled = {
            value: self.keep(self.settle(self.take(kept[value]), (node, index), node.lineno))
            for index, value in enumerate(node.values)
        }
        made = self.make(node, Instance(dict))
        for key, node_of_value in pairs:
            value = self.take(settled[node_of_value])
            label = ITEMS if key is None else self.label(SCALAR, key)
            held = self.values(value) if key is None else value.things
            self.here.store(made, label, held, node_of_value.lineno)
        return Value(made)

    def shallow(self, value: Value, node: ast.expr) -> Value:
        """A copy of a container: a new object with the same parts."""
        if value.parts is not None:
            return self.holding_all(node, Instance(list), [either(value.parts).things])
        if not value.things:
            return SCALAR
        kinds = {self.here.things[thing].kind for thing in value.things}
        kept = self.keep(value)
        made = self.make(node, next(iter(kinds)) if len(kinds) == 1 else UNKNOWN)
        originals = self.take(kept).things
        held: dict[str, set[Thing]] = {}
        for original in originals - made:
            self.here.expand(original)
            for label, parts in self.here.things[original].parts.items():
                held.setdefault(label, set()).update(parts)
        for label, inside in held.items():
            self.here.store(made, label, inside, node.lineno)
        return Value(made)

    # -------------------------------------------------------------- what other layers know
    def comprehension(self, node: Comprehension) -> Value:
        """Evaluate a comprehension."""
        raise NotImplementedError

    def _walrus(self, node: ast.expr, target: ast.Name, inner: ast.expr) -> Value:
        value = self.settle(self.value(inner), node, node.lineno)
        owner = self.frame.scope.owner(target.id)
        if owner is not None:
            self.bind((owner.block, target.id), value, node.lineno)
        return Value(value.things, (owner.block, target.id) if owner else None)

    def bind(self, variable: Variable, value: Value, line: int) -> None:
        """Give a variable a value."""
        self.here.variables[variable] = dict.fromkeys(value.things, line)


_COLLECTIONS = (list, tuple, set, frozenset, dict, bytearray)


def _loose(kind: types.Type) -> types.Type:
    """A container type without its items' types: those are what it holds."""
    return Instance(kind.cls) if isinstance(kind, Instance) else kind
