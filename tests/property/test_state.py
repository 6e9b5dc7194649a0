"""The laws of a branch's state: what is recorded folds to what there is, and snapshots are exact.

A machine changes variables in all the ways that nodes do, and writes a record now and then. A
reader who has only the records must have the same variables after each.
"""

from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from vivido import values
from vivido.engine import State, begin, fold, follows, restore, whole
from vivido.engine.state import Variables
from vivido.model.journal import Kind, Record

NAMES = st.sampled_from(["a", "b", "rows", "$for", "part.x"])
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
VALUES = st.recursive(
    SCALARS | st.binary(max_size=3) | st.decimals(allow_nan=False) | st.tuples(SCALARS, SCALARS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
LISTS = st.lists(VALUES, max_size=3)


class Machine(RuleBasedStateMachine):
    """Changes a state; `model` holds what its variables must be, `reader` what records say."""

    def __init__(self) -> None:
        super().__init__()
        self.state, self.reader = State(), State()
        self.model: dict[str, Any] = {}
        self.n = 0

    @initialize(values_=st.dictionaries(NAMES, VALUES, max_size=3))
    def begins(self, values_: dict[str, Any]) -> None:
        """An execution begins with arguments that nobody has decoded yet."""
        stored = {name: values.encode(value) for name, value in values_.items()}
        self.state, self.reader = begin(stored), begin(dict(stored))
        self.model = dict(values_)

    @property
    def vars(self) -> Variables:
        """The variables at hand."""
        return self.state.vars

    # ------------------------------------------------------------- what nodes do
    @rule(name=NAMES, value=VALUES)
    def assigns(self, name: str, value: Any) -> None:
        """`name = value`."""
        self.vars[name] = values.copy(value)
        self.model[name] = value

    @rule(name=NAMES, value=VALUES, read=st.booleans())
    def takes_a_result(self, name: str, value: Any, *, read: bool) -> None:
        """A result arrives encoded, and is perhaps read before it is recorded."""
        self.vars.set_stored(name, values.encode(value))
        self.model[name] = value
        if read:
            assert self.vars[name] == value

    @rule(name=NAMES)
    def deletes(self, name: str) -> None:
        """`del name`, or nothing."""
        self.vars.discard(name)
        self.model.pop(name, None)

    @rule(name=NAMES, items=LISTS)
    def makes_a_list(self, name: str, items: list[Any]) -> None:
        """`name = [...]`."""
        self.vars[name] = values.copy(items)
        self.model[name] = items

    @rule(name=NAMES, item=VALUES)
    def appends(self, name: str, item: Any) -> None:
        """`name.append(item)`, which is recorded as one more item."""
        if not isinstance(self.model.get(name), list):
            return
        before = len(self.vars[name])
        self.vars[name].append(values.copy(item))
        self.vars.grew(name, before)
        self.model[name] = [*self.model[name], item]

    @rule(name=NAMES, item=VALUES)
    def changes_in_place(self, name: str, item: Any) -> None:
        """A method changes the value: all of it is recorded anew."""
        if not isinstance(self.model.get(name), list):
            return
        self.vars[name].insert(0, values.copy(item))
        self.vars.changed([name])
        self.model[name] = [item, *self.model[name]]

    @rule(names=st.lists(NAMES, max_size=3))
    def may_have_changed(self, names: list[str]) -> None:
        """A value is lent to the author's code, which left it as it was; a name may be unbound."""
        self.vars.changed(names)

    @rule(entry=st.fixed_dictionaries({"step": st.text(max_size=2)}))
    def pushes(self, entry: dict[str, Any]) -> None:
        """A step that can be undone is done."""
        self.state.stack.append(entry)

    @precondition(lambda self: len(self.state.stack) == self.state.depth > 0)
    @rule()
    def pops(self) -> None:
        """A compensation is done; its record is the next."""
        self.state.pop()
        self.records(result=None)

    @rule(tried=st.integers(0, 3), claimed=st.booleans(), phase=st.sampled_from(["run", "unwind"]))
    def moves(self, tried: int, *, claimed: bool, phase: Any) -> None:
        """The position and its small counters change."""
        self.state.at = ["call", f"node_{tried}"]
        self.state.tried, self.state.claimed, self.state.phase = tried, claimed, phase
        self.state.error = ValueError("x") if phase == "unwind" else None

    # ------------------------------------------------------------- what is recorded
    @rule(result=st.none() | VALUES)
    def records(self, result: Any) -> None:
        """A record is written; whoever reads it is where the writer is."""
        data: dict[str, Any] = {}
        if result is not None:  # as of a step: the variable's value stands in the record once
            data["result"] = values.encode(result)
            self.vars.set_stored("r", data["result"])
            self.model["r"] = result
            data |= follows(self.state, "r", data["result"])
            assert data["to"] == "r"
            assert "r" not in data.get("vars", {})
        else:
            data |= follows(self.state)
        self.written(Kind.OK, data)

    @rule()
    def records_all(self) -> None:
        """FORK and WAIT hold the whole state."""
        self.written(Kind.FORK, whole(self.state))

    def written(self, kind: Kind, data: dict[str, Any]) -> None:
        """The writer goes on, and a reader folds what a store would give back."""
        self.n += 1
        self.state.written()
        stored = orjson.loads(orjson.dumps(data))
        self.reader = fold(self.reader, Record(self.n, kind, "m", "d", 0.0, stored))
        assert self.reader.snapshot() == self.state.snapshot()
        assert follows(self.state).keys() <= {*dict(self.state.small()), "at"}

    # ------------------------------------------------------------- laws
    @invariant()
    def the_variables_are_those_of_the_model(self) -> None:
        """Names, membership and values, whether they are decoded or not."""
        assert self.vars.names() == set(self.model)
        assert {name for name in (*self.model, "nobody") if name in self.vars} == set(self.model)
        encoded = {name: values.encode(value) for name, value in sorted(self.model.items())}
        assert self.vars.all_encoded() == encoded

    @invariant()
    def a_snapshot_is_exact(self) -> None:
        """Restored, it is the same state; nothing of it is shared with the original's lists."""
        snapshot = self.state.snapshot()
        restored = restore(orjson.loads(orjson.dumps(snapshot)))
        assert restored.snapshot() == snapshot
        assert {name: restored.vars[name] for name in restored.vars.names()} == self.model


Machine.TestCase.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
TestState = Machine.TestCase


@given(VALUES)
def test_a_missing_name_is_a_key_error(value: Any) -> None:
    """As in a dict: `get` has a default, `del` and reading raise."""
    variables = Variables({"a": values.encode(value)})
    assert variables.get("b", value) == value
    with pytest.raises(KeyError, match="'b'"):
        variables["b"]
    with pytest.raises(KeyError, match="'b'"):
        del variables["b"]


@given(VALUES)
def test_reading_does_not_make_dirty(value: Any) -> None:
    """What is only read is not written again."""
    state = begin({"a": values.encode(value)})
    assert state.vars["a"] == value
    assert state.vars.dirty == {}
    assert "vars" not in follows(state)
