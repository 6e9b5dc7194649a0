"""What may code change in place, and how deep? Told from its text alone."""

from __future__ import annotations

import ast
import textwrap

import pytest

from vivido.compiler.lower.changes import changes


def found(code: str) -> set[tuple[str, bool]]:
    """Changes as (name, deep); functions named own… may change what they get, digits are atoms."""
    tree = ast.parse(textwrap.dedent(code))

    def takes(call: ast.Call) -> bool:
        return isinstance(call.func, ast.Name) and call.func.id.startswith("own")

    def is_atom(node: ast.expr) -> bool:
        return isinstance(node, ast.Constant)

    return {(change.name, change.deep) for change in changes(tree, takes, is_atom)}


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("a = b", set()),
        ("a + b.c[d]", set()),
        ("a.count(1)", set()),
        ("a.append(b)", {("a", False)}),
        ("a.b.append(1)", {("a", True)}),
        ("a[b].pop()", {("a", True), ("b", True)}),
        ("a.setdefault(k, []).append(1)", {("a", False), ("a", True), ("k", True)}),
        ("a[k] = 1", {("a", False)}),
        ("a.b = 1", {("a", False)}),
        ("a.b.c = 1", {("a", True)}),
        ("a[0][1] = 1", {("a", True)}),
        ("del a[0]", {("a", False)}),
        ("a.b: int = 1", {("a", False)}),
        ("for a[0] in b: pass", {("a", False)}),
        ("(a[0], *b.c), [d[1]] = e", {("a", False), ("b", False), ("d", False)}),
        ("a += 1", set()),
        ("a += b", {("a", False)}),
        ("a[k] += 1", {("a", False)}),
        ("a[k] += b", {("a", True)}),
        ("a.b.c += 1", {("a", True)}),
        ("own(a, b=c.d)", {("a", True), ("c", True)}),
        ("other(a)", set()),
        ("def f(): a.b.append(1)", {("a", True)}),
    ],
)
def test_changes(code: str, expected: set[tuple[str, bool]]) -> None:
    """Each statement, with the variables whose values it may change."""
    assert found(code) == expected
