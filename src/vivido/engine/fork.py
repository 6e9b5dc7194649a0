"""Nodes that run branches side by side.

How children begin, and what their parent makes of their ends.

The FORK record holds the plan: how many children (`width`), how many at once (`lanes`), the items
of spread
branches, the policy. Child `i` begins with the variables that its branch reads and one hidden
variable, ``$branch``. Its `name` there is made of step paths, not of record numbers: under it the
steps of the child have their idempotency keys, and a fork that is forked again has the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from vivido import ids, values
from vivido.authoring.batch import STOPPED, Batch, Collected, How, Outcome, Reason
from vivido.authoring.tolerance import Limits, checked_count, limits
from vivido.engine.control import plain_name
from vivido.engine.needs import End, Fork, Need
from vivido.engine.program import VALUE, Assigns, Body, RunnableNode
from vivido.engine.reforking import REFORK, name_of, original
from vivido.engine.streaming import Streamed
from vivido.engine.walk import DUE, PROCESS_ENDS, Jump, Walk
from vivido.errors import StepError
from vivido.expressions import Target
from vivido.model import nodes as spec
from vivido.model.journal import Json

BRANCH, ITEM = "$branch", "$item"
TOLD = ("width", "lanes", "allowed", "need", "finish", "first")  # what of the plan a child is told


class BranchEntry(RunnableNode):
    """Where a child begins: it takes its item, runs the body and ends with the value."""

    def __init__(self, fork: Assigns, number: int, branch: spec.Branch, load: Any) -> None:
        self.id = f"{fork.id}#{number}"
        self.body, self.index = fork.body, fork.index
        self.loops = self.deadlines = ()
        load.add(self)
        self.name = branch.name
        each = branch.each
        self.items = load.expression(each.items) if each else None
        self.source = plain_name(each.items, self.items) if each and self.items else None
        self.to: Target | None = load.target(each.to) if each else None
        self.where = [load.expression(text) for text in each.where] if each else []
        with load.inside_branch(self, branch):
            self.inner = load.body(branch.body, self, "branch")
            self.value = load.expression(branch.value) if branch.value is not None else None
        self.captured: frozenset[str] = frozenset()  # filled in when everything is loaded

    def spread(self, walk: Walk) -> Sequence[Any] | None:
        """The items of this branch; None where it is a single child."""
        if self.items is None or self.to is None:
            return None
        if self.source is not None and not self.where:
            streamed = walk.vars.stream(self.source)
            if streamed is not None:
                return streamed
        items = list(walk.value(self.items))
        return [item for item in items if self.fits(walk, self.to, item)] if self.where else items

    def fits(self, walk: Walk, to: Target, item: Any) -> bool:
        """Whether the item passes the conditions; its target is a variable of the children only."""
        before = {name: walk.vars[name] for name in to.binds if name in walk.vars}
        walk.assign(to, item)
        try:
            return all(walk.value(test) for test in self.where)
        finally:
            for name in to.binds:
                if name in before:
                    walk.vars[name] = before[name]
                else:
                    walk.vars.discard(name)

    def enter(self, walk: Walk) -> Need | None:
        if self.to is not None:
            walk.assign(self.to, walk.vars[ITEM])
        walk.into(self.inner)
        return None

    def done(self, walk: Walk, slot: str) -> None:
        if self.value is None and VALUE in walk.vars.stored:
            walk.finish(End(stored=walk.vars.stored[VALUE]))
            return
        try:
            value = walk.vars.get(VALUE) if self.value is None else walk.value(self.value)
        except Exception as error:
            walk.finish(End(error=error))
        else:
            walk.finish(End(value=value))

    def take(self, walk: Walk, slot: str, jump: Jump) -> RunnableNode | None:
        walk.finish(End(value=jump.value, error=jump.error))
        return None


class ForkNode(Assigns):
    """What `parallel` and `map_each` share."""

    as_tuple: bool

    def __init__(
        self,
        node: spec.Parallel | spec.Map | spec.First,
        branches: Sequence[spec.Branch],
        load: Any,
        body: Body,
        index: int,
    ) -> None:
        super().__init__(node, load, body, index)
        policy = spec.Policy() if isinstance(node, spec.First) else node.policy
        self.extra: dict[str, Json] = {}  # what its plan says besides
        self.collect = policy.on_error == "collect"
        self.rest = policy.rest
        self.options = {
            name: load.expression(text)
            for name in ("max_concurrency", "tolerate", "need")
            if (text := getattr(policy, name)) is not None
        }
        self.branches = [
            BranchEntry(self, number, branch, load) for number, branch in enumerate(branches)
        ]
        self.aim(node, load)

    def enter(self, walk: Walk) -> Need | None:
        due = walk.in_time()
        if REFORK in walk.vars:
            again: dict[str, Json] = {**walk.vars.inline(walk.vars.encoded(REFORK))}
            if due is not None:
                again["deadline"] = due
            return Fork(self, walk.path(self.id), again)
        spread = {
            str(n): items
            for n, branch in enumerate(self.branches)
            if (items := branch.spread(walk)) is not None
        }
        width = sum(
            len(spread[str(n)]) if str(n) in spread else 1 for n in range(len(self.branches))
        )
        options = {
            name: value
            for name, expression in self.options.items()
            if (value := walk.value(expression)) is not None
        }
        bounds = self.limits(width, options)
        most = options.get("max_concurrency")
        checked_count("max_concurrency", most)
        if width == 0:
            self.assign(walk, self.gather([], options))
            walk.after(self)
            return None
        plan: dict[str, Json] = {"width": width, "lanes": min(most or width, width), **self.extra}
        if spread:
            plan["items"] = {n: _encoded(items) for n, items in spread.items()}
        plan.update({name: value for name, value in options.items() if name != "max_concurrency"})
        if bounds.allowed < width:
            plan["allowed"] = bounds.allowed
        if self.rest == "finish":
            plan["finish"] = True
        if due is not None:
            plan["deadline"] = due
        path = walk.path(self.id)
        plan["name"] = f"{walk.name() or ids.ROOT}.{path}"
        return Fork(self, path, plan)

    # ------------------------------------------------------------- children
    def child(self, plan: Json, variables: Mapping[str, Json], number: int) -> dict[str, Json]:
        """The state, as JSON, in which child `number` begins.

        `variables` are the parent's, encoded.
        """
        entry, item = self.place(plan, original(plan, number))
        kept = {name: variables[name] for name in entry.captured if name in variables}
        kept[BRANCH] = {"i": number, **{name: plan[name] for name in TOLD if name in plan}}
        kept[BRANCH].update(plan.get("told", {}))
        if (name := name_of(plan, number)) is not None:
            kept[BRANCH]["name"] = name
        if item is not None:
            kept[ITEM] = item[0]
        if "deadline" in plan:
            kept[DUE] = plan["deadline"]
        return {"at": [entry.id], "vars": kept}

    def place(self, plan: Json, number: int) -> tuple[BranchEntry, list[Json] | None]:
        """Which branch child `number` runs, and (in a list) its item."""
        if len(self.branches) == 1 and self.branches[0].items is not None:
            return self.branches[0], [plan["items"]["0"][number]]
        for n, entry in enumerate(self.branches):
            items = plan["items"][str(n)] if entry.items is not None else None
            width = 1 if items is None else len(items)
            if number < width:
                return entry, None if items is None else [items[number]]
            number -= width
        raise IndexError(number)

    # ------------------------------------------------------------- join
    def joined(self, walk: Walk, plan: Json, ends: Sequence[Json], found: Json = None) -> None:
        """All children have ended: assign their values, or raise.

        `found`: the values are not in the ends but in this list, encoded.
        """
        try:
            if found is None:
                self.assign(walk, self.gather(ends, plan))
            else:
                self.take_list(walk, plan, ends, found)
        except PROCESS_ENDS:
            raise
        except BaseException as error:  # what a child raised need not be an Exception
            walk.throw(self, error)
        else:
            walk.after(self)

    def limits(self, width: int, options: Mapping[str, Any]) -> Limits:
        """How many failures and successes end the fork."""
        return limits(
            width,
            on_error="collect" if self.collect else "fail",
            tolerate=options.get("tolerate"),
            need=options.get("need"),
        )

    def take_list(self, walk: Walk, plan: Json, ends: Sequence[Json], found: Json) -> None:
        """Assign the list of values, or raise the first error where that is not borne."""
        how = [end["status"] for end in ends]
        failed = how.count("failed")
        reason = self.limits(len(ends), plan).verdict(how.count("ok"), failed)
        if failed and reason in ("need_missed", "tolerance_exceeded"):
            raise walk.vars.decode(ends[how.index("failed")]["error"])
        if self.plain is not None:
            walk.vars.set_stored(self.plain, found)
        else:
            self.assign(walk, walk.vars.decode(found))

    def gather(self, ends: Sequence[Json], plan: Json) -> Any:
        """The value of the node, or the first error where that is not borne."""
        outcomes = [_outcome(i, end) for i, end in enumerate(ends) if end["status"] != "stopped"]
        batch: Batch[Any] = Batch(outcomes)
        reason = self.limits(len(ends), plan).verdict(batch.succeeded, batch.failed)
        if not self.collect and reason in ("need_missed", "tolerance_exceeded"):
            batch.raise_if_failed()
        if self.as_tuple:
            return self._in_places(ends, plan, reason or "all_done")
        stopped = [_how(end) for end in ends].count("stopped")
        return Batch(outcomes, reason or "all_done", stopped) if self.collect else batch.results

    def _in_places(self, ends: Sequence[Json], plan: Json, reason: Reason) -> tuple[Any, ...]:
        """What each branch gave; where not all need have a value, also why there is no more."""
        places = (_in_place(end) for end in ends)
        if not self.collect and not {"tolerate", "need"} & plan.keys():
            return tuple(places)
        return Collected.of(places, map(_how, ends), reason)


def _encoded(items: Sequence[Any]) -> Json:
    """The items of a branch; those that lie in pages are not read."""
    if isinstance(items, Streamed):
        return items.pages.reference
    return [values.encode(item) for item in items]


def _how(end: Json) -> How:
    """How a branch ended; one that was stopped before it did anything has not begun."""
    status: How = end["status"]
    return "unbegun" if status == "stopped" and "begun" not in end else status


def _outcome(index: int, end: Json) -> Outcome[Any]:
    if end["status"] == "ok":
        return Outcome(index, value=values.decode(end["value"]))
    return Outcome(index, error=values.decode(end["error"]))


def _in_place(end: Json) -> Any:
    """A branch's value, or what stands for it."""
    if end["status"] == "ok":
        return values.decode(end["value"])
    if end["status"] == "failed":
        return values.decode(end["error"])
    return StepError(STOPPED)


class ParallelNode(ForkNode):
    """`parallel(…)`: a tuple of the branches' values."""

    as_tuple = True

    def __init__(self, node: spec.Parallel, load: Any, body: Body, index: int) -> None:
        super().__init__(node, node.branches, load, body, index)


class MapNode(ForkNode):
    """`map_each(…)`: a list of the items' values, or a Batch."""

    as_tuple = False

    def __init__(self, node: spec.Map, load: Any, body: Body, index: int) -> None:
        each = spec.Each(to=node.item, items=node.items)
        super().__init__(
            node, [spec.Branch(each=each, body=node.body, value=node.value)], load, body, index
        )


KINDS = {spec.Parallel: ParallelNode, spec.Map: MapNode}
