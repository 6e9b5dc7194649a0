"""Does every long file or function say why it is one thing?

Past 400 lines a module, and past 40 a function, is asking to be two. Whoever thinks otherwise says
so where it begins, in a comment ``# long: …``. Docstrings do not count.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "vivido"
MODULE_LINES, FUNCTION_LINES = 400, 40


def too_long(source: str) -> Iterator[str]:
    """Yield what is longer than its kind should be and does not say why."""
    lines = source.splitlines()
    if len(lines) > MODULE_LINES and not any(line.startswith("# long: ") for line in lines):
        yield f"the module has {len(lines)} lines"
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = length_of(node)
            heading = lines[node.lineno - 1 : node.body[0].lineno]
            if length > FUNCTION_LINES and not any("# long: " in line for line in heading):
                yield f"{node.name} has {length} lines"


def length_of(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count the lines of a function from ``def`` to its end, without its docstring."""
    length = (node.end_lineno or node.lineno) - node.lineno + 1
    first = node.body[0]
    if ast.get_docstring(node) is None or first.end_lineno is None:
        return length
    return length - (first.end_lineno - first.lineno + 1)


def function_of(lines: int, comment: str = "") -> str:
    """Write a function of so many lines, with a docstring that does not count."""
    body = "\n".join(["    x = 1"] * (lines - 1))
    return f'def f():{comment}\n    """One.\n\n    Two.\n    """\n{body}\n'


def test_what_is_long_says_why() -> None:
    """No module and no function of the package is long without a reason."""
    found = {
        str(file.relative_to(SOURCE)): list(too_long(file.read_text("utf-8")))
        for file in sorted(SOURCE.rglob("*.py"))
    }
    assert {file: what for file, what in found.items() if what} == {}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (function_of(40), []),
        (function_of(41), ["f has 41 lines"]),
        (function_of(41, "  # long: one table"), []),
        ("x = 1\n" * 400, []),
        ("x = 1\n" * 401, ["the module has 401 lines"]),
        ("# long: one grammar\n" + "x = 1\n" * 401, []),
    ],
    ids=["40", "41", "41 with a reason", "400", "401", "401 with a reason"],
)
def test_the_check_can_fail(source: str, expected: list[str]) -> None:
    """The bound itself passes, one line more does not, a reason excuses it."""
    assert list(too_long(source)) == expected
