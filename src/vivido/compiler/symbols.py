"""Which names are variables, and of which function? Python's own scoping rules.

A name that is bound anywhere in a function is local to all of it. Comprehensions and lambdas have
names of their own, except that a walrus in a comprehension binds in the function around it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


@dataclass(frozen=True, eq=False)
class Scope:
    """A function and its variables; the block of the workflow's own scope is `main`."""

    block: str
    node: FunctionNode
    parent: Scope | None
    params: tuple[str, ...]
    locals: frozenset[str]
    nested: dict[str, Scope] = field(default_factory=dict)

    def owner(self, name: str) -> Scope | None:
        """The innermost scope, from here outwards, to which the variable belongs."""
        scope: Scope | None = self
        while scope is not None and name not in scope.locals:
            scope = scope.parent
        return scope

    @property
    def variables(self) -> frozenset[str]:
        """Every variable that an expression in this scope can see."""
        seen = self.locals
        if self.parent is not None:
            seen |= self.parent.variables
        return seen

    def function(self, name: str) -> Scope | None:
        """The nested function that a name means here, if it means one."""
        owner = self.owner(name)
        return None if owner is None else owner.nested.get(name)

    def walk(self) -> Iterator[Scope]:
        """This scope and all within it, outer ones first, in the order of the source."""
        yield self
        for inner in self.nested.values():
            yield from inner.walk()


def analyse(function: FunctionNode) -> Scope:
    """The scopes of a workflow's function; each nested function gets a block name of its own."""
    return _scope(function, None, "main", {"main"})


def _scope(function: FunctionNode, parent: Scope | None, block: str, taken: set[str]) -> Scope:
    params = tuple(argument.arg for argument in arguments_of(function.args))
    names = bound_names(function.body)
    scope = Scope(block, function, parent, params, frozenset(params) | frozenset(names))
    for inner in functions_within(function.body):
        if inner.name not in scope.nested:
            name = unused(inner.name, taken)
            taken.add(name)
            scope.nested[inner.name] = _scope(inner, scope, name, taken)
    return scope


def unused(wanted: str, taken: set[str] | frozenset[str]) -> str:
    """`wanted`, or with the first free number behind it."""
    name, number = wanted, 1
    while name in taken:
        number += 1
        name = f"{wanted}_{number}"
    return name


def arguments_of(arguments: ast.arguments) -> list[ast.arg]:
    """All parameters in the order of the signature."""
    star = [arguments.vararg] if arguments.vararg else []
    stars = [arguments.kwarg] if arguments.kwarg else []
    return [*arguments.posonlyargs, *arguments.args, *star, *arguments.kwonlyargs, *stars]


def bound_names(body: list[ast.stmt], *, functions: bool = True) -> list[str]:
    """Names that statements bind in their own function, each once, in the order of the source.

    Without `functions` those are left out that only a `def` binds.
    """
    finder = _Binder(functions=functions)
    for statement in body:
        finder.visit(statement)
    return [name for name in finder.names if name not in finder.elsewhere]


def functions_within(body: list[ast.stmt]) -> Iterator[FunctionNode]:
    """Functions defined by the statements, at any depth of blocks, not inside one another."""
    for statement in body:
        if isinstance(statement, FunctionNode):
            yield statement
        elif not isinstance(statement, ast.ClassDef):
            for block in blocks_of(statement):
                yield from functions_within(block)


def blocks_of(statement: ast.stmt) -> Iterator[list[ast.stmt]]:
    """The bodies within a compound statement, in the order of the source."""
    match statement:
        case ast.Match(cases=parts):
            yield from (part.body for part in parts)
        case ast.Try() | ast.TryStar():
            yield statement.body
            yield from (handler.body for handler in statement.handlers)
            yield from (statement.orelse, statement.finalbody)
        case ast.If() | ast.For() | ast.AsyncFor() | ast.While():
            yield from (statement.body, statement.orelse)
        case ast.With() | ast.AsyncWith():
            yield statement.body
        case _:
            return


class _Binder(ast.NodeVisitor):
    """Collects what a function binds, without entering the scopes inside it."""

    def __init__(self, *, functions: bool) -> None:
        self.names: dict[str, None] = {}
        self.elsewhere: set[str] = set()
        self._functions = functions
        self._hidden = 0  # inside a comprehension only a walrus binds outwards

    def _bind(self, name: str | None) -> None:
        if name is not None and name != "*":
            self.names[name] = None

    def visit_Name(self, node: ast.Name) -> None:
        if not self._hidden and not isinstance(node.ctx, ast.Load):
            self._bind(node.id)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self._bind(node.target.id)
        self.visit(node.value)

    def _comprehension(self, node: Comprehension) -> None:
        self._hidden += 1
        self.generic_visit(node)
        self._hidden -= 1

    visit_ListComp = _comprehension  # noqa: N815  names of `ast`
    visit_SetComp = _comprehension  # noqa: N815
    visit_DictComp = _comprehension  # noqa: N815
    visit_GeneratorExp = _comprehension  # noqa: N815

    def _function(self, node: FunctionNode) -> None:
        if self._functions:
            self._bind(node.name)
        for default in [*node.args.defaults, *node.args.kw_defaults, *node.decorator_list]:
            if default is not None:
                self.visit(default)

    visit_FunctionDef = _function  # noqa: N815
    visit_AsyncFunctionDef = _function  # noqa: N815

    def visit_Global(self, node: ast.Global) -> None:
        self.elsewhere.update(node.names)

    def visit_Nonlocal(self, node: ast.Nonlocal) -> None:
        self.elsewhere.update(node.names)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        for default in [*node.args.defaults, *node.args.kw_defaults]:
            if default is not None:
                self.visit(default)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._bind(node.name)

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        self._bind(node.name)
        self.generic_visit(node)

    def visit_alias(self, node: ast.alias) -> None:
        self._bind(node.asname or node.name.partition(".")[0])

    def visit_MatchAs(self, node: ast.MatchAs) -> None:
        self._bind(node.name)
        self.generic_visit(node)

    def visit_MatchStar(self, node: ast.MatchStar) -> None:
        self._bind(node.name)

    def visit_MatchMapping(self, node: ast.MatchMapping) -> None:
        self.generic_visit(node)
        self._bind(node.rest)


def names_in(target: ast.expr) -> list[str]:
    """Plain names that an assignment target binds, in order."""
    match target:
        case ast.Name(id=name):
            return [name]
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            return [name for part in parts for name in names_in(part)]
        case ast.Starred(value=inner):
            return names_in(inner)
        case _:
            return []


def free_names(expression: ast.AST) -> dict[str, ast.Name]:
    """Names that an expression reads from outside itself, each with its first place."""
    found: dict[str, ast.Name] = {}
    _free(expression, frozenset(), found)
    return found


def _free(node: ast.AST, hidden: frozenset[str], found: dict[str, ast.Name]) -> None:
    match node:
        case ast.Name(id=name):
            if name not in hidden and isinstance(node.ctx, ast.Load):
                found.setdefault(name, node)
        case ast.Lambda():
            for default in [*node.args.defaults, *node.args.kw_defaults]:
                if default is not None:
                    _free(default, hidden, found)
            own = frozenset(argument.arg for argument in arguments_of(node.args))
            _free(node.body, hidden | own, found)
        case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            _free_in_comprehension(node, hidden, found)
        case _:
            for child in ast.iter_child_nodes(node):
                _free(child, hidden, found)


def _free_in_comprehension(
    node: Comprehension, hidden: frozenset[str], found: dict[str, ast.Name]
) -> None:
    own = frozenset(name for part in node.generators for name in names_in(part.target))
    for index, part in enumerate(node.generators):
        _free(part.iter, hidden if index == 0 else hidden | own, found)
        _free(part.target, hidden | own, found)  # `for d[k] in …` reads d and k
        for test in part.ifs:
            _free(test, hidden | own, found)
    results = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
    for result in results:
        _free(result, hidden | own, found)
