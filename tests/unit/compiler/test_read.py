"""Is a workflow read as it stands in its file, and does each name mean what Python takes it for?"""

from __future__ import annotations

import ast
import asyncio
import functools
import logging
import types
from pathlib import Path

import pytest

import vivido
import vivido as v
from vivido import parallel, step, workflow
from vivido import parallel as side_by_side
from vivido.compiler.read import Found, comments_above, place_in_project, read
from vivido.errors import DefinitionError

LIMIT = 3
log = logging.getLogger(__name__)


@step
def one() -> int:
    """Give one."""
    return 1


class Namespace:
    """Holds a step, as a module would."""

    first = one
    number = 1


# What stands above
# belongs to it.
@workflow
def sample(a: int) -> int:
    """Use every kind of name."""
    b = one()  # not this

    def inner(c: int) -> int:
        return a + b + c

    # Above the statement.
    return inner(b)


def test_places_are_true() -> None:
    """Lines are those of the file, not of the function alone."""
    unit = read(sample)
    source = Path(__file__).read_text().splitlines()
    assert unit.lines == source
    assert source[unit.node.lineno - 1] == "def sample(a: int) -> int:"
    assert unit.file == "tests/unit/compiler/test_read.py"
    assert unit.is_async is False


def test_comments_belong_to_the_line_below() -> None:
    """A comment that stands alone counts for the statement below it; others do not."""
    unit = read(sample)
    last = unit.node.body[-1]
    first_decorator = unit.node.decorator_list[0]
    assert unit.comments[last.lineno] == "Above the statement."
    assert unit.comments[first_decorator.lineno] == "What stands above\nbelongs to it."
    assert comments_above("a = 1  # no\n#\n# yes\n\nb = 1\n") == {4: "yes"}


@pytest.mark.parametrize(
    ("text", "kind", "name"),
    [
        ("a", "variable", "a"),
        ("b", "variable", "b"),
        ("inner", "nested", "inner"),
        ("one", "step", "one"),
        ("Namespace.first", "step", "Namespace.first"),
        ("sample", "workflow", "sample"),
        ("parallel", "operation", "parallel"),
        ("side_by_side", "operation", "parallel"),
        ("v.parallel", "operation", "parallel"),
        ("vivido.sleep", "operation", "sleep"),
        ("asyncio.gather", "operation", "asyncio.gather"),
        ("asyncio.sleep", "operation", "asyncio.sleep"),
        ("Namespace", "class", "Namespace"),
        ("functools.reduce", "function", "functools.reduce"),
        ("functools", "module", "functools"),
        ("LIMIT", "constant", "LIMIT"),
        ("log", "constant", "log"),
        ("len", "builtin", "len"),
        ("nobody", "missing", "nobody"),
        ("functools.nothing", "missing", "functools.nothing"),
    ],
)
def test_what_names_mean(text: str, kind: str, name: str) -> None:
    """A name means what it means to Python there, whatever it is called."""
    found = read(sample).resolve(ast.parse(text, mode="eval").body)
    assert found is not None
    assert (found.kind, found.name) == (kind, name)


@pytest.mark.parametrize("text", ["a.b", "Namespace.number", "one()", "LIMIT.real", "a[0]"])
def test_what_is_known_only_when_it_runs(text: str) -> None:
    """What an object's attribute is, nobody can say before."""
    assert read(sample).resolve(ast.parse(text, mode="eval").body) is None


def test_names_of_comprehensions_hide_others() -> None:
    """A name that is hidden is a variable."""
    unit = read(sample)
    name = ast.parse("one", mode="eval").body
    assert unit.resolve(name, hidden=frozenset({"one"})) == Found("variable", "one")


def test_names_around_a_workflow_in_a_function() -> None:
    """A workflow that is defined in a function sees that function's names, as they are."""
    amount = 5

    @workflow
    def local() -> int:
        return amount + later

    unit = read(local)
    assert unit.lookup("amount") == Found("constant", "amount", 5)
    assert unit.lookup("later").kind == "missing"  # it has no value yet
    later = 1
    assert read(local).lookup("later") == Found("constant", "later", later)


def made(source: str, filename: str) -> types.FunctionType:
    """A function whose source is nowhere."""
    namespace: dict[str, object] = {}
    exec(compile(source, filename, "exec"), namespace)  # noqa: S102  the point of the test
    function = namespace["lost"]
    assert isinstance(function, types.FunctionType)
    return function


def test_no_source() -> None:
    """Without its source a workflow cannot be compiled, and the error says what to do."""
    lost = workflow(made("def lost(): return 1", "<nowhere>"))
    with pytest.raises(DefinitionError, match=r"'lost' cannot be read from '<nowhere>': put it"):
        read(lost)


def test_source_that_changed() -> None:
    """A file in which the workflow does not stand any more is not compiled wrongly."""
    lost = workflow(made("def lost(): return 1", __file__))
    with pytest.raises(DefinitionError, match="changed after it was imported; import it again"):
        read(lost)


def test_places_in_a_project(tmp_path: Path) -> None:
    """A definition never holds an absolute path."""
    (tmp_path / "shop" / "flows").mkdir(parents=True)
    (tmp_path / "shop" / "pyproject.toml").touch()
    assert place_in_project(str(tmp_path / "shop" / "flows" / "a.py")) == "flows/a.py"


assert [side_by_side, asyncio, functools, v, vivido, parallel]
