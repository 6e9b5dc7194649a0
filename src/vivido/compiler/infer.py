"""Which type an expression of a workflow has, as far as the annotations around it tell.

A variable has one type in the whole of its function: the union of all that is assigned to it, found by going round
until nothing changes. A variable that anything unknown is assigned to is unknown.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from vivido.compiler import types
from vivido.compiler.read import Found, Unit
from vivido.compiler.symbols import Comprehension, Scope, arguments_of
from vivido.compiler.types import NONE, UNKNOWN, ClassItself, Instance, OneOf, Type, from_annotation, one_of, sequence_of

Hidden = Mapping[str, Type]
NOTHING: Hidden = {}
_ROUNDS = 6
_INT, _FLOAT, _STR, _BOOL, _BYTES = (Instance(cls) for cls in (int, float, str, bool, bytes))

_BUILTIN_RESULTS: dict[Callable[..., Any], Type] = {
    len: _INT, repr: _STR, chr: _STR, ord: _INT, isinstance: _BOOL, issubclass: _BOOL, any: _BOOL, all: _BOOL,
    callable: _BOOL, format: _STR, ascii: _STR, bin: _STR, hex: _STR, oct: _STR,
}  # fmt: skip
_METHOD_RESULTS: dict[type, dict[str, Type]] = {
    str: {
        **dict.fromkeys(
            "capitalize casefold center expandtabs join ljust lower lstrip removeprefix removesuffix replace rjust "
            "rstrip strip swapcase title upper zfill".split(),
            _STR,
        ),
        **dict.fromkeys("count find index rfind rindex".split(), _INT),
        **dict.fromkeys("split rsplit splitlines".split(), Instance(list, (_STR,))),
        **dict.fromkeys("partition rpartition".split(), Instance(tuple, (_STR, _STR, _STR))),
        **dict.fromkeys("endswith startswith isalpha isdigit isnumeric isspace isupper islower".split(), _BOOL),
        "encode": _BYTES,
    },
    bytes: {"decode": _STR, "hex": _STR},
    list: {**dict.fromkeys("append extend insert remove clear sort reverse".split(), NONE), "count": _INT, "index": _INT},
    dict: {"update": NONE, "clear": NONE},
    set: dict.fromkeys("add discard remove clear update".split(), NONE),
}  # fmt: skip


class Inference:
    """The types of one workflow's variables and expressions."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self._variables: dict[tuple[Scope, str], Type | None] = {}
        sources = [(scope, *source) for scope in unit.scope.walk() for source in _assignments(scope)]
        for _ in range(_ROUNDS):
            before = dict(self._variables)
            for scope, names, kind_of in sources:
                for name in names:
                    self._widen(scope, name, kind_of(self, scope, name))
            if before == self._variables:
                return
        self._variables = dict.fromkeys(self._variables, UNKNOWN)

    def _widen(self, scope: Scope, name: str, kind: Type | None) -> None:
        if kind is not None:
            before = self._variables.get((scope, name))
            self._variables[scope, name] = kind if before is None else one_of((before, kind))

    def variable(self, name: str, scope: Scope) -> Type:
        """The type of a variable as `scope` sees it."""
        return self._variable(name, scope) or UNKNOWN

    def _variable(self, name: str, scope: Scope) -> Type | None:
        owner = scope.owner(name)
        return UNKNOWN if owner is None else self._variables.get((owner, name))

    def of(self, expression: ast.expr, scope: Scope, hidden: Hidden = NOTHING) -> Type:
        """The type of an expression; `hidden` are the variables of comprehensions and lambdas around it."""
        return self._of(expression, scope, hidden) or UNKNOWN

    # -------------------------------------------------------------- expressions; None: nothing assigned yet
    def _of(self, node: ast.expr, scope: Scope, hidden: Hidden) -> Type | None:
        match node:
            case ast.Constant(value=value):
                return Instance(type(value))
            case ast.JoinedStr():
                return _STR
            case ast.Name(id=name):
                return hidden[name] if name in hidden else self._name(name, scope)
            case ast.Await(value=inner) | ast.NamedExpr(value=inner) | ast.Starred(value=inner):
                return self._of(inner, scope, hidden)
            case ast.Attribute():
                return self._attribute(node, scope, hidden)
            case ast.Subscript(value=value, slice=index):
                return self._subscript(self._of(value, scope, hidden), index)
            case ast.Compare() | ast.UnaryOp(op=ast.Not()):
                return _BOOL if not isinstance(node, ast.Compare) or self._plain_comparison(node, scope, hidden) else UNKNOWN
            case ast.UnaryOp(operand=operand):
                kind = self._of(operand, scope, hidden)
                return _INT if kind == _BOOL else kind
            case ast.BinOp(left=left, op=operator, right=right):
                return _arithmetic(self._of(left, scope, hidden), operator, self._of(right, scope, hidden))
            case ast.BoolOp(values=values):
                return _union(self._of(value, scope, hidden) for value in values)
            case ast.IfExp(body=body, orelse=orelse):
                return _union(self._of(part, scope, hidden) for part in (body, orelse))
            case ast.Call():
                return self._call(node, scope, hidden)
            case _:
                return self._display(node, scope, hidden)

    def _name(self, name: str, scope: Scope) -> Type | None:
        found = self._unit.lookup(name, scope)
        return self._variable(name, scope) if found.kind == "variable" else _of_object(found)

    def _attribute(self, node: ast.Attribute, scope: Scope, hidden: Hidden) -> Type | None:
        found = self._unit.resolve(node, scope, frozenset(hidden))
        if found is not None and found.kind != "missing":
            return _of_object(found)
        owner = self._of(node.value, scope, hidden)
        return None if owner is None else types.attribute(owner, node.attr) or UNKNOWN

    def _subscript(self, owner: Type | None, index: ast.expr) -> Type | None:
        if owner is None:
            return None
        if isinstance(index, ast.Slice):
            return owner if all(_slices_to_itself(each) for each in types.members(owner)) else UNKNOWN
        constant = ast.literal_eval(index) if _is_constant(index) else None
        return types.item(owner, constant)

    def _plain_comparison(self, node: ast.Compare, scope: Scope, hidden: Hidden) -> bool:
        """Whether the result is surely a bool: arrays and the like compare to something else."""
        if all(isinstance(each, ast.Is | ast.IsNot | ast.In | ast.NotIn) for each in node.ops):
            return True
        return all(
            not isinstance(self._of(each, scope, hidden) or UNKNOWN, types.Unknown)
            for each in [node.left, *node.comparators]
        )

    def _display(self, node: ast.expr, scope: Scope, hidden: Hidden) -> Type | None:
        match node:
            case ast.Tuple(elts=parts):
                if any(isinstance(part, ast.Starred) for part in parts):
                    return Instance(tuple)
                kinds = [self._of(part, scope, hidden) or UNKNOWN for part in parts]
                return Instance(tuple, tuple(kinds))
            case ast.List(elts=parts) | ast.Set(elts=parts):
                cls = list if isinstance(node, ast.List) else set
                if any(isinstance(part, ast.Starred) for part in parts):
                    return Instance(cls)
                return _collection(cls, (self._of(part, scope, hidden) for part in parts))
            case ast.Dict(keys=keys, values=values):
                return self._dictionary([key for key in keys if key], values, scope, hidden, whole=None not in keys)
            case ast.ListComp(elt=element) | ast.SetComp(elt=element):
                inner = self.comprehended(node, scope, hidden)
                cls = list if isinstance(node, ast.ListComp) else set
                return sequence_of(cls, self._of(element, scope, inner) or UNKNOWN)
            case ast.DictComp(key=key, value=value):
                inner = self.comprehended(node, scope, hidden)
                return self._dictionary([key], [value], scope, inner, whole=True)
            case _:
                return UNKNOWN

    def _dictionary(
        self, keys: list[ast.expr], values: list[ast.expr], scope: Scope, hidden: Hidden, *, whole: bool
    ) -> Type:
        if not whole or not keys:
            return Instance(dict)
        key, value = (_union(self._of(each, scope, hidden) for each in side) or UNKNOWN for side in (keys, values))
        return Instance(dict, (key, value)) if UNKNOWN not in (key, value) else Instance(dict)

    def comprehended(self, node: Comprehension, scope: Scope, hidden: Hidden) -> Hidden:
        """The hidden variables inside a comprehension: those around it and its own."""
        inner = dict(hidden)
        for part in node.generators:
            kind = self._of(part.iter, scope, inner) or UNKNOWN
            for name, each in _unpack(part.target, types.element(kind) or UNKNOWN):
                inner[name] = each
        return inner

    # -------------------------------------------------------------- calls
    def _call(self, node: ast.Call, scope: Scope, hidden: Hidden) -> Type | None:
        found = self._unit.resolve(node.func, scope, frozenset(hidden))
        if found is None:
            return self._method(node, scope, hidden)
        match found.kind:
            case "step" | "workflow":
                return from_annotation(types.hints(found.value.function).get("return", Any))
            case "nested" if found.scope is not None:
                returns = found.scope.node.returns
                return UNKNOWN if returns is None else self.annotation(returns, found.scope)
            case "function":
                return _declared_result(found.value)
            case "class" | "builtin":
                return self._construct(found.value, node, scope, hidden)
            case "operation":
                return self._operation(found.name, node, scope, hidden)
            case _:
                return UNKNOWN

    def _method(self, node: ast.Call, scope: Scope, hidden: Hidden) -> Type | None:
        if not isinstance(node.func, ast.Attribute):
            return UNKNOWN
        owner = self._of(node.func.value, scope, hidden)
        if not isinstance(owner, Instance):
            return None if owner is None else UNKNOWN
        name = node.func.attr
        for cls, results in _METHOD_RESULTS.items():
            if owner.cls is cls and name in results:
                return results[name]
        if owner.cls is dict:
            return _dict_method(name, owner, node)
        if owner.cls is list and name in ("copy", "pop"):
            return owner if name == "copy" else types.item(owner)
        function = types.member(owner.cls, name)
        return UNKNOWN if function is None else _declared_result(function)

    def _construct(self, cls: Any, node: ast.Call, scope: Scope, hidden: Hidden) -> Type | None:
        first = self._of(node.args[0], scope, hidden) if len(node.args) == 1 else UNKNOWN
        element = UNKNOWN if first is None else types.element(first) or UNKNOWN
        if cls in (list, set, frozenset, sorted, reversed):
            return sequence_of(list if cls in (sorted, reversed) else cls, element)
        if cls is tuple:
            return Instance(tuple, (element,), uniform=True) if element != UNKNOWN else Instance(tuple)
        if cls is enumerate:
            return sequence_of(list, Instance(tuple, (_INT, element)))
        if cls is zip:
            parts = [types.element(self._of(arg, scope, hidden) or UNKNOWN) or UNKNOWN for arg in node.args]
            return UNKNOWN if _has_star(node) else sequence_of(list, Instance(tuple, tuple(parts)))
        if cls in (min, max):
            kinds = [self._of(arg, scope, hidden) for arg in node.args]
            return element if len(kinds) == 1 else _union(kinds)
        if cls in (abs, sum) and (first if cls is abs else element) in (_INT, _FLOAT):
            return first if cls is abs else one_of((_INT, element)) if element != _INT else _INT
        if cls in (object, type, super, range):
            return Instance(range) if cls is range else UNKNOWN
        if isinstance(cls, type):
            return Instance(cls)
        return _BUILTIN_RESULTS.get(cls, UNKNOWN)

    def _operation(self, name: str, node: ast.Call, scope: Scope, hidden: Hidden) -> Type:
        options = {keyword.arg for keyword in node.keywords}
        if name in ("parallel", "asyncio.gather") and not options and not _has_star(node):
            parts = tuple(self._of(arg, scope, hidden) or UNKNOWN for arg in node.args)
            return Instance(tuple, parts) if name == "parallel" else Instance(list)
        if name == "map_each" and node.args and not options & {"on_error", "need", "tolerate", None}:
            return sequence_of(list, self._result_of(node.args[0], scope, hidden))
        return UNKNOWN

    def _result_of(self, function: ast.expr, scope: Scope, hidden: Hidden) -> Type:
        if isinstance(function, ast.Lambda):
            return UNKNOWN
        return self.of(ast.Call(func=function, args=[], keywords=[]), scope, hidden)

    def _caught(self, kind: ast.expr | None, scope: Scope) -> Type:
        if kind is None:
            return Instance(Exception)
        parts = kind.elts if isinstance(kind, ast.Tuple) else [kind]
        classes = [self.of(part, scope) for part in parts]
        return one_of(Instance(each.cls) if isinstance(each, ClassItself) else UNKNOWN for each in classes)

    # -------------------------------------------------------------- annotations inside the workflow
    def annotation(self, node: ast.expr, scope: Scope) -> Type:
        """The type that an annotation inside the workflow describes, read from its syntax."""
        match node:
            case ast.Constant(value=None):
                return NONE
            case ast.Constant(value=str() as text):
                return self._annotation_text(text, scope)
            case ast.BinOp(left=left, op=ast.BitOr(), right=right):
                return one_of((self.annotation(left, scope), self.annotation(right, scope)))
            case ast.Subscript(value=origin, slice=inside):
                return self._generic(origin, inside, scope)
            case ast.Name() | ast.Attribute():
                found = self._unit.resolve(node, scope)
                known = found is not None and found.kind in ("class", "builtin", "constant", "function")
                return from_annotation(found.value) if found is not None and known else UNKNOWN
            case _:
                return UNKNOWN

    def _annotation_text(self, text: str, scope: Scope) -> Type:
        try:
            return self.annotation(ast.parse(text, mode="eval").body, scope)
        except SyntaxError:
            return UNKNOWN

    def _generic(self, origin: ast.expr, inside: ast.expr, scope: Scope) -> Type:
        found = self._unit.resolve(origin, scope)
        if found is None or not isinstance(found.value, type):
            return UNKNOWN  # Optional, Union, Literal, …: written with `|` today
        parts = inside.elts if isinstance(inside, ast.Tuple) else [inside]
        uniform = len(parts) == 2 and isinstance(parts[1], ast.Constant) and parts[1].value is Ellipsis
        args = tuple(self.annotation(part, scope) for part in (parts[:1] if uniform else parts))
        return Instance(found.value, args, uniform=uniform)


@functools.lru_cache(maxsize=8)
def types_of(unit: Unit) -> Inference:
    """The types of a workflow; the checks of one compilation share them."""
    return Inference(unit)


def _of_object(found: Found) -> Type:
    """The type of what a name outside the workflow stands for."""
    if found.kind in ("class", "builtin"):
        return ClassItself(found.value) if isinstance(found.value, type) else UNKNOWN
    return of_value(found.value) if found.kind == "constant" else UNKNOWN


def of_value(value: object) -> Type:
    """The type of a value that is there already: a constant of the module."""
    match value:
        case list() | set() | frozenset() if type(value) in (list, set, frozenset):
            return _collection(type(value), (of_value(each) for each in value))
        case dict() if type(value) is dict and value:
            key, item = (one_of(map(of_value, side)) for side in (value.keys(), value.values()))
            return Instance(dict, (key, item)) if UNKNOWN not in (key, item) else Instance(dict)
        case tuple() if type(value) is tuple:
            return Instance(tuple, tuple(map(of_value, value)))
        case _:
            return Instance(type(value))


# ------------------------------------------------------------------ what is assigned to variables
_Source = tuple[list[str], Callable[[Inference, Scope, str], Type | None]]


def _assignments(scope: Scope) -> Iterator[_Source]:
    yield list(scope.params), _parameter
    stack: list[ast.AST] = list(scope.node.body)
    while stack:
        node = stack.pop()
        yield from _bindings(node)
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            stack.extend(child for child in ast.iter_child_nodes(node))


def _bindings(node: ast.AST) -> Iterator[_Source]:
    match node:
        case ast.Assign(targets=targets, value=value):
            for target in targets:
                yield _names(target), _from_value(target, value)
        case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation):
            yield [name], lambda known, scope, _: known.annotation(annotation, scope)
        case ast.AugAssign(target=ast.Name(id=name) as target, op=operator, value=value):
            read = ast.BinOp(left=ast.Name(id=target.id, ctx=ast.Load()), op=operator, right=value)
            yield [name], lambda known, scope, _: known._of(read, scope, NOTHING)  # noqa: SLF001 - this module's
        case ast.NamedExpr(target=ast.Name(id=name)):
            yield [name], lambda *_: UNKNOWN
        case ast.For(target=target, iter=items):
            yield _names(target), _from_items(target, items)
        case ast.ExceptHandler(name=str() as name, type=kind):
            yield [name], lambda known, scope, _: known._caught(kind, scope)  # noqa: SLF001
        case ast.MatchAs(name=str() as name) | ast.MatchStar(name=str() as name) | ast.MatchMapping(rest=str() as name):
            yield [name], lambda *_: UNKNOWN
        case ast.withitem(optional_vars=ast.expr() as target):
            yield _names(target), lambda *_: UNKNOWN
        case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
            yield [alias.asname or alias.name for alias in aliases], lambda *_: UNKNOWN
        case _:
            return


def _from_value(target: ast.expr, value: ast.expr) -> Callable[[Inference, Scope, str], Type | None]:
    def kind(known: Inference, scope: Scope, name: str) -> Type | None:
        whole = known._of(value, scope, NOTHING)  # noqa: SLF001
        if whole is not None and _made_here(value):
            whole = _loose(whole)
        return None if whole is None else dict(_unpack(target, whole))[name]

    return kind


def _made_here(value: ast.expr) -> bool:
    """Whether the value is a new container, which may be given items of any type later."""
    match value:
        case ast.IfExp(body=one, orelse=other) | ast.BinOp(left=one, right=other):
            return _made_here(one) or _made_here(other)
        case ast.BoolOp(values=parts) | ast.Tuple(elts=parts):
            return any(_made_here(part) for part in parts)
        case _:
            return isinstance(value, ast.List | ast.Set | ast.Dict | ast.ListComp | ast.SetComp | ast.DictComp)


def _loose(kind: Type) -> Type:
    if isinstance(kind, OneOf):
        return one_of(map(_loose, kind.members))
    if isinstance(kind, Instance) and kind.cls is tuple:
        return Instance(tuple, tuple(map(_loose, kind.args)), uniform=kind.uniform)
    if isinstance(kind, Instance) and kind.cls in (list, set, dict):
        return Instance(kind.cls)
    return kind


def _from_items(target: ast.expr, items: ast.expr) -> Callable[[Inference, Scope, str], Type | None]:
    def kind(known: Inference, scope: Scope, name: str) -> Type | None:
        whole = known._of(items, scope, NOTHING)  # noqa: SLF001
        return None if whole is None else dict(_unpack(target, types.element(whole) or UNKNOWN))[name]

    return kind


def _parameter(known: Inference, scope: Scope, name: str) -> Type:
    argument = next(each for each in arguments_of(scope.node.args) if each.arg == name)
    arguments = scope.node.args
    if argument in (arguments.vararg, arguments.kwarg):
        return Instance(tuple) if argument is arguments.vararg else Instance(dict)
    if scope.parent is None:
        return from_annotation(types.hints(known._unit.workflow.function).get(name, Any))  # noqa: SLF001
    return UNKNOWN if argument.annotation is None else known.annotation(argument.annotation, scope)


def _names(target: ast.expr) -> list[str]:
    return [name for name, _ in _unpack(target, UNKNOWN)]


def _unpack(target: ast.expr, kind: Type) -> Iterator[tuple[str, Type]]:
    """Each plain name of a target with the type that unpacking gives it."""
    match target:
        case ast.Name(id=name):
            yield name, kind
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            starred = any(isinstance(part, ast.Starred) for part in parts)
            for index, part in enumerate(parts):
                if isinstance(part, ast.Starred):
                    inner = types.element(kind) or UNKNOWN
                    yield from _unpack(part.value, sequence_of(list, inner))
                else:
                    yield from _unpack(part, types.element(kind) or UNKNOWN if starred else _place(kind, index))
        case _:
            return


def _place(kind: Type, index: int) -> Type:
    if isinstance(kind, Instance) and kind.cls is tuple:
        return types.item(kind, index)
    return types.element(kind) or UNKNOWN


# ------------------------------------------------------------------ small rules
def _union(kinds: Iterable[Type | None]) -> Type | None:
    found = [kind for kind in kinds if kind is not None]
    return one_of(found) if found else None


def _collection(cls: type, kinds: Iterable[Type | None]) -> Type:
    return sequence_of(cls, _union(kinds) or UNKNOWN)


def _arithmetic(left: Type | None, operator: ast.operator, right: Type | None) -> Type | None:
    if left is None or right is None:
        return None
    if not isinstance(left, Instance) or not isinstance(right, Instance):
        return UNKNOWN
    if isinstance(operator, ast.Mod) and left.cls in (str, bytes):
        return left
    left, right = (_INT if kind == _BOOL else kind for kind in (left, right))
    numbers = {left.cls, right.cls}
    if numbers <= {int, float}:
        return _number(numbers, operator)
    if left.cls is right.cls and left.cls in (str, bytes, list) and isinstance(operator, ast.Add):
        return left if left == right else one_of((left, right)) if left.cls is not list else Instance(list)
    if left.cls in (str, bytes, list) and right == _INT and isinstance(operator, ast.Mult):
        return left
    return types.arithmetic_result(left.cls, right.cls)


def _number(numbers: set[type], operator: ast.operator) -> Type:
    if isinstance(operator, ast.Div):
        return _FLOAT
    if isinstance(operator, ast.Pow):
        return OneOf((_INT, _FLOAT)) if numbers == {int} else UNKNOWN  # a negative float gives a complex
    return _FLOAT if float in numbers else _INT


def _dict_method(name: str, owner: Instance, node: ast.Call) -> Type:
    if len(owner.args) != 2:
        return UNKNOWN
    key, value = owner.args
    match name:
        case "get":
            return one_of((value, NONE)) if len(node.args) == 1 else UNKNOWN
        case "items":
            return sequence_of(list, Instance(tuple, (key, value)))
        case "keys" | "values":
            return sequence_of(list, key if name == "keys" else value)
        case "copy":
            return owner
        case "pop":
            return value if len(node.args) == 1 else UNKNOWN
        case _:
            return UNKNOWN


def _declared_result(function: Any) -> Type:
    return from_annotation(types.hints(function).get("return", Any))


def _slices_to_itself(kind: Type) -> bool:
    return isinstance(kind, Instance) and (kind.cls in (list, str, bytes) or (kind.cls is tuple and kind.uniform))


def _has_star(node: ast.Call) -> bool:
    return any(isinstance(arg, ast.Starred) for arg in node.args)


def _is_constant(index: ast.expr) -> bool:
    try:
        ast.literal_eval(index)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False
    return True

