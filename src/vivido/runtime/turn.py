"""One delivery of one message: read the head, do what it obliges to, perform nodes, commit, hand on (protocol.md "A delivery")."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from vivido import engine as pure
from vivido import ids, values
from vivido.engine.fork import BRANCH, ForkNode
from vivido.engine.needs import Compensate, Continue, End, Fork, Need, Perform, Wait
from vivido.engine.state import State
from vivido.errors import PoisonMessage, StepInterrupted, ValueNotStorable
from vivido.model.journal import Cause, Delivery, Json, Kind, Message, Meta, Record, Status, StopHow
from vivido.ports import Ack, Arm, Back, Effect, PutStatus, Send
from vivido.runtime.ends import Child, arrive
from vivido.runtime.steps import Outcome, Raised, Returned
from vivido.ports.sets import Wait as WaitItem

if TYPE_CHECKING:
    from vivido.engine.program import Program
    from vivido.runtime.engine import Engine


class Refused(Exception):  # noqa: N818  control flow inside this module
    """An append found a record of that number."""

    def __init__(self, old: Record) -> None:
        super().__init__(old.n)
        self.old = old


class Turn:
    """The work under one delivery. `head` is the last record, `own` the messages that this one is or stands for."""

    def __init__(self, engine: Engine, program: Program, delivery: Delivery, meta: Meta) -> None:
        self.engine, self.program, self.delivery = engine, program, delivery
        self.message: Message = delivery.message
        self.meta, self.meta_at = meta, engine.now()
        self.execution, self.branch = self.message.execution, self.message.branch
        self.is_root = self.branch == ids.ROOT
        self.own = {self.message.id, *self.message.line}
        self.head = self.message.n
        self.state: State
        self.need: Need | None = None
        self.woken: Cause | None = None
        self.doubt = False  # the node at the head may have begun
        self.counted = False  # and a RESUMED record says so
        self.claims = False  # the claim at the head is this delivery's own
        self.armed = False

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
            asked = record.kind is Kind.ATTEMPT and record.data.get("receives") == self.delivery.receives - 1
        self.state = state
        self.doubt = self.message.doubt or state.resumed > 0 or (self.delivery.receives > 1 and not asked)
        if self.message.cause is not Cause.GO and self.head == self.message.n:
            self.woken = self.message.cause
        return True

    async def _base(self, following: Record | None) -> tuple[State, Sequence[Record]]:
        """The state at the message's record, and the records after it."""
        journal, n = self.engine.ports.journal, self.message.n
        if self.message.state is not None:
            after = () if following is None else await journal.read(self.execution, self.branch, n)
            return pure.restore(self.message.state), after
        if n > 0:
            records = await journal.read(self.execution, self.branch, n - 1)
            if records and "state" in records[0].data:
                return pure.fold(State(), records[0]), records[1:]
            return await self._folded(n)
        after = () if following is None else await journal.read(self.execution, self.branch)
        return await self.beginning(), after

    async def _folded(self, n: int) -> tuple[State, Sequence[Record]]:
        records = await self.engine.ports.journal.read(self.execution, self.branch)
        state = await self.beginning()
        for record in records[:n]:
            state = pure.fold(state, record)
        return state, records[n:]

    async def beginning(self) -> State:
        """The state before the first record: from META, or from the FORK that made this branch."""
        place = ids.parent_of(self.branch)
        if place is None:
            return pure.begin(self.program, self.meta.input)
        fork = (await self.engine.ports.journal.read(self.execution, place.branch, place.fork - 1, 1))[0]
        state = fork.data["state"]
        node = self.program.nodes[state["at"][-1]]
        assert isinstance(node, ForkNode)  # noqa: S101
        return pure.restore(node.child(state["wait"], state["vars"], place.child))

    # ------------------------------------------------------------- the loop
    async def run(self) -> None:
        """Go on until the branch is handed on, waits or has ended."""
        try:
            while await self.once():
                pass
        except Refused as refused:
            if refused.old.by not in self.own:
                await self.perform_effects([Ack(self.delivery)])
            # else: this may be the only lease on the branch; it comes back

    async def once(self) -> bool:
        """Do one thing. Says whether there is more to do under this delivery."""
        match self.state.phase:
            case "ended":
                return await self.ended()
            case "fork":
                return await (self.join() if self.woken is Cause.JOIN else self.send_children())
            case "wait":
                return await self.wake()
            case "attention":
                return await self.attention()
        need = self.need or pure.advance(self.program, self.state, self.engine.now())
        self.need = need
        if isinstance(need, (Perform, Fork, Wait, Continue)):
            if await self.must_hand_on():
                return await self.hand_on()
            how = self.meta.stopped(self.branch)
            if how is not None and not (self.doubt and isinstance(need, Perform)):
                return await self.obey(how)
        return await self.do(need)

    async def do(self, need: Need) -> bool:
        """Do what the state needs."""
        match need:
            case Perform():
                return await self.perform(need)
            case Compensate():
                return await self.compensate(need)
            case Fork():
                return await self.fork(need)
            case Wait():
                return await self.wait(need)
            case Continue():
                await self.settle(Kind.SET, {}, pure.advance(self.program, self.state, self.engine.now()))
                return True
            case End():
                if self.state.unrecorded and self.stops_others(need):
                    await self.append(Kind.SET, pure.follows(self.state))
                return await self.end(need, {})

    async def must_hand_on(self) -> bool:
        """META that has aged is read again; where it says pause or not running, another delivery decides."""
        if self.engine.now() - self.meta_at <= self.engine.settings.meta_age_seconds:
            return False
        meta = await self.engine.ports.metas.get(self.execution)
        self.meta_at = self.engine.now()
        if meta is None:
            return True
        self.meta = meta
        return meta.paused or meta.status.is_end

    async def hand_on(self) -> bool:
        """Send the successor, then delete this message."""
        line = (self.message.id,) if self.head > self.message.n else tuple(sorted(self.own))
        successor = self.engine.message(
            self.execution, branch=self.branch, n=self.head, state=self.state.snapshot(), line=line, doubt=self.doubt
        )
        await self.perform_effects([Send([successor]), Ack(self.delivery)])
        return False

    # ------------------------------------------------------------- commits
    async def append(self, kind: Kind, data: dict[str, Json], effects: Sequence[Effect] = ()) -> None:
        """Append at the head, then perform the effects: this is the commit."""
        record = Record(self.head + 1, kind, self.message.id, self.delivery.id, self.engine.now(), data)
        old = await self.engine.commit(self.execution, self.branch, record, effects)
        if old is not None:
            if (old.by, old.delivery) != (self.message.id, self.delivery.id):
                raise Refused(old)
            await self.perform_effects(effects)  # a request that had worked was repeated
        self.head += 1
        self.woken = None
        self.counted = True
        self.claims = kind is Kind.CLAIM
        self.doubt = self.doubt and kind in (Kind.CLAIM, Kind.RESUMED)
        self.state.written()
        self.engine.recorded(self.meta, self.branch, record)

    async def perform_effects(self, effects: Sequence[Effect]) -> None:
        """Effects that follow no record."""
        await self.engine.commit(self.execution, self.branch, None, effects)

    async def settle(
        self, kind: Kind, data: dict[str, Json], need: Need, target: str | None = None, result: Json = None
    ) -> bool:
        """Record an outcome with the state that follows; an end that follows at once is recorded with it."""
        if isinstance(need, End) and not self.stops_others(need):
            return await self.end(need, data)
        try:
            data |= pure.follows(self.state, target, result)
        except ValueNotStorable as error:
            need = pure.unstorable(self.program, self.state, error)
            return await self.settle(Kind.ERROR, data, need)
        self.need = need
        effects: list[Effect] = []
        if self.is_root and self.meta.status is Status.COMPENSATING and self.state.phase == "run":
            effects.append(PutStatus(self.execution, Status.RUNNING, self.head + 1))
            self.meta = replace(self.meta, status=Status.RUNNING)
        if self.engine.goes_on_inline():
            await self.append(kind, data, effects)
            return True
        successor = self.engine.message(
            self.execution, branch=self.branch, n=self.head + 1, state=self.state.snapshot(), line=(self.message.id,)
        )
        await self.append(kind, data, [*effects, Send([successor]), Ack(self.delivery)])
        return False

    # ------------------------------------------------------------- steps
    async def perform(self, need: Perform) -> bool:
        """Run a step and record what came of it."""
        state, spec = self.state, need.step.spec
        outcome: Outcome
        if spec.at_most_once:
            if state.claimed and not self.claims:
                return await self.interrupted(need)
            if not state.claimed:
                state.claimed = True
                await self.append(Kind.CLAIM, {**_names(need), "until": self.engine.claim_ends(need), **pure.follows(state)})
        elif self.doubt and not self.counted:
            if state.resumed >= self.engine.settings.poison_bound:
                return await self.raised(need, Raised(self.poison(), need.args), self.engine.now())
            state.resumed += 1
            await self.append(Kind.RESUMED, {**_names(need), **pure.follows(state)})
        if state.unrecorded:
            await self.append(Kind.SET, pure.follows(state))
        began = self.engine.now()
        outcome = await self.engine.attempt(need, self.execution, self.branch, state.attempt + 1)
        if isinstance(outcome, Raised):
            return await self.raised(need, outcome, began)
        return await self.returned(need, outcome, began)

    async def returned(self, need: Perform, outcome: Returned, began: float) -> bool:
        """The step gave a result."""
        data = {**_names(need), "attempt": self.state.attempt + 1, "began": began, "result": outcome.result}
        node: Any = self.program.nodes[need.node]
        after = pure.succeeded(self.program, self.state, self.engine.now(), outcome.result, outcome.arguments)
        return await self.settle(Kind.OK, data, after, node.plain, outcome.result)

    async def raised(self, need: Perform, outcome: Raised, began: float) -> bool:
        """The attempt failed: try again, or let the workflow handle it."""
        state, number = self.state, self.state.attempt + 1
        data = {**_names(need), "attempt": number, "began": began, "raised": values.encode(outcome.error)}
        delay = self.engine.retry_delay(need.step, number, outcome.error)
        if delay is None:
            after = pure.failed(self.program, state, self.engine.now(), outcome.error, outcome.arguments)
            return await self.settle(Kind.ERROR, data, after)
        pure.retried(state)
        if delay <= self.engine.settings.short_backoff_seconds and number % self.engine.settings.attempts_per_message:
            return await self.come_back(data, delay)
        state.phase, state.wait = "wait", {"timer": self.engine.now() + delay}
        await self.append(Kind.ATTEMPT, {**data, "again_at": self.engine.now() + delay, **pure.whole(state)})
        return True

    async def come_back(self, data: dict[str, Json], delay: float) -> bool:
        """Give the message back: its next delivery is asked for."""
        data = {**data, "receives": self.delivery.receives, "again_at": self.engine.now() + delay, **pure.follows(self.state)}
        await self.append(Kind.ATTEMPT, data, [Back(self.delivery, delay)])
        return False

    async def interrupted(self, need: Perform) -> bool:
        """Another delivery has claimed the step and left no outcome: wait for the claim's end, then fail."""
        claim = (await self.engine.ports.journal.read(self.execution, self.branch, self.head - 1, 1))[0]
        left = claim.data["until"] - self.engine.now()
        if left > 0:
            await self.perform_effects([Back(self.delivery, left)])
            return False
        error = StepInterrupted(f"step {need.step.name!r} began at most once and its outcome is lost: look at its effect before you run it again")
        return await self.raised(need, Raised(error, need.args), claim.time)

    def poison(self) -> PoisonMessage:
        """The error of a node that never comes to an outcome."""
        times = self.state.resumed + 1
        return PoisonMessage(f"the node was begun {times} times and never came to an outcome: does it end its process, as when memory runs out?")

    async def compensate(self, need: Compensate) -> bool:
        """Run a compensation; if it fails for good, a person must decide."""
        state = self.state
        await self.say_compensating()
        if self.doubt and not self.counted:
            state.resumed += 1
            await self.append(Kind.RESUMED, {**_names(need), **pure.follows(state)})
        began = self.engine.now()
        outcome: Outcome
        if state.resumed > self.engine.settings.poison_bound:
            outcome = Raised(self.poison(), {})
        else:
            outcome = await self.engine.attempt(need, self.execution, self.branch, state.attempt + 1)
        data = {**_names(need), "step": need.step.name, "attempt": state.attempt + 1, "began": began}
        if isinstance(outcome, Returned):
            return await self.settle(Kind.UNDONE, {**data, "result": outcome.result}, pure.undone(self.program, state, self.engine.now()))
        data["raised"] = values.encode(outcome.error)
        delay = self.engine.retry_delay(need.step, state.attempt + 1, outcome.error)
        if delay is not None:
            pure.retried(state)
            return await self.come_back(data, delay)
        state.phase = "attention"
        await self.append(Kind.ATTENTION, {**data, **pure.follows(state)}, self.needs_attention(self.head + 1))
        return False

    async def say_compensating(self) -> None:
        """META says so before the first compensation runs, so that a late twin reads the journal."""
        if self.is_root and self.meta.status is not Status.COMPENSATING:
            await self.engine.ports.metas.set_status(self.execution, Status.COMPENSATING, self.head)
            self.meta = replace(self.meta, status=Status.COMPENSATING)

    def needs_attention(self, as_of: int) -> list[Effect]:
        """Say that an operator must decide."""
        return [PutStatus(self.execution, Status.NEEDS_ATTENTION, as_of), Ack(self.delivery)]

    async def attention(self) -> bool:
        """The head says that an operator must decide."""
        await self.perform_effects(self.needs_attention(self.head))
        return False

    # ------------------------------------------------------------- forks
    async def fork(self, need: Fork) -> bool:
        """Append FORK and send the first children."""
        self.state.phase, self.state.wait, self.need = "fork", need.plan, None
        try:
            data = {**_names(need), **pure.whole(self.state)}
        except ValueNotStorable as error:
            return await self.settle(Kind.ERROR, _names(need), pure.unstorable(self.program, self.state, error))
        await self.append(Kind.FORK, data, [Send(self.children(self.head + 1)), Ack(self.delivery)])
        return False

    def children(self, number: int) -> list[Message]:
        """The messages of the children that begin at once, of the fork recorded as `number`."""
        node, plan = self.program.nodes[self.state.at[-1]], self.state.wait
        assert isinstance(node, ForkNode)  # noqa: S101
        variables = self.state.vars.stored
        return [
            self.engine.message(self.execution, branch=ids.child_branch(self.branch, number, i), state=node.child(plan, variables, i))
            for i in range(plan["lanes"])
        ]

    async def send_children(self) -> bool:
        """The head is a FORK: send the children again."""
        self.state.vars.all_encoded()
        await self.perform_effects([Send(self.children(self.head)), Ack(self.delivery)])
        return False

    async def join(self) -> bool:
        """All children have arrived: read their ends and go on."""
        plan = self.state.wait
        records = await self.engine.ports.journal.ends(self.execution, self.branch, self.head, plan["width"])
        ends = [{"status": "stopped"} if record is None else record.data["end"] for record in records]
        if self.meta.stopped(self.branch) is not None:
            pure.joined_when_stopped(self.state, ends)
            await self.append(Kind.JOIN, pure.follows(self.state))
            return True
        node = self.state.at[-1]
        return await self.settle(Kind.JOIN, {"node": node}, pure.joined(self.program, self.state, self.engine.now(), ends))

    # ------------------------------------------------------------- waits
    async def wait(self, need: Wait) -> bool:
        """Append WAIT and arm it."""
        state = self.state
        state.phase, self.need = "wait", None
        state.wait = {name: value for name in ("timer", "child", "deadline") if (value := getattr(need, name)) is not None}
        try:
            data = {**_names(need), **pure.whole(state)}
        except ValueNotStorable as error:
            return await self.settle(Kind.ERROR, _names(need), pure.unstorable(self.program, state, error))
        await self.append(Kind.WAIT, data)
        return True

    async def arm(self) -> bool:
        """Make sure that something wakes the branch. Each side writes before it reads."""
        wait = self.state.wait
        timer, child = wait.get("timer"), wait.get("child")
        effects: list[Effect] = [Arm(WaitItem(self.execution, self.branch, self.head, timer=timer, child=child and child["workflow"]))]
        if timer is not None:
            message = self.engine.message(self.execution, Cause.TIMER, branch=self.branch, n=self.head, state=self.state.snapshot())
            effects.append(Send([message], max(0.0, timer - self.engine.now())))
        if child is not None:
            effects += await self.engine.child_start(self.meta, self.branch, self.head, child, wait.get("deadline"))
        await self.perform_effects(effects)
        meta = await self.engine.ports.metas.get(self.execution)
        after: list[Effect] = [Ack(self.delivery)]
        if meta is not None and meta.stopped(self.branch):
            after.insert(0, Send([self.engine.message(self.execution, Cause.STOP, branch=self.branch, n=self.head)]))
        await self.perform_effects(after)
        return False

    async def wake(self) -> bool:
        """The head is a WAIT: arm it, or go on with what came."""
        wait, how = self.state.wait, self.meta.stopped(self.branch)
        if how is not None and self.woken is not None:
            if "child" in wait and self.woken is not Cause.CHILD:
                await self.engine.stop_child(self.execution, self.branch, self.head, how)
                await self.perform_effects([Ack(self.delivery)])
                return False
            self.state.phase, self.state.wait = "run", None
            return await self.obey(how)
        now = self.engine.now()
        match self.woken:
            case None:
                return await self.arm()
            case Cause.TIMER if (left := wait.get("timer", 0.0) - now) > 0:
                await self.perform_effects([Back(self.delivery, left)])
                return False
            case Cause.TIMER:
                return await self.woke({"by": "timer"}, pure.woke_by_timer(self.program, self.state, now))
            case Cause.CHILD:
                end = self.message.data
                error = end.get("error")
                return await self.woke({"by": "child"}, pure.woke_by_child(self.program, self.state, now, end.get("value"), error))
        await self.perform_effects([Ack(self.delivery)])
        return False

    async def woke(self, data: dict[str, Json], need: Need) -> bool:
        """What was waited for came; the wait item is not needed any more."""
        number = self.head
        more = await self.settle(Kind.WOKE, data, need)
        await self.engine.ports.waits.remove(self.execution, self.branch, number)
        return more

    # ------------------------------------------------------------- ends
    async def obey(self, how: StopHow) -> bool:
        """A stop takes the place of the next node."""
        self.need = None
        if self.is_root:
            return await self.settle(Kind.CANCEL, {"how": how}, pure.stopped(self.program, self.state, how))
        return await self.append_end(pure.end_of_stopped(self.state), {})

    def stops_others(self, need: End) -> bool:
        """Whether a child's failure stops its siblings: then the error is recorded before the stop, and the end after it."""
        return need.error is not None and not self.is_root and bool(self.state.vars[BRANCH]["fast"])

    async def end(self, need: End, data: dict[str, Json]) -> bool:
        """Append END; an outcome that led to it is part of it."""
        if self.stops_others(need):
            await self.engine.control.stop(self.execution, ids.scope_of(self.branch), "failed")
        try:
            end = pure.end_of_root(self.program, self.state, need) if self.is_root else pure.end_of_child(self.state, need)
        except ValueNotStorable as error:
            return await self.settle(Kind.ERROR, data, pure.unstorable(self.program, self.state, error))
        return await self.append_end(end, data)

    async def append_end(self, end: Json, data: dict[str, Json]) -> bool:
        """Append END and do what it obliges to, as far as possible in the same commit."""
        data["end"] = end
        for name in ("logs", "shown"):
            if part := getattr(self.state, name):
                data[name] = part
        if self.is_root:
            await self.append(Kind.END, data, self.root_ended(end, self.head + 1))
            await self.engine.execution_ended(self.meta, end)
            return False
        child = Child.of(self.branch, self.state.vars[BRANCH])
        await self.append(Kind.END, data, self.lane(child, end))
        await self.arrive(child, end)
        return False

    async def ended(self) -> bool:
        """The head is an END: repeat what it obliges to."""
        end = self.state.wait
        if self.is_root:
            await self.perform_effects(self.root_ended(end, self.head))
            await self.engine.execution_ended(self.meta, end)
            return False
        child = Child.of(self.branch, self.state.vars[BRANCH])
        await self.perform_effects(self.lane(child, end))
        await self.arrive(child, end)
        return False

    def root_ended(self, end: Json, number: int) -> list[Effect]:
        """Tell the parent execution, then META; `number` is that of the END record."""
        effects: list[Effect] = []
        if (parent := self.meta.parent) is not None:
            effects.append(Send([self.engine.message(parent.execution, Cause.CHILD, branch=parent.branch, n=parent.n, data=end)]))
        status = PutStatus(self.execution, Status(end["status"]), number, end.get("value"), end.get("error"))
        return [*effects, status, Ack(self.delivery)]

    def lane(self, child: Child, end: Json) -> list[Effect]:
        """The next child of the lane begins."""
        following = child.next_in_lane(end["status"])
        return [] if following is None else [Send([self.engine.message(self.execution, branch=following)])]

    async def arrive(self, child: Child, end: Json) -> None:
        """Arrive at the join; whoever sees it full sends the parent on."""
        full = await arrive(self.engine.ports.joins, self.execution, child, end["status"], self.engine.settings.join_item_children)
        effects: list[Effect] = [Ack(self.delivery)]
        if full:
            effects.insert(0, Send([self.engine.message(self.execution, Cause.JOIN, branch=child.parent, n=child.number)]))
        await self.perform_effects(effects)


def _names(need: Perform | Compensate | Fork | Wait) -> dict[str, Json]:
    """What a record says of the node: its id, and the step path where that says more."""
    node = need.node if isinstance(need.node, str) else need.node.id
    return {"node": node} if need.path == node else {"node": node, "path": need.path}
