"""Which names are variables, and of which function? As Python's own compiler says."""

from __future__ import annotations

import ast
import symtable
import textwrap

import pytest

from vivido.compiler.symbols import FunctionNode, Scope, analyse, bound_names, free_names

SOURCES = {
    "parameters": "def w(a, /, b, *c, d=1, **e): pass",
    "assignments": """
        def w():
            a = b, (c, *d) = 1, (2, 3)
            e: int
            f: int = 1
            g += 1
            h.x = i[0] = 1
            del j
    """,
    "statements": """
        def w(xs):
            for a, b in xs:
                pass
            else:
                c = 1
            while d:
                e = 1
            with f() as g, h() as (i, j):
                pass
            try:
                k = 1
            except (ValueError, TypeError) as l:
                m = 1
            finally:
                n = 1
            if o:
                p = 1
            elif q:
                r = 1
    """,
    "patterns": """
        def w(x):
            match x:
                case [a, *b]:
                    c = 1
                case {"k": d, **e}:
                    pass
                case C(f=g) | C(h=g) as i:
                    pass
                case int(j):
                    pass
    """,
    "comprehensions": """
        def w(xs):
            a = [b for b in xs if (c := b)]
            d = {e: f for e, f in xs}
            g = sum(h for h in xs for i in h)
            j = lambda k, l=m: k + n
            return [o for o in [p for p in q]]
    """,
    "declarations": """
        def w(a):
            global b
            b = 1
            def inner():
                nonlocal a
                a = c = 1
    """,
    "functions": """
        def w(a):
            b = 1
            def inner(c, d=b):
                e = a
                def deepest(f=c):
                    return a + e + g
                return deepest()
            async def other():
                return b
            class C:
                h = 1
            import i.j
            from k import l as m
            return inner(1)
    """,
}


def function(source: str) -> FunctionNode:
    """The function that a source text defines."""
    node = ast.parse(textwrap.dedent(source)).body[0]
    assert isinstance(node, FunctionNode)
    return node


def of_python(table: symtable.SymbolTable) -> dict[str, object]:
    """The local names of a function and those within it, by Python's own analysis."""
    own = {name for name in table.get_identifiers() if table.lookup(name).is_local()}
    inner = {
        child.get_name(): of_python(child)
        for child in table.get_children()
        if child.get_type() == "function" and child.get_name().isidentifier()
        if child.get_name() not in ("lambda", "listcomp", "setcomp", "dictcomp", "genexpr")
    }
    return {"locals": own, "nested": inner}


def of_ours(scope: Scope) -> dict[str, object]:
    """The same by ours."""
    nested = {name: of_ours(inner) for name, inner in scope.nested.items()}
    return {"locals": set(scope.locals), "nested": nested}


@pytest.mark.parametrize("name", SOURCES)
def test_locals_are_pythons(name: str) -> None:
    """The variables of each function are those that Python's symbol table has."""
    source = textwrap.dedent(SOURCES[name])
    (table,) = symtable.symtable(source, "x.py", "exec").get_children()
    assert of_ours(analyse(function(source))) == of_python(table)


def test_names_are_found_outwards() -> None:
    """A name belongs to the innermost function that binds it."""
    scope = analyse(function(SOURCES["functions"]))
    deepest = scope.nested["inner"].nested["deepest"]
    owners = {name: deepest.owner(name) for name in ("a", "e", "f", "g")}
    assert owners == {"a": scope, "e": scope.nested["inner"], "f": deepest, "g": None}
    assert deepest.function("inner") is scope.nested["inner"]
    assert [each.block for each in scope.walk()] == ["main", "inner", "deepest", "other"]


def test_blocks_have_names_of_their_own() -> None:
    """Two nested functions of one name, and one named main, become blocks of different names."""
    scope = analyse(
        function("""
        def w():
            def main():
                def helper(): pass
            def other():
                def helper(): pass
        """)
    )
    assert [each.block for each in scope.walk()] == [
        "main",
        "main_2",
        "helper",
        "other",
        "helper_2",
    ]


def test_names_that_only_a_def_binds_can_be_left_out() -> None:
    """A name that is a function and a variable at once is found."""
    body = function("""
        def w():
            def only(): pass
            def both(): pass
            both = 1
    """).body
    assert bound_names(body) == ["only", "both"]
    assert bound_names(body, functions=False) == ["both"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a + b.c[d]", ["a", "b", "d"]),
        ("[x for x in xs if y]", ["xs", "y"]),
        ("[x for x in x]", ["x"]),
        ("[x for x in a for x in x]", ["a"]),
        ("{k: v for k, (v, *w) in d.items()}", ["d"]),
        ("lambda a, *b, c=d, **e: a + b + c + e + f", ["d", "f"]),
        ("sorted(xs, key=lambda x: x.n + m)", ["sorted", "xs", "m"]),
        ("f'{a!r:>{b}}'", ["a", "b"]),
    ],
)
def test_free_names(text: str, expected: list[str]) -> None:
    """What an expression reads from outside, in order, each once."""
    assert list(free_names(ast.parse(text, mode="eval").body)) == expected
