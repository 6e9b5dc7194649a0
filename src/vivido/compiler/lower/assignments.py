"""How do assignments become nodes? The value first, then the targets from left to right."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING

from vivido.compiler.lower import expressions, keeping
from vivido.compiler.lower.rewriting import held
from vivido.compiler.lower.split import Part
from vivido.compiler.symbols import free_names, names_in
from vivido.model import nodes

if TYPE_CHECKING:
    from vivido.compiler.lower.lowerer import Lowerer

_OPERATORS: dict[type[ast.operator], str] = {
    ast.Add: "+=",
    ast.Sub: "-=",
    ast.Mult: "*=",
    ast.MatMult: "@=",
    ast.Div: "/=",
    ast.Mod: "%=",
    ast.Pow: "**=",
    ast.LShift: "<<=",
    ast.RShift: ">>=",
    ast.BitOr: "|=",
    ast.BitXor: "^=",
    ast.BitAnd: "&=",
    ast.FloorDiv: "//=",
}


def lower(low: Lowerer, node: ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Delete) -> None:
    """Emit the nodes of an assignment or a `del`."""
    match node:
        case ast.Assign(targets=targets, value=value):
            _assign(low, targets, value)
        case ast.AnnAssign(target=place, value=ast.expr() as value):
            _assign(low, [place], value)
        case ast.AugAssign():
            _augment(low, node)
        case ast.Delete(targets=targets):
            for target in targets:
                _delete(low, target)


def _assign(low: Lowerer, targets: list[ast.expr], value: ast.expr) -> None:
    if len(targets) == 1 and is_simple(low, targets[0]):
        low.into(targets[0], value)
        return
    rest = low.value(value)
    if isinstance(targets[0], ast.Name) and not isinstance(rest, ast.Constant | ast.Name):
        low.assign(targets[0], rest, value)
        rest = low.rewrite(ast.copy_location(ast.Name(targets[0].id, ast.Load()), value))
        targets = targets[1:]
    if not isinstance(rest, ast.Constant | ast.Name) or _replaced(low, rest, targets):
        rest = low.keep(rest)
    for target in targets:
        store(low, target, rest, value)


def _replaced(low: Lowerer, rest: ast.expr, targets: list[ast.expr]) -> bool:
    """Whether a variable is replaced before it is stored: `a, b = c = a`, `d[(a := 1)] = a`."""
    if not isinstance(rest, ast.Name):
        return False
    names = {low.renamed.get(name, name) for t in targets[:-1] for name in names_in(t)}
    return rest.id in names or any(low.rebinds(t, frozenset({rest.id})) for t in targets)


def is_simple(low: Lowerer, target: ast.expr) -> bool:
    """Whether a target can be evaluated when it is assigned: nothing in it acts or differs."""
    match target:
        case ast.Name():
            return True
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            return all(is_simple(low, part) for part in parts)
        case ast.Starred(value=inner):
            return is_simple(low, inner)
        case _:
            return not low.lifts(target) and not any(
                low.once(low.rewrite(part)) for part in _inside(target)
            )


def _inside(target: ast.expr) -> list[ast.expr]:
    """What is evaluated of an attribute or item before it is assigned."""
    match target:
        case ast.Attribute(value=inner):
            return [inner]
        case ast.Subscript(value=inner, slice=ast.Slice() as ends):
            return [inner, *(end for end in (ends.lower, ends.upper, ends.step) if end is not None)]
        case ast.Subscript(value=inner, slice=index):
            return [inner, index]
        case _:
            return []


def store(low: Lowerer, target: ast.expr, rest: ast.expr, like: ast.expr) -> None:
    """Assign a remainder that may be used more than once to one target of any kind."""
    if is_simple(low, target):
        low.assign(target, rest, like)
        return
    match target:
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            _unpack(low, target, parts, rest, like)
        case _:
            low.assign_lowered(_fixed(low, target), rest, like)


def _unpack(
    low: Lowerer, target: ast.expr, parts: list[ast.expr], rest: ast.expr, like: ast.expr
) -> None:
    """`a[step()], b = value`: unpacked into temporaries, as the effects come behind that."""
    holders: list[ast.expr] = []
    later: list[tuple[ast.expr, str]] = []
    for part in parts:
        inner = part.value if isinstance(part, ast.Starred) else part
        name = low.fresh("item")
        holder: ast.expr = held(name, inner, ast.Store())
        if inner is not part:
            holder = ast.copy_location(ast.Starred(holder, ast.Store()), part)
        holders.append(holder)
        later.append((inner, name))
    low.assign(ast.copy_location(ast.Tuple(holders, ast.Store()), target), rest, like)
    for inner, name in later:
        store(low, inner, held(name, inner), like)


def _fixed(low: Lowerer, target: ast.expr, later: Sequence[ast.expr] = ()) -> ast.expr:
    """An attribute or item that can be evaluated again, also behind `later`, and be the same."""
    parts = [Part(p, "changed" if i == 0 else "value") for i, p in enumerate(_inside(target))]
    rests = expressions.sequence(low, parts, also_lift=True)
    if later:
        rests = [
            keeping.before(low, Part(rest, part.role), later)
            for rest, part in zip(rests, parts, strict=True)
        ]
    match target:
        case ast.Attribute(attr=name):
            fixed: ast.expr = ast.Attribute(rests[0], name, ast.Store())
        case ast.Subscript(slice=ast.Slice() as ends):
            left = rests[1:]
            new = [
                None if end is None else left.pop(0) for end in (ends.lower, ends.upper, ends.step)
            ]
            fixed = ast.Subscript(rests[0], ast.copy_location(ast.Slice(*new), ends), ast.Store())
        case _:
            fixed = ast.Subscript(rests[0], rests[1], ast.Store())
    return ast.copy_location(fixed, target)


# ---------------------------------------------------------------- augmented, del
def _augment(low: Lowerer, node: ast.AugAssign) -> None:
    """`x += value`: the old value is read before the new one is computed."""
    later = [node.value] if low.lifts(node.value) else []
    target = node.target
    is_name = isinstance(target, ast.Name)
    fixed = low.rewrite(target) if is_name else _fixed(low, target, later)
    if later:
        old = _load(fixed)
        names = frozenset(free_names(old))
        if low.rebinds(node.value, names) or (not is_name and low.may_change(node.value, names)):
            _augment_old(low, node, fixed, keeping.before(low, Part(old), later))
            return
        if not keeping.stable(low, old, later):
            low.touch(old)
    _emit(low, node, fixed, low.value(node.value))


def _augment_old(low: Lowerer, node: ast.AugAssign, target: ast.expr, old: ast.expr) -> None:
    """The value may assign what is augmented: the old one was kept, and is augmented."""
    name = old.id if isinstance(old, ast.Name) else low.fresh("value")
    _emit(low, node, held(name, old, ast.Store()), low.value(node.value))
    low.assign_lowered(target, held(name, old), node)


def _emit(low: Lowerer, node: ast.AugAssign, target: ast.expr, rest: ast.expr) -> None:
    op, value = _OPERATORS[type(node.op)], low.text(rest)
    low.emit(nodes.Set(id="", line=node.lineno, to=low.target_text(target), op=op, value=value))


def _load(target: ast.expr) -> ast.expr:
    match target:
        case ast.Name(id=name):
            return ast.copy_location(ast.Name(name, ast.Load()), target)
        case ast.Attribute(value=inner, attr=attribute):
            return ast.copy_location(ast.Attribute(inner, attribute, ast.Load()), target)
        case ast.Subscript(value=inner, slice=index):
            return ast.copy_location(ast.Subscript(inner, index, ast.Load()), target)
        case _:
            return target


def _delete(low: Lowerer, target: ast.expr) -> None:
    match target:
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            for part in parts:
                _delete(low, part)
            return
        case ast.Name():
            to = low.target_text(low.rewrite(target))
        case _:
            to = low.target_text(_fixed(low, target))
    low.emit(nodes.Set(id="", line=target.lineno, to=to, op="del"))
    low.unbind(names_in(target))
