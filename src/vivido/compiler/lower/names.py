"""What does a definition refer to? Steps, child workflows, and the author's names in expressions.

Every reference that the lowering meets is entered once; two different things of one name get
different names.
"""

from __future__ import annotations

import builtins
import sys
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from vivido import values
from vivido.authoring import Step, Workflow
from vivido.authoring.pure import is_pure
from vivido.compiler.symbols import unused
from vivido.errors import ValueNotStorable
from vivido.model.definition import Binding, StepSpec, WorkflowSpec


@dataclass(eq=False)
class Table:
    """Things by the names they go by in the definition."""

    taken: set[str] = field(default_factory=set)
    entries: dict[str, Any] = field(default_factory=dict)
    _given: dict[tuple[str, int], str] = field(default_factory=dict)

    def enter(self, wanted: str, value: object) -> str:
        """The name of `value`: `wanted`, unless something else has it."""
        key = (wanted, id(value))  # the entry keeps it alive
        if key not in self._given:
            name = unused(wanted, self.taken | set(self.entries))
            self.entries[name] = value
            self._given[key] = name
        return self._given[key]


class References:
    """All tables of one definition.

    `home` is the workflow's module; `taken` are the names of variables, which no binding may get;
    `written` every name that stands in the source, which no other thing should get.
    """

    def __init__(self, home: str, taken: set[str], written: frozenset[str]) -> None:
        self._steps = Table()
        self._workflows = Table()
        self._names = Table(taken=taken)
        self._home = home
        self._written = written
        self._written_as: dict[str, str] = {}
        self._storable: dict[int, bool] = {}  # by identity: what is asked for lives in its module

    def step(self, step: Step[Any, Any]) -> str:
        """The name of a step; its compensation is entered as well."""
        name = self._steps.enter(step.name, step)
        if step.compensate is not None:
            self._steps.enter(step.compensate.name, step.compensate)
        return name

    def workflow(self, workflow: Workflow[Any, Any]) -> str:
        """The name of a child workflow."""
        return self._workflows.enter(workflow.name, workflow)

    def bind(self, name: str, value: object) -> str:
        """The name of a class, function, module or constant of the author's in expressions.

        Of a dotted name it is the last part, unless that means something else.
        """
        owner, _, short = name.rpartition(".")
        known = getattr(builtins, short, None)
        if known is not None and known is value:
            return short
        if owner and (known is not None or short in self._written):
            short = name.replace(".", "_")
        entered = self._names.enter(short, value)
        self._written_as.setdefault(entered, name)
        return entered

    def is_storable(self, value: object) -> bool:
        """Whether a constant of the module can be kept in the definition."""
        if id(value) not in self._storable:
            try:
                values.encode(value)
            except ValueNotStorable:
                self._storable[id(value)] = False
            else:
                self._storable[id(value)] = True
        return self._storable[id(value)]

    def bound(self) -> dict[str, Any]:
        """Names in expressions, and what they mean."""
        return dict(self._names.entries)

    def steps(self) -> dict[str, StepSpec]:
        """The definition's table of steps."""
        specs = {}
        for name, step in self._steps.entries.items():
            undo = None if step.compensate is None else self.step(step.compensate)
            specs[name] = step.spec().model_copy(update={"compensate": undo})
        return specs

    def workflows(self) -> dict[str, WorkflowSpec]:
        """The definition's table of child workflows."""
        return {name: workflow.spec() for name, workflow in self._workflows.entries.items()}

    def names(self) -> dict[str, Binding]:
        """The definition's table of bindings."""
        return {
            name: binding(value, f"{self._home}:{self._written_as[name]}")
            for name, value in self._names.entries.items()
        }


def binding(value: Any, place: str) -> Binding:
    """How a definition keeps one of the author's names; `place` is where the workflow finds it."""
    if isinstance(value, ModuleType):
        return Binding(kind="module", ref=value.__name__)
    if isinstance(value, type):
        return Binding(kind="class", ref=_ref(value, place))
    if callable(value):
        return Binding(kind="function", ref=_ref(value, place), pure=is_pure(value))
    return Binding(kind="constant", value=values.encode(value))


def _ref(value: Any, place: str) -> str:
    """Where a class or function says it is; if it is not there, where the workflow finds it.

    A lambda has no name of its own, `random.randint` is a method of an object that nobody names.
    """
    module = getattr(value, "__module__", None)
    own = f"{module}:{getattr(value, '__qualname__', '')}"
    return place if _found(own) is not value and _found(place) is value else own


def _found(ref: str) -> object:
    """What is at a place of a module that is loaded."""
    module, _, path = ref.partition(":")
    found: object = sys.modules.get(module)
    for name in path.split("."):
        found = getattr(found, name, None)
    return found
