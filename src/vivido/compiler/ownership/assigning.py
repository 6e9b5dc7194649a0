"""Assignments: who holds what afterwards, and which changes in place they are."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from vivido.compiler import types
from vivido.compiler.ownership.functions import Functions
from vivido.compiler.ownership.things import ITEMS, NONE, Things
from vivido.compiler.ownership.values import SCALAR, Value
from vivido.compiler.types import UNKNOWN, Instance


class Assigning(Functions):
    """Targets of every form, `+=` and `del`."""

    def assigned(self, targets: Sequence[ast.expr], source: ast.expr, node: ast.stmt) -> None:
        """One value goes to each of the targets."""
        value = self.value(source)
        plain = len(targets) > 1 or not isinstance(targets[0], ast.Tuple | ast.List)
        if plain:
            value = self.settle(value, source, node.lineno)
        kept = self.keep(value)
        for target in targets:
            value = self.take(kept)
            kept = self.keep(value)
            self.assign(target, value, node)
        self.take(kept)

    def assign(self, target: ast.expr, value: Value, node: ast.AST) -> None:
        """Give a target a value: a name, a place in something, or several at once."""
        line = getattr(node, "lineno", 0)
        match target:
            case ast.Name(id=name):
                variable = self.variable(name)
                if variable is not None:
                    self.bind(variable, self.settle(value, (target, "tuple"), line), line)
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                self._unpack(parts, value, node)
            case ast.Starred(value=inner):
                self.assign(inner, value, node)
            case ast.Attribute(value=owner, attr=attribute):
                self._store(target, owner, f".{attribute}", value, node)
            case ast.Subscript(value=owner, slice=index):
                self._store(target, owner, index, value, node)
            case _:
                return

    def _store(
        self, target: ast.expr, owner: ast.expr, label: str | ast.expr, value: Value, node: ast.AST
    ) -> None:
        kept = self.keep(
            self.settle(value, (target, "value"), getattr(node, "lineno", 0)), waiting=True
        )
        holder = (
            self.operands([owner, label])[0] if isinstance(label, ast.expr) else self.value(owner)
        )
        value = self.take(kept)
        if isinstance(label, ast.Slice):
            value = Value(self.items(value))
        self.change(holder, target, owner)
        name = label if isinstance(label, str) else self.label(holder, label)
        surely = len(holder.things) == 1 and name != ITEMS
        line = getattr(node, "lineno", 0)
        self.here.store(holder.things, name, value.things, line, instead=surely)
        self.refuse_cycle(holder, value, target, owner)

    def _unpack(self, parts: Sequence[ast.expr], value: Value, node: ast.AST) -> None:
        starred = any(isinstance(part, ast.Starred) for part in parts)
        if value.parts is not None and not starred and len(value.parts) == len(parts):
            kept = [self.keep(part) for part in value.parts]
            for part, each in zip(parts, kept, strict=True):
                self.assign(part, self.take(each), node)
            return
        whole = self.keep(self.settle(value, (node, "unpacked"), getattr(node, "lineno", 0)))
        seen = self.keep(SCALAR)
        for index, part in enumerate(parts):
            value, before = self.take(whole), self.take(seen).things
            taken = self._place(value, None if starred else index, part, before)
            # Only what was picked out of many is surely at this place, and so at no other.
            sure = frozenset(each for each in taken.things if each.root.site == (part, "place"))
            whole, seen = self.keep(Value(self._still(value))), self.keep(Value(before | sure))
            self.assign(part, taken, node)
        self.take(whole)
        self.take(seen)

    def _still(self, value: Value) -> Things:
        return frozenset(thing for thing in value.things if thing in self.here.things)

    def _place(self, value: Value, index: int | None, part: ast.expr, before: Things) -> Value:
        """What unpacking gives at one place.

        Of a list's items, it is none of those that came before.
        """
        choices: Things = NONE
        for thing in value.things:
            if not self.is_mapping(thing):
                label = f"[{index}]" if index is not None and self._is_tuple(thing) else ITEMS
                choices |= frozenset(self.here.parts(thing, label))
        taken = NONE if self.here.holds_twice(value.things, choices) else before
        if isinstance(part, ast.Starred):
            return self.holding_all(part, Instance(list), [choices - taken])
        picked = NONE
        if choices:
            picked = self.pick((part, "place"), choices, held_by=value.things, besides=taken)
        return Value(picked)

    def augmented(self, node: ast.AugAssign) -> None:
        """`+=` and its like, which change what can be changed."""
        target = node.target
        if isinstance(target, ast.Name):
            self._augment_name(node, target)
            return
        owner = target.value
        index = (
            [target.slice]
            if isinstance(target, ast.Subscript) and not isinstance(target.slice, ast.Slice)
            else []
        )
        holder, *_, value = self.operands([owner, *index, node.value])
        if isinstance(target, ast.Subscript) and not index:
            self.change(holder, target, owner)
            self.here.store(holder.things, ITEMS, self.items(value), node.lineno)
            return
        label = (
            f".{target.attr}"
            if isinstance(target, ast.Attribute)
            else self.label(holder, target.slice)
        )
        self.change(holder, target, owner)
        kept_value, kept_holder = self.keep(value), self.keep(holder)
        old = Value(self.load(holder.things, label, (target, "old")), holder.base)
        value, holder = self.take(kept_value), self.take(kept_holder)
        if old.things and self._in_place(old, node):
            self.change(old, target, target)
            added = self.items(value) | self.values(value)
            self.here.store(old.things, ITEMS, added, node.lineno)
        elif value.things or old.things:
            both = self._sum(node, old, value)
            self.here.store(self._still(holder), label, both.things, node.lineno)

    def _augment_name(self, node: ast.AugAssign, target: ast.Name) -> None:
        variable = self.variable(target.id)
        if variable is None:
            self.value(node.value)
            return
        waiting = self.has_effect(node.value)
        old = self.keep(
            Value(frozenset(self.here.variables.get(variable, {})), variable), waiting=waiting
        )
        value = self.value(node.value)
        before = self.take(old)
        if before.things and self._in_place(before, node):
            self.change(before, node, target)
            added = self.items(value) | self.values(value)
            self.here.store(before.things, ITEMS, added, node.lineno)
            if not all(
                types.changes_in_place(self.here.things[thing].kind) for thing in before.things
            ):
                both = self._sum(node, before, value)
                self.bind(variable, Value(both.things | self._still(before)), node.lineno)
            elif frozenset(self.here.variables.get(variable, {})) != before.things:
                self.bind(variable, before, node.lineno)
        else:
            self.bind(variable, self._sum(node, before, value), node.lineno)

    def _in_place(self, old: Value, node: ast.AugAssign) -> bool:
        """Whether `+=` may change the old value: numbers cannot be added to a list."""
        given = self.types_here(node.value)
        if isinstance(given, Instance) and types.is_number(given.cls):
            return False
        return any(types.changes_in_place(self.here.things[thing].kind) for thing in old.things)

    def _sum(self, node: ast.AugAssign, old: Value, value: Value) -> Value:
        held = self.items(old) | self.values(old) | self.items(value) | self.values(value)
        return self.holding_all(node.target, UNKNOWN, [held]) if held else SCALAR

    def deleted(self, targets: Sequence[ast.expr], node: ast.stmt) -> None:
        """`del`, of variables and of parts of their values."""
        for target in targets:
            match target:
                case ast.Name(id=name):
                    variable = self.variable(name)
                    if variable is not None:
                        self.here.variables.pop(variable, None)
                case ast.Attribute(value=owner):
                    self.change(self.value(owner), target, owner)
                case ast.Subscript(value=owner, slice=index):
                    holder = self.operands([owner, index])[0]
                    self.change(holder, target, owner)
                case ast.Tuple(elts=parts) | ast.List(elts=parts):
                    self.deleted(parts, node)
