"""One delivery of one message.

Read the head, do what it obliges to, perform nodes, commit, hand on (protocol.md "A delivery").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from vivido import engine as pure
from vivido import ids
from vivido.engine.needs import (
    Compensate,
    Continue,
    End,
    Fork,
    JoinJob,
    Need,
    Perform,
    Spawn,
    UndoChild,
    UndoFork,
    Wait,
    names,
)
from vivido.engine.redrive import GIVEN
from vivido.engine.state import State
from vivido.errors import ValueNotStorable
from vivido.model.journal import Cause, Delivery, Json, Kind, Message, Meta, Record, Status, StopHow
from vivido.model.payloads import TooLarge
from vivido.ports import Ack, Effect, Leave, PutStatus, Send, Unstop
from vivido.ports.limits import Slot
from vivido.runtime import (
    compensating,
    deciding,
    ending,
    forking,
    jobs,
    limiting,
    performing,
    redriving,
    waiting,
)
from vivido.runtime.limiting import BEFORE

if TYPE_CHECKING:
    from vivido.engine.program import Program
    from vivido.runtime.engine import Engine


ALONE = (
    Kind.UNDONE,
    Kind.CANCEL,
    Kind.OPERATOR,
)  # people look for these: an END that follows is a record of its own


# what META says in these phases; that a run unwinds is said before the first compensation
_SAYS: dict[str, Status] = {"run": Status.RUNNING, "unwind": Status.COMPENSATING}


class Refused(Exception):
    """An append found a record of that number."""

    def __init__(self, old: Record) -> None:
        super().__init__(old.n)
        self.old = old


class Turn:
    """The work under one delivery.

    `head` is the last record, `own` the messages that this one is or stands for.
    """

    def __init__(self, engine: Engine, program: Program, delivery: Delivery, meta: Meta) -> None:
        self.engine, self.program, self.delivery = engine, program, delivery
        self.message: Message = delivery.message
        self.meta, self.meta_at = meta, engine.now()
        self.execution, self.branch = self.message.execution, self.message.branch
        self.is_root = self.branch == ids.ROOT
        self.fetch = engine.payloads.fetch
        self.own = {self.message.id, *self.message.line}
        self.head = self.message.n
        self.state: State
        self.need: Need | None = None
        self.woken: Cause | None = None
        self.doubt = False  # the node at the head may have begun
        self.counted = False  # and a RESUMED record says so
        self.claims = False  # the claim at the head is this delivery's own
        self.armed = False
        self.slot: Slot | None = None  # of a limit: given up with the outcome
        self.waited: Json = None  # for its turn, as the WAIT at the head says
        self.paid = False  # the token of its rate is reserved

    # ------------------------------------------------------------- the head
    async def catch_up(self, following: Record | None) -> bool:
        """Fold to the head. False: another message drives the branch."""
        state, records = await self._base(following)
        asked = False
        for record in records:
            if record.by not in self.own:
                return False
            state = pure.fold(state, record)
            self.head = record.n
            asked = (
                record.kind is Kind.ATTEMPT
                and record.data.get("receives") == self.delivery.receives - 1
            )
        self.state = state
        self.doubt = (
            self.message.doubt or state.resumed > 0 or (self.delivery.receives > 1 and not asked)
        )
        if self.message.cause is not Cause.GO and self.head == self.message.n:
            self.woken = self.message.cause
        if records and records[-1].kind is Kind.OPERATOR:
            await deciding.moves(self)
        if records and self.message.cause is Cause.SLOT:
            await limiting.forget(self.engine, self.message)
        if records and "leaves" in records[-1].data:
            await self.perform_effects([Leave(Slot(*records[-1].data["leaves"]))])
        return True

    async def _base(self, following: Record | None) -> tuple[State, Sequence[Record]]:
        """The state at the message's record, and the records after it."""
        journal, n = self.engine.ports.journal, self.message.n
        if self.message.state is not None:
            after = () if following is None else await journal.read(self.execution, self.branch, n)
            return pure.restore(self.message.state, self.fetch), after
        if n > 0:
            records = await journal.read(self.execution, self.branch, n - 1)
            if records and "state" in records[0].data:
                return pure.fold(State(self.fetch), records[0]), records[1:]
            return await self._folded(n)
        after = () if following is None else await journal.read(self.execution, self.branch)
        return await self.beginning(), after

    async def _folded(self, n: int) -> tuple[State, Sequence[Record]]:
        records = await self.engine.ports.journal.read(self.execution, self.branch)
        state = await self.beginning()
        for record in records[:n]:
            state = pure.fold(state, record)
        return state, records[n:]

    async def beginning(self, branch: str | None = None) -> State:
        """The state before the first record: from META, or from the FORK that made the branch."""
        place = ids.parent_of(branch or self.branch)
        if place is None:
            return pure.begin(self.meta.input, self.fetch)
        fork = await self.engine.forks.get(self.meta, place.branch, place.fork)
        if "again" in fork.plan:
            return await redriving.child(self, fork, place.child)
        if fork.undoes:
            begins = await compensating.beginning(self, fork.state, place.child)
        else:
            begins = fork.begins(place.child)
        return pure.restore(begins, self.fetch)

    # ------------------------------------------------------------- the loop
    async def run(self) -> None:
        """Go on until the branch is handed on, waits or has ended."""
        if self.meta.status.is_end and not await redriving.is_open(self):
            return
        try:
            if self.state.owes is not None:
                await self.perform_effects([Unstop(self.execution, self.state.owes)])
            if self.state.sends is not None or self.message.doubt:
                await jobs.owed(self)
            while await self.once():
                pass
        except Refused as refused:
            if self.slot is not None and self.slot.fence is not None:
                self.engine.held.pop(self.slot, None)
                await self.perform_effects([Leave(self.slot)])
            if refused.old.by not in self.own:
                await self.perform_effects([Ack(self.delivery)])
            # else: this may be the only lease on the branch; it comes back

    async def once(self) -> bool:  # noqa: PLR0911  one for each phase
        """Do one thing. Says whether there is more to do under this delivery."""
        match self.state.phase:
            case "ended":
                return await ending.ended(self)
            case "fork":
                return await (
                    forking.join(self) if self.woken is Cause.JOIN else forking.send_children(self)
                )
            case "wait":
                return await waiting.wake(self)
            case "attention":
                return await deciding.attention(self)
        need = self.need or pure.advance(self.program, self.state, self.engine.now())
        self.need = need
        if not isinstance(need, End) and await self.must_hand_on():
            return await self.hand_on()
        if (how := self.stop_for(need)) is not None:
            if isinstance(need, JoinJob):
                await jobs.lose(self, need.scope)
            return await ending.obey(self, how)
        return await self.do(need)

    def stop_for(self, need: Need) -> StopHow | None:
        """The stop that takes the place of what the state needs, if there is one.

        What may have had an effect comes to its end first; what unwinds is not stopped.
        """
        if isinstance(need, (Perform, Fork, Wait, Continue, Spawn, JoinJob)):
            if isinstance(need, JoinJob) and need.stop:
                return None
            begun = isinstance(need, Perform) and (self.doubt or self.state.unsure)
            return None if begun else self.meta.stopped(self.branch, begun=self.head > 0)
        if self.head == 0 and not self.is_root and self.state.phase == "run":
            return self.meta.stopped(self.branch, begun=False)  # nothing has happened: none will
        return None

    async def do(self, need: Need) -> bool:  # noqa: C901, PLR0911  one for each need
        """Do what the state needs."""
        if GIVEN in self.state.vars and isinstance(need, (Perform, Fork, Wait)):
            return await redriving.given(self, need)
        match need:
            case Perform():
                try:
                    return await performing.perform(self, need)
                except ValueNotStorable as error:  # a variable, before the step could begin
                    after = pure.unstorable(self.program, self.state, error)
                    return await self.settle(Kind.ERROR, names(need), after)
            case Compensate():
                return await compensating.compensate(self, need)
            case UndoFork():
                return await compensating.undo_fork(self, need)
            case UndoChild():
                return await compensating.undo_child(self, need)
            case Fork():
                return await forking.fork(self, need)
            case Spawn():
                return await jobs.spawn(self, need)
            case JoinJob():
                return await jobs.join(self, need)
            case Wait():
                return await waiting.wait(self, need)
            case Continue():
                following = pure.advance(self.program, self.state, self.engine.now())
                return await self.settle(Kind.SET, {}, following)
            case End():
                return await ending.end(self, need, {})

    async def must_hand_on(self) -> bool:
        """META that has aged is read again.

        Where it says pause or not running, another delivery decides.
        """
        if self.engine.now() - self.meta_at <= self.engine.settings.meta_age_seconds:
            return False
        meta = await self.engine.ports.metas.get(self.execution)
        self.meta_at = self.engine.now()
        if meta is None:
            return True
        self.meta = meta
        if meta.status.is_end and self.message.cause.passes_the_end:
            return False  # META is to say that it goes on: no other message passes until it does
        return meta.status.is_end or await self.engine.is_held(meta, self.branch)

    async def hand_on(self) -> bool:
        """Send the successor, then delete this message."""
        line = (self.message.id,) if self.head > self.message.n else tuple(sorted(self.own))
        successor = self.engine.message(
            self.execution,
            branch=self.branch,
            n=self.head,
            state=self.state.snapshot(),
            line=line,
            doubt=self.doubt,
        )
        await self.perform_effects([Send([successor]), Ack(self.delivery)])
        return False

    # ------------------------------------------------------------- commits
    async def append(
        self, kind: Kind, data: dict[str, Json], effects: Sequence[Effect] = ()
    ) -> None:
        """Append at the head, then perform the effects: this is the commit."""
        if self.slot is not None and kind not in BEFORE:
            data = {**data, "leaves": self.slot.as_json()}
            effects = [Leave(self.slot), *effects]
        record = Record(
            self.head + 1, kind, self.message.id, self.delivery.id, self.engine.now(), data
        )
        if "unstop" in data:
            effects = [Unstop(self.execution, data["unstop"]), *effects]
        lighter, effects = await self.engine.payloads.outgoing(self.execution, record, effects)
        assert lighter is not None  # noqa: S101
        old = await self.engine.commit(self.execution, self.branch, lighter, effects)
        if old is not None:
            if (old.by, old.delivery) != (self.message.id, self.delivery.id):
                raise Refused(old)
            await self.perform_effects(effects)  # a request that had worked was repeated
        if lighter is not record:
            self.state.refer(lighter.data)
        self.head += 1
        self.woken = None
        self.counted = True
        self.claims = kind is Kind.CLAIM
        self.doubt = self.doubt and kind in (Kind.CLAIM, Kind.RESUMED)
        self.state.written()
        if "leaves" in data or self.waited is not None:
            await limiting.left(self, kind)
        self.engine.recorded(self.meta, self.branch, lighter)

    async def perform_effects(self, effects: Sequence[Effect]) -> None:
        """Effects that follow no record."""
        _, effects = await self.engine.payloads.outgoing(self.execution, None, effects)
        await self.engine.commit(self.execution, self.branch, None, effects)

    async def refuse(self, error: ValueNotStorable, data: dict[str, Json]) -> bool:
        """What should be recorded cannot be stored: the branch fails, without it."""
        if isinstance(error, TooLarge):
            self.state.lose(error.path)
        need = pure.unstorable(self.program, self.state, error)
        return await self.settle(Kind.ERROR, data, need)

    async def settle(
        self,
        kind: Kind,
        data: dict[str, Json],
        need: Need,
        target: str | None = None,
        result: Json = None,
    ) -> bool:
        """Record an outcome with the state that follows.

        An end that follows at once is recorded with it.
        """
        # Only while it unwinds can the end be found again from the state that is recorded.
        if isinstance(need, End) and not (kind in ALONE and self.state.phase == "unwind"):
            return await ending.end(self, need, data)
        try:
            after = data | pure.follows(self.state, target, result)
            self.need = need
            return await self.move(kind, after)
        except ValueNotStorable as error:
            return await self.refuse(error, data)

    async def move(self, kind: Kind, data: dict[str, Json], first: Sequence[Effect] = ()) -> bool:
        """Record the state that follows and do `first`, then go on here or hand on."""
        effects = [*first]
        status = _SAYS.get(self.state.phase, self.meta.status)
        if self.is_root and self.meta.status not in (Status.RUNNING, status):
            effects.append(PutStatus(self.execution, status, self.head + 1))
            self.meta = replace(self.meta, status=status)
        if self.engine.goes_on_inline():
            await self.append(kind, data, effects)
            return True
        successor = self.engine.message(
            self.execution,
            branch=self.branch,
            n=self.head + 1,
            state=self.state.snapshot(),
            line=(self.message.id,),
        )
        await self.append(kind, data, [*effects, Send([successor]), Ack(self.delivery)])
        return False
