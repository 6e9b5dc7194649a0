"""A workflow: a function that is compiled into a definition and can still be called as it is."""

import functools
import inspect
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Generic, ParamSpec, TypeVar, cast, overload

from vivido import values
from vivido.authoring import context, inputs, jobs, limits, options
from vivido.authoring.interface import Arguments, Interface, caller_locals
from vivido.authoring.limits import Concurrency, Debounce, Priority, Rate, Singleton
from vivido.authoring.options import Duration
from vivido.authoring.triggers import Trigger
from vivido.errors import DefinitionError, InvariantError
from vivido.model import limits as model
from vivido.model.definition import Definition, WorkflowSpec

P = ParamSpec("P")
R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)
_KNOWN = (
    "version", "timeout", "tags", "on", "name",
    "concurrency", "rate", "priority", "singleton", "debounce",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Policy:
    """How executions of a workflow share what there is: its options, as a definition holds them."""

    concurrency: model.Concurrency | None = None
    rate: model.Rate | None = None
    priority: str | None = None
    singleton: model.Singleton | None = None
    debounce: model.Debounce | None = None


class Workflow(Generic[P, R_co]):
    """A function that runs as a workflow. Made by `workflow`; calling it runs the function.

    `name` is what people see, `ref` (``module:qualname``) where it is found. `function`,
    `signature`, `doc` and `is_async` are the function's; `version`, `timeout`, `tags` and
    `triggers` are the options of `workflow`.
    """

    __name__: str
    __qualname__: str

    def __init__(  # noqa: PLR0913  the options of `workflow`, once
        self,
        function: Callable[P, R_co],
        *,
        local_names: Mapping[str, Any],
        name: str,
        version: str,
        timeout: timedelta | None,
        tags: Mapping[str, str],
        triggers: tuple[Trigger, ...],
        policy: Policy,
    ) -> None:
        functools.update_wrapper(self, function)
        self.function = function
        self.ref = options.reference(function)
        self.name = name
        self.doc = inspect.getdoc(function)
        self.is_async = inspect.iscoroutinefunction(function)
        self.interface = Interface(function, local_names)
        self.version = version
        self.timeout = timeout
        self.tags = dict(tags)
        self.triggers = triggers
        self.policy = policy

    @property
    def signature(self) -> inspect.Signature:
        """The function's signature."""
        return self.interface.signature

    @functools.cached_property
    def definition(self) -> Definition:
        """The compiled definition. Raises `DefinitionError` with everything that is wrong."""
        return _compiler(self)

    def __call__(self, /, *args: P.args, **kwargs: P.kwargs) -> R_co:
        """Run the whole workflow as plain Python, in this process and without an engine.

        Steps run one after another on copies of their arguments, time does not pass, nothing is
        retried and nothing is compensated.
        """
        arguments = self.interface.copies(self.interface.bind(args, kwargs))
        if self.is_async:
            return cast("R_co", self._call_async(arguments))
        with context.plain_run(), jobs.job_scope() as open_jobs:
            result = self.function(*arguments.args, **arguments.kwargs)
            jobs.join(open_jobs)
        return values.copy(result, name="result")

    async def _call_async(self, arguments: Arguments) -> Any:
        with context.plain_run(), jobs.job_scope() as open_jobs:
            function = cast("Callable[..., Awaitable[Any]]", self.function)
            result = await function(*arguments.args, **arguments.kwargs)
            await jobs.join_async(open_jobs)
        return values.copy(result, name="result")

    def bind_input(self, value: Any) -> dict[str, Any]:
        """Return the arguments by name that an input means: JSON becomes models, defaults are set.

        The input is the sole argument, or a dict of all parameters. Raises `UsageError` that names
        each field that does not fit.
        """
        return inputs.bound(self.name, self.interface, value)

    def prepare(self, args: Mapping[str, Any]) -> dict[str, Any]:
        """Return the arguments by name from a node's table: parameter names, ``"*"``, ``"**"``.

        Raises `TypeError` as a Python call would.
        """
        return self.interface.named(args)

    def spec(self) -> WorkflowSpec:
        """Describe the workflow for a definition that runs it as a child execution."""
        return WorkflowSpec(
            ref=self.ref, params=self.interface.params(), returns=self.interface.returns()
        )

    def __repr__(self) -> str:
        return f"<workflow {self.name} ({self.ref})>"


Compiler = Callable[[Workflow[..., Any]], Definition]


def _no_compiler(made: Workflow[..., Any]) -> Definition:
    raise InvariantError(f"{made!r} cannot be compiled: set_compiler was not called")


_compiler: Compiler = _no_compiler


def set_compiler(compiler: Compiler) -> Compiler:
    """Say what compiles workflows, and return what did so before.

    This layer may not know the compiler: `vivido` names it.
    """
    global _compiler
    before, _compiler = _compiler, compiler
    return before


@overload
def workflow(function: Callable[P, R], /) -> Workflow[P, R]: ...
@overload
def workflow(
    *,
    version: str = "1",
    timeout: Duration | None = None,
    tags: Mapping[str, str] = ...,
    on: Iterable[Trigger] = (),
    name: str | None = None,
    concurrency: Concurrency | int | None = None,
    rate: Rate | None = None,
    priority: Priority | None = None,
    singleton: Singleton | bool | None = None,
    debounce: Debounce | Duration | None = None,
) -> Callable[[Callable[P, R]], Workflow[P, R]]: ...
def workflow(function: Callable[..., Any] | None = None, /, **given: Any) -> Any:
    """Make a function a workflow.

        @workflow(version="2", timeout="1d", tags={"team": "fulfilment"}, on=[Http("POST /orders")])
        def order_fulfilment(order: Order) -> Receipt:
            stock = reserve(order)
            ...

    - `version`: what you call this state of it in public.
    - `timeout`: how long an execution may take in all.
    - `tags`: texts by which executions are found and money is counted.
    - `on`: what starts it: `Http`, `Schedule`, `Event`, `Queue`, `S3`.
    - `name`: what people see; without, the function's name.
    - `concurrency`, `rate`, `priority`, `singleton`, `debounce`: limits of whole executions. A
      definition can hold them; this version does not keep them and refuses them. Steps have limits.

    Raises `DefinitionError` for anything that cannot be a workflow. The body is compiled when its
    `definition` is asked for.
    """
    if function is not None:
        return _workflow(function, given, caller_locals(function, 1))

    def decorate(function: Callable[..., Any]) -> Workflow[..., Any]:
        return _workflow(function, given, caller_locals(function, 1))

    options.only_known("@workflow", given, _KNOWN)
    return decorate


def _workflow(
    function: Callable[..., Any], given: Mapping[str, Any], local_names: Mapping[str, Any]
) -> Workflow[..., Any]:
    owner = f"workflow {options.reference(options.plain_function('@workflow', function))}"
    timeout, name = given.get("timeout"), given.get("name")
    return Workflow(
        function,
        local_names=local_names,
        name=options.name(owner, function.__name__ if name is None else name),
        version=_version(owner, given.get("version", "1")),
        timeout=None if timeout is None else options.duration(owner, "timeout", timeout),
        tags=_tags(owner, given.get("tags", {})),
        triggers=_triggers(owner, given.get("on", ())),
        policy=_policy(owner, given, inspect.signature(function).parameters),
    )


def _policy(owner: str, given: Mapping[str, Any], parameters: Iterable[str]) -> Policy:
    _refuse_unready(owner, given)
    concurrency = limits.concurrency(owner, given.get("concurrency"))
    rate = limits.rate(owner, given.get("rate"))
    first = limits.priority(owner, given.get("priority"))
    singleton = limits.singleton(owner, given.get("singleton"))
    debounce = limits.debounce(owner, given.get("debounce"))
    return Policy(
        None if concurrency is None else concurrency.spec(owner, parameters),
        None if rate is None else rate.spec(owner, parameters),
        None if first is None else limits.expression(owner, "priority", first, parameters),
        None if singleton is None else singleton.spec(owner, parameters),
        None if debounce is None else debounce.spec(owner, parameters),
    )


def _refuse_unready(owner: str, given: Mapping[str, Any]) -> None:
    """A definition can say it and the engine does not keep it yet: a limit must not be ignored."""
    for name in ("concurrency", "rate", "priority", "singleton", "debounce"):
        if given.get(name) is not None:
            raise DefinitionError(
                f"{owner}: {name}={given[name]!r}: limits of whole workflows are not kept by this"
                " version: put concurrency, rate and priority on the steps that need them"
            )


def _version(owner: str, given: object) -> str:
    if isinstance(given, str) and given.strip() == given and given.isprintable() and given:
        return given
    raise DefinitionError(f'{owner}: version={given!r}: give a text such as "1" or "2024-06"')


def _tags(owner: str, given: object) -> dict[str, str]:
    if isinstance(given, Mapping) and all(
        isinstance(key, str) and key and isinstance(value, str) for key, value in given.items()
    ):
        return dict(given)
    raise DefinitionError(f'{owner}: tags={given!r}: give texts by name, such as {{"team": "web"}}')


def _triggers(owner: str, given: object) -> tuple[Trigger, ...]:
    if isinstance(given, Trigger):
        return (given,)
    triggers = tuple(given) if isinstance(given, Iterable) and not isinstance(given, str) else None
    if triggers is None or not all(isinstance(one, Trigger) for one in triggers):
        raise DefinitionError(
            f'{owner}: on={given!r}: give a list of triggers, such as [Http("POST /orders")]'
        )
    return triggers
