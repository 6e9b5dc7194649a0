"""Are the numbers those of the protocol, and refused where it could not run with them?"""

import ast
import inspect
from dataclasses import FrozenInstanceError, asdict, fields

import pytest

from vivido import settings
from vivido.errors import UsageError
from vivido.settings import Settings


def test_the_defaults_are_those_of_the_protocol() -> None:
    """Whoever changes a number changes it here too, knowingly."""
    assert asdict(Settings()) == {
        "function_seconds": 60.0,
        "lease_margin_seconds": 30.0,
        "meta_age_seconds": 5.0,
        "poison_bound": 5,
        "short_backoff_seconds": 60.0,
        "attempts_per_message": 500,
        "join_item_children": 100,
        "spreader_width": 100,
        "message_delay_seconds": 900.0,
        "inline_value_bytes": 8_192,
        "inline_total_bytes": 65_536,
        "max_value_bytes": 1_000_000_000,
        "retention_seconds": 2_592_000.0,
        "stuck_seconds": 600.0,
        "sweep_seconds": 10.0,
        "nodes_without_record": 1_000,
    }


def test_the_lease_outlives_the_function() -> None:
    """The lease is the time limit and a margin, whatever both are."""
    assert Settings().lease_seconds == 90.0
    assert Settings(function_seconds=10, lease_margin_seconds=2).lease_seconds == 12


def test_every_setting_says_what_it_is_and_where_it_comes_from() -> None:
    """A docstring with a section of the protocol follows each field."""
    (tree,) = [
        node
        for node in ast.parse(inspect.getsource(settings)).body
        if isinstance(node, ast.ClassDef)
    ]
    documented = [
        field.target.id
        for field, doc in zip(tree.body, tree.body[1:], strict=False)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(doc, ast.Expr)
        and isinstance(doc.value, ast.Constant)
        and str(doc.value.value).endswith(").")
    ]
    assert documented == [field.name for field in fields(Settings)]


@pytest.mark.parametrize("name", [field.name for field in fields(Settings)])
@pytest.mark.parametrize("value", [0, -1, float("nan")])
def test_nothing_may_be_zero(name: str, value: float) -> None:
    """No bound of the protocol makes sense at zero or below."""
    with pytest.raises(UsageError) as caught:
        Settings(**{name: value})
    assert str(caught.value) == f"the setting {name} is {value!r}: it must be more than zero"


def test_a_spreader_must_split() -> None:
    """A width of one would send itself for ever."""
    with pytest.raises(UsageError, match="spreader_width is 1, which splits nothing: use 2 or"):
        Settings(spreader_width=1)


def test_one_value_must_fit_into_the_total() -> None:
    """A value at the bound of one must not break the bound of all."""
    with pytest.raises(UsageError, match="inline_total_bytes is 100, less than inline_value_bytes"):
        Settings(inline_total_bytes=100)


def test_settings_cannot_be_changed() -> None:
    """A deployment has one set of numbers from its start."""
    with pytest.raises(FrozenInstanceError):
        Settings().poison_bound = 6  # type: ignore[misc]
