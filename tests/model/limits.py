"""Slots by key: leases, a line of waiters, wakes and guards; each holder is one step of a branch.

A holder's journal is WAIT (it lined up) and OK. Time is not modelled: the lease of a holder that
nobody drives may end at any moment, that of a grant nobody has come for yet costs a fault.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from tests.model.explore import Run
from tests.model.nouns import Msg, Rec
from tests.model.store import World

KEY = ("SLOTS",)
ACK = ("ack",)


class Slot(NamedTuple):
    """A lease. `told`: the holder has come for it."""

    who: int
    fence: int
    told: bool
    n: int = 0  # the WAIT that lined up for it, or lined up while it was held


class Slots(NamedTuple):
    """All of one key."""

    held: tuple[Slot, ...] = ()
    line: tuple[tuple[int, int], ...] = ()
    fences: int = 0

    def of(self, who: int) -> Slot | None:
        """The slot of a holder."""
        return next((slot for slot in self.held if slot.who == who), None)

    def without(self, *gone: Slot) -> Slots:
        """The same, some slots free."""
        return self._replace(held=tuple(slot for slot in self.held if slot not in gone))

    def lapsed(self, *gone: Slot, lost: bool) -> Slots:
        """The same, some slots free; who has lined up for one goes back to the line."""
        back = () if lost else tuple((slot.who, slot.n) for slot in gone if slot.n)
        left = self.without(*gone)
        return left._replace(line=back + left.line)

    def granted(self, bound: int, *, told: bool) -> Slots:
        """What is free goes to the first in the line."""
        key = self
        while key.line and len(key.held) < bound:
            who, n = key.line[0]
            slot = Slot(who, key.fences + 1, told, n)
            key = Slots((*key.held, slot), key.line[1:], key.fences + 1)
        return key

    def wakes(self) -> tuple[tuple[int, int], ...]:
        """Who was granted a slot and has not come for it."""
        return tuple((slot.who, slot.n) for slot in self.held if not slot.told)


def wake(who: int, n: int) -> Msg:
    """There is a slot for who waits at record `n`."""
    return Msg((who,), n, None, "slot")


GUARD = Msg(("key",), 0, None, "guard")


def delivery(mid: int, msg: Msg, attempts: int, m: Any) -> Any:  # noqa: PLR0912
    """One delivery of a holder's message, or of a guard."""
    if msg.cause == "guard":
        yield from guard(m)
        return
    (who,), own = msg.branch, {mid}
    records = yield "query", msg.branch, 0
    if any(r.by not in own for r in records[msg.n :]):
        if msg.n and "wake_forgets" not in m:  # that WAIT is over: so is what was granted for it
            wakes = yield "forget", who, msg.n
            for one in wakes:
                yield "send", wake(*one)
        yield ACK
        return
    while True:
        last, tried = records[-1:], sum(r.kind == "TRIED" for r in records)
        if last and last[0].kind != "WAIT":  # the outcome obliges to leave
            yield from leave(who, last[0].data, m)
            if last[0].kind == "OK":
                break
        fence = None
        if not (last and last[0].kind == "WAIT") or msg.n == len(records):
            fence = yield "take", who, msg.n
        if fence is None and last and last[0].kind == "WAIT":
            yield from line_up(who, len(records), m)
            break
        rec = Rec("WAIT", None, mid)
        if fence is not None:
            yield "run", who, fence
            rec = Rec("OK" if tried + 1 >= attempts else "TRIED", fence, mid)
        elif "line_up_first" in m:
            yield "line_up", who, len(records) + 1
        old = yield "new", ("J", msg.branch, len(records) + 1), rec
        if old is not None:
            if fence is not None:
                yield from leave(who, fence, m)
            if old.by in own:
                return  # this may be the only lease
            break
        records = (*records, rec)
    yield ACK


def line_up(who: int, n: int, m: Any) -> Any:
    """Wait in the line: others, or a guard, see to it that it is woken."""
    if "line_up_first" in m:
        return
    wakes, waits = yield "line_up", who, n
    for one in wakes:
        yield "send", wake(*one)
    if waits and "no_guard" not in m:
        yield "send", GUARD


def leave(who: int, fence: int, m: Any) -> Any:
    """Give the slot up, and wake who has got one."""
    wakes = yield "leave", who, None if "leave_any" in m else fence
    for one in wakes:
        yield "send", wake(*one)


def guard(m: Any) -> Any:
    """Look when the first lease ends; there is a next guard before this one is gone."""
    wakes, waits = yield ("lapse",)
    for one in wakes:
        yield "send", wake(*one)
    if not waits:
        yield ACK
    elif "guard_acks" in m:
        yield ACK
        yield "send", GUARD
    else:
        yield ("next_guard",)  # sent, and then this one deleted: two for a moment do no harm


class LimitsRun(Run):
    """Some holders of one key: `sc.width` of them, `sc.bound` slots."""

    def generator(self, p: Any) -> Any:
        """A worker, or the call that starts all."""
        if p.what[0] == "api":
            return start(self.sc.width)
        return delivery(p.what[1], self.bodies[p.what[1]], self.sc.attempts, self.m)

    def tidy(self, w: World) -> None:
        """Nothing is taken away."""

    def check_send(self, w: World, body: Msg) -> None:
        """A message carries no state."""

    def check_append(self, w: World, b: Any, n: int, rec: Rec) -> None:
        """Nothing follows what is done."""
        if n > 1 and w.store["J", b, n - 1].kind == "OK":
            self.wrong(f"{rec.kind} after OK of {b}")

    # ------------------------------------------------------------- operations
    def op_send(self, w: World, p: Any, body: Msg) -> None:
        """Of guards for the same time there is one."""
        if body.cause != "guard" or self.message(body, 0) not in w.queue:
            super().op_send(w, p, body)

    def op_ack(self, w: World, p: Any) -> Any:
        """A guard that is gone leaves nothing behind."""
        mid = p.what[1]
        if mid in w.queue and self.bodies[mid].cause == "guard":
            w.put(w.queue, mid, None)
            return None
        return super().op_ack(w, p)

    def drives(self, q: int, who: int) -> bool:
        """Whether a process has a message of the holder."""
        what = self.all[q].what
        return what[0] == "worker" and self.bodies[what[1]].branch == (who,)

    def op_next_guard(self, w: World, p: Any) -> None:
        """Another guard, for a later time."""
        if p.what[1] in w.queue:
            w.put(w.queue, p.what[1], (0, 0, True))

    def alive(self, w: World, p: Any) -> set[Any]:
        """Holders that somebody drives."""
        found = {self.all[q].what for q in w.procs} | {p.what}
        return {self.bodies[what[1]].branch[0] for what in found if what[0] == "worker"}

    def leases(self, w: World, p: Any) -> Iterator[tuple[World, Slots]]:
        """What may still be held: leases of the dead may be over."""
        key = w.store.get(KEY, Slots())
        yield w, key
        alive = self.alive(w, p)
        if dead := [slot for slot in key.held if slot.told and slot.who not in alive]:
            yield w.copy(), key.lapsed(*dead, lost="grant_lapses" in self.m)
        untold = [slot for slot in key.held if not slot.told and slot.who not in alive]
        if untold and w.faults:
            c = w.copy()
            c.faults -= 1
            yield c, key.lapsed(*untold, lost="grant_lapses" in self.m)

    def grant(self, key: Slots) -> Slots:
        """Free slots go to who waits."""
        return key.granted(self.sc.bound, told="told_early" in self.m)

    def op_take(self, w: World, p: Any, who: int, n: int) -> Any:
        """The holder's slot with a new fence, or a free one; None: it has to wait."""
        found = []
        for c, before in list(self.leases(w, p)):
            key = self.grant(before)
            mine = key.of(who)
            fence = None
            if mine or len(key.held) < self.sc.bound:
                fence = key.fences + 1
                held = tuple(slot for slot in key.held if slot.who != who)
                waits = [one for other, one in key.line if other == who]
                waits += [mine.n] if mine else []
                left = next((one for one in waits if one not in (0, n)), 0)  # not what woke it
                left = 0 if "enter_clears" in self.m else left
                key = key._replace(line=tuple(one for one in key.line if one[0] != who))
                key = key._replace(held=(*held, Slot(who, fence, True, left)), fences=fence)  # noqa: FBT003
            c.put(c.store, KEY, key)
            found.append((fence, c))
        return found

    def op_line_up(self, w: World, p: Any, who: int, n: int) -> Any:
        """Wait for a slot; who holds one or waits already stays as it is."""
        found = []
        for c, before in list(self.leases(w, p)):
            key = before
            mine = key.of(who)
            if mine is None and all(who != one for one, _ in key.line):
                key = key._replace(line=(*key.line, (who, n)))
            elif mine is not None and mine.told and "held_is_enough" not in self.m:
                held = tuple(slot._replace(n=n) if slot == mine else slot for slot in key.held)
                key = key._replace(held=held)
            key = self.grant(key)
            c.put(c.store, KEY, key)
            found.append(((key.wakes(), bool(key.line)), c))
        return found

    def op_forget(self, w: World, p: Any, who: int, n: int) -> Any:
        """That WAIT is over: give up what it lined up for and has not come for."""
        key = w.store.get(KEY, Slots())
        if (mine := key.of(who)) and mine.n == n:
            key = key.without(mine)
            if mine.told:
                key = key._replace(held=(*key.held, mine._replace(n=0)))
        key = self.grant(key._replace(line=tuple(one for one in key.line if one != (who, n))))
        w.put(w.store, KEY, key)
        return key.wakes()

    def op_leave(self, w: World, p: Any, who: int, fence: int | None) -> Any:
        """Give up the slot with this fence; gives who is to be woken."""
        key = w.store.get(KEY, Slots())
        mine = key.of(who)
        if mine and fence in (None, mine.fence):
            key = key.lapsed(mine, lost=False)
        key = self.grant(key)
        w.put(w.store, KEY, key)
        return () if "wakes_once" in self.m and not mine else key.wakes()

    def op_lapse(self, w: World, p: Any) -> Any:
        """Free what is over, grant what is free."""
        found = []
        for c, before in list(self.leases(w, p)):
            key = self.grant(before)
            c.put(c.store, KEY, key)
            found.append(((key.wakes(), bool(key.line)), c))
        return found

    def op_run(self, w: World, p: Any, who: int, fence: int) -> None:
        """The body runs."""
        key = w.store[KEY]
        if len(key.held) > self.sc.bound:
            self.wrong(f"{len(key.held)} slots are held")
        mine, records = key.of(who), w.records((who,))
        done = bool(records) and records[-1].kind == "OK"  # its outcome will be refused
        twins = [q for q in w.procs if self.all[q].what != p.what and self.drives(q, who)]
        if self.sc.exact and not done and not twins and (mine is None or mine.fence < fence):
            self.wrong(f"{who} runs without a slot")

    def at_rest(self, w: World) -> str:
        """All have had their turn."""
        for who in range(self.sc.width):
            records = w.records((who,))
            if not records or records[-1].kind != "OK":
                self.wrong(f"{who} waits for ever: {w.store.get(KEY)}")
        return "all done"


def start(width: int) -> Any:
    """All holders begin."""
    who = 0
    while who < width:
        yield "send", Msg((who,), 0, None)
        who += 1


class Limited(NamedTuple):
    """So many holders, so many slots."""

    name: str
    width: int
    bound: int
    faults: int
    kinds: str = "kill late twice"
    attempts: int = 1
    exact: bool = False  # no twins: whose body runs has a slot
    walks: int = 0
    mutations: tuple[str, ...] = ()
    large: bool = False
    late: tuple[str, ...] = ()
    walked: tuple[str, ...] = ()  # of the mutations, what walks catch
    apis: tuple[tuple[str, ...], ...] = (("start",),)
    machine: Any = LimitsRun


# fmt: off
LIMITS = [
    Limited("2 for 1 slot, calm", 2, 1, 0, "", exact=True),
    Limited("2 for 1 slot", 2, 1, 1, large=True, mutations=("line_up_first", "held_is_enough")),
    Limited("2 for 1 slot, killed", 2, 1, 1, "kill", exact=True, large=True, mutations=("told_early", "guard_acks"), late=("guard_acks",)),
    Limited("2 for 1 slot, killed twice", 2, 1, 2, "kill", large=True, mutations=("no_guard", "grant_lapses", "wake_forgets"), late=("wake_forgets",)),
    Limited("2 attempts", 1, 1, 2, "late", 2),
    Limited("2 attempts, 2 for 1", 2, 1, 1, "kill", 2, large=True),
    Limited("3 for 1 slot", 3, 1, 1, "kill", large=True),
    Limited("3 for 2 slots", 3, 2, 1, "kill", large=True),
    Limited("4 for 2 slots *", 4, 2, 4, walks=4000, mutations=("enter_clears",), walked=("enter_clears",)),
]
