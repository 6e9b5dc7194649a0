"""How does a program read whose every branch hangs on chance? Each arm says who it is.

Nothing here is compared with plain Python: whatever is drawn, one visit of a branch runs one arm.
"""

from __future__ import annotations

import random

from tests.differential.expressions import Traits
from tests.differential.programs import PRELUDE, Source
from tests.differential.statements import Lines, indented

HELPERS = """
@step
def arm(site: int, taken: int, rounds: tuple[int, ...]) -> int:
    \"\"\"One arm of a branch, in a round of the loops around it.\"\"\"
    TRACE.append(Effect("arm", repr((site, taken, rounds)), step_context().idempotency_key))
    return taken
"""


class Arms:
    """Makes branches on the clock, random numbers and functions of the author's."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.sites = 0
        self.rounds: list[str] = []

    def chance(self) -> str:
        """Something that is true now and then."""
        return self.rng.choice(
            [
                "random.random() < 0.5", "dice(2)", "int(time.time()) % 2", "random.randint(0, 1)",
                "uuid.uuid4().int % 2", "not dice(3) and random.random() < 0.8", "dice(2) or dice(2)",
                "[0, 1][dice(2)]", "(lambda n: n % 2)(dice(9))", "any(dice(2) for _ in [1, 2])",
            ]
        )  # fmt: skip

    def arm(self, site: int, taken: int) -> str:
        """The effect of one arm."""
        return f"arm({site}, {taken}, ({''.join(f'{each}, ' for each in self.rounds)}))"

    def site(self, depth: int) -> Lines:  # noqa: PLR0911  one form of branch a case
        """A branch of some form."""
        self.sites += 1
        site = self.sites
        first, second = self.arm(site, 0), self.arm(site, 1)
        inner = self.body(depth - 1) if depth else []
        match self.rng.randrange(9):
            case 0:
                return [
                    f"if {self.chance()}:",
                    *indented([first, *inner]),
                    "else:",
                    f"    {second}",
                ]
            case 1:
                return [f"{first} if {self.chance()} else {second}"]
            case 2:
                return [f"n = dice(2) + {self.rng.randrange(3)}", "if n % 2:", f"    {first}",
                        "else:", *indented([second, *inner])]  # fmt: skip
            case 3:
                return ["try:", "    strict(dice(8))", "except ValueError:", *indented([first, *inner]),
                        "else:", f"    {second}"]  # fmt: skip
            case 4:
                return ["match dice(3):", "    case 0:", f"        {first}", "    case _:",
                        *indented(indented([second, *inner]))]  # fmt: skip
            case 5:
                return [f"({self.chance()} and {first}) if dice(2) else {second}"]
            case 6:
                self.rounds.append(f"i{site}")
                lines = [
                    f"for i{site} in range(dice(3)):",
                    *indented(self.body(depth - 1) or ["pass"]),
                ]
                self.rounds.pop()
                return [*lines, f"if {self.chance()}:", f"    {first}", "else:", f"    {second}"]
            case 7:
                return [f"xs = [1, 2] if {self.chance()} else []", "if xs:", f"    {first}",
                        "else:", f"    {second}"]  # fmt: skip
            case _:
                return [f"d = {{'k': {self.chance()}}}", "d['k'] = not d['k']", "print(d['k'])",
                        "if d['k']:", f"    {first}", "else:", *indented([second, *inner])]  # fmt: skip

    def body(self, depth: int) -> Lines:
        """Some branches."""
        if depth < 0:
            return []
        return [line for _ in range(self.rng.randint(1, 2)) for line in self.site(depth)]


def arms(seed: int) -> Source:
    """The program of a seed."""
    rng = random.Random(f"arms {seed}")  # noqa: S311
    made = Arms(rng)
    lines = [line for _ in range(rng.randint(2, 5)) for line in made.site(2)]
    main = ["@workflow", "def main(n0: int):", *indented([*lines, "return n0"])]
    text = "\n".join([PRELUDE, "from vivido import step, step_context", HELPERS, "", *main, ""])
    return Source(2_000_000 + seed, text, Traits(chance=True), {"n0": 1})
