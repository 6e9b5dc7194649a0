"""How do the author's names become the definition's?

Variables of comprehensions that were lowered have new names; what is the author's own (a class, a
constant, a function) gets a binding; steps and workflows are no values.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from vivido.compiler.read import Found
from vivido.compiler.symbols import Comprehension, names_in

if TYPE_CHECKING:
    from vivido.compiler.lower.lowerer import Lowerer


def held(name: str, like: ast.AST, ctx: ast.expr_context | None = None) -> ast.Name:
    """A name of the definition, placed where `like` stands; it is never looked up again."""
    node = ast.copy_location(ast.Name(id=name, ctx=ctx or ast.Load()), like)
    node.held = True  # type: ignore[attr-defined]  # syntax nodes take any attribute
    return node


def is_held(node: ast.Name) -> bool:
    """Whether a name is the definition's already."""
    return getattr(node, "held", False) is True


def rewrite(low: Lowerer, node: ast.expr) -> ast.expr:
    """A copy of an expression without effects, with the definition's names."""
    copy = _Rewriter(low).visit(node)
    assert isinstance(copy, ast.expr)  # noqa: S101  a copy of an expression is one
    return copy


class _Rewriter(ast.NodeTransformer):
    def __init__(self, low: Lowerer) -> None:
        self._low = low
        self._hidden: frozenset[str] = frozenset()

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id in self._hidden or is_held(node):
            return node
        renamed = self._low.renamed.get(node.id)
        if renamed is not None:
            return held(renamed, node, node.ctx)
        return self._meaning(node, self._low.resolve(node, self._hidden))

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        found = self._low.resolve(node, self._hidden)
        if found is not None and self._is_own(node.value):
            return self._meaning(node, found)
        return self.generic_visit(node)

    def _is_own(self, owner: ast.expr) -> bool:
        """Whether a dotted name begins with a module of the author's: its last part is bound."""
        found = self._low.resolve(owner, self._hidden)
        if found is None or found.kind not in ("module", "class"):
            return False
        return found.kind == "class" or not self._low.is_known_module(found.value)

    def _meaning(self, node: ast.expr, found: Found | None) -> ast.expr:
        match found:
            case Found(kind="class" | "function" | "module" | "constant"):
                return self._low.binding(found, node)
            case Found(kind="nested") if not isinstance(getattr(node, "ctx", None), ast.Load):
                return node  # assigned as well: refused where the function is defined
            case Found(kind="step" | "workflow" | "nested" | "operation"):
                self._refuse(node, found)
                return ast.copy_location(ast.Constant(None), node)
            case _:
                return node

    def _refuse(self, node: ast.expr, found: Found) -> None:
        hint = f"call it here: {found.name}(...)"
        what = f"{found.name!r} is no value: it can only be called."
        if found.kind == "nested":
            hint += ", or define it outside of the workflow"
            what = f"The nested function {found.name!r} is no value: it can only be called."
        elif found.kind == "operation" and found.name == "step_context":
            hint, what = "call it inside a step", "A workflow has no step_context()."
        self._low.report.add("V212", node, what, hint)

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        outer = self._hidden
        own = {part.arg for part in ast.walk(node.args) if isinstance(part, ast.arg)}
        self._hidden |= own
        copy = self.generic_visit(node)
        self._hidden = outer
        return copy

    def visit_ListComp(self, node: ast.ListComp) -> ast.AST:
        return self._comprehension(node)

    def visit_SetComp(self, node: ast.SetComp) -> ast.AST:
        return self._comprehension(node)

    def visit_DictComp(self, node: ast.DictComp) -> ast.AST:
        return self._comprehension(node)

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> ast.AST:
        return self._comprehension(node)

    def _comprehension(self, node: Comprehension) -> ast.AST:
        """The first items belong to what is around it; the names to all the rest."""
        first, *others = node.generators
        items = self.visit(first.iter)
        outer = self._hidden
        self._hidden |= {name for part in node.generators for name in names_in(part.target)}
        begin = ast.comprehension(
            self.visit(first.target),
            items,
            [self.visit(test) for test in first.ifs],
            first.is_async,
        )
        generators = [begin, *(self.visit(part) for part in others)]
        new: ast.expr
        if isinstance(node, ast.DictComp):
            new = ast.DictComp(self.visit(node.key), self.visit(node.value), generators)
        else:
            new = type(node)(self.visit(node.elt), generators)
        self._hidden = outer
        return ast.copy_location(new, node)

    def generic_visit(self, node: ast.AST) -> ast.AST:
        """Visit the children of a copy: the author's tree is never changed."""
        copy = type(node)(**dict(ast.iter_fields(node)))
        for field, old in ast.iter_fields(node):
            if isinstance(old, list):
                new = [self.visit(item) if isinstance(item, ast.AST) else item for item in old]
                setattr(copy, field, new)
            elif isinstance(old, ast.AST):
                setattr(copy, field, self.visit(old))
        return ast.copy_location(copy, node)
