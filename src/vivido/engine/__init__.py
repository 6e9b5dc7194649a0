"""The pure engine: what follows from what happened. No clock, no chance, no input or output.

    load(definition, library)            -> Program     the definition, ready to run
    begin(program, input)                -> State       an execution before its first node
    advance(program, state, now)         -> Need        walk to what has to be done next
    settle / woke / joined / undone …    -> State       an outcome enters, and `advance` walks on
    write(state, kind, …)                -> data        what a record says, with the state that
    follows
    fold(program, state, record)         -> State       the same state, from the record alone

A branch is always at one position: the innermost node that is about to be performed, with one node
for each call
around it. Everything between two effects is pure and may be repeated; what might come out
differently is recorded
before the next effect. The state that follows an outcome is written *with* the outcome, so one
record a step is enough.
"""

from vivido.engine.load import load
from vivido.engine.outcomes import (
    advance,
    begin,
    decided,
    failed,
    joined,
    joined_when_stopped,
    push_child,
    retried,
    stopped,
    succeeded,
    supplied,
    undone,
    undone_child,
    undone_fork,
    unstorable,
    woke_by_child,
    woke_by_timer,
)
from vivido.engine.records import (
    end_of_child,
    end_of_root,
    end_of_stopped,
    fold,
    follows,
    said,
    whole,
)
from vivido.engine.state import State, Unread, restore
from vivido.engine.walk import of_the_author, too_late

__all__ = [
    "State",
    "Unread",
    "advance",
    "begin",
    "decided",
    "end_of_child",
    "end_of_root",
    "end_of_stopped",
    "failed",
    "fold",
    "follows",
    "joined",
    "joined_when_stopped",
    "load",
    "of_the_author",
    "push_child",
    "restore",
    "retried",
    "said",
    "stopped",
    "succeeded",
    "supplied",
    "too_late",
    "undone",
    "undone_child",
    "undone_fork",
    "unstorable",
    "whole",
    "woke_by_child",
    "woke_by_timer",
]
