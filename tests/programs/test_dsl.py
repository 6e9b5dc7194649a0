"""T dsl: interprets a tree of sequences, parallels and activities; each node is an execution."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from vivido import parallel, step, workflow
from vivido.testing import Run


@dataclass
class Activity:
    """Calls one function; its result becomes a variable."""

    name: str
    arguments: list[str]
    result: str


@dataclass
class Sequence:
    """One after another."""

    elements: list[Activity | Sequence | Parallel]


@dataclass
class Parallel:
    """Side by side."""

    branches: list[Activity | Sequence | Parallel]


@dataclass
class Program:
    """What to do, and with which variables to begin."""

    root: Activity | Sequence | Parallel
    variables: dict[str, str] = field(default_factory=dict)


called: list[str] = []


@step
def invoke(name: str, arguments: list[str]) -> str:
    """Run an activity by its name."""
    called.append(name)
    return f"{name}({', '.join(arguments)})"


@workflow
def interpret(program: Program) -> dict[str, str]:
    """Return the variables after the program."""
    node, variables = program.root, program.variables
    if isinstance(node, Activity):
        arguments = [variables.get(name, name) for name in node.arguments]
        return {**variables, node.result: invoke(node.name, arguments)}
    if isinstance(node, Sequence):
        for element in node.elements:
            variables = interpret(Program(element, variables))
        return variables
    merged = dict(variables)
    for made in parallel(*[interpret(Program(branch, variables)) for branch in node.branches]):
        merged |= made
    return merged


def test_a_tree_is_interpreted(both: Callable[..., Run]) -> None:
    """Variables flow down a sequence and come together after a parallel."""
    tree = Sequence(
        [
            Activity("a1", ["x"], "r1"),
            Parallel(
                [
                    Sequence([Activity("a2", ["r1"], "r2"), Activity("a3", ["r2"], "r3")]),
                    Activity("a4", ["r1", "y"], "r4"),
                ]
            ),
            Activity("a5", ["r3", "r4"], "r5"),
        ]
    )
    run = both(interpret, Program(tree, {"x": "1"}))
    assert run.output["r5"] == "a5(a3(a2(a1(1))), a4(a1(1), y))"
    assert run.calls(invoke) == 5
