"""Random programs that share and change values, as plain Python and as a machine that stores every variable.

`program(random)` gives the statements of a workflow. `plain` is its source as it is; `stored` is the same with a call
of `hop` after each statement, which may replace every variable by a copy of its own: what the engine does when an
execution goes on elsewhere.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from random import Random
from string import Formatter

# Kinds of values: L a list of numbers, M a list of lists, D a dict of lists, R a row (a dict with a number
# and a list), S a list of rows, B a box that holds a list. Every kind can be had from the others in several ways.
VARIABLES = {
    "a": "L", "b": "L", "m": "M", "d": "D", "r": "R", "t": "R", "s": "S", "u": "S", "x": "B", "p": "P",
    "o": "O", "z": "O",
}  # fmt: skip
_START = {
    "a": "[1, 2]", "b": "[3]", "m": "[[4], [5, 6]]", "d": "{'k': [7], 'l': [8]}", "r": "{'n': 1, 'l': [9]}",
    "t": "{'n': 2, 'l': []}", "s": "[{'n': 3, 'l': [1]}, {'n': 4, 'l': [2]}]", "u": "[]", "x": "Box([0])", "p": "Pair(1, [2])",
    "o": "Order([1], [[2]])", "z": "Order([3], [[4], [5]])",
}  # fmt: skip
_KINDS = "LMDRSB"
_EXPRESSIONS = {
    "N": ["eff({N})", "eff(len({L}))", "{P}.x", "len({L})", "sum({L})", "{R}['n']", "n()", "{L}[0]", "{L}.pop()", "len({S})", "{N} + {N}", "{R}.get('n')"],
    "L": [
        "{m}[0]", "{m}[-1]", "{d}['k']", "{r}['l']", "{x}.value", "{M}.pop()", "{D}.get('k', {L})", "[{N}, {N}]", "[]",
        "{L} + {L}", "{L}[:]", "list({L})", "sorted({L})", "{D}.setdefault('z', {L})", "({L} if {T} else {L})",
        "({L} or {L})", "max({M}, key=len)", "same({L})", "{P}.y", "{p}[1]", "{O}.items", "{o}.rest[0]", "{O}.first", "[{N}, *{P}.y]", "[{N} for q in {L}]", "{L} * 2", "{L}.copy()", "{S}[0]['l']",
        "({l} := {L})", "list({L})", "{B}.value", "{R}.pop('l')", "[*{L}, {N}]", "fresh({L})", "next_of({M})",
        "[q for q in {L} if q]", "[v['n'] for v in {S}]", "pick({L}, {L})", "f({L})", "first({M}, {L})",
    ],
    "M": [
        "[{L}, {L}]", "[{L}]", "list({M})", "{M}[:]", "{M} + [{L}]", "[q for q in {M}]", "[[{N}] for q in {L}]",
        "[{L} for q in [0, 1]]", "list({D}.values())", "[v['l'] for v in {S}]", "[{L}] * 2", "sorted({M}, key=len)",
        "({M} if {T} else {M})", "same({M})", "[v for w, v in {D}.items()]", "[v for w, v in enumerate({M})]",
        "[*{M}, {L}]", "list(map(same, {M}))", "[v for v, w in zip({M}, {M})]", "g({M})", "[w + v for w, v in zip({M}, {M})]",
        "list(filter(None, {M}))", "[{x}.value, {L}]", "list(reversed({M}))", "({m} := {M})",
    ],
    "D": [
        "{{'k': {L}, 'l': {L}}}", "dict({D})", "{D}.copy()", "{{**{D}, 'k': {L}}}", "{{'k': v for v in {M}}}",
        "{D} | {{'l': {L}}}", "({D} if {T} else {D})", "same({D})", "{{w: v for w, v in {D}.items()}}", "dict(k={L}, l={L})",
    ],
    "R": [
        "{s}[0]", "{s}[-1]", "{{'n': {N}, 'l': {L}}}", "dict({R})", "{S}.pop()", "{{**{R}, 'n': {N}}}", "same({R})",
        "({R} if {T} else {R})", "max({S}, key=lambda v: v['n'])", "next_of({S})", "{R} | {{'l': {L}}}", "h({R})",
        "first({S}, {R})",
    ],
    "S": [
        "[{R}, {R}]", "[{R}]", "list({S})", "{S} + [{R}]", "[v for v in {S} if v['n']]", "[dict(v) for v in {S}]",
        "sorted({S}, key=lambda v: v['n'])", "{S}[:1]", "[{R}] * 2", "same({S})", "[{{'n': {N}, 'l': v}} for v in {M}]",
        "[*{S}, {R}]", "({S} or {S})", "[{R} for q in [0, 1]]",
    ],
    "P": ["Pair({N}, {L})", "same({P})", "Pair(x={N}, y={x}.value)", "({P} if {T} else {P})"],
    "O": [
        "Order({L}, {M})", "same({O})", "Order(items={L}, rest=[{L}])", "copied({O})", "({O} if {T} else {O})", "{O}.again",
    ],
    "B": ["Box({L})", "same({B})", "({B} if {T} else {B})", "Box({x}.value)"],
}  # fmt: skip
_CHANGES = [
    "{L}.append({N})", "{L}.append({N})", "{l}.append({N})", "{l}.insert(0, {N})", "{L}[0] = {N}", "{l} += [{N}]",
    "{l} += {L}", "{L}.extend({L})", "{l}.reverse()", "{L}.sort()", "{l}.clear()", "del {l}[0]", "{l}[0:1] = {L}",
    "{m}.append({L})", "{m}[0] = {L}", "{m}[-1].append({N})", "{m} += [{L}]", "{M}.extend({M})", "{m}[0] += {L}",
    "{d}['k'] = {L}", "{d}['k'].append({N})", "{d}.setdefault('y', []).append({N})", "{d}.update({D})", "{d}['l'] += {L}",
    "{d} |= {D}", "{d}.get('k').append({N})", "{R}['n'] = {N}", "{R}['l'] = {L}", "{r}['n'] += 1", "{R}['l'].append({N})",
    "{r}.update({R})", "{s}.append({R})", "{s}[0]['n'] = {N}", "{s}[0]['l'].append({N})", "{s}.extend({S})", "{s}[0] = {R}",
    "{o}.items = {L}", "{o}.items.append({N})", "{O}.rest.append({L})", "{o}.rest[0].append({N})", "{p}.y.append({N})",
    "{O}.first.append({N})", "{O}.add({N})", "{o}.items += {L}", "{l} += [eff({N})]", "{L}.append(eff({N}))",
    "{m}[eff(0)] = {L}", "{L}.extend([{N}, eff({N})])", "{m} += [{L}, [eff({N})]]",
    "{x}.value = {L}", "{x}.value.append({N})", "{x}.value += {L}", "{B}.value.append({N})", "put({L}, {N})", "({L}).pop()",
    "{s}.insert(0, {R})", "{S}.pop()['n'] = {N}", "[v.append({N}) for v in {M}]", "{m}[0], {m}[-1] = {L}, {L}",
]  # fmt: skip
_BINDINGS = [
    "{l} = {L}", "{l} = {L}", "{m} = {M}", "{d} = {D}", "{r} = {R}", "{r} = {R}", "{s} = {S}", "{x} = {B}", "{p} = {P}", "{o} = {O}", "_, {l} = {P}", "{m} = [{L}, [eff({N})], {L}]", "{l} = [*{L}, eff({N}), *{L}]",
    "{l}, {l} = {l}, {l}", "{l}, {l} = {L}, {L}", "{r}, {r} = {r}, {r}", "{l}, *{m} = {M}", "{l}, {l} = {m}", "{l} = {l} = {L}",
    "{r}, {l} = {R}, {L}", "see({L}, {R}, {S})", "see({D}, {M}, {B})", "({l}, {r}), {m} = ({L}, {R}), {M}",
]  # fmt: skip
_LOOPS = [
    ("for {l} in {M}:", ""), ("for {r} in {S}:", ""), ("for {r} in list({S}):", ""), ("for {r} in [{R}, {R}]:", ""),
    ("for w, {l} in enumerate({M}):", ""), ("for w, {l} in {D}.items():", ""), ("for {l}, {r} in zip({M}, {S}):", ""),
    ("for w in {d}:", ""), ("for w in {L}:", ""), ("while n() % 3:", ""), ("for {l} in {D}.values():", ""),
    ("for w in range(2):", ""), ("for {r} in reversed({S}):", ""), ("for {l} in ({L}, {L}):", ""),
]  # fmt: skip


class Program:
    """Statements made one after another; `depth` bounds nesting."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.kinds = dict(VARIABLES)
        self.functions: dict[str, str] = {}

    def fill(self, pattern: str, depth: int) -> str:
        """A pattern with a variable for each `{l}` and an expression for each `{L}`."""
        parts = Formatter().parse(pattern)
        return "".join(text + (self.part(field, depth) if field else "") for text, field, _, _ in parts)

    def part(self, letter: str, depth: int) -> str:
        """What stands for one letter."""
        if letter == "T":
            return self.random.choice(["n() % 2", f"{self.variable('L')}", f"len({self.variable('M')}) > 1"])
        if letter.islower():
            return self.variable(letter.upper() if letter != "x" else "B")
        if letter == "N" and (depth <= 0 or self.random.random() < 0.6):
            return str(self.random.randrange(4))
        if letter != "N" and (depth <= 0 or self.random.random() < 0.45):
            return self.variable(letter)
        pattern = self.random.choice(_EXPRESSIONS[letter])
        if pattern[:2] in ("f(", "g(", "h(") and pattern[0] not in self.functions:
            return self.variable(letter)
        return f"({self.fill(pattern, depth - 1)})"

    def variable(self, kind: str) -> str:
        """A variable of a kind."""
        return self.random.choice([name for name, each in self.kinds.items() if each == kind])

    def simple(self) -> str:
        """A statement without a body."""
        table = _CHANGES if self.random.random() < 0.5 else _BINDINGS
        return self.fill(self.random.choice(table), self.random.choice([0, 1, 1, 2]))

    def block(self, depth: int, indent: str) -> list[str]:
        """One to three statements."""
        return [line for _ in range(self.random.randint(1, 3)) for line in self.statement(depth, indent)]

    def statement(self, depth: int, indent: str) -> list[str]:
        """A statement, with its bodies."""
        if depth == 0 or self.random.random() < 0.6:
            return [indent + self.simple()]
        inner = indent + "    "
        match self.random.randrange(6):
            case 0:
                lines = [f"{indent}if {self.part('T', 0)}:", *self.block(depth - 1, inner)]
                return lines if self.random.random() < 0.5 else [*lines, f"{indent}else:", *self.block(depth - 1, inner)]
            case 1 | 2 | 3:
                header, _ = self.random.choice(_LOOPS)
                lines = [indent + self.fill(header, 1), *self.block(depth - 1, inner)]
                if self.random.random() < 0.3:
                    lines += [f"{inner}if {self.part('T', 0)}:", f"{inner}    {self.random.choice(['break', 'continue'])}"]
                    lines += self.block(0, inner)
                return lines
            case 4:
                lines = [f"{indent}try:", *self.block(depth - 1, inner)]
                if self.random.random() < 0.5:
                    lines += [f"{inner}raise ValueError({self.part('L', 1)})", f"{indent}except ValueError as e:"]
                    lines += [f"{inner}{self.variable('L')} = e.args[0]" if self.random.random() < 0.5 else f"{inner}see(e.args)"]
                else:
                    lines += [f"{indent}except (LookupError, ValueError):"]
                lines += self.block(depth - 1, inner)
                return lines if self.random.random() < 0.7 else [*lines, f"{indent}finally:", *self.block(depth - 1, inner)]
            case _:
                subject = self.random.choice("MR")
                case = ("[[*{l}], *{m}]" if subject == "M" else "{{'l': {l}}}") if self.random.random() < 0.7 else "[{l}, {l}]"
                names = self.fill(case, 0)
                if len(set(_words(names))) < len(_words(names)):
                    names = "[]"
                return [f"{indent}match {self.part(subject, 1)}:", f"{inner}case {names}:", *self.block(depth - 1, inner + "    ")]


def _words(text: str) -> list[str]:
    return [each for each in text.replace("'l'", "").replace("*", " ").replace(",", " ").replace("[", " ").replace("]", " ").replace("{", " ").replace("}", " ").replace(":", " ").split()]


def program(random: Random) -> str:
    """The source of a function `run()` that returns all its variables."""
    made = Program(random)
    lines = [f"    {name} = {value}" for name, value in _START.items()]
    lines += ["    w = None"]
    for name, kind in {"f": "L", "g": "M", "h": "R"}.items():
        if random.random() < 0.4:
            lines += _function(made, name, kind, random)
            made.functions[name] = kind
    for _ in range(random.randint(1, 5)):
        lines += made.statement(2, "    ")
    names = ", ".join(name for name in VARIABLES if random.random() < random.choice([0.2, 0.9]))
    lines += [f"    see({names})", f"    return [{names}]"]
    return "\n".join(["def run():", *lines]) + "\n"


def _function(made: Program, name: str, kind: str, random: Random) -> list[str]:
    params = {"v": kind, **({"q": "L"} if random.random() < 0.4 else {})}
    made.kinds.update(params)
    body = made.block(1, "        ")
    if random.random() < 0.3:
        body += [f"        if {made.part('T', 0)}:", f"            return {made.part(kind, 1)}"]
        body += made.block(1, "        ")
    result = made.part(kind, 1)
    for each in params:
        del made.kinds[each]
    # what the function assigns is its own: give it a value first, so that nothing is unbound
    own = sorted(_bound(ast.parse("def z():\n" + "\n".join(body)).body[0].body, set(VARIABLES)) - set(params))
    start = [f"        {each} = {_START.get(each, None)}" for each in own]
    default = ", q=[5]" if "q" in params else ""
    return [f"    def {name}(v{default}):", *start, *body, f"        return {result}"]


def _bound(body: list[ast.stmt], wanted: set[str]) -> set[str]:
    found = set()
    for statement in body:
        for part in ast.walk(statement):
            if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store | ast.Del):
                found.add(part.id)
            elif isinstance(part, ast.MatchAs | ast.MatchStar) and part.name:
                found.add(part.name)
    return (found & wanted) | (found & {"w", "v", "q"})


# ------------------------------------------------------------------ the machine that stores
class _Hops(ast.NodeTransformer):
    """Puts `x, y = hop(x, y)` after each statement, for all variables that it can see."""

    def __init__(self) -> None:
        self._visible: list[list[str]] = []
        self._depth = 0

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        params = [argument.arg for argument in node.args.args]
        own = [*params, *sorted(_own(node.body, {*VARIABLES, 'w', 'v', 'q'}) - set(params))]
        outer = [name for name in (self._visible[-1] if self._visible else []) if name not in own]
        functions = {part.name for part in ast.walk(node) if isinstance(part, ast.FunctionDef)}
        own = [name for name in own if name not in functions]
        self._visible.append([*outer, *own])
        node.body = [*self._unset(name for name in own if name not in params), *self._block(node.body)]
        node.body.insert(0, self._at_effects())
        if outer:
            node.body.insert(0, ast.Nonlocal(outer))
        self._visible.pop()
        return node

    def _at_effects(self) -> ast.stmt:
        """`def hop_here(): nonlocal …; x, y = hop(x, y)`: what an effect inside an expression calls."""
        body: list[ast.stmt] = [ast.Nonlocal(self._visible[-1]), self._hop()]
        nothing = ast.arguments([], [], None, [], [], None, [])
        return ast.FunctionDef("hop_here", nothing, body, [])

    def visit_Call(self, node: ast.Call) -> ast.Call:
        effects = any(_is_effect(part) for argument in node.args for part in ast.walk(argument))
        self.generic_visit(node)
        if effects and isinstance(node.func, ast.Attribute):
            # The compiler looks up what a method is called on after the effects in its arguments.
            found = ast.Lambda(ast.arguments([], [], None, [], [], None, []), node.func)
            return ast.Call(ast.Name("late", ast.Load()), [found, *node.args], node.keywords)
        if isinstance(node.func, ast.Name) and node.func.id == "eff":
            hop = ast.Lambda(ast.arguments([], [], None, [], [], None, []), ast.Call(ast.Name("hop_here", ast.Load()), [], []))
            node.keywords.append(ast.keyword("before", hop))
        return node

    def _unset(self, names: Iterable[str]) -> list[ast.stmt]:
        """A hop before the first assignment finds None: programs assign all that they read."""
        return [ast.Assign([ast.Name(name, ast.Store())], ast.Constant(None)) for name in names]

    def _block(self, body: list[ast.stmt]) -> list[ast.stmt]:
        found: list[ast.stmt] = []
        for statement in body:
            found += self._index_first(statement)
            found.append(self.visit(statement))
            if not isinstance(statement, ast.Return | ast.Break | ast.Continue | ast.FunctionDef):
                found.append(self._hop())
        return found

    def _index_first(self, statement: ast.stmt) -> list[ast.stmt]:
        """`m[step()] = x` is stored when both are known: the value, then the index, then `m`."""
        match statement:
            case ast.Assign(targets=[ast.Subscript(slice=index) as target]) if any(map(_is_effect, ast.walk(index))):
                before: list[ast.stmt] = [
                    ast.Assign([ast.Name("the_value", ast.Store())], self.visit(statement.value)),
                    ast.Assign([ast.Name("the_index", ast.Store())], self.visit(index)),
                ]
                statement.value, target.slice = ast.Name("the_value", ast.Load()), ast.Name("the_index", ast.Load())
                return before
            case _:
                return []

    def _hop(self) -> ast.stmt:
        names = self._visible[-1]
        target = ast.Tuple([ast.Name(name, ast.Store()) for name in names], ast.Store())
        call = ast.Call(ast.Name("hop", ast.Load()), [ast.Name(name, ast.Load()) for name in names], [])
        return ast.Assign([target], call)

    def generic_visit(self, node: ast.AST) -> ast.AST:
        if isinstance(node, ast.expr):
            return super().generic_visit(node)
        for name in ("body", "orelse", "finalbody"):
            block = getattr(node, name, None)
            if isinstance(block, list) and block:
                setattr(node, name, self._block(block))
        for part in [*getattr(node, "handlers", []), *getattr(node, "cases", [])]:
            part.body = [self._hop(), *self._block(part.body)]
        if isinstance(node, ast.For):
            node.iter = ast.Call(ast.Name("items", ast.Load()), [node.iter], [])
            node.body.insert(0, self._hop())
        if isinstance(node, ast.While):
            node.body.insert(0, self._hop())
        for name, value in ast.iter_fields(node):
            if isinstance(value, ast.expr):
                setattr(node, name, self.visit(value))
            elif isinstance(value, list) and value and isinstance(value[0], ast.expr):
                setattr(node, name, [self.visit(each) for each in value])
        return node


def _is_effect(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "eff"


def _own(body: list[ast.stmt], wanted: set[str]) -> set[str]:
    return _bound([statement for statement in body if not isinstance(statement, ast.FunctionDef)], wanted)


def stored(source: str) -> str:
    """The program with a hop after each statement."""
    tree = _Hops().visit(ast.parse(source).body[0])
    return ast.unparse(ast.fix_missing_locations(ast.Module([tree], []))) + "\n"
