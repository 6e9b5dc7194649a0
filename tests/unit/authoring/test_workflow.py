"""Workflows describe a function, run it in process, and compile it when asked to."""

import asyncio
import functools
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from pydantic import BaseModel

from vivido import (
    DefinitionError,
    Event,
    Http,
    Schedule,
    Workflow,
    deadline,
    parallel,
    publish,
    saga,
    sleep,
    spawn,
    step,
    step_context,
    workflow,
)
from vivido.authoring import set_compiler, workflows
from vivido.errors import InvariantError, ValueNotStorable
from vivido.model.definition import Block, Definition, Param, Returns, WorkflowSpec


class Order(BaseModel):
    """What workflows are about."""

    id: str
    notes: list[str] = []


@step
def note(order: Order, text: str) -> Order:
    """Add a note to the copy."""
    order.notes.append(text)
    return order


@workflow(
    version="2",
    timeout="1d",
    tags={"team": "web"},
    on=[Http("POST /orders"), Schedule("rate(1 day)")],
)
def ship(order: Order, text: str = "shipped") -> Order:
    """Ship it."""
    with saga(), deadline("1h"):
        sleep(days=2)
        publish(stage="noting")
        noted, _ = parallel(note(order, text), note(order, "other"))
    return noted


def test_description() -> None:
    """A workflow knows its function and its options."""
    assert (ship.name, ship.ref, ship.doc) == ("ship", f"{__name__}:ship", "Ship it.")
    assert (ship.version, ship.timeout, ship.tags) == ("2", timedelta(days=1), {"team": "web"})
    assert ship.triggers == (Http("POST /orders"), Schedule("rate(1 day)"))
    assert list(ship.signature.parameters) == ["order", "text"]
    assert ship.is_async is False
    assert repr(ship) == f"<workflow ship ({__name__}:ship)>"


def test_bare_workflow() -> None:
    """Without options, a workflow is version 1, has no limit, and nothing starts it."""

    @workflow
    def bare() -> None:
        """Do nothing."""

    assert (bare.version, bare.timeout, bare.tags, bare.triggers) == ("1", None, {}, ())


def test_spec() -> None:
    """A workflow is described for those that run it as a child."""

    @workflow
    def child(n: int = 1) -> str:
        """Do nothing."""
        return str(n)

    assert child.spec() == WorkflowSpec(
        ref=child.ref,
        params=[Param(name="n", type="int", json_schema={"type": "integer"}, default="1")],
        returns=Returns(type="str", json_schema={"type": "string"}),
    )


def test_plain_call() -> None:
    """Called as plain Python, a workflow runs its steps; its caller's values are left alone."""
    order = Order(id="1")
    assert ship(order) == Order(id="1", notes=["shipped"])
    assert order == Order(id="1")


def test_workflow_changes_its_own_copies() -> None:
    """A workflow may change its arguments and defaults: nobody else sees it."""
    kept: list[list[int]] = []

    @workflow
    def grow(rows: list[int], more: list[int] = []) -> list[int]:  # noqa: B006  the point of it
        """Change all."""
        rows.append(1)
        more.append(1)
        kept.append(rows)
        return [*rows, *more]

    rows = [0]
    assert (grow(rows), grow(rows), rows) == ([0, 1, 1], [0, 1, 1], [0])


def test_result_is_the_callers() -> None:
    """What a workflow returns is shared with nobody."""
    shelf = [1]

    @workflow
    def give() -> list[int]:
        """Return something that stays."""
        return shelf

    give().append(2)
    assert shelf == [1]


def test_result_that_cannot_be_stored() -> None:
    """A result that an engine could not keep is refused, by its place."""

    @workflow
    def give() -> list[object]:
        """Return a bare object."""
        return [object()]

    with pytest.raises(ValueNotStorable, match=r"^result\[0\]"):
        give()


def test_child_and_recursion() -> None:
    """A workflow calls another, or itself, as any function."""

    @workflow
    def factorial(n: int) -> int:
        """Multiply."""
        return 1 if n == 0 else n * factorial(n - 1)

    @workflow
    def sums(ns: list[int]) -> int:
        """Add."""
        return sum(factorial(n) for n in ns)

    assert sums([3, 4]) == 30


def test_error_goes_to_the_caller() -> None:
    """Nothing is retried and nothing is compensated: the first error is the caller's."""
    calls: list[str] = []

    @step
    def undo() -> None:
        """Note it."""
        calls.append("undo")

    @step(compensate=undo, retry=3)
    def work() -> None:
        """Note it."""
        calls.append("work")

    @step(retry=3)
    def fail() -> None:
        """Fail."""
        calls.append("fail")
        raise KeyError("k")

    @workflow
    def flow() -> None:
        """Fail in a saga."""
        with saga():
            parallel(work(), fail(), work())

    with pytest.raises(KeyError):
        flow()
    assert calls == ["work", "fail"]


def test_async_workflow() -> None:
    """An async workflow is awaited; so are its async steps, on copies made at the call."""

    @step
    async def length(text: list[str]) -> int:
        """Await something."""
        await asyncio.sleep(0)
        return len(text)

    @workflow
    async def measure(texts: list[str]) -> list[int]:
        """Await steps, one by one and together."""
        one = await length(texts)
        return [one, *await asyncio.gather(length(texts), length(texts[:1]))]

    texts = ["a", "b"]
    running = measure(texts)
    texts.clear()
    assert measure.is_async is True
    assert asyncio.run(running) == [2, 2, 1]


def test_keys_tell_equal_calls_apart() -> None:
    """Two equal calls of a step are two steps of a workflow, and the same again in its next run."""
    keys: list[str] = []

    @step
    def pay(amount: int) -> None:
        """Note the key."""
        assert amount == 1
        keys.append(step_context().idempotency_key)

    @workflow
    def flow() -> None:
        """Pay twice the same."""
        pay(1)
        pay(1)

    flow()
    flow()
    assert keys[:2] == keys[2:]
    assert len(set(keys)) == 2


def test_jobs_that_nobody_joined() -> None:
    """A spawned step that nobody asked for is joined at the end, and its error raised there."""
    calls: list[str] = []

    @step
    def fail() -> None:
        """Fail."""
        raise KeyError("k")

    @workflow
    def flow() -> None:
        """Spawn and forget."""
        spawn(fail)
        calls.append("after")

    with pytest.raises(KeyError):
        flow()
    assert calls == ["after"]


@pytest.fixture
def compiled() -> Iterator[list[str]]:
    """Put a compiler in the place of the real one; gives the names of what it compiled."""
    names: list[str] = []

    def compiler(made: Workflow[..., Any]) -> Definition:
        names.append(made.name)
        return Definition(name=made.name, blocks={"main": Block()})

    before = set_compiler(compiler)
    yield names
    set_compiler(before)


def test_definition_is_compiled_once(compiled: list[str]) -> None:
    """The definition is compiled when it is asked for, and kept."""

    @workflow
    def late() -> None:
        """Do nothing."""

    assert compiled == []
    assert late.definition is late.definition
    assert late.definition.name == "late"
    assert compiled == ["late"]


BAD_OPTIONS: list[tuple[dict[str, Any], str]] = [
    ({"retry": 3}, "@workflow has no option 'retry': it takes version, timeout, tags, on, name"),
    ({"version": 1}, 'version=1: give a text such as "1"'),
    ({"version": ""}, "version=''"),
    ({"version": " 1"}, "version=' 1'"),
    ({"version": "1\n2"}, "version='1"),
    ({"timeout": "x"}, "timeout='x': 'x' is no duration"),
    ({"timeout": 0}, "timeout=0 is no time at all"),
    ({"tags": ["a"]}, r"tags=\['a'\]: give texts by name"),
    ({"tags": {"a": 1}}, r"tags=\{'a': 1\}: give texts by name"),
    ({"tags": {"": "a"}}, r"tags=\{'': 'a'\}: give texts by name"),
    ({"on": "POST /orders"}, "on='POST /orders': give a list of triggers"),
    ({"on": ["POST /orders"]}, r"on=\['POST /orders'\]: give a list of triggers"),
    ({"on": 5}, "on=5: give a list of triggers"),
    ({"name": "a b"}, "'a b' is no name"),
    ({"name": ""}, "'' is no name"),
]


@pytest.mark.parametrize(("options", "sentence"), BAD_OPTIONS, ids=repr)
def test_bad_options(options: dict[str, Any], sentence: str) -> None:
    """A wrong option is refused where it is written, in one sentence."""

    def flow() -> None:
        """Do nothing."""

    with pytest.raises(DefinitionError, match=sentence):
        workflow(**options)(flow)


def test_one_trigger_needs_no_list() -> None:
    """A single trigger says what it means without a list around it."""

    @workflow(on=Event("a.b"))  # type: ignore[call-overload,untyped-decorator]
    def flow() -> None:
        """Do nothing."""

    assert flow.triggers == (Event("a.b"),)


def numbers() -> Iterator[int]:
    """Yield."""
    yield 1


@pytest.mark.parametrize("given", [numbers, print, Order, functools.partial(numbers), note, 5])
def test_what_is_no_workflow(given: Callable[..., Any]) -> None:
    """A workflow is a function with one result."""
    with pytest.raises(DefinitionError):
        workflow(given)


def test_no_compiler_is_our_bug() -> None:
    """Asking for a definition in a process without a compiler is nobody's mistake but ours."""

    @workflow
    def flow() -> None:
        """Do nothing."""

    with pytest.raises(InvariantError, match="set_compiler was not called"):
        workflows._no_compiler(flow)  # noqa: SLF001  nothing else can bring it back
