"""Each reason why an execution cannot go on on a newer definition, by an example."""

from textwrap import dedent

import pytest

from vivido import engine as pure
from vivido.compiler import compile_file
from vivido.engine.fitting import misfits, structure

HEAD = """
from vivido import parallel, step, workflow

@step
def undo(n: int) -> None: ...

@step(compensate=undo)
def a(n: int) -> int: ...

@step
def b(n: int) -> int: ...

@step
def c(n: int) -> int: ...
"""
LINE = "@workflow\ndef w(n):\n    x = a(n)\n    return b(x)\n"
LOOP = "@workflow\ndef w(n):\n    for i in [1, 2]:\n        b(i)\n"
FORK = "@workflow\ndef w(n):\n    return parallel(a(n), b(n))\n"
CALLS = "@workflow\ndef w(n):\n    def f(x):\n        return b(x)\n    y = f(n)\n    return y\n"
STACK = [{"step": "undo", "node": "a", "path": "a", "args": {"n": 1}}]


@pytest.fixture
def program(tmp_path):
    """Compile the only workflow of some source."""

    def made(number, body, head=HEAD):
        file = tmp_path / f"fitting_{number}.py"
        file.write_text(dedent(head) + body, "utf-8")
        found = compile_file(file)
        assert [one.message for one in found.diagnostics if one.severity == "error"] == []
        (definition,) = found.definitions.values()
        return structure(definition)

    return made


def at(*names, **more):
    """A state at a position."""
    return pure.restore({"at": list(names), "vars": {"n": 1}, **more})


def held(*names, **variables):
    """A state at a position, with hidden variables."""
    return pure.restore({"at": list(names), "vars": {"n": 1, **variables}})


@pytest.mark.parametrize(
    ("old", "new", "state", "expected"),
    [
        (LINE, LINE.replace("b(x)", "b(x + 1)"), at("b"), []),
        (LINE, LINE.replace("def w", "def v"), at("b"), ["it is an execution of 'w'"]),
        (LINE, LINE.replace("b(x)", "c(x)"), at("b"), ["node 'b' is gone"]),
        (LINE, LINE.replace("w(n)", "w(n, m)"), at("b"), ["the parameter 'm' is new"]),
        (LINE, LINE.replace("w(n)", "w(n, m=1)"), held("b", m=2), []),
        (LINE, LINE.replace("    return b", "    if x:\n        b"), at("b"), ["node 'b' was in"]),
        (LOOP, LOOP.replace("[1, 2]", "[3]"), held("b", **{"$for": 1}), []),
        (
            LOOP,
            LOOP.replace("for i in [1, 2]", "while n").replace("b(i)", "b(n)"),
            held("b", **{"$for": 1}),
            ["node 'b' was in", "'for' keeps '$for'"],
        ),
        (FORK, FORK.replace("b(n)", "b(n + 1)"), at("parallel"), []),
        (FORK, FORK.replace("b(n))", "b(n), c(n))"), at("parallel"), ["fork 'parallel' had 2"]),
        (FORK, FORK.replace("b(n)", "b(1)"), at("parallel"), ["the branch 'parallel#1' differs"]),
        (
            FORK,
            FORK.replace("b(n)", "c(n)"),
            at("parallel"),
            ["fork 'parallel' has new nodes", "node 'b' is gone"],
        ),
        (LINE, LINE.replace("a(n)", "c(n)"), at("b", stack=STACK), ["the compensation 'undo' is"]),
        (CALLS, CALLS.replace("b(x)", "b(x + 1)"), at("f", "f.b"), []),
    ],
)
def test_each_reason(program, old, new, state, expected):
    """What fits has none; the others name the node or value and what to do."""
    found = misfits(program(1, old), program(2, new), state, forked=True)
    assert [reason[: len(start)] for reason, start in zip(found, expected, strict=True)] == expected


def test_a_compensation_must_take_what_was_recorded(program):
    """A parameter without a value, and a value without a parameter."""
    other = HEAD.replace("def undo(n: int)", "def undo(result: int)")
    found = misfits(program(1, LINE), program(2, LINE, other), at("b", stack=STACK))
    assert [reason.partition(",")[0] for reason in found] == [
        "the compensation 'undo' needs result",
        "the compensation 'undo' takes no n",
    ]
