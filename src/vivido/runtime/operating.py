"""What people ask of executions: pause, resume, cancel, decide. Who asked, when and why is kept.

A request that only sets a flag leaves a line in `Actions` before the flag is set; a decision is a
record of the journal. Each may be repeated, and is answered once its message is sent: then wait for
what comes of it, or look.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from vivido import ids, values
from vivido.errors import UsageError
from vivido.model.journal import Cause, Decision, Json, Kind, Message, Meta, Status
from vivido.ports import Action, Ports, Send
from vivido.runtime.control import Control
from vivido.runtime.payloads import Payloads
from vivido.settings import Settings


@dataclass(frozen=True, slots=True)
class By:
    """Who asks, and why in their own words."""

    who: str
    note: str | None = None


class Operations:
    """What operators do with the executions of some ports."""

    def __init__(self, ports: Ports, settings: Settings | None = None) -> None:
        self.ports = ports
        self.control = Control(ports)
        self.payloads = Payloads(ports, settings or Settings())

    # ------------------------------------------------------------- flags
    async def pause(self, execution: str, by: By) -> None:
        """No new step begins until it is resumed; a running one finishes."""
        await self._noted(execution, by, "pause")
        await self.control.pause(execution)

    async def resume(self, execution: str, by: By) -> None:
        """Go on after a pause."""
        await self._noted(execution, by, "resume")
        await self.control.resume(execution)

    async def cancel(self, execution: str, by: By, *, compensate: bool = True) -> None:
        """Nothing new begins; what was done is undone, where that is asked for."""
        what = "cancel" if compensate else "cancel without compensation"
        await self._noted(execution, by, what)
        how = "cancelled" if compensate else "cancelled_plain"
        await self.control.stop(execution, ids.ROOT, how)  # type: ignore[arg-type]

    async def _noted(self, execution: str, by: By, what: str) -> None:
        meta = await self.known(execution)
        if not meta.status.is_end:
            now = self.ports.clock.now()
            await self.ports.actions.add(execution, Action(now, by.who, what, by.note))

    # ------------------------------------------------------------- decisions
    async def decide(
        self,
        execution: str,
        decision: Decision,
        by: By,
        *,
        result: Any = None,
        branch: str | None = None,
    ) -> None:
        """Decide on the compensation that has failed for good: on `branch`, if there are several.

        `result` of "resolve": what it would have given, for the record. Raises UsageError where
        nobody needs to decide.
        """
        if result is not None and decision != "resolve":
            raise UsageError(f"{decision!r} takes no result: it comes with 'resolve'")
        meta = await self.known(execution)
        if meta.status is not Status.NEEDS_ATTENTION:
            raise UsageError(
                f"execution {execution!r} is {meta.status}: only a compensation that failed, and "
                "so stands at needs_attention, can be retried, skipped or resolved"
            )
        where, n = await self._attention(execution, branch)
        data = {"decision": decision, **self.said(by)}
        if result is not None:
            data["value"] = values.encode(result, name="result")
        message = self.control.message(execution, Cause.OPERATOR, branch=where, n=n, data=data)
        await self.send(message)

    async def _attention(self, execution: str, branch: str | None) -> tuple[str, int]:
        """The branch at which a person must decide, and the number of its last record."""
        found: dict[str, int] = {}
        after = ""
        while page := await self.ports.journal.heads(execution, after):
            found.update((b, record.n) for b, record in page if record.kind is Kind.ATTENTION)
            after = page[-1][0]
        if branch is None and len(found) == 1:
            branch = next(iter(found))
        if branch not in found:
            places = ", ".join(sorted(found)) or "none any more"
            asked = "" if branch is None else f", and {branch!r} is none of them"
            raise UsageError(
                f"a person must decide in {execution!r} at these branches: {places}{asked}; "
                "name one"
            )
        return branch, found[branch]

    # ------------------------------------------------------------- for all of them
    async def known(self, execution: str) -> Meta:
        """META; UsageError if there is no such execution."""
        meta = await self.ports.metas.get(execution)
        if meta is None:
            raise UsageError(f"there is no execution {execution!r} in this store")
        return meta

    def said(self, by: By) -> dict[str, Json]:
        """Who asks, when and why, as the record will say it."""
        data: dict[str, Json] = {"who": by.who, "asked": self.ports.clock.now()}
        return data if by.note is None else {**data, "note": by.note}

    async def send(self, message: Message) -> None:
        """Send a message that may carry large values."""
        _, (lighter,) = await self.payloads.outgoing(message.execution, None, [Send([message])])
        assert isinstance(lighter, Send)  # noqa: S101
        await self.ports.queue.send(lighter.messages)
