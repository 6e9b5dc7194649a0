"""The state of one branch: position, variables, what may have to be compensated.

Variables are kept twice, lazily: `live` values that expressions work on, and their `stored`
encodings, which
records, messages and untouched variables share. A name is in one of them or in both, and then they
are equal.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Literal

from vivido import values
from vivido.engine.streaming import Streamed
from vivido.errors import InvariantError, ValueNotStorable
from vivido.model.journal import Json
from vivido.model.pages import Pages, are_pages
from vivido.model.payloads import is_reference

Phase = Literal["run", "fork", "wait", "unwind", "attention", "ended", "leave"]
SCALARS = (str, int, float, bool, type(None))


Fetch = Callable[[Json], Json]  # from a reference to the encoded value that it refers to


class Unread(BaseException):
    """A value that lies elsewhere could not be fetched; the cause says why.

    No Exception: it is nothing that the workflow may catch. The delivery is given up.
    """


def nowhere(reference: Json) -> Json:
    """Fetch nothing: for states whose values are all inline."""
    raise InvariantError(f"no blob store was given to read {reference!r} from")


class Variables(dict[str, Any]):
    """Name to live value; a name that is only stored is decoded when it is first read.

    A name that is not `dirty` reads the same in the journal; assignments through the mapping make
    it dirty. What is stored may be a reference to a blob: it is fetched when it is read.
    """

    __slots__ = ("dirty", "fetch", "gone", "stored")

    def __init__(self, stored: dict[str, Json] | None = None, fetch: Fetch = nowhere) -> None:
        super().__init__()
        self.fetch = fetch
        self.stored: dict[str, Json] = stored if stored is not None else {}
        self.dirty: dict[
            str, int | None
        ] = {}  # None: write it whole; a number: so many items are written already
        self.gone: set[str] = set()

    def __missing__(self, name: str) -> Any:
        value = self.decode(self.stored[name])
        super().__setitem__(name, value)
        return value

    def decode(self, data: Json) -> Any:
        """The value of encoded data, which may lie in a blob."""
        return values.decode(self.inline(data))

    def inline(self, data: Json) -> Json:
        """Encoded data itself, also where it is a reference to a blob."""
        if not is_reference(data):
            return data
        try:
            return self.fetch(data)
        except Exception as error:
            raise Unread from error

    def stream(self, name: str) -> Streamed | None:
        """A long list item by item; None where the variable is in memory, or holds no such list."""
        if name in self.keys() or not are_pages(data := self.stored.get(name)):
            return None
        return Streamed(Pages(data, self.inline), self.decode)

    def load(self, names: Iterable[str]) -> None:
        """Have long lists in memory: what is to be changed, or given to who may change it."""
        for name in names:
            if are_pages(self.stored.get(name)):
                self[name]

    def __contains__(self, name: object) -> bool:
        return dict.__contains__(self, name) or name in self.stored

    def __setitem__(self, name: str, value: Any) -> None:
        super().__setitem__(name, value)
        self.stored.pop(name, None)
        self.dirty[name] = None

    def __delitem__(self, name: str) -> None:
        if name not in self:
            raise KeyError(name)
        self.pop(name, None)
        self.stored.pop(name, None)
        self.dirty.pop(name, None)
        self.gone.add(name)

    def get(self, name: str, default: Any = None) -> Any:
        """As of a dict, over all names."""
        return self[name] if name in self else default  # noqa: SIM401  this is `get`

    def names(self) -> set[str]:
        """All names that have a value."""
        return {*self.stored, *self.keys()}

    def discard(self, name: str) -> None:
        """Unbind; nothing happens if it is unbound."""
        if name in self:
            del self[name]

    def set_stored(self, name: str, data: Json, *, written: bool = False) -> None:
        """Assign an encoded value; it is decoded, into a fresh copy, when it is first read."""
        self.pop(name, None)
        self.stored[name] = data
        if not written:
            self.dirty[name] = None

    def changed(self, names: Iterable[str]) -> None:
        """Say that the values of `names` may have been changed in place."""
        for name in names:
            if name in self and not isinstance(self[name], SCALARS):
                self.stored.pop(name, None)
                self.dirty[name] = None

    def grew(self, name: str, before: int) -> None:
        """Say that a list got more items at its end; it had `before`, and is else as it was."""
        self.stored.pop(name, None)
        self.dirty.setdefault(name, before)

    def encoded(self, name: str) -> Json:
        """The encoding of one variable, remembered until it changes."""
        if name not in self.stored:
            self.stored[name] = values.encode(self[name], name=name.removeprefix("$"))
        return self.stored[name]

    def check(self, name: str) -> None:
        """Raise ValueNotStorable where the value cannot be stored; it is unbound then."""
        try:
            self.encoded(name)
        except ValueNotStorable:
            del self[name]
            raise

    def all_encoded(self, names: Iterable[str] | None = None) -> dict[str, Json]:
        """The encodings of `names`, or of all."""
        wanted = self.names() if names is None else names
        return {name: self.encoded(name) for name in sorted(wanted) if name in self}

    def clean(self) -> None:
        """Forget what changed: it has been written."""
        self.dirty = {}
        self.gone = set()


class State:
    """One branch. Mutable, owned by one delivery; `snapshot` and `restore` are exact inverses."""

    __slots__ = (
        "at",
        "claimed",
        "depth",
        "error",
        "logs",
        "owes",
        "phase",
        "popped",
        "publishing",
        "resumed",
        "saga",
        "sends",
        "shown",
        "stack",
        "tried",
        "undone",
        "unrecorded",
        "unsure",
        "vars",
        "wait",
    )

    def __init__(self, fetch: Fetch = nowhere) -> None:
        self.phase: Phase = "run"
        self.at: list[str] = []  # node ids: the calls around, then the node itself
        self.vars = Variables(fetch=fetch)
        self.stack: list[
            Json
        ] = []  # compensations: {"step", "args", "node", "path", "branch"?}, or {"no_return": node}
        self.depth = 0  # how much of the stack is written
        self.popped = 0  # and how much of what was written has been taken off since
        self.tried = 0  # attempts of the node at hand that failed
        self.unsure = False  # the last of them may have had its effect all the same
        self.claimed = False
        self.resumed = 0
        self.error: BaseException | None = None  # phase unwind: what is being unwound
        self.saga: str | None = (
            None  # phase unwind: the saga node to which it is unwound; None: the whole branch
        )
        self.undone = 0  # compensations performed since the unwinding began
        self.wait: Json = None  # phases fork and wait: what the record says of it
        # something that may differ when evaluated again was evaluated since the last record
        self.unrecorded = False
        self.logs: list[list[str]] = []  # [level, logger, text] since the last record
        self.sends: Json = None  # the job that the last record obliges to send: how it begins
        self.owes: str | None = None  # the fork whose stop the last record obliges to remove
        self.shown: dict[str, Json] = {}  # what `publish` shows
        self.publishing: dict[str, Json] = {}  # and what of it since the last record

    def snapshot(self) -> dict[str, Json]:
        """All of it as JSON, without what equals its default.

        Pending logs are not part of the state.
        """
        data: dict[str, Json] = {"at": list(self.at), "vars": self.vars.all_encoded()}
        data.update(self.small())
        if self.stack:
            data["stack"] = list(self.stack)
        if self.wait is not None:
            data["wait"] = self.wait
        if self.shown:
            data["shown"] = dict(self.shown)
        return data

    def small(self) -> Iterator[tuple[str, Json]]:
        """The parts that are no variables, without what equals its default."""
        if self.phase != "run":
            yield "phase", self.phase
        for name in ("tried", "unsure", "claimed", "resumed", "saga", "undone"):
            if value := getattr(self, name):
                yield name, value
        if self.error is not None:
            yield "error", values.encode(self.error)

    def take_small(self, data: Json) -> None:
        """The inverse of `small`."""
        self.phase = data.get("phase", "run")
        self.tried = data.get("tried", 0)
        self.unsure = data.get("unsure", False)
        self.claimed = data.get("claimed", False)
        self.resumed = data.get("resumed", 0)
        self.saga = data.get("saga")
        self.undone = data.get("undone", 0)
        self.error = self.vars.decode(data["error"]) if "error" in data else None

    def refer(self, data: Json) -> None:
        """Keep the references that took the place of large values in the record of this state."""
        state = data.get("state", data)
        for name, value in state.get("vars", {}).items():
            if is_reference(value) and name in self.vars.stored:
                self.vars.stored[name] = value
        if "stack" in state:
            self.stack = list(state["stack"])
        elif "push" in data:
            self.stack[-len(data["push"]) :] = data["push"]
        if "state" in data:
            self.wait = state.get("wait")
        self.shown.update(state.get("shown", {}))

    def lose(self, path: tuple[str | int, ...]) -> None:
        """Forget what cannot be stored: the variable or shown value that `path` names, if any."""
        for part, name in itertools.pairwise(path):
            if part in ("vars", "more"):
                self.vars.discard(str(name))
            elif part == "shown":
                self.shown.pop(str(name), None)
                self.publishing.pop(str(name), None)

    def pop(self, count: int = 1) -> None:
        """Take compensations off the stack."""
        del self.stack[len(self.stack) - count :]
        self.popped += max(0, self.depth - len(self.stack))
        self.depth = min(self.depth, len(self.stack))

    def written(self) -> None:
        """A record says all of this."""
        self.vars.clean()
        self.depth, self.popped = len(self.stack), 0
        self.unrecorded = False
        self.logs = []
        self.publishing = {}


def restore(data: Json, fetch: Fetch = nowhere) -> State:
    """The state of which `data` is the snapshot; `fetch` reads what lies in blobs."""
    state = State(fetch)
    state.at = list(data["at"])
    state.vars.stored = dict(data["vars"])
    state.take_small(data)
    state.stack = list(data.get("stack", ()))
    state.depth = len(state.stack)
    state.wait = data.get("wait")
    state.shown = dict(data.get("shown", {}))
    return state
