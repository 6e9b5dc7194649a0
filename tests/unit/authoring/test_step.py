"""Steps describe a function, run it on copies, and refuse what cannot be a step."""
# ruff: noqa: ARG001  a step takes its arguments, whether it needs them or not

import asyncio
import inspect
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from pydantic import BaseModel

from vivido import DefinitionError, Pool, Retry, Step, step, step_context
from vivido.errors import ResultInvalid, ValueNotStorable
from vivido.model.definition import Param, Returns, StepSpec
from vivido.model.definition import Retry as RetrySpec


class Order(BaseModel):
    """What steps are about."""

    id: str
    notes: list[str] = []


@dataclass
class Stock:
    """What a step returns."""

    amount: int


@step
def release(order: Order, result: Stock) -> None:
    """Undo."""


@step(
    compensate=release,
    retry=Retry(max_attempts=5, on=[KeyError]),
    timeout="1m 30s",
    pool="gpu",
    no_return=False,
)
def reserve(order: Order, /, amount: int = 2, *more: int, fast: bool = True, **rest: str) -> Stock:
    """Reserve it.

    All of it.
    """
    return Stock(amount)


@step
async def fetch(order: Order) -> Stock:
    """Await it."""
    order.notes.append("changed")
    await asyncio.sleep(0)
    return Stock(len(order.notes))


def test_description() -> None:
    """A step knows its function and its options."""
    assert reserve.name == "reserve"
    assert reserve.ref == f"{__name__}:reserve"
    assert reserve.doc == "Reserve it.\n\nAll of it."
    assert reserve.compensate is release
    assert reserve.timeout == timedelta(seconds=90)
    assert reserve.pool == "gpu"
    assert (reserve.is_async, fetch.is_async) == (False, True)
    assert list(reserve.signature.parameters) == ["order", "amount", "more", "fast", "rest"]
    assert inspect.signature(reserve) == reserve.signature
    assert reserve.__name__ == "reserve"
    assert repr(reserve) == f"<step reserve ({__name__}:reserve)>"


def test_bare_step_has_no_options() -> None:
    """Without options, nothing is retried, limited, undone or sent elsewhere."""
    bare = (
        release.retry, release.timeout, release.compensate, release.at_most_once,
        release.no_return, release.inline, release.pool,
    )  # fmt: skip
    assert bare == (None, None, None, False, False, False, None)


def test_options_of_every_form() -> None:
    """A retry may be a number, a timeout a timedelta or seconds, a pool an object."""

    @step(retry=4, timeout=timedelta(hours=1), pool=Pool("gpu"), name="other", inline=True)
    def one() -> None:
        """Do nothing."""

    @step(timeout=2.5, no_return=True, at_most_once=True)
    def two() -> None:
        """Do nothing."""

    assert one.retry == Retry(max_attempts=4)
    assert (one.timeout, one.pool, one.name) == (timedelta(hours=1), "gpu", "other")
    assert (two.timeout, two.inline) == (timedelta(seconds=2.5), False)
    assert (two.no_return, two.at_most_once) == (True, True)


def test_spec() -> None:
    """A step is described for the definition, with schemas beside the annotations."""
    spec = reserve.spec()
    assert spec.returns.json_schema == {
        "description": "What a step returns.",
        "properties": {"amount": {"title": "Amount", "type": "integer"}},
        "required": ["amount"],
        "title": "Stock",
        "type": "object",
    }
    assert spec.params[0].json_schema is not None
    bare = [param.model_copy(update={"json_schema": None}) for param in spec.params]
    assert spec.model_copy(update={"params": bare, "returns": Returns()}) == StepSpec(
        ref=f"{__name__}:reserve",
        doc="Reserve it.\n\nAll of it.",
        params=[
            Param(name="order", kind="positional", type="Order"),
            Param(name="amount", type="int", default="2"),
            Param(name="more", kind="args", type="int"),
            Param(name="fast", kind="keyword", type="bool", default="True"),
            Param(name="rest", kind="kwargs", type="str"),
        ],
        retry=RetrySpec(max_attempts=5, on=["KeyError"]),
        timeout="1m30s",
        compensate="release",
        pool="gpu",
    )


def test_plain_call_runs_on_copies() -> None:
    """A step changes neither the arguments of its caller nor, later, what it returned."""
    shelf: list[str] = []

    @step
    def note(order: Order, *more: list[str], **named: list[str]) -> list[str]:
        """Change everything it can reach."""
        order.notes.append("step")
        for each in (*more, *named.values()):
            each.append("step")
        shelf.append("step")
        return shelf

    order, rest, named = Order(id="1"), ["a"], ["b"]
    result = note(order, rest, named=named)
    result.append("caller")
    assert (order, rest, named, shelf) == (Order(id="1"), ["a"], ["b"], ["step"])


def test_defaults_are_copies_too() -> None:
    """A mutable default is fresh in every call, as it is in every attempt of an engine."""

    @step
    def collect(item: str, into: list[str] = []) -> list[str]:  # noqa: B006  the point of it
        """Change the default."""
        into.append(item)
        return into

    first = collect.prepare({"item": "c"})
    assert (collect("a"), collect("b")) == (["a"], ["b"])
    assert collect.function(*first.args, **first.kwargs) == ["c"]
    assert collect.function(*first.args, **first.kwargs) == ["c", "c"]
    assert collect.prepare({"item": "d"}).kwargs == {"item": "d", "into": []}


def test_default_that_cannot_be_stored() -> None:
    """A sentinel is passed as it is."""
    missing = object()

    @step
    def find(key: str, default: Any = missing) -> bool:
        """Look at the sentinel."""
        return default is missing

    assert find("a") is True


def test_async_step() -> None:
    """An async step is awaited, also on copies, which are made when it is called."""
    order = Order(id="1")
    waiting = fetch(order)
    order.notes.extend("abc")
    assert asyncio.run(waiting) == Stock(1)
    assert order.notes == ["a", "b", "c"]


def test_wrong_arguments() -> None:
    """Wrong arguments raise what Python raises, under the name of the step."""
    missing = r"^release\(\) missing 1 required positional argument: 'result'$"
    with pytest.raises(TypeError, match=missing):
        release(Order(id="1"))  # type: ignore[call-arg]


def test_argument_that_cannot_be_stored() -> None:
    """What an engine could not hand over is refused in a plain call as well, by its name."""
    with pytest.raises(ValueNotStorable, match=r"^result\b"):
        release(Order(id="1"), threading.Lock())  # type: ignore[arg-type]


RESULTS: list[tuple[Any, Any, Any]] = [
    (int, True, True),
    (list[int], [1], [1]),
    (Stock, {"amount": 3}, Stock(3)),
    (Order, {"id": "a"}, Order(id="a")),
    (list[Order], [{"id": "a"}, Order(id="b")], [Order(id="a"), Order(id="b")]),
    (dict[str, Order], {"k": {"id": "a"}}, {"k": Order(id="a")}),
    (tuple[Order, int], ({"id": "a"}, 1), (Order(id="a"), 1)),
    (Order | None, {"id": "a"}, Order(id="a")),
    (inspect.Parameter.empty, object, object),
]


def returning(annotation: object) -> Step[[], Any]:
    """Make a step with that return annotation."""

    def produce() -> Any:
        """Return nothing."""

    produce.__annotations__["return"] = annotation
    if annotation is inspect.Parameter.empty:
        del produce.__annotations__["return"]
    return step(produce)


@pytest.mark.parametrize(("annotation", "value", "expected"), RESULTS, ids=repr)
def test_result_that_fits(annotation: object, value: object, expected: object) -> None:
    """What fits is returned, and dicts become the objects that are promised."""
    result = returning(annotation).check_result(value)
    assert (result, type(result)) == (expected, type(expected))


def test_result_is_the_same_object() -> None:
    """A value that fits is returned itself, with whatever its validators would change."""
    value = [Order.model_construct(id=5)]  # type: ignore[arg-type]
    assert returning(list[Order]).check_result(value) is value


@pytest.mark.parametrize(
    ("annotation", "value", "sentence"),
    [
        (int, "1", "'1', and promises int: it is '1' (str), where int is wanted"),
        (None, 1, "1, and promises None: it is 1 (int), where None is wanted"),
        (list[int], [1, "2"], "[1, '2'], and promises list[int]: [1] is '2' (str), where int is"),
        (list[int], (1,), "(1,), and promises list[int]: it is (1,) (tuple), where list is wanted"),
        (set[int], [1], "[1], and promises set[int]: it is [1] (list), where set is wanted"),
        (Order, {"i": 1}, "{'i': 1}, and promises Order: .id Field required"),
        (Order, '{"id": "a"}', "(str), where Order is wanted"),
        (dict[int, Order], {"1": {"id": "a"}}, ".keys() is '1' (str), where int is wanted"),
    ],
    ids=repr,
)
def test_result_that_does_not_fit(annotation: object, value: object, sentence: str) -> None:
    """Nothing is converted: the step, its value and its promise are named."""
    with pytest.raises(ResultInvalid) as caught:
        returning(annotation).check_result(value)
    assert str(caught.value).startswith("step 'produce' returned ")
    assert sentence in str(caught.value)
    assert str(caught.value).endswith("return what the annotation says, or correct the annotation")


def test_result_is_checked_in_a_plain_call() -> None:
    """A plain call finds a wrong result as an engine would."""

    @step
    def count() -> int:
        """Return the wrong thing."""
        return "1"  # type: ignore[return-value]

    with pytest.raises(ResultInvalid):
        count()


def test_annotations_that_are_text() -> None:
    """Annotations given as text are resolved when they are needed, also in a local scope."""

    class Local(BaseModel):
        """A model that only this function knows."""

        n: int

    @step
    def make() -> "list[Local]":
        """Return it."""
        return [Local(n=1)]

    @step()
    def make_late() -> "Unknown":  # type: ignore[name-defined]  # noqa: F821  the point of it
        """Return what nothing is known about."""

    assert make.check_result([{"n": 1}]) == [Local(n=1)]
    assert (make.spec().returns.type, make_late.spec().returns.type) == ("list[Local]", "Unknown")
    assert make_late.check_result(5) == 5
    assert make_late.spec().returns.json_schema is None


def generator() -> Iterator[int]:
    """Yield."""
    yield 1


async def async_generator() -> AsyncIterator[int]:
    """Yield."""
    yield 1


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: step(generator), "a generator has no one result: return a list"),
        (lambda: step(async_generator), "a generator has no one result: return a list"),
        (lambda: step(print), "goes on a function"),
        (lambda: step(Order), "goes on a function"),
        (lambda: step(partial(generator)), "goes on a function"),
        (lambda: step(staticmethod(generator)), "goes on a function"),
        (lambda: step(release), "goes on a function"),
        (lambda: step("reserve"), "goes on a function"),  # type: ignore[call-overload]
    ],
    ids=str,
)
def test_what_is_no_step(make: Callable[[], object], sentence: str) -> None:
    """A step is a function with one result."""
    with pytest.raises(DefinitionError, match=sentence):
        make()


def test_function_in_a_namespace() -> None:
    """A step may live in a class, as a static method."""

    class Names:
        """A namespace."""

        @staticmethod
        @step
        def inner(n: int) -> int:
            """Return it."""
            return n

    assert Names.inner(1) == 1


BAD_OPTIONS: list[tuple[dict[str, Any], str]] = [
    ({"tiemout": 1}, "@step has no option 'tiemout': it takes compensate, retry, timeout"),
    ({"timeout": "soon"}, "timeout='soon': 'soon' is no duration"),
    ({"timeout": 0}, "timeout=0 is no time at all: give more than zero"),
    ({"timeout": "0s"}, "timeout='0s' is no time at all: give more than zero"),
    ({"timeout": -1}, "timeout=-1: -1 is negative"),
    ({"timeout": True}, "timeout=True: True is no duration"),
    ({"timeout": [1]}, r"timeout=\[1\]: \[1\] is no duration"),
    ({"retry": 0}, "max_attempts=0: give a whole number from 1"),
    ({"retry": True}, "retry=True: give a Retry, or the number of attempts"),
    ({"retry": "3"}, "retry='3': give a Retry, or the number of attempts"),
    ({"compensate": print}, "is no step: put @step on the function that undoes it"),
    ({"compensate": "release"}, "compensate='release' is no step"),
    ({"at_most_once": "no"}, "at_most_once='no': it is either True or False"),
    ({"no_return": 1}, "no_return=1: it is either True or False"),
    ({"inline": None}, "inline=None: it is either True or False"),
    ({"pool": 5}, "5 is no name"),
    ({"pool": ""}, "'' is no name"),
    ({"name": ""}, "'' is no name"),
    ({"name": "a b"}, "'a b' is no name"),
    ({"name": "9a"}, "'9a' is no name"),
    ({"name": "a\n"}, "is no name"),
    ({"name": "a" * 129}, "is no name"),
    ({"no_return": True, "compensate": release}, "nothing is undone past a step with no_return"),
]


@pytest.mark.parametrize(("options", "sentence"), BAD_OPTIONS, ids=repr)
def test_bad_options(options: dict[str, Any], sentence: str) -> None:
    """A wrong option is refused where it is written, in one sentence."""

    def work(order: Order) -> None:
        """Do nothing."""

    with pytest.raises(DefinitionError, match=sentence):
        step(**options)(work)


def test_once_is_about_each_attempt() -> None:
    """A policy says whether another attempt follows one that failed or was interrupted."""

    @step(at_most_once=True, retry=3)
    def pay() -> None:
        """Do nothing."""

    assert (pay.at_most_once, pay.spec().retry.max_attempts) == (True, 3)


def test_compensation_that_nothing_supplies() -> None:
    """A compensation asks for the step's own arguments and its result, nothing else."""

    @step
    def undo(order: Order, reason: str) -> None:
        """Undo."""

    def work(order: Order) -> None:
        """Do nothing."""

    sentence = "nothing supplies 'reason' to its compensation 'undo': it gets order, result"
    with pytest.raises(DefinitionError, match=sentence):
        step(compensate=undo)(work)


def test_result_has_one_meaning() -> None:
    """A step whose own parameter is called `result` cannot have a compensation that takes one."""

    def work(result: str) -> None:
        """Do nothing."""

    @step
    def undo(result: str) -> None:
        """Undo."""

    with pytest.raises(DefinitionError, match="rename the step's own parameter"):
        step(compensate=undo)(work)


def test_compensation_arguments() -> None:
    """A compensation gets what it asks for by name: arguments, defaults of the step, the result."""

    @step
    def undo(amount: int, result: Stock, /, *more: int, reason: str = "x", **rest: str) -> str:
        """Undo."""
        return f"{amount} {result} {more} {reason} {rest}"

    @step(compensate=undo)
    def work(order: Order, amount: int = 2, *more: int, **rest: str) -> Stock:
        """Do nothing."""
        return Stock(amount)

    table = work.compensation_arguments({"order": 1, "*": [5, 6], "**": {"k": "v"}}, Stock(3))
    assert table == {"amount": 5, "result": Stock(3), "*": (6,), "**": {"k": "v"}}
    call = undo.prepare(table)
    assert undo.function(*call.args, **call.kwargs) == "5 Stock(amount=3) (6,) x {'k': 'v'}"
    assert work.compensation_arguments({"order": 1}, None)["amount"] == 2


def test_no_compensation_has_no_arguments() -> None:
    """Asking for the arguments of a compensation that is not there is our bug, not a silence."""
    with pytest.raises(LookupError, match="'release' has no compensation"):
        release.compensation_arguments({}, None)


def test_step_in_a_step() -> None:
    """A step called in the body of another is a plain call with a key of its own."""
    keys: list[str] = []

    @step
    def inner() -> None:
        """Note the key."""
        keys.append(step_context().idempotency_key)

    @step
    def outer() -> None:
        """Call it twice, and look at its own key after that."""
        inner()
        inner()
        keys.append(step_context().idempotency_key)

    outer()
    assert len(set(keys)) == 3
    assert all(key.startswith(keys[2]) for key in keys)
