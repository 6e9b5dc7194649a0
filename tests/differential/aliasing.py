"""How does a program read that shares objects between names, and changes them through one?

The compiler must refuse it, or the results agree wherever the execution goes on.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from tests.differential.statements import Lines, indented

KINDS = ("list", "rows", "groups", "box")
_START = {
    "list": "[1, 2]", "rows": "[[1], [2, 3]]", "groups": "{'a': [1], 'b': [2]}",
    "box": "Box([4], [[5]])",
}  # fmt: skip


class Aliasing:
    """Makes statements over lists, lists of lists, dicts of lists, and objects of all these."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.names: dict[str, Lines] = {kind: [] for kind in KINDS}
        self.functions: Lines = []
        self.made = 0

    def pick(self, *texts: str) -> str:
        """One of several texts."""
        return self.rng.choice(texts)

    def known(self, kind: str) -> str:
        """A variable of a kind."""
        return self.rng.choice(self.names[kind]) if self.names[kind] else _START[kind]

    def new(self, kind: str) -> str:
        """A new or an old variable of a kind."""
        if self.names[kind] and self.rng.random() < 0.4:
            return self.known(kind)
        self.made += 1
        return f"{kind[0]}{self.made}"

    # ------------------------------------------------------------- expressions
    def of(self, kind: str, depth: int = 2) -> str:
        """Something that may be shared, new, or partly both."""
        makes = {"list": self.list, "rows": self.rows, "groups": self.groups, "box": self.box}
        return makes[kind](depth)

    def list(self, depth: int) -> str:
        if depth == 0:
            return self.known("list")
        d = depth - 1
        return self.pick(
            self.known("list"), self.known("list"), f"{self.rows(d)}[0]", f"{self.rows(d)}[-1]",
            f"{self.groups(d)}['a']", f"{self.groups(d)}.get('b', {self.list(d)})",
            f"{self.box(d)}.best", f"{self.box(d)}.rows[0]", f"echo({self.list(d)})", "some(3)",
            f"[*{self.list(d)}, 7]", f"list({self.list(d)})", f"{self.list(d)}[:]",
            f"({self.list(d)} if odd({self.number()}) else {self.list(d)})",
            f"({self.list(d)} or {self.list(d)})", f"max({self.rows(d)}, key=len)",
            f"next(iter({self.rows(d)}))", f"{self.groups(d)}.setdefault('a', {self.list(d)})",
            f"[x for x in {self.list(d)}]", f"same({self.list(d)})", f"sorted({self.list(d)})",
            *(f"{name}({self.list(d)})" for name in self.functions),
        )  # fmt: skip

    def rows(self, depth: int) -> str:
        if depth == 0:
            return self.known("rows")
        d = depth - 1
        return self.pick(
            self.known("rows"), f"[{self.list(d)}, {self.list(d)}]", f"{self.box(d)}.rows",
            f"list({self.groups(d)}.values())", f"[*{self.rows(d)}, {self.list(d)}]",
            f"[r for r in {self.rows(d)}]", f"[list(r) for r in {self.rows(d)}]",
            f"{self.rows(d)}[::-1]", f"sorted({self.rows(d)})", f"([{self.list(d)}] * 2)",
            f"echo({self.rows(d)})", f"[echo(r) for r in {self.rows(d)}]",
            f"[{self.list(d)} for _ in [0, 1]]", f"list(map(same, {self.rows(d)}))",
        )  # fmt: skip

    def groups(self, depth: int) -> str:
        if depth == 0:
            return self.known("groups")
        d = depth - 1
        return self.pick(
            self.known("groups"), f"{{'a': {self.list(d)}, 'b': {self.list(d)}}}",
            f"dict({self.groups(d)})", f"{{**{self.groups(d)}, 'a': {self.list(d)}}}",
            f"{{k: v for k, v in {self.groups(d)}.items()}}", f"dict(zip('ab', {self.rows(d)}))",
            f"echo({self.groups(d)})", f"{self.groups(d)} | {self.groups(d)}",
        )  # fmt: skip

    def box(self, depth: int) -> str:
        if depth == 0:
            return self.known("box")
        d = depth - 1
        return self.pick(
            self.known("box"), f"Box({self.list(d)}, {self.rows(d)})", f"echo({self.box(d)})",
            f"Box(best={self.list(d)}, rows=[{self.list(d)}])",
        )  # fmt: skip

    def number(self) -> str:
        """A number."""
        return self.pick("1", "2", f"len({self.known('list')})", f"sum({self.known('list')})")

    # ------------------------------------------------------------- statements
    def statement(self, depth: int) -> Lines:
        """One statement."""
        makes: Sequence[tuple[int, Callable[[int], Lines]]] = [
            (6, self.assign), (7, self.change), (2, self.effect), (1, self.unpack),
            (2 * bool(depth), self.branch), (3 * bool(depth), self.loop), (bool(depth), self.attempt),
            (bool(depth), self.match),
        ]  # fmt: skip
        weights = [weight for weight, _ in makes]
        return self.rng.choices([make for _, make in makes], weights)[0](depth)

    def body(self, depth: int) -> Lines:
        """Some statements; their names are forgotten."""
        before = {kind: list(names) for kind, names in self.names.items()}
        lines = [line for _ in range(self.rng.randint(1, 2)) for line in self.statement(depth - 1)]
        self.names = before
        return indented(lines)

    def know(self, kind: str, name: str) -> None:
        """A name has a value from here on."""
        if name not in self.names[kind]:
            self.names[kind].append(name)

    def assign(self, _: int) -> Lines:
        kind = self.rng.choice(KINDS)
        value, name = self.of(kind), self.new(kind)
        self.know(kind, name)
        return [f"{name} = {value}"]

    def unpack(self, _: int) -> Lines:
        first, second = self.new("list"), self.new("list")
        line = self.pick(
            f"{first}, *_ = {self.rows(1)}", f"{first}, {second} = {self.list(1)}, {self.list(1)}",
            f"{first} = {second} = {self.list(1)}", f"{first}, {second} = pair({self.list(1)}, [])",
        )  # fmt: skip
        self.know("list", first)
        if second in line:
            self.know("list", second)
        return [line]

    def change(self, _: int) -> Lines:
        some, rows, groups, box = (self.known(kind) for kind in KINDS)
        return [
            self.pick(
                f"{some}.append({self.number()})",
                f"{some}.append({self.number()})",
                f"{some}[0:1] = {self.list(1)}",
                f"{some} += {self.list(1)}",
                f"{some}.extend({self.list(1)})",
                f"{some}.reverse()",
                f"{rows}.append({self.list(1)})",
                f"{rows}[0] = {self.list(1)}",
                f"{rows}[0].append(8)",
                f"{rows}[-1] += [9]",
                f"{rows}.insert(0, {self.list(1)})",
                f"{rows}.reverse()",
                f"{groups}['a'].append(6)",
                f"{groups}['b'] = {self.list(1)}",
                f"{groups}.setdefault('c', []).append(5)",
                f"{groups}.update({self.groups(1)})",
                f"{box}.best = {self.list(1)}",
                f"{box}.best.append(4)",
                f"{box}.rows[0].append(3)",
                f"{box}.rows = {self.rows(1)}",
                f"{box}.rows.append({self.list(1)})",
                f"put({some}, 2)",
                f"{groups}['a'] += [1]",
                f"del {rows}[0][:1]",
                f"{some}.clear()",
                f"{rows}[0].append(plus(1))",
                f"{rows}[plus(0, 0) - 1].append(plus({self.number()}))",
                f"{groups}['a'].append(plus(6))",
                f"{box}.rows[-1].extend(some(3))",
                f"{groups}.setdefault('c', []).append(plus(5))",
                f"{box}.best[:1] = some(4)",
                f"{rows}[odd(2)] += some(2)",
                f"{rows}[tally(0) - 8].append(plus(2))",
                f"{groups}[str(plus(1))] = {self.list(1)}",
                f"{rows}[tally(0) - 7][0] = 1",
            )  # fmt: skip
        ]

    def effect(self, _: int) -> Lines:
        return [f"echo({self.of(self.rng.choice(KINDS), 1)})"]

    def branch(self, depth: int) -> Lines:
        lines = [f"if odd({self.number()}):", *self.body(depth)]
        return [*lines, "else:", *self.body(depth)] if self.rng.random() < 0.5 else lines

    def loop(self, depth: int) -> Lines:
        self.made += 1
        name = f"l{self.made}"
        head = self.pick(
            f"for {name} in {self.rows(1)}:", f"for {name} in {self.rows(0)}:",
            f"for _, {name} in enumerate({self.rows(1)}):", f"for {name} in {self.groups(1)}.values():",
            f"for _, {name} in {self.groups(1)}.items():", f"for {name} in [{self.list(1)}, {self.list(1)}]:",
            f"for {name}, _ in zip({self.rows(1)}, [1, 2]):",
        )  # fmt: skip
        self.names["list"].append(name)
        lines = [head, *self.body(depth)]
        self.names["list"].remove(name)
        return lines

    def attempt(self, depth: int) -> Lines:
        lines = ["try:", *self.body(depth), "except Exception as error:", *self.body(depth)]
        lines[-1:] = [lines[-1], "    echo(str(error))"]
        return lines

    def match(self, depth: int) -> Lines:
        self.made += 1
        name = f"l{self.made}"
        self.names["list"].append(name)
        pattern = self.pick(f"[{name}, *_]", f"[*_, {name}]", f"[[_, *_] as {name}, *_]")
        lines = [f"match {self.rows(1)}:", f"    case {pattern}:", *indented(self.body(depth))]
        self.names["list"].remove(name)
        return lines

    def nested(self, name: str) -> Lines:
        """A nested function: it may change, give back or keep what it is given."""
        before = {kind: list(names) for kind, names in self.names.items()}
        self.made += 1
        own = f"l{self.made}"
        self.names["list"].append(own)
        lines = [line for _ in range(self.rng.randint(0, 2)) for line in self.reading(own)]
        lines.append(f"return {self.list(1)}")
        self.names = before
        self.functions.append(name)
        return [f"def {name}({own}):", *indented(lines)]

    def reading(self, own: str) -> Lines:
        """A statement that assigns no name of the function around."""
        return [
            self.pick(
                f"{own}.append(1)",
                f"{own} = {self.list(1)}",
                f"{self.known('list')}.append(2)",
                f"{self.known('rows')}.append({own})",
                f"{self.known('groups')}['a'] = {own}",
                f"{self.known('box')}.best = {own}",
                f"echo({own})",
            )  # fmt: skip
        ]


def main(rng: random.Random) -> Lines:
    """The body of a workflow."""
    made = Aliasing(rng)
    lines: Lines = []
    for kind in KINDS:
        name = made.new(kind)
        lines.append(f"{name} = {_START[kind]}")
        made.know(kind, name)
    for number in range(rng.choice([0, 0, 1, 2])):
        lines += made.nested(f"helper{number}")
    for _ in range(rng.randint(3, 7)):
        lines += made.statement(2)
    names = [name for kind in KINDS for name in made.names[kind]]
    return [*lines, f"echo(({', '.join(names)},))", f"return ({', '.join(names)},)"]
