"""Which laws of the protocol does a trace of the engine break? Those of the protocol's model.

A journal is append-only and ends once. Terminal is final. A fork is joined once, last, and nobody
begins in it afterwards. No more children than `max_concurrency` are under way. Compensation is the
exact reverse, and alone. An attempt of an at-most-once step is begun once. A key is committed once.
At rest nothing is lost: whatever has not ended waits for something that has not come.

It reads what was stored and sent, never the engine's code: `Laws` folds the trace on its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from vivido import ids
from vivido.model.definition import Definition, StepSpec
from vivido.model.journal import Cause, Kind, Message, Meta, Record, Status
from vivido.testing.trace import Body, Op

Place = tuple[str, str]  # execution, branch
UNDONE_BY_THEN = {"compensated", "cancelled", "timed_out"}
REOPENS = {"REDRIVE", "UNDO"}  # the kinds of records that may follow an END


class Laws:
    """Folds a trace, and notes what must never happen as sentences in `broken`."""

    def __init__(self, definitions: Mapping[str, Definition] | None = None) -> None:
        self.definitions = definitions or {}  # by digest
        self.broken: list[str] = []
        self.journals: dict[Place, list[Record]] = {}
        self.metas: dict[str, Meta] = {}
        self.begun: dict[
            str, set[str]
        ] = {}  # by scope: the children that were sent or have a record
        self.open: dict[str, set[str]] = {}  # by execution: branches with a record and no END
        self.stacks: dict[Place, list[Any]] = {}
        self.claims: Counter[tuple[Place, str]] = Counter()  # less the bodies that used them
        self.results: Counter[tuple[str, str]] = Counter()
        self.effects: dict[tuple[str, str], str] = {}  # what ran and can be undone, with its place
        self.told: set[tuple[str, str]] = set()  # of which some record says how it went

    def wrong(self, where: str, what: str) -> None:
        """A law is broken."""
        self.broken.append(f"{where}: {what}")

    def hold(self, trace: Iterable[Op]) -> Laws:
        """Go through a trace."""
        for op in trace:
            match op.what:
                case "create":
                    self.metas.setdefault(op.execution, op.data)
                case "append":
                    self.appended(op.execution, op.branch, op.data)
                case "status":
                    self.status(op.execution, *op.data)
                case "send":
                    self.sent(op.data)
                case "body":
                    self.body(op.execution, op.branch, op.data)
                case "stop":
                    self.stopped(op.execution, op.data)
        return self

    # ------------------------------------------------------------- journals
    def appended(self, execution: str, branch: str, record: Record) -> None:
        """Journals have no gaps and end with END."""
        place, where = (execution, branch), f"{execution}/{branch}"
        journal = self.journals.setdefault(place, [])
        if record.n != len(journal) + 1:
            self.wrong(where, f"record {record.n} follows record {len(journal)}")
        last = journal[-1] if journal else None
        if last is not None and last.kind is Kind.END and record.kind not in REOPENS:
            self.wrong(where, f"{record.kind} after END")
        if last is None and branch != ids.ROOT:
            self.begins(execution, branch)
        if last is not None and last.kind is Kind.FORK:
            self.joins(execution, branch, last)
        journal.append(record)
        live = self.open.setdefault(execution, set())
        (live.discard if record.kind is Kind.END else live.add)(branch)
        if record.kind is Kind.END and not (last and last.kind is Kind.FORK):  # that is said
            for moving in self.moving_below(execution, branch):
                self.wrong(where, f"it ends while {moving} has not ended")
        self.compensates(place, record)
        self.counts(place, record)

    def begins(self, execution: str, branch: str) -> None:
        """The first record of a child: its fork is there, and not joined."""
        parent = ids.parent_of(branch)
        assert parent is not None  # noqa: S101
        journal = self.journals.get((execution, parent.branch), [])
        fork = journal[parent.fork - 1 : parent.fork]
        if not fork:
            self.wrong(f"{execution}/{branch}", f"begins before record {parent.fork} of its parent")
        elif fork[0].kind is Kind.FORK and len(journal) > parent.fork:
            self.wrong(f"{execution}/{branch}", "begins after its fork was joined")

    def joins(self, execution: str, branch: str, fork: Record) -> None:
        """Whatever follows a FORK comes when nobody moves below it."""
        moving = self.below(execution, f"{branch}.{fork.n}")
        if moving:
            self.wrong(f"{execution}/{branch}", f"fork {fork.n} is joined while {moving} move")

    def below(self, execution: str, scope: str) -> list[str]:
        """The branches of a fork that have begun and not ended."""
        return sorted(b for b in self.open.get(execution, ()) if b.startswith(f"{scope}:"))

    def counts(self, place: Place, record: Record) -> None:
        """An idempotency key comes to a result once; a claim is for one body."""
        data: Any = record.data
        if record.kind is Kind.CLAIM:
            self.claims[place, data.get("path", data["node"])] += 1
        if record.kind is Kind.REDRIVE:  # what lies behind the node is done again
            for old in self.journals[place][data.get("from", record.n) - 1 : record.n - 1]:
                if "step" in old.data and "result" in old.data and "branch" not in old.data:
                    key = ids.idempotency_key(*place, str(old.data.get("path", old.data["node"])))
                    self.results.pop((old.data["step"], key), None)
        if "step" in data and "attempt" in data:
            path = data.get("path", data["node"])
            name = data.get("branch") or name_of(
                place[1], lambda branch: self.journals.get((place[0], branch), [])
            )
            key = ids.idempotency_key(place[0], name, path)
            self.told.add((data["step"], key))
            if "result" not in data:
                return
            self.results[data["step"], key] += 1
            if self.results[data["step"], key] == 2:  # noqa: PLR2004  said once
                self.wrong("/".join(place), f"step {data['step']} came to a result twice ({key})")

    # ------------------------------------------------------------- META
    def status(self, execution: str, status: Status, as_of: int) -> None:
        """META says what the journal says, and is terminal once."""
        meta = self.metas.get(execution)
        if meta is None or meta.with_status(status, as_of, meta.updated) is meta:
            return  # a late writer changes nothing
        root = self.journals.get((execution, ids.ROOT), [])
        if meta.status.is_end and status is not meta.status and not _reopened(root, meta.as_of):
            self.wrong(execution, f"terminal status {meta.status} became {status}")
        if status.is_end:
            last = root[-1] if root else None
            if last is None or last.kind is not Kind.END or last.data["end"]["status"] != status:
                self.wrong(execution, f"META says {status}, the root's journal does not end so")
            if moving := sorted(self.open.get(execution, ())):
                self.wrong(execution, f"META says {status} while {moving} have not ended")
        self.metas[execution] = meta.with_status(status, as_of, meta.updated)

    # ------------------------------------------------------------- messages and bodies
    def sent(self, message: Message) -> None:
        """No more children than lanes are started and not ended."""
        if message.cause is not Cause.GO or message.n or message.branch == ids.ROOT:
            return
        scope = ids.scope_of(message.branch)
        begun = self.begun.setdefault(f"{message.execution}/{scope}", set())
        begun.add(message.branch)
        lanes = self.lanes(message.execution, message.branch)
        under_way = [child for child in begun if not self.ended(message.execution, child)]
        if lanes is not None and len(under_way) > lanes:
            self.wrong(f"{message.execution}/{scope}", f"{sorted(under_way)} run in {lanes} lanes")

    def lanes(self, execution: str, branch: str) -> int | None:
        """How many children of its fork may be under way; None where no record says so."""
        parent = ids.parent_of(branch)
        assert parent is not None  # noqa: S101
        journal = self.journals.get((execution, parent.branch), [])
        fork = journal[parent.fork - 1 : parent.fork]
        plan: Any = fork[0].data.get("state", {}).get("wait") if fork else None
        return plan.get("lanes") if isinstance(plan, dict) else None

    def ended(self, execution: str, branch: str) -> bool:
        """Whether a branch has ended."""
        journal = self.journals.get((execution, branch))
        return bool(journal) and journal[-1].kind is Kind.END  # type: ignore[index]

    def body(self, execution: str, branch: str, body: Body) -> None:
        """When a body may run: once a claim where it needs one, and alone where it undoes."""
        where, spec = f"{execution}/{branch}", self.spec(execution, body.step)
        if spec is not None and spec.compensate is not None and not body.undoes:
            self.effects[body.step, body.key] = where
        if spec is not None and spec.at_most_once and not body.undoes:
            self.claims[(execution, branch), body.path] -= 1
            if self.claims[(execution, branch), body.path] < 0:
                self.wrong(where, f"{body.step} runs at most once, and runs without a claim")
        if body.undoes and (moving := self.moving_below(execution, branch)):
            self.wrong(where, f"{body.step} undoes while {moving} have not ended")

    def spec(self, execution: str, step: str) -> StepSpec | None:
        """What the definition says of a step; None where it is not known."""
        meta = self.metas.get(execution)
        definition = self.definitions.get(meta.digest) if meta is not None else None
        return None if definition is None else definition.steps.get(step)

    def stopped(self, execution: str, scope: str) -> None:
        """A fork is stopped by the end of one of its children, which is recorded by then."""
        if scope == ids.ROOT:
            return
        parent, _, number = scope.rpartition(".")
        begun = self.journals.get((execution, parent), [])[int(number) - 1 : int(number)]
        if begun and begun[0].kind is not Kind.FORK:
            return  # a job: who has begun it stops it
        ended = (
            journal[-1].data["end"]["status"]
            for (owner, branch), journal in self.journals.items()
            if owner == execution
            and branch != ids.ROOT
            and ids.scope_of(branch) == scope
            and journal[-1].kind is Kind.END
        )
        if not any(status in ("ok", "failed") for status in ended):
            self.wrong(f"{execution}/{scope}", "is stopped, and none of its children has ended")

    def moving_below(self, execution: str, branch: str) -> list[str]:
        """The branches below one that have begun and not ended.

        Not those of jobs that were there before the saga that is being undone.
        """
        others = _before_saga(branch, self.journals.get((execution, branch), []))
        return sorted(
            b
            for b in self.open.get(execution, ())
            if b.startswith(f"{branch}.") and not any(ids.within(b, scope) for scope in others)
        )

    # ------------------------------------------------------------- compensation
    def compensates(self, place: Place, record: Record) -> None:
        """Compensations are the exact reverse of what is to be undone."""
        data: Any = record.data
        stack = self.stacks.setdefault(place, [])
        if record.n == 1:
            stack += self.to_undo(place)
        if record.kind is Kind.UNDONE:
            self.undoes(place, stack, data)
        pop = data.get("pop", 1 if record.kind is Kind.UNDONE else 0)
        if pop:
            del stack[-pop:]
        stack.extend(data.get("push", ()))
        if "state" in data:
            stack[:] = data["state"].get("stack", ())
        self.pushes(place, record)
        if record.kind is Kind.END and (
            data["end"]["status"] in UNDONE_BY_THEN
            or (data["end"]["status"] == "ok" and self.to_undo(place))
        ):
            self.all_undone(place, stack)

    def to_undo(self, place: Place) -> list[Any]:
        """What lies on the stack where a branch begins that was forked to undo another."""
        execution, branch = place
        parent = ids.parent_of(branch)
        journal = self.journals.get((execution, parent.branch), []) if parent else []
        plan: Any = _plan(journal[parent.fork - 1]) if parent and journal else {}
        if parent is None or "undo" not in plan:
            return []
        sources = [f"{scope}:{i}" for scope, lo, hi in plan["undo"] for i in range(lo, hi)]
        source = (execution, sources[-1 - parent.child])
        end: Any = self.journals[source][-1].data["end"]
        return list(end["stack"])

    def undoes(self, place: Place, stack: list[Any], data: Any) -> None:
        """What is undone lies on top."""
        done = (data.get("step"), data.get("path", data["node"]).removesuffix("/undo"))
        top = stack[-1] if stack else {}
        wanted = (top.get("step", done[0]), top.get("path", top.get("node")))
        if done != wanted:
            self.wrong("/".join(place), f"{done} was undone, on top lay {wanted}")

    def pushes(self, place: Place, record: Record) -> None:
        """A step that came to a result, and has a compensation, is to be undone."""
        data: Any = record.data
        spec = self.spec(place[0], data.get("step", ""))
        if "result" not in data or record.kind is Kind.UNDONE:
            return
        if spec is None or spec.compensate is None or (place[1], record.kind) == (ids.ROOT, "END"):
            return
        pushed = data["end"].get("stack", ()) if "end" in data else data.get("push", ())
        if data["node"] not in [entry.get("node") for entry in pushed]:
            self.wrong("/".join(place), f"{data['step']} was done, and would never be undone")

    def all_undone(self, place: Place, stack: list[Any]) -> None:
        """Nothing but what lies below a point of no return is left."""
        if stack and "no_return" not in stack[-1] and not _plain(self.journals[place]):
            self.wrong("/".join(place), f"{stack[-1].get('step', stack[-1])} was never undone")

    # ------------------------------------------------------------- at rest
    def at_rest(self, metas: Mapping[str, Meta]) -> Laws:
        """Nothing can move any more: is that right? `metas` is what the store holds then."""
        for execution, known in self.metas.items():
            meta = metas.get(execution, known)
            live = sorted(self.open.get(execution, ()))
            if meta.status is not known.status:
                self.wrong(execution, f"META says {meta.status}, written was {known.status}")
            if meta.status.is_end:
                if live:
                    self.wrong(execution, f"it has {meta.status}, and {live} have not ended")
                for scope in meta.stops.keys() - {ids.ROOT}:
                    self.wrong(execution, f"the stop of {scope} was never removed")
            elif not (meta.paused or meta.status is Status.NEEDS_ATTENTION) and not self.waits(
                execution, live
            ):
                heads = {b: str(self.journals[execution, b][-1].kind) for b in live}
                self.wrong(execution, f"nothing moves, META says {meta.status}, heads are {heads}")
        return self

    def nothing_forgotten(self) -> Laws:
        """What took effect and can be undone: some record says how it went.

        This is not so where a worker was late or a message came twice: of two deliveries at once
        one may obey a stop, and what the other has done is then refused.
        """
        for effect, where in self.effects.items():
            if effect not in self.told:
                self.wrong(where, f"{effect[0]} took effect, and no record says so ({effect[1]})")
        return self

    def unchanged(self, records: Mapping[str, Mapping[str, list[Record]]]) -> Laws:
        """What the store holds at the end is what was appended."""
        for (execution, branch), journal in self.journals.items():
            if execution in records and records[execution].get(branch) != journal:
                self.wrong(f"{execution}/{branch}", "the journal is not what was appended to it")
        return self

    def waits(self, execution: str, live: list[str]) -> bool:
        """Whether all that has not ended waits for something from outside."""
        if not live:
            return False
        heads = {branch: self.journals[execution, branch][-1] for branch in live}
        waiting = [head for head in heads.values() if head.kind is Kind.WAIT]
        forks = [b for b, head in heads.items() if head.kind is Kind.FORK]
        return (
            len(waiting) + len(forks) == len(heads)
            and all(self.below(execution, f"{b}.{heads[b].n}") for b in forks)
            and all(self.outside(execution, head) for head in waiting)
        )

    def outside(self, execution: str, head: Record) -> bool:
        """Whether a wait is for the outside, or for a child execution that itself waits."""
        wait: Any = head.data["state"]["wait"]
        if {"timer", "slot", "job"} & wait.keys():
            return False
        if "child" not in wait and "undo" not in wait:
            return True
        children = [m for m in self.metas.values() if m.parent and m.parent.execution == execution]
        return any(not meta.status.is_end for meta in children)


def _plan(fork: Record) -> Any:
    return fork.data.get("state", {}).get("wait") or {}


def _before_saga(branch: str, journal: Sequence[Record]) -> list[str]:
    """The scopes of the jobs that were there when the saga began that is being undone, if any."""
    if not journal:
        return []
    says: Any = journal[-1].data
    saga = says.get("state", says).get("saga")
    if saga is None:
        return []
    known = [record.data.get("state", record.data).get("vars", {}) for record in journal]
    before = [names[f"${saga}.jobs"] for names in known if f"${saga}.jobs" in names]
    jobs = (record.n for record in journal if record.kind is Kind.SPAWN)
    return [f"{branch}.{n}" for n in jobs if before and n <= before[-1]]


def name_of(branch: str, journal: Callable[[str], Sequence[Record]]) -> str:
    """Under which name the steps of a branch have their keys: what the FORK says, and which child.

    Where it says nothing (journals of older versions, forks that undo) it is the branch itself.
    """
    place = ids.parent_of(branch)
    if place is None:
        return branch
    forks = journal(place.branch)[place.fork - 1 : place.fork]
    if forks and "begins" in forks[0].data:  # a job
        said: Any = forks[0].data["begins"]["vars"]["$branch"]
        return str(said["name"])
    plan: Any = _plan(forks[0]) if forks else {}
    if "name" not in plan:
        return branch
    i, number = place.child, place.child
    for first, _, _, count in plan.get("again", ()):  # a fork that is forked again
        if number < count:
            i = first + number
            break
        number -= count
    gen = plan.get("gens", {}).get(str(i))
    return f"{plan['name']}:{i}" + (f"@{gen}" if gen else "")


def _reopened(root: list[Record], as_of: int) -> bool:
    return any(record.kind in REOPENS for record in root[as_of:])


def _plain(journal: list[Record]) -> bool:
    return any(r.kind is Kind.CANCEL and r.data.get("how") == "cancelled_plain" for r in journal)
