"""A step: the named unit of work, with its retry, timeout and compensation.

`step` turns a function into a `Step`, which describes it and can still be called as the function.
"""

import functools
import inspect
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any, Generic, ParamSpec, TypeVar, cast, overload

from vivido import durations, values
from vivido.authoring import context, limits, options
from vivido.authoring.interface import Arguments, Interface, caller_locals
from vivido.authoring.limits import Concurrency, Priority, Rate
from vivido.authoring.options import Duration
from vivido.authoring.pool import Pool
from vivido.authoring.results import checked
from vivido.authoring.retry import Retry
from vivido.errors import DefinitionError
from vivido.model.definition import StepSpec

P = ParamSpec("P")
R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)
RESULT = "result"  # what a compensation calls the result of its step
_KNOWN = (
    "compensate", "retry", "timeout", "at_most_once", "no_return", "inline", "pool", "name",
    "concurrency", "rate", "priority",
)  # fmt: skip


class Step(Generic[P, R_co]):
    """A function that workflows run as a step. Made by `step`; calling it runs the function.

    `name` is what people see, `ref` (``module:qualname``) where it is found. `function`,
    `signature`, `doc` and `is_async` are the function's; the rest are the options of `step`.
    """

    __name__: str
    __qualname__: str

    def __init__(  # noqa: PLR0913  the options of `step`, once
        self,
        function: Callable[P, R_co],
        *,
        local_names: Mapping[str, Any],
        compensate: "Step[..., Any] | None",
        retry: Retry | None,
        timeout: timedelta | None,
        at_most_once: bool,
        no_return: bool,
        inline: bool,
        pool: str | None,
        name: str,
        concurrency: Concurrency | None,
        rate: Rate | None,
        priority: str | None,
    ) -> None:
        functools.update_wrapper(self, function)
        self.function = function
        self.ref = options.reference(function)
        self.name = name
        self.doc = inspect.getdoc(function)
        self.is_async = inspect.iscoroutinefunction(function)
        self.interface = Interface(function, local_names)
        self.compensate = compensate
        self.retry = retry
        self.timeout = timeout
        self.at_most_once = at_most_once
        self.no_return = no_return
        self.inline = inline
        self.pool = pool
        self.concurrency = concurrency
        self.rate = rate
        self.priority = priority

    @property
    def signature(self) -> inspect.Signature:
        """The function's signature."""
        return self.interface.signature

    def __call__(self, /, *args: P.args, **kwargs: P.kwargs) -> R_co:
        """Run the function as plain Python, on copies of the arguments."""
        bound = self.interface.bind(args, kwargs)
        stand_in = context.plain_context(self.name, bound.arguments)
        arguments = self.interface.copies(bound)
        if self.is_async:
            return cast("R_co", self._call_async(arguments, stand_in))
        with context.entered(stand_in):
            result = self.function(*arguments.args, **arguments.kwargs)
        return cast("R_co", values.copy(self.check_result(result), name="result"))

    async def _call_async(self, arguments: Arguments, stand_in: context.StepContext) -> Any:
        with context.entered(stand_in):
            function = cast("Callable[..., Awaitable[Any]]", self.function)
            result = await function(*arguments.args, **arguments.kwargs)
        return values.copy(self.check_result(result), name="result")

    def prepare(self, args: Mapping[str, Any]) -> Arguments:
        """Return the arguments of a call from a node's table: parameter names, ``"*"``, ``"**"``.

        Raises `TypeError` as a Python call would.
        """
        return self.interface.prepare(args)

    def check_result(self, value: Any) -> Any:
        """Return what the step returned, if that is what its annotation promises.

        A value that fits is returned itself, never a changed one. A dict where a model or dataclass
        is promised is made into one: mocks are written so. Anything else is `ResultInvalid`.
        """
        return checked(self.name, self.interface.result, value)

    def compensation_arguments(self, args: Mapping[str, Any], result: Any) -> dict[str, Any]:
        """Return the argument table of the compensation of a call of this step.

        `args` is the table of the call, `result` what it returned; None: it is not known.
        """
        if self.compensate is None:
            raise LookupError(f"step {self.name!r} has no compensation")
        known = {**self.interface.named(args), RESULT: result}
        return self.compensate.interface.table(known)

    def spec(self) -> StepSpec:
        """Describe the step for a definition."""
        owner, parameters = f"step {self.ref}", self.interface.parameters
        return StepSpec(
            ref=self.ref,
            doc=self.doc,
            params=self.interface.params(),
            returns=self.interface.returns(),
            retry=None if self.retry is None else self.retry.spec(),
            timeout=None if self.timeout is None else durations.text(self.timeout),
            compensate=None if self.compensate is None else self.compensate.name,
            at_most_once=self.at_most_once,
            no_return=self.no_return,
            inline=self.inline,
            pool=self.pool,
            concurrency=self.concurrency and self.concurrency.spec(owner, parameters),
            rate=self.rate and self.rate.spec(owner, parameters),
            priority=self.priority
            and limits.expression(owner, "priority", self.priority, parameters),
        )

    def __repr__(self) -> str:
        return f"<step {self.name} ({self.ref})>"


@overload
def step(function: Callable[P, R], /) -> Step[P, R]: ...
@overload
def step(
    *,
    compensate: Step[..., Any] | None = None,
    retry: Retry | int | None = None,
    timeout: Duration | None = None,
    at_most_once: bool = False,
    no_return: bool = False,
    inline: bool = False,
    pool: str | Pool | None = None,
    name: str | None = None,
    concurrency: Concurrency | int | None = None,
    rate: Rate | None = None,
    priority: Priority | None = None,
) -> Callable[[Callable[P, R]], Step[P, R]]: ...
def step(function: Callable[..., Any] | None = None, /, **given: Any) -> Any:
    """Make a function a step of workflows.

        @step(compensate=release, retry=Retry(on=[Throttled]), timeout="30s")
        def reserve(order: Order) -> Reservation:
            return stock.reserve(order.items)

    - `compensate`: the step that undoes this one. It gets this step's arguments by name, and its
      `result` (None where the outcome is not known).
    - `retry`: a `Retry`, or how many attempts there may be.
    - `timeout`: how long one attempt may take: ``"30s"``, a timedelta, or seconds.
    - `at_most_once`: never begin an attempt twice; if its outcome is lost, it fails with
      `StepInterrupted`. Without a `retry` the step never runs twice.
    - `no_return`: the point of no return: once it is done, nothing before it is undone.
    - `inline`: run on the event loop, not in a thread: for what is quick and never blocks.
    - `pool`: where it runs; without, beside the workflow.
    - `name`: what people see; without, the function's name.
    - `concurrency`: how many run at once, in all executions: a number, or `Concurrency` by key.
    - `rate`: how many begin in a time: a `Rate`, by key.
    - `priority`: who waits less: a number, or an expression over the parameters; the highest first.

    Raises `DefinitionError` for anything that cannot be a step.
    """
    if function is not None:
        return _step(function, given, caller_locals(function, 1))

    def decorate(function: Callable[..., Any]) -> Step[..., Any]:
        return _step(function, given, caller_locals(function, 1))

    options.only_known("@step", given, _KNOWN)
    return decorate


def _step(
    function: Callable[..., Any], given: Mapping[str, Any], local_names: Mapping[str, Any]
) -> Step[..., Any]:
    owner = f"step {options.reference(options.plain_function('@step', function))}"
    timeout, name = given.get("timeout"), given.get("name")
    made: Step[..., Any] = Step(
        function,
        local_names=local_names,
        compensate=_compensation(owner, given.get("compensate")),
        retry=_retry(owner, given.get("retry")),
        timeout=None if timeout is None else options.duration(owner, "timeout", timeout),
        at_most_once=options.flag(owner, "at_most_once", given.get("at_most_once", False)),
        no_return=options.flag(owner, "no_return", given.get("no_return", False)),
        inline=options.flag(owner, "inline", given.get("inline", False)),
        pool=_pool(owner, given.get("pool")),
        name=options.name(owner, function.__name__ if name is None else name),
        concurrency=limits.concurrency(owner, given.get("concurrency")),
        rate=limits.rate(owner, given.get("rate")),
        priority=limits.priority(owner, given.get("priority")),
    )
    _check_together(owner, made)
    return made


def _compensation(owner: str, given: object) -> Step[..., Any] | None:
    if given is None or isinstance(given, Step):
        return given
    raise DefinitionError(
        f"{owner}: compensate={given!r} is no step: put @step on the function that undoes it"
    )


def _retry(owner: str, given: object) -> Retry | None:
    if given is None or isinstance(given, Retry):
        return given
    if isinstance(given, int) and not isinstance(given, bool):
        return Retry(max_attempts=given)
    raise DefinitionError(f"{owner}: retry={given!r}: give a Retry, or the number of attempts")


def _pool(owner: str, given: object) -> str | None:
    if isinstance(given, Pool):
        return given.name
    return None if given is None else options.name(f"{owner}: pool", given)


def _check_together(owner: str, made: Step[..., Any]) -> None:
    if made.no_return and made.compensate is not None:
        raise DefinitionError(
            f"{owner}: nothing is undone past a step with no_return: leave compensate out"
        )
    if made.compensate is not None:
        _check_compensation(owner, made, made.compensate)
    if made.concurrency or made.rate or made.priority:
        made.spec()  # which checks their expressions


def _check_compensation(owner: str, made: Step[..., Any], undo: Step[..., Any]) -> None:
    own = tuple(made.interface.parameters)
    if RESULT in own and RESULT in undo.interface.parameters:
        raise DefinitionError(
            f"{owner}: {RESULT!r} is what its compensation {undo.name!r} calls the result of the"
            " step: rename the step's own parameter"
        )
    unsupplied = [name for name in undo.interface.required if name not in (*own, RESULT)]
    if unsupplied:
        raise DefinitionError(
            f"{owner}: nothing supplies {', '.join(map(repr, unsupplied))} to its compensation"
            f" {undo.name!r}: it gets {', '.join((*own, RESULT))}, so take one of these or give a"
            " default"
        )
