"""History in, decision out: the pure engine alone, on definitions written by hand.

`play` feeds outcomes to a program and notes what it needs each time. After each outcome the record
that would be written is folded by a reader, who must be at the same state.
"""

import random
from collections.abc import Sequence
from typing import Any

import orjson
import pytest

from vivido import engine as pure
from vivido import values
from vivido.engine.needs import Compensate, Continue, End, Fork, Need, Perform, Wait, names
from vivido.engine.program import Program, Resolve
from vivido.engine.state import State
from vivido.errors import DefinitionError, InvariantError, RecordedError, StepError
from vivido.model.definition import FORMAT, Definition
from vivido.model.formats import read_data
from vivido.model.journal import Kind, Record

Node = dict[str, Any]
STEPS = {
    "a": {"ref": "m:a", "compensate": "undo"},
    "b": {"ref": "m:b"},
    "undo": {"ref": "m:undo", "params": [{"name": "n"}, {"name": "result"}]},
}


def step(name: str, to: str | None = None, **args: str) -> Node:
    """A step node whose id is its step's name."""
    return {"id": name, "kind": "step", "step": name, "args": args, **({"to": to} if to else {})}


def back(value: str) -> Node:
    """A return node."""
    return {"id": "return", "kind": "return", "value": value}


def definition(*body: Node, **more: Any) -> Definition:
    """Read a definition whose `main` has these nodes and a parameter `n`."""
    main = {"params": [{"name": "n"}], "locals": ["x", "y", "rows"], "body": list(body)}
    data = {"format": FORMAT, "name": "w", "steps": STEPS, "blocks": {"main": main}}
    blocks = {"main": main, **more.pop("blocks", {})}
    return read_data({**data, "blocks": blocks, **more})


def nothing(ref: str) -> Any:
    """Resolve nothing."""
    raise LookupError(ref)


def load(*body: Node, resolve: Resolve = nothing, **more: Any) -> Program:
    """Make such a definition ready to run."""
    return pure.load(definition(*body, **more), resolve)


class Played:
    """What a program needed, and where it is."""

    def __init__(self, program: Program, n: Any = 1, now: float = 0.0) -> None:
        self.program, self.now = program, now
        self.state = pure.begin({"n": values.encode(n)})
        self.reader = pure.begin({"n": values.encode(n)})
        self.records = 0
        self.need: Need = pure.advance(program, self.state, now)

    def record(self, need: Need) -> "Played":
        """Fold what is recorded, and go on from there: another delivery would."""
        self.need = need
        data = orjson.loads(orjson.dumps(pure.follows(self.state)))
        self.state.written()
        self.records += 1
        self.reader = pure.fold(self.reader, Record(self.records, Kind.OK, "m", "d", 0.0, data))
        assert self.reader.snapshot() == self.state.snapshot()
        self.state = pure.restore(orjson.loads(orjson.dumps(self.state.snapshot())))
        return self

    def ok(self, result: Any = None, **arguments: Any) -> "Played":
        """The step at hand gives this."""
        encoded = values.encode(result)
        return self.record(pure.succeeded(self.program, self.state, self.now, encoded, arguments))

    def fails(self, error: Exception, arguments: Any = None) -> "Played":
        """The step at hand fails for good."""
        return self.record(pure.failed(self.program, self.state, self.now, error, arguments))

    def undone(self) -> "Played":
        """The compensation at hand is done."""
        return self.record(pure.undone(self.program, self.state, self.now))


def shown(need: Need) -> Any:
    """A need as data."""
    match need:
        case Perform(path=path, args=args):
            return ("perform", path, args)
        case Compensate(path=path, args=args):
            return ("compensate", path, args)
        case Fork(path=path, plan=plan):
            return ("fork", path, plan["width"], plan["lanes"])
        case Wait(path=path, timer=timer, child=child):
            return ("wait", path, timer, child)
        case End(value=value, error=error, stored=stored):
            return ("end", value if stored is None else stored, error)
        case Continue():
            return "continue"


# ------------------------------------------------------------------ decisions
def test_a_sequence() -> None:
    """Each result leads to the next step, the last to the end."""
    played = Played(load(step("b", "x", n="n + 1"), step("a", "y", n="x"), back("[x, y]")))
    assert shown(played.need) == ("perform", "b", {"n": 2})
    assert shown(played.ok(10).need) == ("perform", "a", {"n": 10})
    assert shown(played.ok(20, n=10).need) == ("end", [10, 20], None)


def test_an_error_unwinds_what_can_be_undone() -> None:
    """In reverse, with arguments and results by name; then it ends with the error."""
    played = Played(load(step("a", "x", n="n"), step("b")))
    played.ok("done", n=5)
    failure = StepError("no")
    assert shown(played.fails(failure).need) == (
        "compensate",
        "a/undo",
        {"n": 5, "result": "done"},
    )
    need = played.undone().need
    assert isinstance(need, End)
    assert str(need.error) == "no"
    assert pure.end_of_root(played.state, need)["status"] == "compensated"


def test_an_error_without_anything_to_undo() -> None:
    """It ends at once."""
    played = Played(load(step("b"), back("n")))
    need = played.fails(StepError("no")).need
    assert isinstance(need, End)
    assert pure.end_of_root(played.state, need)["status"] == "failed"


def test_arguments_that_were_drawn_are_kept() -> None:
    """Evaluated once: whoever takes the branch over gives the step the same."""
    bindings = {"random": {"kind": "module", "ref": "random"}}
    program = load(step("b", n="random.random()"), names=bindings, resolve=lambda _: random)
    played = Played(program)
    assert isinstance(played.need, Perform)
    first = played.need.args
    assert played.state.unrecorded
    played.record(played.need)
    again = pure.advance(program, played.state, 0.0)
    assert isinstance(again, Perform)
    assert again.args == first
    played.ok()
    assert "$b.args" not in played.state.vars


def test_only_nodes_of_a_saga_are_undone_by_it() -> None:
    """Then the error goes on to whoever catches it."""
    inner = {"id": "saga", "kind": "saga", "body": [step("a", n="2"), step("b")]}
    handler = {"types": [], "body": [back("'caught'")]}
    tried = {"id": "try", "kind": "try", "body": [inner], "handlers": [handler]}
    played = Played(load({**step("a", n="1"), "id": "first"}, tried))
    played.ok(n=1).ok(n=2)
    assert shown(played.fails(StepError("no")).need)[1:] == ("a/undo", {"n": 2, "result": None})
    assert shown(played.undone().need) == ("end", "caught", None)
    assert [entry["node"] for entry in played.state.stack] == ["first"]


def test_a_stop_unwinds_with_or_without_compensation() -> None:
    """A plain cancel forgets what could be undone."""
    needs = {"cancelled": Compensate, "timed_out": Compensate, "cancelled_plain": End}
    for how, kind in needs.items():
        played = Played(load(step("a", n="n"), step("b"))).ok(n=1)
        need = pure.stopped(played.program, played.state, how)  # type: ignore[arg-type]
        assert isinstance(need, kind)
        ended = End(error=played.state.error)
        status = pure.end_of_root(played.state, ended)["status"]
        assert status == {"timed_out": "timed_out"}.get(how, "cancelled")


def test_a_fork_and_its_join() -> None:
    """The plan says how wide; the ends of the children are its value."""
    branch = {"body": [step("b", n="n")]}
    node = {"id": "fork", "kind": "parallel", "branches": [branch, {"value": "n * 2"}], "to": "x"}
    played = Played(load(node, back("x")))
    assert shown(played.need) == ("fork", "fork", 2, 2)
    played.state.phase, played.state.wait = "fork", played.need.plan  # type: ignore[union-attr]
    ends = [{"status": "ok", "value": 7}, {"status": "ok", "value": 2}]
    need = pure.joined(played.program, played.state, 0.0, "r.1", ends)
    assert shown(need) == ("end", (7, 2), None)


def test_children_begin_with_what_they_read() -> None:
    """And end with the value of their only step, or of their expression."""
    branch = {"body": [step("b", n="n")]}
    node = {"id": "fork", "kind": "parallel", "branches": [branch, {"value": "n * 2"}], "to": "x"}
    program = load({"id": "set", "kind": "set", "to": "y", "value": "1"}, node, back("x"))
    played = Played(program)
    fork: Any = program.nodes["fork"]
    plan = played.need.plan  # type: ignore[union-attr]
    variables = played.state.vars.all_encoded()
    assert set(variables) == {"n", "y"}
    first = pure.restore(fork.child(plan, variables, 0))
    assert first.vars.names() == {"n", "$branch"}
    assert shown(pure.advance(program, first, 0.0)) == ("perform", "b", {"n": 1})
    assert shown(pure.succeeded(program, first, 0.0, 5, {})) == ("end", 5, None)
    second = pure.restore(fork.child(plan, variables, 1))
    assert shown(pure.advance(program, second, 0.0)) == ("end", 2, None)
    with pytest.raises(IndexError):
        fork.child(plan, variables, 2)


def test_a_child_that_fails_leaves_its_compensations_to_its_parent() -> None:
    """Its end carries them; it undoes nothing itself."""
    branch = {"body": [step("a", n="n"), step("b")], "value": "1"}
    program = load({"id": "fork", "kind": "parallel", "branches": [branch]})
    plan = Played(program).need.plan  # type: ignore[union-attr]
    child = pure.restore(program.nodes["fork"].child(plan, {"n": 3}, 0))  # type: ignore[attr-defined]
    pure.advance(program, child, 0.0)
    pure.succeeded(program, child, 0.0, "r", {"n": 3})
    need = pure.failed(program, child, 0.0, StepError("no"), None)
    assert isinstance(need, End)
    end = pure.end_of_child(child, need)
    assert (end["status"], [entry["args"] for entry in end["stack"]]) == (
        "failed",
        [{"n": 3, "result": "r"}],
    )
    assert pure.end_of_stopped(child)["stack"] == end["stack"]


@pytest.mark.parametrize("rest", ["stop", "finish"])
def test_what_is_not_needed_is_stopped_or_finished(rest: str) -> None:
    """Children are told which outcomes stop the others, unless all are to finish."""
    policy = {"need": "1", "tolerate": "0", "rest": rest}
    node = {"id": "fork", "kind": "map", "item": "y", "items": "range(n)", "policy": policy}
    plan = Played(load(node), n=3).need.plan  # type: ignore[union-attr]
    told = {name: plan[name] for name in ("allowed", "need", "finish") if name in plan}
    assert told == {"allowed": 0, "need": 1} | ({"finish": True} if rest == "finish" else {})


def test_a_sleep_and_its_end() -> None:
    """It waits until its time; what comes at its time goes on behind it."""
    played = Played(load({"id": "sleep", "kind": "sleep", "args": {"hours": "n"}}, back("n")))
    assert shown(played.need) == ("wait", "sleep", 3600.0, None)
    played.state.phase, played.state.wait = "wait", {"timer": 3600.0}
    assert shown(pure.woke_by_timer(played.program, played.state, 3600.0)) == ("end", 1, None)


def test_a_child_execution_and_its_end() -> None:
    """It waits for the child; its result goes where it belongs, and may not fit there."""
    node = {"id": "child", "kind": "child", "workflow": "w2", "args": {"n": "n"}, "to": "(x, y)"}
    more = {"workflows": {"w2": {"ref": "m:w2", "params": [{"name": "n"}]}}}
    for result, expected in (([1, 2], ("end", [2, 1], None)), ([1], None)):
        played = Played(load(node, back("[y, x]"), **more))
        assert shown(played.need)[3] == {"workflow": "w2", "input": {"n": 1}}
        played.state.phase, played.state.wait = "wait", {"child": {}}
        need = pure.woke_by_child(played.program, played.state, 0.0, "x~r.1", {"value": result})
        if expected is None:
            assert isinstance(need, End)
            assert isinstance(need.error, ValueError)
        else:
            assert shown(need) == expected


def test_a_walk_stops_now_and_then() -> None:
    """So many nodes without a record are enough."""
    loop = {"id": "while", "kind": "while", "test": "n < 10_000", "body": [
        {"id": "set", "kind": "set", "to": "n", "op": "+=", "value": "1"}]}  # fmt: skip
    played = Played(load(loop, back("n")))
    stops = 0
    while played.need == Continue():
        stops += 1
        played.record(pure.advance(played.program, played.state, 0.0))
    assert shown(played.need) == ("end", 10_000, None)
    assert stops == 19  # two nodes a round, and the last thousand ends it


def test_a_block_is_entered_and_left() -> None:
    """Its variables are its own, its parameters have defaults, its result is assigned."""
    helper = {
        "within": "main",
        "params": [
            {"name": "a"},
            {"name": "b", "default": "a + n"},
            {"name": "rest", "kind": "args"},
            {"name": "more", "kind": "kwargs"},
        ],
        "locals": ["z"],
        "body": [
            {"id": "helper.set", "kind": "set", "to": "z", "value": "[a, b, rest, more]"},
            {**step("b", n="z"), "id": "helper.b"},
            {"id": "helper.return", "kind": "return", "value": "z"},
        ],
    }
    call = {"id": "call", "kind": "call", "block": "helper", "args": {"a": "5"}, "to": "x"}
    played = Played(load(call, back("x"), blocks={"helper": helper}))
    assert shown(played.need) == ("perform", "call/helper.b", {"n": [5, 6, (), {}]})
    assert played.state.at == ["call", "helper.b"]
    assert shown(played.ok().need) == ("end", [5, 6, (), {}], None)
    assert played.state.vars.names() == {"n", "x"}


def test_records_name_their_step() -> None:
    """The path only where it says more than the node."""
    played = Played(load(step("b")))
    assert names(played.need) == {"node": "b", "step": "b"}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("node", "kind"),
    [
        ({"kind": "set", "to": "x", "value": "zip([1], [2])"}, "zip"),
        ({"kind": "set", "to": "(x, y)", "value": "[1, iter([1])]"}, "list_iterator"),
        ({"kind": "set", "to": "x[0]", "value": "lambda: 1"}, "function"),
        ({"kind": "set", "to": "x", "value": "{}.keys()"}, "dict_keys"),
    ],
)
def test_what_cannot_be_written_down_cannot_be_kept(node: Node, kind: str) -> None:
    """An error at the node that would keep it; the compiler refuses most of it beforehand."""
    need = Played(load({"id": "set", **node})).need
    assert isinstance(need, End)
    assert str(need.error) == (
        f"set: a value of type {kind!r} cannot be kept in a variable: store what it gives, as "
        "list(…)"
    )


def test_handlers_take_tuples_of_classes_and_refuse_what_is_none() -> None:
    """As in Python, where the classes are values like others."""
    for types, expected in (
        ("(KeyError, (StepError, OSError))", ("end", "caught", None)),
        ("5", "catching classes that do not inherit from BaseException is not allowed"),
        ("nowhere", "name 'nowhere' is not defined"),
    ):
        handlers = [{"types": [types], "body": [back("'caught'")]}]
        final = [{"id": "log", "kind": "log", "message": "'finally'"}]
        for rest in ({}, {"final": final}):
            node = {"id": "try", "kind": "try", "body": [step("b")], "handlers": handlers, **rest}
            bindings = {"StepError": {"kind": "class", "ref": "vivido.errors:StepError"}}
            played = Played(load(node, names=bindings, resolve=lambda _: StepError))
            need = played.fails(StepError("no")).need
            assert isinstance(need, End)
            assert (shown(need) if need.error is None else str(need.error)) == expected


def test_a_class_that_is_gone_catches_errors_that_were_recorded() -> None:
    """A worker without the author's code goes on where another one stood."""
    handlers = [
        {"types": ["Other"], "body": [{**back("'other'"), "id": "other"}]},
        {"types": ["Declined"], "to": "error", "body": [back("[str(error), error.reason]")]},
    ]
    node = {"id": "try", "kind": "try", "body": [step("b")], "handlers": handlers}
    bindings = {name: {"kind": "class", "ref": f"shop:{name}"} for name in ("Declined", "Other")}
    program = load(node, names=bindings)
    recorded = RecordedError(
        "shop:Blocked", "no", bases=["shop:Declined", "Exception"], attributes={"reason": "limit"}
    )
    need = Played(program).fails(recorded).need
    assert shown(need) == ("end", ["no", "limit"], None)


HOSTILE = "</script>{0.__class__}%s%(x)d\x00\x1b[31m\u202e\ud800 '\"`\n" + "x" * 5_000


def test_texts_are_only_texts() -> None:
    """What stands in values is never evaluated, formatted or taken for a part of a path."""
    body = [
        {"id": "log", "kind": "log", "message": "n", "args": []},
        {"id": "log_2", "kind": "log", "message": "'%s'", "args": ["n"]},
        {"id": "publish", "kind": "publish", "args": {"shown": "n"}},
        {"id": "set", "kind": "set", "to": "x", "value": "f'{n}' + n"},
        step("a", "y", n="n"),
        {"id": "raise", "kind": "raise", "value": "ValueError(n)"},
    ]
    played = Played(load(*body), n=HOSTILE)
    assert shown(played.need) == ("perform", "a", {"n": HOSTILE})
    written = HOSTILE.replace("\ud800", "\\ud800")  # records are UTF-8
    assert [line[2] for line in played.state.logs] == [written, written]
    assert values.decode(played.state.shown["shown"]) == HOSTILE
    played.ok(HOSTILE, n=HOSTILE)
    encoded = values.encode(HOSTILE)
    assert shown(played.need) == ("compensate", "a/undo", {"n": encoded, "result": encoded})
    assert played.state.vars["x"] == HOSTILE * 2
    assert played.state.error is not None
    assert played.state.error.args == (HOSTILE,)


# ------------------------------------------------------------------ what never happens
def test_nothing_is_undone_while_nothing_unwinds() -> None:
    """Whoever asks has a bug."""
    from vivido.engine.undoing import undoing  # noqa: PLC0415

    with pytest.raises(InvariantError, match="in phase 'run'"):
        undoing(load(step("b")), State())


# ------------------------------------------------------------------ what is refused when loaded
def bad(*body: Node, **more: Any) -> str:
    """Load, and return why it is refused."""
    with pytest.raises(DefinitionError) as caught:
        load(*body, **more)
    return str(caught.value)


EVENT = {"id": "receive", "kind": "receive", "line": 4, "args": {"name": "'paid'"}}
CHILD = {"id": "child", "kind": "child", "workflow": "w2"}
CALL = {"id": "call", "kind": "call", "block": "helper"}
SET = {"id": "set", "kind": "set", "to": "x", "value": "n."}


@pytest.mark.parametrize(
    ("body", "more", "message"),
    [
        ([step("c")], {}, "w: there is no step 'c'"),
        ([CHILD], {}, "w: there is no workflow 'w2'"),
        ([CALL], {}, "w: there is no block 'helper'"),
        ([EVENT], {}, "w, line 4: a node of kind 'receive' cannot be run by this version"),
        ([SET], {}, "w, 'set': 'n.' cannot be run"),
        ([{**SET, "value": "n.__class__"}], {}, "w, 'set': 'n.__class__' cannot be run"),
        ([{**SET, "value": "1", "to": "$branch"}], {}, "w, 'set': '$branch' cannot be run"),
        ([{**SET, "value": "1", "to": "f()"}], {}, "w, 'set': 'f()' cannot be run"),
        ([step("b", "$value")], {}, "w, 'b': '$value' cannot be run"),
        (
            [],
            {"steps": {"a": {"ref": "m:a", "compensate": "c"}}},
            "w: 'c', which undoes 'a', is not in `steps`",
        ),
        (
            [],
            {"blocks": {"p": {"within": "q"}, "q": {"within": "p"}}},
            "w: blocks lie within one another: p in q in p",
        ),
        ([], {"blocks": {"p": {"within": "gone"}}}, "w: blocks lie within one another: p in gone"),
        ([], {"blocks": {"p": {"locals": ["$x"]}}}, "w: '$x' in block 'p' is no name"),
        ([], {"steps": {"a": {"ref": "m:a", "timeout": "soon"}}}, "w, step 'a': 'soon' is no"),
        ([], {"steps": {"\ud800": {"ref": "m:a"}}}, "w: '\\ud800' cannot be the name of a step"),
        ([], {"timeout": "-1s"}, "w: timeout: '-1s' is no duration"),
        (
            [],
            {"steps": {"a": {"ref": "m:a", "retry": {"backoff": "x"}}}},
            "w, step 'a': 'x' is no duration",
        ),
    ],
)  # fmt: skip
def test_what_does_not_hold_together_is_refused(
    body: Sequence[Node], more: dict[str, Any], message: str
) -> None:
    """Before anything runs; the sentence names the place."""
    assert bad(*body, **more).startswith(message)


def test_an_execution_begins_in_main() -> None:
    """A definition without it cannot be run."""
    empty = Definition(name="w", blocks={})
    with pytest.raises(DefinitionError, match="there is no block 'main'"):
        pure.load(empty, nothing)


@pytest.mark.parametrize("hostile", ["$branch", "a b", "1", "", "x; import os"])
def test_variables_have_names(hostile: str) -> None:
    """None of them can be taken for one of the engine's own."""
    handler = {"types": [], "to": hostile, "body": []}
    tried = {"id": "try", "kind": "try", "handlers": [handler]}
    assert "is no name of a variable" in bad(tried)


def test_what_is_gone_is_found_out_when_it_is_called() -> None:
    """A definition loads without the author's code: only what is used has to be there."""
    bindings = {
        "Gone": {"kind": "class", "ref": "shop:Gone"},
        "five": {"kind": "constant", "value": 5},
    }
    program = load(
        {"id": "if", "kind": "if", "test": "n", "then": [back("Gone()")]},
        {**back("five"), "id": "return_2"},
        names=bindings,
    )
    assert shown(Played(program, n=0).need) == ("end", 5, None)
    need = Played(program, n=1).need
    assert isinstance(need, End)
    assert str(need.error).startswith("'shop:Gone' is not there: install")
