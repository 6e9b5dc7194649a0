"""What does the lowering refuse by itself, where, and what does it say instead?"""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from vivido.compiler.assemble import assemble
from vivido.compiler.diagnostics import Diagnostic, Report
from vivido.compiler.load import compile_file
from vivido.compiler.read import read

HEAD = """
import asyncio, logging, math, os
from datetime import datetime
from vivido import *

log = logging.getLogger("x")
client = object()
def own(*given): return given

@step
def f(x: object = 0) -> object: return x

@step
async def af(x: object = 0) -> object: return x
"""
REFUSED = {
    # expressions
    "client_object": ("return client", "V211", "client"),
    "step_as_value": ("return [f]", "V212", "f"),
    "workflow_as_value": ("return sample", "V212", "sample"),
    "operation_as_value": ("return parallel", "V212", "parallel"),
    "nested_as_value": ("def g(): pass\nreturn sorted(xs, key=g)", "V212", "g"),
    "context": ("return step_context().attempt", "V212", "step_context"),
    "step_in_lambda": ("return sorted(xs, key=lambda x: f(x))", "V212", "f"),
    "generator_kept": ("g = (f(x) for x in xs)\nreturn g", "V211", "(f(x) for x in xs)"),
    "generator_passed": ("return own(f(x) for x in xs)", "V211", "(f(x) for x in xs)"),
    "evaluator": ("return os.getcwd()", "V211", "os.getcwd"),
    "private": ("return xs._x", "V211", "xs._x"),
    "read_and_changed": (
        "def g():\n    d['k'].append(1)\nd = {'k': own()}\nreturn [d['k'], g(), f()]",
        "V501",
        "d['k']",
    ),
    "step_in_lambda_default": ("return sorted(xs, key=lambda x, y=f(1): y)", "V212", "f"),
    "computed_logger": ("logging.getLogger(str(xs)).info('x')", "V211", None),
    "target": ("xs._x = 1", "V211", "xs._x"),
    "pattern": ("match xs:\n    case xs._x: pass", "V211", "xs._x"),
    "yield": ("def g():\n    return [(yield f(1))]\ng()", "V211", "yield f(1)"),
    # statements
    "global": ("global z", "V202", "global z"),
    "nonlocal": ("def g():\n    nonlocal xs\ng()", "V202", "nonlocal xs"),
    "class": ("class C: pass", "V203", "class C: pass"),
    "import": ("import json", "V204", "import json"),
    "with": ("with open('a'): pass", "V205", "open('a')"),
    "with_saga_as": ("with saga() as s: pass", "V205", "saga()"),
    "with_saga_argument": ("with saga(1): pass", "V205", "saga(1)"),
    "with_value": ("with client: pass", "V205", "client"),
    "try_star": ("try:\n    f()\nexcept* ValueError:\n    pass", "V214", None),
    # nested functions
    "defined_twice": ("def g(): pass\ndef g(): pass", "V215", "def g(): pass"),
    "function_and_variable": ("def g(): pass\ng = 1", "V215", "def g(): pass"),
    "decorated": ("@own\ndef g(): pass", "V215", "own"),
    "called_too_early": ("g()\ndef g(): pass", "V302", "g"),
    "called_in_one_branch": ("if xs:\n    def g(): pass\ng()", "V302", "g"),
    "calls_what_comes_later": ("def g(): h()\ng()\ndef h(): pass", "V302", "g"),
    # forks
    "walrus_in_branch": ("parallel(f(y := 1), f(2))", "V503", "y := 1"),
    "unpacked_options": ("parallel(f(1), **xs)", "V307", "xs"),
    "on_error_unknown": ("parallel(f(1), on_error='what')", "V307", "'what'"),
    "on_error_computed": ("map_each(f, xs, on_error=str(xs))", "V307", "str(xs)"),
    "unknown_option": ("map_each(f, xs, size=3)", "V304", "3"),
    "map_without_items": ("map_each(f)", "V304", "map_each(f)"),
    "map_starred": ("map_each(f, *xs)", "V304", "map_each(f, *xs)"),
    "map_lambda_of_two": ("map_each(lambda a, b: a, xs)", "V304", "lambda a, b: a"),
    "spawn_nothing": ("spawn()", "V304", "spawn()"),
    "task_of_two": ("asyncio.create_task(af(1), af(2))", "V304", None),
    "first_unpacked": ("first(**xs)", "V304", "xs"),
    # waits
    "poll_no_step": ("poll(own, until='1', every='1s')", "V304", None),
    "poll_nothing": ("poll(until='1', every='1s')", "V304", None),
    "poll_without_condition": ("poll(f, every='1s')", "V304", "poll(f, every='1s')"),
    "poll_bad_text": ("poll(f, until='not a b', every='1s')", "V211", "'not a b'"),
    "poll_bad_condition": ("poll(f, until=1, every='1s')", "V304", "1"),
    "wait_for_without_limit": ("asyncio.wait_for(af(1))", "V304", "asyncio.wait_for(af(1))"),
    # log lines
    "print_to_file": ("print(1, file=client)", "V211", "client"),
    "log_extra": ("log.info('x', extra={})", "V211", "{}"),
    "log_nothing": ("log.info()", "V304", "log.info()"),
    "log_unpacked": ("log.info(*xs)", "V211", "log.info(*xs)"),
    "print_separator": ("print(1, sep=f(' '))", "V211", "f(' ')"),
}
Lower = Callable[[str], list[Diagnostic]]


@pytest.fixture
def lower(tmp_path: Path) -> Lower:
    """What the lowering alone finds in the body of a workflow."""

    def run(body: str, kind: str = "def") -> list[Diagnostic]:
        text = textwrap.indent(body, "    ")
        source = f"{HEAD}\n@workflow\n{kind} sample(xs: list[int]):\n{text}\n"
        path = tmp_path / f"refused_{abs(hash(body))}.py"
        path.write_text(source)
        (workflow,) = compile_file(path).workflows.values()
        unit = read(workflow)
        report = Report("x.py", unit.lines)
        assemble(unit, report)
        return report.findings

    return run


@pytest.mark.parametrize("name", REFUSED)
def test_refused_where_it_stands(name: str, lower: Lower) -> None:
    """Each has its code, and its caret under what is wrong; messages are sentences."""
    body, code, text = REFUSED[name]
    (found,) = lower(body)
    assert found.code == code
    assert found.message.endswith(".")
    if text is not None:
        assert marked(found, HEAD, body) == text


def marked(found: Diagnostic, head: str, body: str) -> str:
    """The source text under the caret."""
    lines = [*head.splitlines(), "", "", "", *textwrap.indent(body, "    ").splitlines()]
    line = lines[found.line - 1]
    end = found.end_column if found.end_line == found.line else len(line) + 1
    return line[found.column - 1 : end - 1]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("await own()", "V211"),
        ("await xs", "V211"),
        ("x = asyncio.sleep(1, result=5)\nreturn x", "V304"),
        ("async for x in xs:\n    pass", "V206"),
        ("return [f(x) async for x in xs]", "V211"),
        ("async with client: pass", "V205"),
        ("return sum(await af(x) for x in xs)", "V211"),
        ("return any(x for x in xs if await af(x))", "V211"),
        ("return await asyncio.gather(*(await af(x) for x in xs))", "V211"),
    ],
)
def test_refused_in_async_workflows(body: str, code: str, lower: Callable[..., object]) -> None:
    """What an `async def` may not await."""
    found = lower(body, "async def")
    assert [each.code for each in found] == [code]
