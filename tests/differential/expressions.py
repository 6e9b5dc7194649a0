"""How does a random expression of some type read? Steps, helpers and chance anywhere in it."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

Make = Callable[[int], str]
TYPES = ("int", "str", "ints", "table", "order")
_LETTER = {"int": "n", "str": "s", "ints": "xs", "table": "d", "order": "o"}
_KEYS = ("'a'", "'b'", "'c'")


@dataclass(frozen=True, slots=True)
class Traits:
    """What a program may use."""

    chance: bool = False  # clock, random numbers, functions that give something else each time
    forks: bool = False  # parallel and map_each
    waits: bool = True  # steps that suspend: child executions, timers
    is_async: bool = False
    sharing: bool = False  # one object under two names: mostly refused


@dataclass(frozen=True, slots=True)
class Callable_:
    """Something of the program itself that gives an int: a nested function, a workflow."""

    name: str
    ints: int  # how many arguments it takes
    named: str | None = None  # one that may be given by name


@dataclass(slots=True)
class Scope:
    """Names that have a value here, by type, and what may be called."""

    names: dict[str, list[str]] = field(default_factory=lambda: {kind: [] for kind in TYPES})
    functions: list[Callable_] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)  # names of caught exceptions
    own: set[str] = field(default_factory=set)  # names that belong to the function at hand
    effects: bool = True  # whether steps may stand here


class Expressions:
    """Makes expressions of a type; `depth` bounds how deep they go."""

    def __init__(self, rng: random.Random, traits: Traits) -> None:
        self.rng, self.traits = rng, traits
        self.scope = Scope()
        self._made = 0
        self.tries = 0  # around the expression

    @property
    def risk(self) -> float:
        """How likely errors are: seldom where nothing catches them."""
        return 1.0 if self.tries else 0.08

    # ------------------------------------------------------------- choosing
    def pick(self, *texts: str) -> str:
        """One of several texts."""
        return self.rng.choice(texts)

    def maybe(self, share: float) -> bool:
        """True now and then."""
        return self.rng.random() < share

    def one(self, makes: Sequence[tuple[float, Make]], depth: int) -> str:
        """One of several ways to make an expression, by weight."""
        weights = [weight for weight, _ in makes]
        return self.rng.choices([make for _, make in makes], weights)[0](depth - 1)

    def new(self, kind: str) -> str:
        """A name not used before."""
        self._made += 1
        return f"{_LETTER[kind]}{self._made}"

    def known(self, kind: str) -> str | None:
        """A variable of a type, if there is one."""
        names = self.scope.names[kind]
        return self.rng.choice(names) if names else None

    @contextmanager
    def bound(self, kind: str, name: str) -> Iterator[None]:
        """A name that has a value meanwhile."""
        self.scope.names[kind].append(name)
        yield
        self.scope.names[kind].remove(name)

    @contextmanager
    def without_effects(self) -> Iterator[None]:
        """No steps meanwhile."""
        before, self.scope.effects = self.scope.effects, False
        yield
        self.scope.effects = before

    def of(self, kind: str, depth: int = 2) -> str:
        """An expression of a type."""
        makes = {
            "int": self.int, "str": self.str, "ints": self.ints, "table": self.table,
            "order": self.order, "bool": self.bool,
        }  # fmt: skip
        return makes[kind](depth)

    # ------------------------------------------------------------- numbers
    def int(self, depth: int) -> str:
        """A number."""
        if depth <= 0:
            return self._small_int()
        risk = self.risk
        makes: list[tuple[float, Make]] = [
            (2, lambda _: self._small_int()),
            (2, lambda d: f"({self.int(d)} {self.pick('+', '-', '*')} {self.int(d)})"),
            (1, lambda d: f"{self.int(d)} {self.pick('//', '%')} {self.pick('3', '7', '2')}"),
            (1, lambda d: f"{self.pick('len', 'sum')}({self.ints(d)})"),
            (1, lambda d: f"max({self.int(d)}, {self.int(d)})"),
            (0.5, lambda d: f"max({self.ints(d)}, default={self.int(d)})"),
            (0.7 * risk, lambda d: f"{self.ints(d)}[{self.pick('0', '-1', self.int(0))}]"),
            (0.7 * risk, lambda d: f"{self.table(d)}[{self.rng.choice(_KEYS)}]"),
            (1, lambda d: f"{self.table(d)}.get({self.rng.choice(_KEYS)}, {self.int(d)})"),
            (1, lambda d: f"{self.order(d)}.total"),
            (0.7, lambda d: f"len({self.str(d)})"),
            (0.7, lambda d: f"({self.int(d)} if {self.bool(d)} else {self.int(d)})"),
            (0.7, lambda d: f"({self.int(d)} {self.pick('or', 'and')} {self.int(d)})"),
            (0.5, lambda d: f"double({self.int(d)})"),
            (0.5, lambda d: f"tally({self.int(d)})"),
            (0.3 * risk, lambda d: f"strict({self.int(d)})"),
            (0.2, lambda _: self.pick("LIMIT", "TABLE['b']", "-1", "int('7')")),
            (0.5, self._walrus),
            (0.5, lambda d: self._generator("sum", d)),
            (0.3, lambda d: f"[{self.int(d)}, {self.int(d)}][{self.bool(d)}]"),
            (0.2, lambda d: f"len({{{self.int(d)}, {self.int(d)}}})"),
        ]
        if (order := self.known("order")) is not None:
            makes.append(
                (0.7, lambda d: f"({order}.item.amount if {order}.item else {self.int(d)})")
            )
            makes.append((0.3 * risk, lambda _: f"{order}.item.amount"))
            makes.append((0.3, lambda d: f"{order}.notes.get({self.str(d)}, 0)"))
        if self.scope.errors:
            makes.append((0.5, lambda _: f"len({self.rng.choice(self.scope.errors)}.args)"))
        if self.scope.effects:
            makes += self._int_effects()
        if self.traits.chance and self.scope.effects:
            makes += self._int_chances()
        return self.one(makes, depth)

    def _int_effects(self) -> list[tuple[float, Make]]:
        makes: list[tuple[float, Make]] = [
            (3, lambda d: f"plus({self.int(d)}, {self.int(d)})"),
            (1, lambda d: f"plus({self.int(d)}, c={self.int(d)})"),
            (0.4 * self.risk, lambda d: f"plus(*{self.ints(d)}[:2], c={self.int(d)})"),
            (0.3, lambda d: f"plus(b={self.int(d)}, a={self.int(d)})"),
            (0.3, lambda d: f"plus({self.int(d)}, **{{'b': {self.int(d)}, 'c': {self.int(d)}}})"),
            (2, lambda d: f"echo({self.int(d)})"),
            (self.risk, lambda d: f"risky({self.int(d)})"),
            (0.6 * self.risk, lambda d: f"found({self.table(d)}, {self.rng.choice(_KEYS)})"),
            (0.3, lambda d: f"reserve({self.int(d)})"),
            (0.3, lambda d: f"pair({self.int(d)}, {self.str(d)})[0]"),
        ]
        if self.traits.is_async:
            makes.append((3, lambda d: f"(await aplus({self.int(d)}, {self.int(d)}))"))
            makes.append((0.6 * self.risk, lambda d: f"(await arisky({self.int(d)}))"))
        if self.scope.functions:
            makes.append((2, self._own_call))
        return makes

    def _int_chances(self) -> list[tuple[float, Make]]:
        return [
            (0.7, lambda d: f"dice({self.pick('2', '3', '6')})"),
            (0.4, lambda _: "random.randint(1, 6)"),
            (0.4, lambda _: "int(time.time()) % 10"),
            (0.3, lambda _: "int(random.random() * 8)"),
            (0.2, lambda d: f"random.choice([{self.int(d)}, {self.int(d)}])"),
        ]

    def _small_int(self) -> str:
        name = self.known("int")
        return str(self.rng.randrange(10)) if name is None or self.maybe(0.3) else name

    def _walrus(self, depth: int) -> str:
        # A comprehension's own name must not be bound, and its body not at all: no walrus there.
        if not self.scope.effects or self._inside:
            return self.int(depth)
        names = [name for name in self.scope.names["int"] if name in self.scope.own]
        return f"({self.rng.choice(names)} := {self.int(depth)})" if names else self.int(depth)

    _inside = 0  # comprehensions around

    def _own_call(self, depth: int) -> str:
        function = self.rng.choice(self.scope.functions)
        given = [self.int(depth) for _ in range(function.ints)]
        if function.named is not None and self.maybe(0.4):
            given.append(f"{function.named}={self.int(depth)}")
        return f"{function.name}({', '.join(given)})"

    # ------------------------------------------------------------- truth
    def bool(self, depth: int) -> str:
        """True or false."""
        if depth <= 0:
            return f"{self._small_int()} {self.pick('<', '>', '==', '!=')} {self._small_int()}"
        makes: list[tuple[float, Make]] = [
            (3, lambda d: f"{self.int(d)} {self.pick('<', '>', '==', '!=', '<=')} {self.int(d)}"),
            (1, lambda d: f"{self.int(d)} < {self.int(d)} {self.pick('<', '<=')} {self.int(d)}"),
            (0.3, lambda d: f"{self.int(d)} < {self.int(d)} < {self.int(d)} != {self.int(d)}"),
            (1, lambda d: f"not {self.bool(d)}"),
            (1, lambda d: f"({self.bool(d)} {self.pick('and', 'or')} {self.bool(d)})"),
            (0.5, lambda d: f"({self.bool(d)} or {self.bool(d)} and {self.bool(d)})"),
            (0.7, lambda d: f"{self.int(d)} {self.pick('in', 'not in')} {self.ints(d)}"),
            (0.5, lambda d: f"{self.rng.choice(_KEYS)} in {self.table(d)}"),
            (0.5, lambda d: self._generator(self.pick("any", "all"), d)),
            (0.5, lambda d: f"{self.order(d)}.kind == Kind.{self.pick('SMALL', 'LARGE')}"),
            (0.3, lambda d: f"{self.str(d)}.startswith('i')"),
            (0.3, lambda d: f"isinstance({self.int(d)}, {self.pick('int', 'str')})"),
            (0.3, lambda d: f"{self.ints(d)} == {self.ints(d)}"),
            (0.3, lambda d: f"bool({self.ints(d)})"),
        ]
        if self.scope.effects:
            makes.append((2, lambda d: f"odd({self.int(d)})"))
        if self.traits.chance and self.scope.effects:
            makes.append((1, lambda _: "random.random() < 0.5"))
            makes.append((0.5, lambda _: "dice(2) == 1"))
        return self.one(makes, depth)

    # ------------------------------------------------------------- text
    def str(self, depth: int) -> str:
        """A text."""
        if depth <= 0:
            name = self.known("str")
            return name if name is not None and self.maybe(0.7) else self.pick("'x'", "'ab'", "''")
        makes: list[tuple[float, Make]] = [
            (2, lambda _: self.str(0)),
            (3, self._formatted),
            (1, lambda d: f"str({self.int(d)})"),
            (1, lambda d: f"({self.str(d)} + {self.str(d)})"),
            (1, lambda d: f"{self.str(d)}.{self.pick('upper', 'title', 'strip')}()"),
            (0.7, lambda d: f"{self.str(d)}[{self.pick('1:', ':2', '::-1', '-2:')}]"),
            (0.7, lambda d: f"', '.join(map(str, {self.ints(d)}))"),
            (0.5, lambda d: self._joined(d)),
            (0.5, lambda d: f"{self.order(d)}.{self.pick('id', 'kind.value', 'kind.name')}"),
            (0.3, lambda d: f"shout({self.str(d)})"),
            (0.3, lambda d: f"repr({self.ints(d)})"),
            (0.3, lambda d: f"json.dumps({self.table(d)})"),
            (0.3, lambda d: f"({self.str(d)} if {self.bool(d)} else {self.str(d)})"),
        ]
        if self.scope.errors:
            error = self.rng.choice(self.scope.errors)
            makes.append((2, lambda _: self.pick(f"str({error})", f"type({error}).__name__")))
            makes.append((1, lambda _: f"repr({error})"))
        if self.scope.effects:
            makes.append((2, lambda d: f"text({self.str(d)}, {self.int(d)})"))
            makes.append((0.5, lambda d: f"text({self.int(d)}, loud={self.bool(d)})"))
            makes.append((0.3, lambda d: f"text(*{self.ints(d)})"))
            makes.append((1, lambda d: f"echo({self.str(d)})"))
        if self.traits.chance and self.scope.effects:
            makes.append((0.3, lambda _: "str(uuid.uuid4())[:4]"))
        return self.one(makes, depth)

    def _formatted(self, depth: int) -> str:
        parts = []
        for _ in range(self.rng.randint(1, 3)):
            kind = self.pick("int", "int", "str", "ints")
            with_spec = (
                self.pick("", "", "!r") if kind != "int" else self.pick("", "", ":03d", ":>4")
            )
            inner = self.of(kind, depth)
            if not any(mark in inner for mark in "'\"{}\\!:"):
                parts.append(f"{{{inner}{with_spec}}}")
            else:
                parts.append(f"{{{self._small_int()}{':04d' if self.maybe(0.3) else ''}}}")
        return 'f"' + self.pick("", "a-").join(["", *parts]) + '"'

    def _joined(self, depth: int) -> str:
        name, source = self.new("int"), self._source(depth)
        with self._comprehension("int", name):
            return f"'-'.join({self.str(depth)} for {name} in {source})"

    # ------------------------------------------------------------- collections
    def ints(self, depth: int) -> str:
        """A list of numbers, not one that another name has (but with `sharing`)."""
        name = self.known("ints")
        if depth <= 0:
            return f"[{self._small_int()}]" if name is None or self.maybe(0.2) else name
        makes: list[tuple[float, Make]] = [
            (1, lambda d: f"[{self.int(d)}, {self.int(d)}]"),
            (0.5, lambda d: f"[{self.int(d)}]"),
            (2, lambda _: name or "[]"),
            (0.5, lambda d: f"[*{self.ints(d)}, {self.int(d)}]"),
            (0.7, lambda d: f"sorted({self.ints(d)})"),
            (
                0.4,
                lambda d: (
                    f"sorted({self.ints(d)}, key=lambda v: {self.pick('-v', 'v % 3', 'str(v)')})"
                ),
            ),
            (0.6, lambda d: f"{self.ints(d)}[{self.pick('1:', ':2', '::-1', self.int(0) + ':')}]"),
            (0.6, lambda d: f"list(range({self.int(d)} % 4))"),
            (0.5, lambda d: f"{self.ints(d)} + {self.ints(d)}"),
            (0.4, lambda d: f"list({self.table(d)}.values())"),
            (2, self._list_comprehension),
            (0.3, lambda d: f"list(map({self.pick('double', 'abs', 'tally')}, {self.ints(d)}))"),
            (0.3, lambda d: f"({self.ints(d)} if {self.bool(d)} else {self.ints(d)})"),
        ]
        if self.scope.effects:
            makes.append((2, lambda d: f"some({self.int(d)})"))
            makes.append((0.5, lambda d: f"echo({self.ints(d)})"))
        if self.traits.forks and self.scope.effects and not self._inside:
            makes.append((3, self._map_each))
        return f"({self.one(makes, depth)})" if self.maybe(0.05) else self.one(makes, depth)

    def _map_each(self, depth: int) -> str:
        source = self.ints(depth)
        single = [each.name for each in self.scope.functions if each.ints == 1]
        return f"map_each({self.pick('plus', 'echo', 'double', *single)}, {source})"

    def _source(self, depth: int) -> str:
        """What a comprehension runs over; Python has no walrus there."""
        self._inside += 1
        source = self.ints(depth)
        self._inside -= 1
        return source

    @contextmanager
    def _comprehension(self, kind: str, *names: str) -> Iterator[None]:
        self._inside += 1
        for name in names:
            self.scope.names[kind].append(name)
        yield
        for name in names:
            self.scope.names[kind].remove(name)
        self._inside -= 1

    def _list_comprehension(self, depth: int) -> str:
        name, source = self.new("int"), self._source(depth)
        with self._comprehension("int", name):
            where = f" if {self.bool(depth)}" if self.maybe(0.5) else ""
            if self.maybe(0.2):
                second, inner = self.new("int"), self._source(depth - 1)
                with self._comprehension("int", second):
                    return (
                        f"[{self.int(depth)} for {name} in {source}{where} for {second} in {inner}]"
                    )
            return f"[{self.int(depth)} for {name} in {source}{where}]"

    def _generator(self, consumer: str, depth: int) -> str:
        name, source = self.new("int"), self._source(depth)
        with self._comprehension("int", name):
            element = self.int(depth) if consumer == "sum" else self.bool(depth)
            where = f" if {self.bool(depth - 1)}" if self.maybe(0.3) else ""
            return f"{consumer}({element} for {name} in {source}{where})"

    def table(self, depth: int) -> str:
        """A dict of numbers by letter."""
        name = self.known("table")
        if depth <= 0:
            return "{'a': 1}" if name is None or self.maybe(0.2) else name
        makes: list[tuple[float, Make]] = [
            (2, lambda _: name or "{}"),
            (1, lambda d: f"{{'a': {self.int(d)}, {self.rng.choice(_KEYS)}: {self.int(d)}}}"),
            (0.5, lambda d: f"{{**{self.table(d)}, 'b': {self.int(d)}}}"),
            (0.5, lambda d: f"dict({self.table(d)})"),
            (0.5, lambda d: f"({self.table(d)} | {self.table(d)})"),
            (0.5, lambda d: f"dict(zip('abc', {self.ints(d)}))"),
            (0.7, self._dict_comprehension),
        ]
        if self.scope.effects:
            makes.append((2, lambda d: f"table({self.int(d)})"))
        return self.one(makes, depth)

    def _dict_comprehension(self, depth: int) -> str:
        name, source = self.new("int"), self._source(depth)
        with self._comprehension("int", name):
            return f"{{'abc'[{name} % 3]: {self.int(depth)} for {name} in {source}}}"

    def order(self, depth: int) -> str:
        """An order."""
        name = self.known("order")
        if depth <= 0 and name is not None:
            return name
        if depth <= 0 or not self.scope.effects:
            return f"Order('z', {self._small_int()})"
        makes: list[tuple[float, Make]] = [
            (2, lambda d: name or f"order({self.int(d)})"),
            (2, lambda d: f"order({self.int(d)})"),
            (0.5, lambda d: f"order({self.int(d)}, total={self.int(d)})"),
            (0.5, lambda d: f"Order(id={self.str(d)}, total={self.int(d)})"),
            (0.3, lambda d: f"Order('y', {self.int(d)}, item=Item(name={self.str(d)}))"),
        ]
        return self.one(makes, depth)
