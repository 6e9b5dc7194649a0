"""Random programs that share and change values: `program(random)` gives the source of `run()`."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from random import Random
from string import Formatter

from tests.property.ownership.patterns import (
    BINDINGS,
    CHANGES,
    EXPRESSIONS,
    LOOPS,
    START,
    VARIABLES,
)

OWN_NAMES = frozenset({*VARIABLES, "v", "q", "w"})  # all that a program may assign
_RESULTS = {"f": "L", "g": "M", "h": "R"}  # nested functions, and what they give


class Program:
    """Makes statements; `depth` bounds nesting."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.kinds = dict(VARIABLES)
        self.functions: set[str] = set()

    def maybe(self, share: float) -> bool:
        """Whether, in so many of all cases."""
        return self.random.random() < share

    def fill(self, pattern: str, depth: int) -> str:
        """A pattern with something for each letter."""
        parts = Formatter().parse(pattern)
        return "".join(
            text + (self.part(letter, depth) if letter else "") for text, letter, *_ in parts
        )

    def part(self, letter: str, depth: int) -> str:
        """What stands for one letter."""
        if letter == "T":
            return self.random.choice(
                ["n() % 2", self.variable("L"), f"len({self.variable('M')}) > 1"]
            )
        if letter.islower():
            return self.variable({"x": "B", "k": "Q"}.get(letter, letter.upper()))
        if letter == "N" and (depth <= 0 or self.maybe(0.6)):
            return str(self.random.randrange(4))
        if letter != "N" and (depth <= 0 or self.maybe(0.45)):
            return self.variable(letter)
        pattern = self.random.choice(EXPRESSIONS[letter])
        if pattern[1] == "(" and pattern[0] in _RESULTS and pattern[0] not in self.functions:
            return self.variable(letter)
        return f"({self.fill(pattern, depth - 1)})"

    def variable(self, kind: str) -> str:
        """A variable of a kind."""
        return self.random.choice([name for name, each in self.kinds.items() if each == kind])

    # ------------------------------------------------------------- statements
    def block(self, depth: int, indent: str) -> list[str]:
        """One to three statements."""
        count = self.random.randint(1, 3)
        return [line for _ in range(count) for line in self.statement(depth, indent)]

    def statement(self, depth: int, indent: str) -> list[str]:
        """A statement, with its bodies."""
        if depth == 0 or self.maybe(0.6):
            pattern = self.random.choice(CHANGES if self.maybe(0.5) else BINDINGS)
            return [indent + self.fill(pattern, self.random.choice([0, 1, 1, 2]))]
        kinds = [self._if, self._loop, self._loop, self._loop, self._try, self._match]
        return self.random.choice(kinds)(depth - 1, indent)

    def _if(self, depth: int, indent: str) -> list[str]:
        inner = indent + "    "
        lines = [f"{indent}if {self.part('T', 0)}:", *self.block(depth, inner)]
        return [*lines, f"{indent}else:", *self.block(depth, inner)] if self.maybe(0.5) else lines

    def _loop(self, depth: int, indent: str) -> list[str]:
        inner = indent + "    "
        lines = [indent + self.fill(self.random.choice(LOOPS), 1), *self.block(depth, inner)]
        if self.maybe(0.3):
            leave = self.random.choice(["break", "continue"])
            lines += [f"{inner}if {self.part('T', 0)}:", f"{inner}    {leave}"]
            lines += self.block(0, inner)
        return lines

    def _try(self, depth: int, indent: str) -> list[str]:
        inner = indent + "    "
        lines = [f"{indent}try:", *self.block(depth, inner)]
        if self.maybe(0.5):
            lines.append(f"{inner}raise ValueError({self.part('L', 1)})")
            lines.append(f"{indent}except ValueError as e:")
            kept = f"{self.variable('L')} = e.args[0]" if self.maybe(0.5) else "see(e.args)"
            lines.append(inner + kept)
        else:
            lines.append(f"{indent}except (LookupError, ValueError):")
        lines += self.block(depth, inner)
        return (
            [*lines, f"{indent}finally:", *self.block(depth, inner)] if self.maybe(0.3) else lines
        )

    def _match(self, depth: int, indent: str) -> list[str]:
        one, other = self.random.sample(["a", "b", "v"], 2)
        subject, pattern = self.random.choice(
            [
                ("M", f"[[*{one}], *m]"), ("M", f"[{one}, {other}]"), ("M", f"[{one}, *_]"),
                ("R", f"{{'l': {one}}}"), ("O", f"Order(items={one}, rest=m)"),
                ("B", f"Box({one})"),
            ]
        )  # fmt: skip
        inner = indent + "    "
        return [
            f"{indent}match {self.part(subject, 1)}:",
            f"{inner}case {pattern}:",
            *self.block(depth, inner + "    "),
        ]


def program(random: Random) -> str:
    """The source of a function that returns some of its variables."""
    made = Program(random)
    lines = [f"    {name} = {value}" for name, value in START.items()]
    lines.append("    v = w = None")
    for name, kind in _RESULTS.items():
        if made.maybe(0.3):
            lines += _function(made, name, kind)
            made.functions.add(name)
    for _ in range(random.randint(1, 5)):
        lines += made.statement(2, "    ")
    share = random.choice([0.2, 0.9])
    names = ", ".join(name for name in VARIABLES if made.maybe(share))
    lines += [f"    see({names})", f"    return [{names}]"]
    return "\n".join(["def run():", *lines]) + "\n"


def _function(made: Program, name: str, kind: str) -> list[str]:
    """A nested function, perhaps with a default that it may keep and change."""
    params = {"v": kind, **({"q": "L"} if made.maybe(0.4) else {})}
    made.kinds.update(params)
    body = made.block(1, "        ")
    if made.maybe(0.3):
        body += [f"        if {made.part('T', 0)}:", f"            return {made.part(kind, 1)}"]
        body += made.block(1, "        ")
    result = made.part(kind, 1)
    for each in params:
        del made.kinds[each]
    # What the function assigns is its own: it gets a value first, so that nothing is unbound.
    own = bound(ast.parse("if True:\n" + "\n".join(body)).body) - set(params)
    start = [f"        {each} = {START.get(each)}" for each in sorted(own)]
    default = ", q=[5]" if "q" in params else ""
    return [f"    def {name}(v{default}):", *start, *body, f"        return {result}"]


def bound(body: Iterable[ast.stmt]) -> set[str]:
    """The variables that statements assign; comprehensions use other names."""
    found: set[str] = set()
    for statement in body:
        for part in ast.walk(statement):
            if isinstance(part, ast.Name) and not isinstance(part.ctx, ast.Load):
                found.add(part.id)
            elif isinstance(part, ast.MatchAs | ast.MatchStar) and part.name:
                found.add(part.name)
    return found & OWN_NAMES
