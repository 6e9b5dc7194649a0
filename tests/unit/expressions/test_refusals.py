"""What is refused before it runs: where, why, and what to write instead?"""

from __future__ import annotations

import ast
import functools
import re
import subprocess
import sys
import types
from typing import Any

import pytest
from pydantic import BaseModel

from vivido.expressions import Binding, ExpressionRefused, Scope, compile_expression
from vivido.expressions.refused import refused


class Model(BaseModel):
    """A model."""


class Plain:
    """Neither model nor dataclass."""

    _hidden = 1


class Service:
    """Not of a kind that expressions know; its methods are functions of the author's."""

    def __init__(self) -> None:
        self.url = "http://localhost"

    def price(self, sku: str) -> int:
        """A function of the author's."""
        return len(sku)


OWN = types.ModuleType("own")
vars(OWN)["_hidden"] = 1
SCOPE = Scope(
    {
        "Plain": Binding(Plain),
        "Model": Binding(Model),
        "subprocess": Binding(subprocess),
        "call": Binding(subprocess.call),
        "own": Binding(OWN),
        "CONFIG": Binding({"a": [1]}),
        "TEMPLATE": Binding("{}"),
        "PATTERN": Binding(re.compile("a+")),
        "SERVICE": Binding(Service()),
        "priced": Binding(functools.partial(Service.price, Service())),
        "read": Binding(functools.partial(open, "x")),
    }
)


@pytest.mark.parametrize(
    ("text", "reason", "hint"),
    [
        ("open('x')", "builtin", "in a step"),
        ("print(1)", "builtin", "a statement of its own"),
        ("_hidden", "underscore", "begin with _"),
        ("a._b", "underscore", "a public name"),
        ("a.__class__", "underscore", "type(value).__name__"),
        ("a.__name__", "underscore", "type(value).__name__"),
        ("getattr(a, '_b')", "underscore", "a public name"),
        ("'{}'.format(a)", "format", "f-string"),
        ("'%s' % a", "percent", "f-string"),
        ("str.upper", "unbound-method", "lambda value: value.upper(…)"),
        ("subprocess.run", "library", "in a step"),
        ("call('x')", "library", "in a step"),
        ("call", "library", "in a step"),
        ("subprocess", "module", "name what you need"),
        ("subprocess.Popen('x')", "class", "in a step"),
        ("Plain()", "class", "model or a dataclass"),
        ("own.nothing", "no-attribute", ""),
        ("own._hidden", "underscore", "a public name"),
        ("Plain._hidden", "underscore", "a public name"),
        ("Plain.nothing", "no-attribute", ""),
        ("Model.model_fields", "unavailable", "in a step"),
        ("Model.parse_file('x')", "unavailable", "in a step"),
        ("'abc'.translate(a)", "method", ""),
        ("1 .nope()", "method", ""),
        ("CONFIG.nope", "closed", "in a step"),
        ("TEMPLATE.format(a)", "format", "f-string"),
        ("PATTERN.match(a)", "closed", "match patterns in a step"),
        ("SERVICE.url", "closed", "in a step"),
        ("CONFIG['a'].append(1)", "constant", "copy it into a variable"),
        ("map(lambda x: x.pop(), xs)", "lambda-changes", "write a loop"),
        ("[y := x for x in xs]", "walrus", "write a loop"),
        ("(lambda: (y := 1))()", "walrus", "write a loop"),
        ("[x async for x in xs]", "async", "write a loop"),
        ("[0 for x.y in xs]", "target", "write a loop"),
        ("[0 for *a, *b in xs]", "syntax", ""),
        ("await a", "unavailable", ""),
        ("*a", "syntax", ""),
        ("a +", "syntax", ""),
        ("a\x00", "syntax", ""),
        ("a\ud800", "syntax", ""),
        ("a = 1", "syntax", ""),
        ("", "syntax", ""),
        ("1 + " * 6_000 + "1", "too-long", "several statements"),
        ("-" * 5_000 + "1", "too-deep", "give a name to a part"),
        ("-" * 15_000 + "1", "too-deep", "give a name to a part"),
        ("+".join("1" * 150), "too-deep", "give a name to a part"),
        ("[" + "1," * 9_990 + "]", "too-long", "several statements"),
    ],
)
def test_the_author_is_told(text: str, reason: str, hint: str) -> None:
    """A refusal has a stable reason, a sentence, and where there is one a way out."""
    with pytest.raises(ExpressionRefused) as caught:
        compile_expression(text, SCOPE)
    assert caught.value.reason == reason
    assert hint in caught.value.hint
    assert caught.value.message in str(caught.value)


def test_the_place_is_within_the_text() -> None:
    """Line and column point at the part that is refused."""
    with pytest.raises(ExpressionRefused) as caught:
        compile_expression("[1,\n  a._b]")
    assert (caught.value.lineno, caught.value.col_offset) == (2, 2)


def test_the_place_of_a_syntax_error() -> None:
    """Python's own place is kept."""
    with pytest.raises(ExpressionRefused) as caught:
        compile_expression("a b")
    assert (caught.value.lineno, caught.value.col_offset < len("a b")) == (1, True)


def test_a_node_without_a_place() -> None:
    """A node that was made, not parsed, is refused too."""
    error = refused(ast.Name("x"), "no", reason="because")
    assert (str(error), error.lineno, error.col_offset) == ("no", 1, 0)


def test_a_module_of_the_authors_that_has_a_name_of_pythons() -> None:
    """Whether something is Python's own is seen by where it lies, not by its name alone."""
    module = types.ModuleType("tkinter")
    module.__file__ = "/somewhere/definitions/tkinter.py"

    def price() -> int:
        return 5

    price.__module__ = "tkinter"
    module.price = price  # type: ignore[attr-defined]
    before = sys.modules.get("tkinter")
    sys.modules["tkinter"] = module
    try:
        expression = compile_expression("tk.price()", Scope({"tk": Binding(module)}))
    finally:
        del sys.modules["tkinter"]
        if before is not None:
            sys.modules["tkinter"] = before
    assert (expression({}), expression.calls_own) == (5, True)


def test_a_star_alone_is_refused() -> None:
    """A tree may hold a star where no text could."""
    with pytest.raises(ExpressionRefused, match="can't use starred expression here"):
        compile_expression(ast.Starred(ast.Name("a")))


def test_a_deep_tree_is_refused_as_deep_text_is() -> None:
    """A syntax tree that was given is measured before anything walks it."""
    node: ast.expr = ast.Constant(1)
    for _ in range(5_000):
        node = ast.UnaryOp(ast.USub(), node)
    with pytest.raises(ExpressionRefused) as caught:
        compile_expression(node)
    assert caught.value.reason == "too-deep"


def test_as_deep_as_allowed_works() -> None:
    """The deepest expression that is let through compiles, evaluates and can be written out."""
    text = "not " * 98 + "a"
    expression = compile_expression(ast.parse(text, mode="eval").body)
    assert (expression({"a": 1}), expression.text) == (True, text)


def test_methods_of_constants_are_functions_of_the_author() -> None:
    """A method of an object of the module runs as a function of the author's would."""
    for text in ("SERVICE.price('ab')", "priced('ab')"):
        expression = compile_expression(text, SCOPE)
        assert (expression({}), expression.calls_own, expression.impure) == (2, True, True)
    with pytest.raises(ExpressionRefused):
        compile_expression("read()", SCOPE)


def test_an_attribute_of_a_closed_constant_is_left_to_run_time(shop: Any) -> None:
    """A constant that is no class or module is read when the expression runs."""
    assert shop.value("RATES['eur']") == 2
