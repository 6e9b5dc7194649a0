"""One runtime over some ports.

It starts executions, delivers messages, and lends turns what they act with.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from vivido import engine as pure
from vivido import ids, values
from vivido.engine import retry
from vivido.engine.needs import Compensate, Perform
from vivido.engine.program import Program, RunnableStep
from vivido.errors import ConflictError, Unavailable, UsageError
from vivido.expressions import Ambient
from vivido.model.definition import Definition
from vivido.model.journal import (
    Cause,
    Delivery,
    Json,
    Message,
    Meta,
    Record,
    StopHow,
)
from vivido.model.payloads import TooLarge
from vivido.ports import (
    Ack,
    Arm,
    Arrive,
    Back,
    Effect,
    Leave,
    Ports,
    Progress,
    PutMeta,
    PutStatus,
    Reopen,
    Send,
    Stop,
    Tell,
    Unstop,
    arrive,
)
from vivido.ports.limits import Slot
from vivido.runtime import limiting, starting
from vivido.runtime.control import Control
from vivido.runtime.library import Library
from vivido.runtime.payloads import Payloads
from vivido.runtime.spreading import Forks, spread
from vivido.runtime.starting import Start
from vivido.runtime.steps import Limit, Outcome, Raised, Returned, attempt, context_of
from vivido.runtime.switching import Switchboard
from vivido.runtime.telling import Attempt, Telling
from vivido.runtime.turn import Turn
from vivido.settings import Settings


class Observer(Protocol):
    """Told of what was committed, for progress and logs; it must be quick and must not raise."""

    def recorded(self, meta: Meta, branch: str, record: Record) -> None:
        """A record was appended by this runtime."""

    def ended(self, meta: Meta, end: Json) -> None:
        """An execution ended; may be told twice."""


class Unobserved:
    """Nobody looks."""

    def recorded(self, meta: Meta, branch: str, record: Record) -> None:
        """Nothing."""

    def ended(self, meta: Meta, end: Json) -> None:
        """Nothing."""


def always() -> bool:
    """Go on inline as long as it lasts."""
    return True


def branch_of(need: Perform | Compensate, branch: str) -> str:
    """The branch in whose name a step runs: a child's own name, which holds no record number.

    Compensations of children are performed by others, in the name of who ran the step.
    """
    return need.branch or branch


class Engine:
    """A runtime.

    `goes_on_inline` says, after each record, whether this delivery goes on or hands on by a
    message.
    """

    def __init__(
        self,
        ports: Ports,
        library: Library | None = None,
        *,
        settings: Settings | None = None,
        observer: Observer | None = None,
        goes_on_inline: Callable[[], bool] = always,
    ) -> None:
        self.ports = ports
        self.library = library or Library()
        self.settings = settings or Settings()
        self.observer = observer or Unobserved()
        self.goes_on_inline = goes_on_inline
        self.control = Control(ports)
        self.switches = Switchboard(ports, self.settings.meta_age_seconds)
        self.payloads = Payloads(ports, self.settings)
        self.now = ports.clock.now
        # One clock for everything: a process's own monotonic clock means nothing in the next
        # process.
        self.ambient = Ambient(now=self.now, monotonic=self.now)
        self.programs: dict[str, Program] = {}
        self.forks = Forks(self)
        self.held: dict[Slot, None] = {}  # slots of limits, by steps that run here

    # ------------------------------------------------------------- starts
    async def start(
        self,
        definition: Definition,
        arguments: Mapping[str, Any],
        *,
        execution: str,
        tags: Mapping[str, str] | None = None,
    ) -> Meta:
        """Start an execution with arguments by name; see `start_many`. Raises UsageError."""
        (started,) = await self.start_many([Start(definition, arguments, execution, tags or {})])
        if isinstance(started, UsageError):
            raise started
        return started

    async def start_many(self, starts: Sequence[Start]) -> list[Meta | UsageError]:
        """Start executions in one transaction where the backend can; see `starting`."""
        return await starting.start_many(self, starts)

    async def put(self, effects: Sequence[Effect]) -> None:
        """Perform effects of the outside, in one transaction where the backend can."""
        _, lighter = await self.payloads.outgoing("", None, effects)
        await self.commit("", ids.ROOT, None, lighter)

    async def stop_child(self, execution: str, branch: str, n: int, how: StopHow) -> None:
        """Pass a stop on to a child execution; its parent's wait ends when it has ended."""
        await self.control.stop(
            ids.child_execution_id(execution, branch, n),
            ids.ROOT,
            "cancelled" if how in ("failed", "decided") else how,
        )

    # ------------------------------------------------------------- deliveries
    async def deliver(self, delivery: Delivery) -> None:
        """Do what a message says. Returns normally whatever becomes of it.

        The message is gone, given back or will come back.
        """
        message = delivery.message
        meta, following = await self.ports.journal.head(
            message.execution, message.branch, message.n
        )
        if meta is None or (meta.status.is_end and not message.cause.passes_the_end):
            await self.delete(delivery)
        elif message.cause in (Cause.SWEEP, Cause.RESUME, Cause.TIMEOUT, Cause.LAPSE):
            await self.job(delivery, meta)
        elif await self.is_held(meta, message.branch):
            await self.park(delivery)
        elif message.cause is Cause.SPREAD:
            await spread(self, delivery, meta)
        else:
            await self.turn(Turn(self, await self.program(meta.digest), delivery, meta), following)

    async def turn(self, turn: Turn, following: Record | None) -> None:
        """The work under a delivery, if its message drives the branch."""
        try:
            if await turn.catch_up(following):
                await turn.run()
            else:
                await self.delete(turn.delivery)
        except pure.Unread as unread:
            raise unread.__cause__ or unread from unread

    async def delete(self, delivery: Delivery) -> None:
        """Delete a message that has nothing to do any more."""
        if delivery.message.cause is Cause.SLOT:
            await limiting.forget(self, delivery.message)
        await self.ports.queue.ack(delivery)

    async def job(self, delivery: Delivery, meta: Meta) -> None:
        """Sweeps, resumes and time limits are done under the lease of a message."""
        message = delivery.message
        if message.cause is Cause.RESUME:
            await self.control.unpark(message.execution)
        elif message.cause is Cause.LAPSE:
            await limiting.lapse(self, message)
        elif message.cause is Cause.SWEEP:
            await self.control.sweep(message.execution, message.data)
        elif meta.deadline is not None and (left := meta.deadline - self.now()) > 0:
            await self.ports.queue.back(delivery, left)
            return
        else:
            await self.control.stop(message.execution, ids.ROOT, "timed_out")
        await self.ports.queue.ack(delivery)

    async def is_held(self, meta: Meta, branch: str, *, afresh: bool = False) -> bool:
        """Whether a pause holds the branch back: of the execution, its workflow, or all."""
        if meta.stopped(branch) is not None or meta.status.is_end:
            return False  # a stop outranks a pause, and a redrive lifts it
        return meta.paused or await self.switches.hold(meta.workflow, afresh=afresh)

    async def park(self, delivery: Delivery) -> None:
        """Hold a message back.

        Each side writes before it reads, so that a resume in between is not missed.
        """
        message = delivery.message
        doubt = message.doubt or delivery.receives > 1
        parked = replace(message, line=tuple(sorted({*message.line, message.id})), doubt=doubt)
        await self.ports.parked.put(parked)
        meta = await self.ports.metas.get(message.execution)
        if meta is None or not await self.is_held(meta, message.branch, afresh=True):
            await self.ports.queue.send([replace(parked, id=self.ports.ids.new())])
            await self.ports.parked.remove(parked)
        await self.ports.queue.ack(delivery)

    async def program(self, digest: str) -> Program:
        """The loaded definition of that digest."""
        if digest not in self.programs:
            definition = await self.ports.registry.get(digest)
            if definition is None:
                raise Unavailable(f"the definition {digest[:12]!r} is not in the registry (yet)")
            program = pure.load(definition, self.library.find)
            program.ambient = self.ambient
            program.nodes_without_record = self.settings.nodes_without_record
            self.programs[digest] = program
        return self.programs[digest]

    # ------------------------------------------------------------- what turns act with
    def message(self, execution: str, cause: Cause = Cause.GO, **more: Any) -> Message:
        """A new message."""
        return Message(
            id=self.ports.ids.new(),
            execution=execution,
            cause=cause,
            **{"branch": ids.ROOT, "n": 0, **more},
        )

    async def commit(
        self, execution: str, branch: str, record: Record | None, effects: Sequence[Effect]
    ) -> Record | None:
        """Append a record and perform what follows, in one transaction where the backend can."""
        if self.ports.atomic is not None:
            return await self.ports.atomic.commit(execution, branch, record, effects)
        if (
            record is not None
            and (old := await self.ports.journal.append(execution, branch, record)) is not None
        ):
            return old
        for effect in effects:
            await self.perform(effect)
        return None

    async def perform(self, effect: Effect) -> None:  # noqa: C901, PLR0912  one for each
        """One effect."""
        ports = self.ports
        match effect:
            case Send(messages, delay):
                await ports.queue.send(messages, delay)
            case Ack(delivery):
                await ports.queue.ack(delivery)
            case Back(delivery, delay):
                await ports.queue.back(delivery, delay)
            case Reopen(execution, as_of, pins):
                await ports.metas.redrive(execution, as_of, pins)
            case PutMeta(meta):
                await ports.metas.create(meta)
            case PutStatus(execution, status, as_of, output, error):
                await ports.metas.set_status(execution, status, as_of, output=output, error=error)
            case Arm(wait):
                await ports.waits.put(wait)
            case Stop():
                await self.stop(effect)
            case Unstop(execution, scope):
                await ports.metas.unstop(execution, scope)
            case Leave(slot):
                await ports.queue.send(await ports.limits.leave(slot))
            case Tell(execution, job):
                await ports.queue.send(effect.messages(await ports.waits.scan(execution, job)))
            case Arrive():
                for following in await arrive(ports.joins, effect):
                    await self.perform(following)

    async def stop(self, stop: Stop) -> None:
        """Stop a scope. A fork that is joined meanwhile keeps no stop: each side writes first."""
        await self.ports.metas.stop(stop.execution, stop.scope, stop.how)
        if stop.joined is not None:
            branch, n = stop.joined
            if await self.ports.journal.read(stop.execution, branch, n - 1, 1):
                await self.ports.metas.unstop(stop.execution, stop.scope)

    async def attempt(
        self, need: Perform | Compensate, execution: str, branch: str, number: int
    ) -> Outcome:
        """Run a step once."""
        step = self.library.step(need.step.spec.ref)
        now = self.now()
        timeout = need.step.timeout.total_seconds() if need.step.timeout else None
        if isinstance(need, Perform):
            args, limit = need.args, Limit.nearest(timeout, need.deadline, now)
        else:
            args, limit = (
                {
                    name: values.decode(self.payloads.inline(value))
                    for name, value in need.args.items()
                },
                Limit(timeout),
            )
        key = ids.idempotency_key(execution, branch_of(need, branch), need.path)
        speaker = Attempt(execution, branch, need.path, need.step.name, number)
        telling = Telling(self.ports.notes, self.now, speaker, self.said)
        context = context_of(need.step.name, execution, key, number, now, limit, telling)
        outcome = await attempt(step, args, context, limit)
        if telling.spoke:
            await telling.close()
        if isinstance(outcome, Raised):
            return outcome
        try:
            what = f"the result of step {need.step.name!r}"
            result = await self.payloads.keep(execution, outcome.result, what)
        except TooLarge as error:
            return Raised(error, outcome.arguments)
        return outcome if result is outcome.result else Returned(result, outcome.arguments)

    async def renew_slots(self) -> None:
        """Lease the slots of running steps anew; who lost one goes on, and is in nobody's way."""
        if self.held:
            for lost in await self.ports.limits.renew(list(self.held)):
                self.held.pop(lost, None)

    def named(self, need: Perform) -> Mapping[str, Any]:
        """All arguments of a step by name."""
        return self.library.step(need.step.spec.ref).interface.named(need.args)

    def retry_delay(self, step: RunnableStep, number: int, error: BaseException) -> float | None:
        """Seconds until the next attempt, or None."""
        return retry.delay(step.spec, number, error, self.ports.ids.random())

    def claim_ends(self, need: Perform) -> float:
        """When a claim without an outcome may be given up.

        The step's time limit, or the delivery's.
        """
        limit = (
            need.step.timeout.total_seconds()
            if need.step.timeout
            else self.settings.function_seconds
        )
        return self.now() + limit

    def said(self, execution: str, progress: Progress) -> None:
        """A running step has said how far it is; at most once a second."""

    def recorded(self, meta: Meta, branch: str, record: Record) -> None:
        """Tell the observer."""
        self.observer.recorded(meta, branch, record)

    async def execution_ended(self, meta: Meta, end: Json) -> None:
        """Tell the observer; drop the alarm of the time limit."""
        if meta.deadline is not None:
            await self.ports.queue.forget(meta.execution)
        self.observer.ended(meta, end)


__all__ = ["ConflictError", "Engine", "Observer"]
