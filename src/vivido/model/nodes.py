"""The nodes of a definition: what a workflow does, as a structured tree.

Every node is one statement of the author, or one operation that was lifted out of an expression.
Text in
the fields marked *expression*, *target* and *pattern* is Python source of the bounded language of
`vivido.expressions`; nothing else in a node is code. Fields that hold nothing are left out of the
JSON.
"""

# long: one small class for each kind of node, and their union
from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializationInfo,
    SerializerFunctionWrapHandler,
    model_serializer,
)

Expression = Annotated[str, Field(description="source text of an expression")]
Target = Annotated[str, Field(description="source text of an assignment target")]
Arguments = Annotated[
    dict[str, str],
    Field(
        description=(
            "parameter name to expression, in evaluation order; '*' and '**' hold "
            "unpacked arguments"
        )
    ),
]


ID = r"[^\s/\[\]#$~]+"  # step paths and the names of hidden variables are made from ids
ORIGIN = frozenset({"line", "doc", "source"})
IDENTITY = {"identity": True}  # serialization context: leave the origin out


class Part(BaseModel):
    """What all parts of a definition share: closed, frozen, compared by value."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, populate_by_name=True, serialize_by_alias=True
    )

    def parts(self) -> Iterator[Part]:
        """The parts directly inside this one."""
        for value in vars(self).values():
            inner = value.values() if isinstance(value, dict) else value
            if isinstance(inner, Part):
                yield inner
            elif not isinstance(inner, str) and isinstance(inner, Iterable):
                yield from (part for part in inner if isinstance(part, Part))

    @model_serializer(mode="wrap")
    def _dump(
        self, handler: SerializerFunctionWrapHandler, info: SerializationInfo
    ) -> dict[str, Any]:
        data: dict[str, Any] = handler(self)
        if info.context is IDENTITY:
            data = {name: value for name, value in data.items() if name not in ORIGIN}
        kind = getattr(self, "kind", None)  # the discriminator is no default to be left out
        return data if kind is None or "kind" in data else {"kind": kind, **data}


class NodeBase(Part):
    """Names and origin of a node."""

    id: str = Field(
        description="unique in the definition; stays when something is inserted elsewhere",
        json_schema_extra={"pattern": f"^{ID}$"},  # checked by Definition, when all nodes have ids
    )
    line: int | None = Field(default=None, description="line in the source file, from 1")
    doc: str | None = Field(default=None, description="the author's comment above the statement")
    label: str | None = Field(default=None, description="what people see instead of the id")


# ------------------------------------------------------------------ units of work
class Step(NodeBase):
    """Runs a step; its result goes to `to`."""

    kind: Literal["step"] = "step"
    step: str = Field(description="name in the definition's `steps`")
    args: Arguments = {}
    to: Target | None = None


class Child(NodeBase):
    """Runs another workflow as a child execution; its result goes to `to`."""

    kind: Literal["child"] = "child"
    workflow: str = Field(description="name in the definition's `workflows`")
    args: Arguments = {}
    to: Target | None = None


class Call(NodeBase):
    """Runs a block of this definition (a nested function); its result goes to `to`."""

    kind: Literal["call"] = "call"
    block: str
    args: Arguments = {}
    to: Target | None = None


# ------------------------------------------------------------------ variables
class Set(NodeBase):
    """Assigns, augments (`op` is "+=", "|=", …) or deletes (`op` is "del", no value)."""

    kind: Literal["set"] = "set"
    to: Target
    op: str = "="
    value: Expression | None = None


class Do(NodeBase):
    """Evaluates an expression for what it changes, as `rows.append(x)`."""

    kind: Literal["do"] = "do"
    value: Expression


# ------------------------------------------------------------------ control
class If(NodeBase):
    """Branches on a test."""

    kind: Literal["if"] = "if"
    test: Expression
    then: list[Node] = []
    orelse: list[Node] = []


class Case(Part):
    """One case of a match: a pattern, a guard and a body."""

    pattern: str = Field(description="source text of a pattern")
    guard: Expression | None = None
    line: int | None = None
    body: list[Node] = []


class Match(NodeBase):
    """Runs the first case whose pattern fits and whose guard holds."""

    kind: Literal["match"] = "match"
    subject: Expression
    cases: list[Case]


class While(NodeBase):
    """Before each round `pre` runs and `test` is evaluated.

    `orelse` runs when the test is false.
    """

    kind: Literal["while"] = "while"
    pre: list[Node] = Field(default=[], description="steps that were lifted out of the test")
    test: Expression
    body: list[Node] = []
    orelse: list[Node] = []


class For(NodeBase):
    """Runs the body for each item, taken from the value that `items` had at the start."""

    kind: Literal["for"] = "for"
    to: Target
    items: Expression
    body: list[Node] = []
    orelse: list[Node] = []


class Handler(Part):
    """One `except` clause; without types it catches every `Exception`."""

    types: list[Expression] = []
    to: str | None = Field(
        default=None, description="variable that holds the exception inside the body"
    )
    line: int | None = None
    body: list[Node] = []


class Try(NodeBase):
    """`try/except/else/finally`."""

    kind: Literal["try"] = "try"
    body: list[Node] = []
    handlers: list[Handler] = []
    orelse: list[Node] = []
    final: list[Node] = []


class Raise(NodeBase):
    """Raises `value`, or again what is being handled."""

    kind: Literal["raise"] = "raise"
    value: Expression | None = None
    cause: Expression | None = None


class Return(NodeBase):
    """Leaves the block with a value."""

    kind: Literal["return"] = "return"
    value: Expression | None = None


class Break(NodeBase):
    """Leaves the innermost loop, without its `orelse`."""

    kind: Literal["break"] = "break"


class Continue(NodeBase):
    """Goes on with the next round of the innermost loop."""

    kind: Literal["continue"] = "continue"


# ------------------------------------------------------------------ scopes
class Saga(NodeBase):
    """An error that leaves the body first undoes what the body completed, in reverse order."""

    kind: Literal["saga"] = "saga"
    body: list[Node] = []


class Deadline(NodeBase):
    """The body as a whole has so much time; then `DeadlineExceeded` is raised inside it."""

    kind: Literal["deadline"] = "deadline"
    args: Arguments
    body: list[Node] = []


# ------------------------------------------------------------------ side by side
class Each(Part):
    """Makes one branch of each item: `*[quote(s) for s in suppliers if s.open]`."""

    to: Target
    items: Expression
    where: list[Expression] = []


class Branch(Part):
    """A line of control of a fork. Its value is `value`, or the result of its only node."""

    name: str | None = None
    each: Each | None = None
    body: list[Node] = []
    value: Expression | None = None


class Policy(Part):
    """How a fork treats failures: all expressions, evaluated when it starts."""

    max_concurrency: Expression | None = None
    tolerate: Expression | None = Field(
        default=None, description="failures endured: a count, or a share below 1"
    )
    need: Expression | None = Field(default=None, description="successes that are enough")
    on_error: Literal["fail", "collect"] = "fail"
    rest: Literal["stop", "finish"] = Field(
        default="stop", description="what happens to branches not needed any more"
    )


class Parallel(NodeBase):
    """Runs the branches side by side; their values go to `to` as a tuple, in the order written."""

    kind: Literal["parallel"] = "parallel"
    branches: list[Branch]
    policy: Policy = Policy()
    to: Target | None = None


class Map(NodeBase):
    """Runs the body once for each item, side by side; the values go to `to` as a list, in order."""

    kind: Literal["map"] = "map"
    item: Target
    items: Expression
    body: list[Node] = []
    value: Expression | None = None
    policy: Policy = Policy()
    to: Target | None = None


class Spawn(NodeBase):
    """Starts a branch that is joined later; a handle goes to `to`."""

    kind: Literal["spawn"] = "spawn"
    branch: Branch
    to: Target | None = None


class Join(NodeBase):
    """Waits for a spawned branch; its value goes to `to`."""

    kind: Literal["join"] = "join"
    job: Expression
    to: Target | None = None


class First(NodeBase):
    """Runs branches until one ends; `(name, value)` goes to `to`, the others are stopped."""

    kind: Literal["first"] = "first"
    branches: list[Branch]
    to: Target | None = None


# ------------------------------------------------------------------ time and the outside
class Sleep(NodeBase):
    """Waits: `duration`, or `days`, `hours`, … as in timedelta, or `until` a moment.

    Or `delay` seconds, as asyncio has it: no time where that is negative.
    """

    kind: Literal["sleep"] = "sleep"
    args: Arguments


class Receive(NodeBase):
    """Waits for an event; its payload goes to `to`."""

    kind: Literal["receive"] = "receive"
    args: Arguments = Field(description="name, key, where, timeout, type, fan_out")
    to: Target | None = None


class Callback(NodeBase):
    """Opens a callback; its handle (`token`, `result()`) goes to `to`."""

    kind: Literal["callback"] = "callback"
    args: Arguments = Field(description="timeout, heartbeat, type")
    to: Target | None = None


class Approve(NodeBase):
    """Asks a person; the answer goes to `to`."""

    kind: Literal["approve"] = "approve"
    args: Arguments = Field(description="title, form, to, timeout, remind, escalate")
    to: Target | None = None


class Emit(NodeBase):
    """Puts an event on the bus."""

    kind: Literal["emit"] = "emit"
    args: Arguments = Field(description="name, payload, key")


class Poll(NodeBase):
    """Runs a step every so often until its result fulfils a condition; that result goes to `to`."""

    kind: Literal["poll"] = "poll"
    step: str
    args: Arguments = {}
    until: Expression = Field(description="over `result`")
    every: Expression
    timeout: Expression | None = None
    to: Target | None = None


# ------------------------------------------------------------------ what people see
class Publish(NodeBase):
    """Shows values beside the execution."""

    kind: Literal["publish"] = "publish"
    args: Arguments


class Log(NodeBase):
    """One line in the log: `message`, %-formatted with `args`."""

    kind: Literal["log"] = "log"
    level: Literal["debug", "info", "warning", "error", "critical"] = "info"
    logger: str | None = None
    message: Expression
    args: list[Expression] = []


Node = Annotated[
    Step
    | Child
    | Call
    | Set
    | Do
    | If
    | Match
    | While
    | For
    | Try
    | Raise
    | Return
    | Break
    | Continue
    | Saga
    | Deadline
    | Parallel
    | Map
    | Spawn
    | Join
    | First
    | Sleep
    | Receive
    | Callback
    | Approve
    | Emit
    | Poll
    | Publish
    | Log,
    Field(discriminator="kind"),
]

for _part in (
    If,
    Case,
    Match,
    While,
    For,
    Handler,
    Try,
    Saga,
    Deadline,
    Branch,
    Parallel,
    Map,
    Spawn,
    First,
):
    _part.model_rebuild()

JsonSchema = dict[str, Any]
