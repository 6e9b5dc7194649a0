"""Which program belongs to a seed? A module with workflows, the last of which is the one to run."""

from __future__ import annotations

import random
from dataclasses import dataclass

from tests.differential import aliasing
from tests.differential.expressions import TYPES, Callable_, Scope, Traits
from tests.differential.idioms import Idioms
from tests.differential.statements import Lines, indented

PRELUDE = """\
import asyncio
import json
import random
import time
import uuid

from tests.differential.library import *
from vivido import deadline, map_each, parallel, publish, saga, sleep, workflow
"""


@dataclass(frozen=True, slots=True)
class Source:
    """A module's text; `main` is the workflow to run, with these arguments."""

    seed: int
    text: str
    traits: Traits
    arguments: dict[str, int]
    main: str = "main"


def traits_of(seed: int) -> Traits:
    """Families take turns, so that each block of seeds has all of them."""
    rng = random.Random(f"traits {seed}")  # noqa: S311
    match seed % 10:
        case 0 | 1:
            return Traits(chance=True)
        case 2 | 3:
            return Traits(forks=True)
        case 4:
            return Traits(is_async=True, chance=rng.random() < 0.5)
        case 5 | 6:
            return Traits(sharing=True)
        case _:
            return Traits()


def program(seed: int) -> Source:
    """The program of a seed."""
    rng = random.Random(seed)  # noqa: S311
    traits = traits_of(seed)
    if traits.sharing:
        lines = ["@workflow", "def main(n0: int):", *indented(aliasing.main(rng))]
        return Source(seed, "\n".join([PRELUDE, *lines]) + "\n", traits, {"n0": 1})
    made = Programs(rng, traits)
    lines = [PRELUDE]
    for number in range(rng.choice([0, 0, 0, 1, 1, 2])):
        lines += made.child(f"child{number}")
    lines += made.main()
    arguments = {"n0": rng.randrange(10)}
    return Source(seed, "\n".join(lines) + "\n", traits, arguments)


class Programs(Idioms):
    """Makes workflows."""

    def __init__(self, rng: random.Random, traits: Traits) -> None:
        super().__init__(rng, traits)
        self.children: list[Callable_] = []

    def main(self) -> Lines:
        """The workflow to run: it starts with a variable of each type and returns all it has."""
        self.begin(["n0"])
        self.budget = self.rng.choice([8, 14, 20])
        lines = self.opening()
        for number in range(self.rng.choice([0, 0, 1, 2])):
            lines += self.nested(f"helper{number}")
        while self.budget > 0:
            lines += self.statement(2)
        lines.append(self.everything())
        word = "async def" if self.traits.is_async else "def"
        return ["@workflow", f"{word} main(n0: int):", *indented(lines), ""]

    def begin(self, params: list[str]) -> None:
        """A new function."""
        self.scope = Scope(functions=list(self.children))
        for name in params:
            self.know("int", name)
        self.loops = 0
        self.returns = lambda: f"return {self.int(1)}, {self.str(1)}"

    def opening(self) -> Lines:
        """Some variables."""
        lines: Lines = []
        if self.traits.chance and self.maybe(0.6):
            lines += [f"{self.new('int')} = {self.pick('dice(6)', 'random.randint(0, 5)')}"]
            self.know("int", f"n{self._made}")
        for kind in TYPES:
            if self.maybe(0.7):
                name = self.new(kind)
                lines.append(f"{name} = {self.of(kind, 1) if kind != 'ints' else '[3, 1, 2]'}")
                self.know(kind, name)
        return lines

    def everything(self) -> str:
        """What is compared: all variables that surely have a value."""
        names = [name for kind in TYPES for name in self.scope.names[kind]]
        return f"return ({', '.join(names)},)"

    def nested(self, name: str) -> Lines:
        """A nested function: it reads the names around it when it is called."""
        outer, own = self.scope, self.new("int")
        self.scope = Scope(
            {kind: list(names) for kind, names in outer.names.items()},
            functions=list(outer.functions),
        )
        returns, loops, self.loops = self.returns, self.loops, 0
        self.know("int", own)
        named = self.new("int") if self.maybe(0.4) else None
        default = f", {named}={self.rng.randrange(5)}" if named else ""
        if named:
            self.know("int", named)
        self.returns = lambda: f"return {self.int(1)}"
        lines = [line for _ in range(self.rng.randint(1, 3)) for line in self.statement(1)]
        lines.append(f"return {self.int(2)}")
        self.scope, self.returns, self.loops = outer, returns, loops
        self.scope.functions.append(Callable_(name, 1, named))
        word = (
            "async def"
            if self.traits.is_async and any("await" in line for line in lines)
            else "def"
        )
        if word == "async def":
            self.scope.functions.pop()
        return [f"{word} {name}({own}{default}):", *indented(lines)]

    def child(self, name: str) -> Lines:
        """A workflow that others call; sometimes it calls itself."""
        before = self.traits
        if self.traits.is_async:
            self.traits = Traits(chance=before.chance)
        self.begin(["n0"])
        self.budget = 4
        self.returns = lambda: f"return {self.int(1)}"
        lines: Lines = []
        if self.maybe(0.3):
            lines += ["if n0 <= 0 or n0 > 4:", f"    return {self.int(1)}"]
            self.scope.functions.append(Callable_("_", 0))
            self.scope.functions.pop()
            lines.append(f"{self.new('int')} = {name}(n0 - 1)")
        while self.budget > 0:
            lines += self.statement(1)
        lines.append(f"return {self.int(2)}")
        self.children.append(Callable_(name, 1))
        self.traits = before
        return ["@workflow", f"def {name}(n0: int) -> int:", *indented(lines), ""]
