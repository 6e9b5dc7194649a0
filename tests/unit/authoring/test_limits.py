"""Are limits checked where they are written, and are those that nobody keeps refused?"""

import pytest

from vivido import Concurrency, Debounce, Rate, Singleton, engine, step, workflow
from vivido.errors import DefinitionError
from vivido.model import limits as model

REFUSED = {
    "no such parameter": (
        lambda: step(concurrency=Concurrency(2, key="ordr.customer"))(buy),
        "ordr",
    ),
    "nothing at once": (lambda: Concurrency(0), "0"),
    "half a slot": (lambda: Concurrency(0.5), "0.5"),  # type: ignore[arg-type]
    "no time": (lambda: Rate(1, per="soon"), "soon"),
    "no number": (lambda: step(concurrency="many")(buy), "many"),  # type: ignore[call-overload]
}


def buy(order: dict[str, str]) -> None:
    """Buy."""


@pytest.mark.parametrize("wrong", REFUSED)
def test_what_is_no_limit_is_refused(wrong: str) -> None:
    """The error names the value."""
    make, named = REFUSED[wrong]
    with pytest.raises(DefinitionError, match=named):
        make()


def test_a_limit_is_part_of_the_definition() -> None:
    """A number alone is a limit for everybody."""
    spec = step(concurrency=3, rate=Rate(10, per="1m", key="order['customer']"))(buy).spec()
    assert (spec.concurrency and spec.concurrency.limit, spec.rate and spec.rate.per) == (3, "1m")


@pytest.mark.parametrize(
    "given",
    [
        {"concurrency": 1},
        {"rate": Rate(1)},
        {"priority": 1},
        {"singleton": Singleton()},
        {"debounce": Debounce("1s")},
    ],
    ids=str,
)
def test_limits_of_whole_workflows_are_refused(given: dict[str, object]) -> None:
    """They are not kept yet, and a limit that is ignored would be worse than none."""
    with pytest.raises(DefinitionError, match="put concurrency, rate and priority on the steps"):
        workflow(**given)(buy)  # type: ignore[call-overload]


@workflow
def alone(n: int) -> int:
    """Return it."""
    return n


def test_a_definition_that_has_them_is_not_run() -> None:
    """Also one that was written by hand: the engine refuses it before anything runs."""
    limited = alone.definition.model_copy(update={"concurrency": model.Concurrency(limit=1)})
    with pytest.raises(DefinitionError, match="'alone' has concurrency"):
        engine.load(limited, {}.__getitem__)
