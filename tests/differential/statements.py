"""How does a random statement read? Every kind that is compiled, with bodies of the same."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from tests.differential.expressions import TYPES, Callable_, Expressions, Traits

if TYPE_CHECKING:
    from collections.abc import Iterator

T = TypeVar("T")
Lines = list[str]
_ERRORS = ("Refused", "Declined", "KeyError", "ValueError", "LookupError", "Exception", "ERRORS",
           "(TypeError, Refused)", "ZeroDivisionError")  # fmt: skip

_BELOW = {
    "Declined": {"Refused", "ERRORS", "(TypeError, Refused)"}, "KeyError": {"LookupError", "ERRORS"},
    "Refused": {"ERRORS", "(TypeError, Refused)"},
}  # fmt: skip


def indented(lines: Sequence[str]) -> Lines:
    """One level deeper."""
    return [f"    {line}" for line in lines]


class Statements(Expressions):
    """Makes statements, as lines; what they assign is known to those that follow."""

    def __init__(self, rng: random.Random, traits: Traits) -> None:
        super().__init__(rng, traits)
        self.loops = 0  # around the statement
        self.returns: Callable[[], str] = lambda: "return 0"
        self.budget = 40  # statements that may still be made

    # ------------------------------------------------------------- bodies
    def body(self, depth: int, most: int = 3) -> Lines:
        """Statements whose names are forgotten behind them, nearly always."""
        before = {kind: list(names) for kind, names in self.scope.names.items()}
        lines: Lines = []
        for _ in range(self.rng.randint(1, most)):
            lines += self.statement(depth)
        if not self.maybe(0.04):
            self.scope.names = before
        return lines

    @contextmanager
    def loop(self) -> Iterator[None]:
        """The body of a loop."""
        self.loops += 1
        yield
        self.loops -= 1

    def statement(self, depth: int) -> Lines:
        """One statement of any kind."""
        self.budget -= 1
        simple: list[tuple[float, Callable[[], Lines]]] = [
            (6, self.assign), (2, self.augment), (3, self.change), (2, self.effect), (1.5, self.log),
            (0.7, self.unpack), (0.5 * self.risk, self.raising), (0.4 * self.risk, self.asserting), (0.3, self.delete),
            (0.1, lambda: ["pass"]), (0.5, self.wait),
        ]  # fmt: skip
        if self.loops:
            simple.append((1, self.leave_loop))
        simple.append((0.15, self.leave))
        if self.traits.forks:
            simple.append((4, self.fork))
        compound: list[tuple[float, Callable[[int], Lines]]] = [
            (3, self.branch), (2, self.for_loop), (1.2, self.while_loop), (2.5, self.attempt),
            (1.2, self.match), (0.5, self.scoped),
        ]  # fmt: skip
        if depth <= 0 or self.budget < 0 or self.maybe(0.6):
            return self._choose(simple)()
        return self._choose(compound)(depth - 1)

    def _choose(self, makes: Sequence[tuple[float, T]]) -> T:
        return self.rng.choices([make for _, make in makes], [weight for weight, _ in makes])[0]

    # ------------------------------------------------------------- assignments
    def target(self, kind: str, *, new: float = 0.5) -> str:
        """A variable to assign: a new one, or one of this function."""
        names = [name for name in self.scope.names[kind] if name in self.scope.own]
        return self.new(kind) if not names or self.maybe(new) else self.rng.choice(names)

    def know(self, kind: str, name: str) -> None:
        """A name has a value from here on."""
        if name not in self.scope.names[kind]:
            self.scope.names[kind].append(name)
        self.scope.own.add(name)

    def assign(self) -> Lines:
        kind = self._choose([(4, "int"), (2, "str"), (2, "ints"), (1, "table"), (1.5, "order")])
        value = self.fresh(kind)
        name = self.target(kind)
        line = f"{name} = {value}"
        if self.maybe(0.05) and kind == "int":
            line = f"{name}: int = {value}"
        self.know(kind, name)
        return [line]

    def fresh(self, kind: str, depth: int = 3) -> str:
        """An expression whose value no other name has, nearly always."""
        value = self.of(kind, depth)
        if self.loops:
            value = {
                "int": f"({value}) % 1000",
                "str": f"({value})[:20]",
                "ints": f"({value})[:6]",
            }.get(kind, value)
        if kind in ("int", "str") or self.traits.sharing or self.maybe(0.02):
            return value
        if not value.isidentifier():
            return value
        return {"ints": f"list({value})", "table": f"dict({value})"}.get(
            kind, f"order({self.int(1)})"
        )

    def augment(self) -> Lines:
        owner = self.known("order") or ""
        table, ints = self.known("table"), self.known("ints")
        names = [name for name in self.scope.names["int"] if name in self.scope.own]
        places = [
            *names,
            *([f"{owner}.total"] if owner else []),
            *([f"{table}['a']"] if table and self.maybe(self.risk) else []),
        ]
        if ints and self.maybe(self.risk):
            places.append(f"{ints}[{self.int(1) if self.maybe(0.3) else '0'}]")
        if not places or self.maybe(0.15):
            texts = [name for name in self.scope.names["str"] if name in self.scope.own]
            more = f"({self.str(2)})[:5]"
            return [f"{self.rng.choice(texts)} += {more}"] if texts else self.assign()
        return [
            f"{self.rng.choice(places)} {self.pick('+=', '-=', '%=' if self.loops else '*=')} {self.int(2)}"
        ]

    def unpack(self) -> Lines:
        first, second = self.new("int"), self.new("int")
        kind = self.rng.randrange(5)
        if kind == 0:
            lines = [f"{first}, {second} = {self.int(2)}, {self.int(2)}"]
        elif kind == 1 and self.maybe(self.risk):
            rest = self.new("ints")
            lines = [f"{first}, *{rest} = {self.ints(2)}"]
            self.know("int", first)
            self.know("ints", rest)
            return lines
        elif kind == 2:
            name = self.new("str")
            lines = [f"{first}, {name} = pair({self.int(2)}, {self.str(2)})"]
            self.know("str", name)
            self.know("int", first)
            return lines
        elif kind == 3:
            lines = [f"{first} = {second} = {self.int(2)}"]
        else:
            lines = [f"({first}, {second}), _ = pair({self.int(1)}, {self.int(1)}), {self.int(2)}"]
        self.know("int", first)
        self.know("int", second)
        return lines

    def change(self) -> Lines:
        """Change something in place."""
        ints, table, owner = self.known("ints"), self.known("table"), self.known("order")
        options: Lines = []
        if ints:
            options += [
                f"{ints}.append({self.int(2)})", f"{ints}.append({self.int(2)})",
                f"{ints}.extend({self.ints(2)}{'[:2]' if self.loops else ''})", f"{ints}.insert(0, {self.int(2)})",
                f"{ints}.{self.pick('sort', 'reverse', 'clear')}()",
            ]  # fmt: skip
            if self.maybe(self.risk):
                options += [f"{ints}.pop()", f"{ints}[{self.pick('0', '-1')}] = {self.int(2)}"]
            if ints in self.scope.own:
                options.append(f"{ints} += {self.ints(2)}{'[:2]' if self.loops else ''}")
        if table:
            options += [
                f"{table}[{self.rng.choice(_KEYS)}] = {self.int(2)}",
                f"{table}[{self.str(1)}] = {self.int(2)}",
                f"{table}.update({self.table(2)})", f"{table}.setdefault('c', {self.int(2)})",
                f"{table}.pop('a', None)",
            ]  # fmt: skip
        if owner:
            options += [
                f"{owner}.total = {self.int(2)}", f"{owner}.notes['n'] = {self.int(2)}",
                f"{owner}.id = {self.str(2)}", f"{owner}.kind = Kind.LARGE",
                f"{owner}.item = Item(name={self.str(1)}, amount={self.int(1)})",
            ]  # fmt: skip
        return [self.rng.choice(options)] if options else self.assign()

    def delete(self) -> Lines:
        table, ints = self.known("table"), self.known("ints")
        names = [name for name in self.scope.names["int"] if name in self.scope.own]
        options = [f"del {ints}[1:]"] if ints else []
        if self.maybe(self.risk):
            options += [f"del {table}['a']"] if table else []
            options += [f"del {ints}[0]"] if ints else []
        if len(names) > 2 and not self.loops and self.maybe(0.3):
            name = self.rng.choice(names)
            self.scope.names["int"].remove(name)
            options = [f"del {name}"]
        return [self.rng.choice(options)] if options else ["pass"]

    # ------------------------------------------------------------- effects, leaving
    def effect(self) -> Lines:
        kind = self.pick("int", "str", "ints", "order", "bool")
        options = [
            f"echo({self.of(kind, 2)})", f"plus({self.int(2)}, {self.int(2)})",
            f"echo({self.int(3)})", f"{self.bool(1)} and echo({self.str(1)})",
            f"echo(1) if {self.bool(1)} else {self.of(kind, 1)}", self.of(kind, 3),
        ]  # fmt: skip
        return [self.rng.choice(options)]

    def log(self) -> Lines:
        return [
            self.pick(
                f"print({self.str(2)}, {self.int(2)})",
                f"print({self.str(2)})",
                f"print('all', {self.ints(1)}, sep=': ')",
                f"log.info('n is %d', {self.int(2)})",
                f"log.warning({self.str(2)})",
                f"log.info('%s and %s', {self.str(1)}, {self.ints(1)})",
            )
        ]

    def wait(self) -> Lines:
        if not self.scope.effects:
            return ["pass"]
        if self.traits.is_async and self.maybe(0.5):
            return ["await asyncio.sleep(0)"]
        return [
            self.pick(
                "sleep('1h')", f"sleep(seconds={self.int(1)} % 5)", f"publish(stage={self.str(1)})"
            )
        ]

    def raising(self) -> Lines:
        options = [
            f"raise Refused({self.int(1)})",
            f"raise ValueError({self.str(2)})",
            "raise KeyError('k')",
        ]
        if self.scope.errors:
            error = self.rng.choice(self.scope.errors)
            options += [
                "raise",
                f"raise {error}",
                f"raise Declined({self.int(1)}) from {error}",
                "raise",
            ]
        return [f"if {self.bool(1)}:", f"    {self.rng.choice(options)}"]

    def asserting(self) -> Lines:
        return [f"assert {self.bool(2)}" + (f", {self.str(2)}" if self.maybe(0.5) else "")]

    def leave(self) -> Lines:
        return [f"if {self.bool(1)}:", f"    {self.returns()}"]

    def leave_loop(self) -> Lines:
        return [f"if {self.bool(1)}:", f"    {self.pick('break', 'continue')}"]

    # ------------------------------------------------------------- compound
    def branch(self, depth: int) -> Lines:
        lines = [f"if {self.bool(2)}:", *indented(self.body(depth))]
        if self.maybe(0.3):
            lines += [f"elif {self.bool(2)}:", *indented(self.body(depth))]
        if self.maybe(0.5):
            lines += ["else:", *indented(self.body(depth))]
        return lines

    def for_loop(self, depth: int) -> Lines:
        name, second = self.new("int"), self.new("int")
        heads = [
            (2, f"for {name} in {self.ints(2)}:", {"int": [name]}),
            (2, f"for {name} in range({self.int(1)} % 4):", {"int": [name]}),
            (1, f"for {name}, {second} in enumerate({self.ints(2)}):", {"int": [name, second]}),
            (
                1,
                f"for {name}, {second} in zip({self.ints(2)}, {self.ints(1)}):",
                {"int": [name, second]},
            ),
            (
                1,
                f"for s_{name}, {second} in {self.table(2)}.items():",
                {"int": [second], "str": [f"s_{name}"]},
            ),
            (1, f"for {name} in some({self.int(2)}):", {"int": [name]}),
            (0.7, f"for s_{name} in {self.str(2)}[:3]:", {"str": [f"s_{name}"]}),
            (0.5, f"for s_{name} in {self.table(2)}:", {"str": [f"s_{name}"]}),
            (
                0.5,
                f"for {name}, {second} in [pair({self.int(1)}, {self.int(1)})]:",
                {"int": [name, second]},
            ),
        ]
        weights = [weight for weight, _, _ in heads]
        _, head, names = self.rng.choices(heads, weights)[0]
        before = {kind: list(known) for kind, known in self.scope.names.items()}
        for kind, bound in names.items():
            for each in bound:
                self.know(kind, each)
        with self.loop():
            lines = [head, *indented(self.body(depth))]
        self.scope.names = before
        return lines + self._loop_else(depth)

    def _loop_else(self, depth: int) -> Lines:
        return ["else:", *indented(self.body(depth, 1))] if self.maybe(0.25) else []

    def while_loop(self, depth: int) -> Lines:
        counter = self.new("int")
        limit = self.rng.randint(1, 3)
        before = {kind: list(known) for kind, known in self.scope.names.items()}
        kind = self.rng.randrange(3)
        with self.loop():
            self.scope.names["int"].append(counter)  # to be read; only counted up here
            if kind == 0:
                test, first = f"{counter} < {limit} and {self.bool(2)}", [f"{counter} += 1"]
            elif kind == 1:
                test, first = f"({counter} := plus({counter}, 1)) <= {limit}", []
            else:
                test, first = "True", [f"{counter} += 1", f"if {counter} > {limit}:", "    break"]
            body = self.body(depth)
        self.scope.names = before
        lines = [f"{counter} = 0", f"while {test}:", *indented([*first, *body])]
        return lines + ([] if kind == 2 else self._loop_else(depth))

    def attempt(self, depth: int) -> Lines:
        handlers = self.rng.choice([0, 1, 1, 1, 2])
        self.tries += handlers > 0
        lines = ["try:", *indented(self.body(depth))]
        if handlers and self.maybe(0.5):
            lines.insert(len(lines) if self.maybe(0.7) else 1, f"    {self.new_risk()}")
        self.tries -= handlers > 0
        caught: set[str] = set()
        for _ in range(handlers):
            kind = self.rng.choice(_ERRORS)
            if kind in caught or _BELOW.get(kind, set()) & caught or "Exception" in caught:
                continue
            caught.add(kind)
            lines += self._handler(kind, depth)
        if caught and self.maybe(0.25):
            lines += ["else:", *indented(self.body(depth, 2))]
        if not caught or self.maybe(0.35):
            lines += ["finally:", *indented(self.body(depth, 2))]
        return lines

    def new_risk(self) -> str:
        """A statement that is likely to raise."""
        return self.pick(
            f"risky({self.int(1)})", f"risky(3 * {self.int(0)})", f"echo({self.ints(0)}[9])",
            f"strict({self.int(1)})", f"found({{}}, {self.str(1)})", f"echo({self.int(1)} // 0)",
        )  # fmt: skip

    def _handler(self, kind: str, depth: int) -> Lines:
        if self.maybe(0.3):
            return [f"except {kind}:", *indented(self.body(depth, 2))]
        name = f"e{self._made}"
        self._made += 1
        self.scope.errors.append(name)
        body = self.body(depth, 2)
        if kind in ("Refused", "Declined") and self.maybe(0.4):
            body.append(f"echo({name}.code)")
        self.scope.errors.remove(name)
        return [f"except {kind} as {name}:", *indented(body)]

    def scoped(self, depth: int) -> Lines:
        head = self.pick("with saga():", "with deadline('30d'):", "with saga(), deadline('30d'):")
        return [head, *indented(self.body(depth))]

    def match(self, depth: int) -> Lines:
        kind = self.pick("int", "order", "ints", "str", "pair", "table")
        guard = f" if {self.bool(1)}" if self.maybe(0.3) else ""
        name, second = self.new("int"), self.new("int")
        subject = f"pair({self.int(1)}, {self.int(1)})" if kind == "pair" else self.of(kind, 2)
        cases: dict[str, list[tuple[str, list[str]]]] = {
            "int": [("0 | 1 | 2", []), (f"int({name})", [name]), (f"{name}", [name])],
            "str": [("'x' | ''", []), ("'ab' as _t", []), ("str()", [])],
            "ints": [("[]", []), (f"[{name}]", [name]), (f"[{name}, *_]", [name])],
            "pair": [(f"({name}, 0)", [name]), (f"({name}, {second})", [name, second])],
            "table": [(f"{{'a': {name}, **_r}}", [name]), (f"{{'b': {name}}}", [name])],
            "order": [
                (f"Order(kind=Kind.LARGE, total={name})", [name]),
                (f"Order(item=Item(amount={name}))", [name]),
                ("Order(item=None)", []),
            ],
        }
        lines = [f"match {subject}:"]
        for index, (pattern, names) in enumerate(cases[kind]):
            before = {each: list(known) for each, known in self.scope.names.items()}
            for each in names:
                self.know("int", each)
            inner = f" if {self.bool(1)}" if guard and self.maybe(0.5) else ""
            if index + 1 < len(cases[kind]) and pattern == name and not inner:
                inner = ""
            lines += indented([f"case {pattern}{inner}:", *indented(self.body(depth, 2))])
            self.scope.names = before
        if kind != "int" and self.maybe(0.5):
            lines += indented(["case _:", *indented(self.body(depth, 1))])
        return lines

    # ------------------------------------------------------------- side by side
    def fork(self) -> Lines:
        if not self.scope.effects:
            return self.assign()
        first, second = self.new("int"), self.new("int")
        limit = self.pick("", "", ", max_concurrency=1", ", max_concurrency=2")
        options = [
            f"{first}, {second} = parallel({self._branch()}, {self._branch()}{limit})",
            f"{first}, {second}, _ = parallel({self._branch()}, {self._branch()}, {self._risky_branch()})",
            f"{first} = sum(parallel(*[plus({self.int(0)}, i) for i in {self.ints(1)}]))",
            f"{first} = sum(map_each({self.pick('plus', 'echo', 'double')}, {self.ints(2)}{limit}))",
            f"{first} = map_each(risky, {self.ints(2)}, on_error='collect').failed",
        ]
        line = self.rng.choice(options)
        self.know("int", first)
        if second in line:
            self.know("int", second)
        return [line]

    def _branch(self) -> str:
        """What cannot fail."""
        return self.pick(
            f"plus({self._small_int()}, plus({self._small_int()}))", f"echo({self._small_int()})",
            f"plus({self._small_int()}, c=echo(1))", f"reserve({self._small_int()})",
            f"plus({self._small_int()}) + plus(2)",
        )  # fmt: skip

    def _risky_branch(self) -> str:
        return self.pick(
            f"risky({self._small_int()})", f"risky(plus({self._small_int()}))", "echo(3)"
        )


_KEYS = ("'a'", "'b'", "'c'")
__all__ = ["TYPES", "Callable_", "Statements", "indented"]
