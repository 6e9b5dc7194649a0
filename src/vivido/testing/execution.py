"""An execution as a test sees it: what came of it, read from its store."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from typing import Any

from vivido import values
from vivido.ids import ROOT, Place, child_branch, parent_of
from vivido.model.journal import Json, Kind, Meta, Record, Status
from vivido.ports import Ports
from vivido.runtime.payloads import Payloads
from vivido.settings import Settings


@dataclass(frozen=True, slots=True)
class Failure:
    """The error of a run. `type` is the class's name, `exception` the error itself."""

    type: str
    message: str
    exception: BaseException


@dataclass(frozen=True, slots=True)
class Entry:
    """One record of one branch."""

    branch: str
    record: Record

    @property
    def kind(self) -> Kind:
        """What happened."""
        return self.record.kind


class Execution:
    """One execution in a store.

    `do` runs a coroutine in the event loop that the ports belong to.
    """

    def __init__(
        self, ports: Ports, execution: str, do: Callable[[Coroutine[Any, Any, Any]], Any]
    ) -> None:
        self._ports, self._do = ports, do
        self.execution = execution

    @property
    def meta(self) -> Meta:
        """What is known of the execution as a whole."""
        meta = self._do(self._ports.metas.get(self.execution))
        assert meta is not None  # noqa: S101
        return meta  # type: ignore[no-any-return]

    @property
    def status(self) -> str:
        """As in META."""
        return str(self.meta.status)

    @property
    def output(self) -> Any:
        """What the workflow returned; None unless it succeeded."""
        meta = self.meta
        return self._decoded(meta.output) if meta.status is Status.SUCCEEDED else None

    @property
    def error(self) -> Failure | None:
        """Why it did not succeed."""
        meta = self.meta
        if meta.error is None:
            return None
        error = self._decoded(meta.error)
        name = getattr(error, "type_name", type(error).__name__)
        return Failure(str(name).rpartition(":")[2].rpartition(".")[2], str(error), error)

    @property
    def history(self) -> list[Entry]:
        """All records of all branches, in the order of their times; a branch's own in theirs.

        Of records of one moment, those of children stand behind the one that began them.
        """
        journal = self._ports.journal
        begun: dict[tuple[str, int], list[Place]] = {}
        for branch in self._do(journal.branches(self.execution)):
            if (place := parent_of(branch)) is not None:
                begun.setdefault((place.branch, place.fork), []).append(place)

        def entries(branch: str) -> Iterator[Entry]:
            for record in self._do(journal.read(self.execution, branch)):
                yield Entry(branch, record)
                for place in sorted(begun.get((branch, record.n), ())):
                    yield from entries(child_branch(*place))

        return sorted(entries(ROOT), key=lambda entry: entry.record.time)

    @property
    def path(self) -> list[str]:
        """The ids of the nodes that came to an outcome, in order."""
        begun = (Kind.FORK, Kind.SPAWN, Kind.WAIT)  # what wakes them says the node once more
        again = (Kind.ATTEMPT, Kind.RESUMED, Kind.CLAIM)
        return [
            entry.record.data["node"]
            for entry in self.history
            if entry.kind in begun or ("step" in entry.record.data and entry.kind not in again)
        ]

    @property
    def logs(self) -> list[tuple[str, str, str]]:
        """The lines the workflow has logged: (level, logger, text)."""
        return [tuple(line) for entry in self.history for line in entry.record.data.get("logs", ())]

    @property
    def published(self) -> dict[str, Any]:
        """What `publish` shows."""
        shown: dict[str, Any] = {}
        for entry in self.history:
            data = entry.record.data
            shown.update(data.get("shown", {}) or data.get("state", {}).get("shown", {}))
        return {name: self._decoded(value) for name, value in shown.items()}

    def _decoded(self, data: Json) -> Any:
        return values.decode(Payloads(self._ports, Settings()).inline(data))
