"""The store and the queue: atomic operations on a world, with all that must never happen in them."""

from __future__ import annotations

from itertools import count
from typing import Any

from tests.model.checks import Checks
from tests.model.nouns import JOBS, META_END, Meta, Msg, Rec


class World:
    """One state of everything: store, queue, running processes, calls to come, faults left, ghosts.

    A **ghost** is what only the checks know. `sum` is the hash of all three maps, kept up to date.
    """

    __slots__ = ("faults", "ghost", "procs", "queue", "store", "sum", "todo")

    def __init__(self, faults: int, todo: Any) -> None:
        self.store: dict[Any, Any] = {}
        self.queue: dict[int, tuple[int, int, bool]] = {}  # received, deliveries, present
        self.ghost: dict[Any, Any] = {}
        self.procs: frozenset[int] = frozenset()
        self.todo, self.faults, self.sum = todo, faults, 0

    def copy(self) -> World:
        """The same, to be changed."""
        new = World.__new__(World)
        new.store, new.queue, new.ghost = dict(self.store), dict(self.queue), dict(self.ghost)
        new.procs, new.todo, new.faults, new.sum = self.procs, self.todo, self.faults, self.sum
        return new

    def key(self) -> int:
        """Equal for equal worlds."""
        return hash((self.sum, self.procs, self.todo, self.faults))

    def put(self, part: dict[Any, Any], key: Any, value: Any) -> None:
        """Set (or, with None, remove) an entry of one of the three maps."""
        which = 0 if part is self.store else 1 if part is self.queue else 2
        if (old := part.get(key)) is not None:
            self.sum ^= hash((which, key, old))
        if value is None:
            part.pop(key, None)
        else:
            part[key] = value
            self.sum ^= hash((which, key, value))

    def records(self, b: Any, after: int = 0) -> tuple[Rec, ...]:
        """The journal of a branch after a record."""
        out = []
        while (r := self.store.get(("J", b, after + len(out) + 1))) is not None:
            out.append(r)
        return tuple(out)

    def ended(self, b: Any) -> bool:
        """Whether the branch's journal ends with END."""
        rs = self.records(b)
        return bool(rs) and rs[-1].kind == "END"

    def live(self) -> set[Any]:
        """Branches that were started and have not ended."""
        return {k[1] for k in self.ghost if k[0] == "sent" and not self.ended(k[1])}


class Store(Checks):
    """Each `op_` performs one operation for a process and gives [(answer, world)]."""

    def apply(self, w: World, p: Any, op: tuple[Any, ...]) -> list[tuple[Any, World]]:
        """One atomic operation; several answers where the world may go either way."""
        name, *a = op
        one = getattr(self, "op_" + name)(w, p, *a)
        return one if isinstance(one, list) else [(one, w)]

    # ------------------------------------------------------------- reads
    def op_get(self, w: World, _: Any, key: Any) -> Any:
        return w.store.get(key)

    def op_head(self, w: World, _: Any, key: Any, b: Any, after: int) -> Any:
        """META and what follows a record, as if at once (`split`: one after the other)."""
        return w.store.get(key), w.records(b, after)

    def op_query(self, w: World, _: Any, b: Any, after: int) -> Any:
        return w.records(b, after)

    def op_ends(self, w: World, _: Any, scope: Any, width: int) -> Any:
        journals = (w.records((*scope[:-1], (*scope[-1], i))) for i in range(width))
        return tuple(rs[-1] if rs and rs[-1].kind == "END" else None for rs in journals)

    def op_scan(self, w: World, _: Any, prefix: str, x: str) -> Any:
        found = ((k, v) for k, v in w.store.items() if k[0] == prefix and x in (k[1], k[1][0]))
        return tuple(sorted(found, key=repr))

    # ------------------------------------------------------------- writes
    def op_put(self, w: World, _: Any, key: Any, value: Any) -> None:
        if key[0] == "J" and w.store.get(key, value) != value:
            self.wrong(f"record {key[1:]} was overwritten")
        w.put(w.store, key, value)

    def op_del(self, w: World, _: Any, key: Any) -> None:
        w.put(w.store, key, None)

    def op_new(self, w: World, _: Any, key: Any, value: Any) -> Any:
        """Put if there is none; gives what is there."""
        if key in w.store:
            return w.store[key]
        if key[0] == "J":
            self.check_append(w, key[1], key[2], value)
        w.put(w.store, key, value)
        return self.echo(w, value)

    def op_consume(self, w: World, _: Any, inbox: Any, key: Any, rec: Rec) -> Any:
        """One transaction: mark the event taken, append the record."""
        if key in w.store:
            return w.store[key]
        if w.store.get(inbox) != "e":
            return "gone"
        self.check_append(w, key[1], key[2], rec)
        w.put(w.store, inbox, None if "inbox_delete" in self.m else "taken")
        self.check_consumed(w)
        w.put(w.store, key, rec)
        return self.echo(w, rec)

    def op_enter(self, w: World, _: Any, key: Any, who: int, most: int | None) -> Any:
        """Append who is not there yet, while the list is shorter than `most`; gives all of it."""
        order = w.store.get(key, ())
        if who not in order and (most is None or len(order) < most):
            order = (*order, who)
            w.put(w.store, key, order)
            self.check_entered(key, order)
        return order

    def op_count(self, w: World, _: Any, key: Any, who: int, most: int | None) -> Any:
        """As if entering twice did not matter (mutation)."""
        w.put(w.store, key, (*w.store.get(key, ()), who))
        return w.store[key]

    # ------------------------------------------------------------- META
    def meta(self, w: World, key: Any, **changes: Any) -> None:
        """Change META, unless there is none or it is terminal; sets grow."""
        if (meta := w.store.get(key)) and meta.status not in META_END:
            new = {k: getattr(meta, k) | v if isinstance(v, set) else v for k, v in changes.items()}
            w.put(w.store, key, meta._replace(**new))

    def op_stop(self, w: World, _: Any, key: Any, scope: Any) -> None:
        self.meta(w, key, stops={scope})

    def op_close(self, w: World, _: Any, key: Any, scope: Any) -> None:
        self.meta(w, key, closed={scope})

    def op_unstop(self, w: World, _: Any, key: Any, scope: Any) -> None:
        self.check_unstop(w, scope)
        meta = w.store[key]
        gone = meta._replace(stops=meta.stops - {scope}, closed=meta.closed - {scope})
        w.put(w.store, key, gone)

    def op_pause(self, w: World, _: Any, key: Any, flag: bool) -> None:
        self.meta(w, key, paused=flag)

    def op_reopen(self, w: World, _: Any, key: Any, n: int, status: str) -> None:
        if w.store[key].as_of < n:
            self.reopen(w, key, n, status)

    def op_reopen_any(self, w: World, _: Any, key: Any, n: int, status: str) -> None:
        self.reopen(w, key, n, status)

    def reopen(self, w: World, key: Any, n: int, status: str) -> None:
        fresh = Meta(status, n, redriven=status == "running", parent=w.store[key].parent)
        w.put(w.store, key, fresh)

    def op_heads(self, w: World, _: Any, x: str) -> Any:
        """The last record of every branch, those around a branch before it."""
        branches = sorted({k[1] for k in w.store if k[0] == "J" and k[1][0] == x}, key=repr)
        last = ((b, w.records(b)) for b in sorted(branches, key=len))
        return tuple((b, len(rs), rs[-1]) for b, rs in last)

    def op_status(self, w: World, _: Any, key: Any, status: str, n: int) -> None:
        if w.store[key].as_of < n:
            self.set_status(w, key, status, n)

    def op_status_any(self, w: World, _: Any, key: Any, status: str, n: int) -> None:
        if w.store[key].status not in META_END:
            self.set_status(w, key, status, n)

    def set_status(self, w: World, key: Any, status: str, n: int) -> None:
        self.check_status(w, key, status, n)
        w.put(w.store, key, w.store[key]._replace(status=status, as_of=n))

    # ------------------------------------------------------------- the queue
    def op_send(self, w: World, _: Any, body: Msg) -> None:
        self.check_send(w, body)
        if body.cause == "sweep" and not self.sc.sleepers:  # it would find nobody
            return
        mid = next(mid for copy in count() if (mid := self.message(body, copy)) not in w.queue)
        w.put(w.queue, mid, (0, 0, True))

    def op_ack(self, w: World, p: Any) -> Any:
        """Through an outdated handle it works or does not."""
        _, mid, delivery, _ = p.what
        if mid not in w.queue:
            return None
        received, deliveries, _ = w.queue[mid]
        gone, kept = w.copy(), None
        if "undead" in self.sc.kinds:
            kept = (received, deliveries, False)
        elif self.bodies[mid].cause not in JOBS or self.holders(w, mid) > 1:  # ids of writers stay
            kept = (0, 0, False)
        gone.put(gone.queue, mid, kept)
        return [(None, gone)] if delivery == deliveries else [(None, gone), (None, w)]

    def op_back(self, w: World, p: Any) -> Any:
        """Give it back for a while: its next delivery is asked for."""
        _, mid, delivery, _ = p.what
        _, deliveries, present = w.queue[mid]
        asked = w.copy()
        asked.put(asked.queue, mid, (2, deliveries, present))
        return [(None, asked)] if delivery == deliveries else [(None, asked), (None, w)]

    # ------------------------------------------------------------- no operations
    def op_choose(self, w: World, _: Any) -> Any:
        """Either answer."""
        other = w.copy()
        return [(False, w), (True, other)]

    def op_body(self, w: World, p: Any, b: Any, head: int, name: str) -> None:
        """The body of a step has its effect."""
        self.check_body(w, p, b, name)

    def echo(self, w: World, value: Any) -> Any:
        """A conditional write succeeds; the adversary may report it as refused."""
        if w.faults and "echo" in self.sc.kinds and isinstance(value, Rec):
            other = w.copy()
            other.faults -= 1
            return [(None, w), (value, other)]
        return [(None, w)]
