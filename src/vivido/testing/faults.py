"""Faults at every call of a port.

Crash before or after it, a late worker, a copy of a delivery, an echo.

`FaultyPorts` counts the calls that deliveries make and does one thing at the n-th. The schedule is
an enumeration, so a
run is repeated exactly by its fault; nothing here is random.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, fields, replace
from typing import Any, Literal

from vivido.errors import UsageError
from vivido.model.journal import Record
from vivido.ports import Ports
from vivido.testing.trace import Op, observed

EFFECT = "step.effect"  # what a step tells of, named as a call
FaultKind = Literal["crash before", "crash after", "late", "echo", "twice", "undead"]
AT_CALLS: tuple[FaultKind, ...] = ("crash before", "crash after", "late", "echo")
AT_DELIVERIES: tuple[FaultKind, ...] = ("twice", "undead")


class Crash(
    BaseException
):  # not an Exception: nothing between the port and the harness may handle it
    """The process ends here."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault.

    At the `at`-th call of a port (or, for "twice" and "undead", at the `at`-th delivery), from 1.
    """

    kind: FaultKind
    at: int

    def __str__(self) -> str:
        return f"{self.kind} {self.at}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """Which faults to try, one a run: all of each kind, and `pairs` of two, drawn from `seed`.

    `crashes`: the worker dies before or after each call to the store, and each effect of a step.
    `duplicates`: messages are delivered twice, requests are repeated. `late_workers`: a worker
    stalls until another has gone on, then does what it was about to do. `most`: no more runs than
    this, spread over all.
    """

    crashes: bool = True
    duplicates: bool = True
    late_workers: bool = True
    pairs: int = 0
    seed: int = 0
    most: int | None = None

    def kinds(self) -> set[FaultKind]:
        """The kinds of faults that are wanted."""
        wanted: set[FaultKind] = {"crash before", "crash after"} if self.crashes else set()
        wanted |= {"echo", "twice", "undead"} if self.duplicates else set()
        return wanted | ({"late"} if self.late_workers else set())


def chosen(faults: Faults | Literal["all"]) -> Faults:
    """The faults that `simulate(faults=…)` means. Raises UsageError."""
    if isinstance(faults, Faults):
        return faults
    if faults == "all":
        return Faults()
    raise UsageError(f'faults={faults!r}: give "all", or Faults(crashes=True, …)')


class Injector:
    """Counts calls and lets the fault happen."""

    def __init__(self, *faults: Fault) -> None:
        self.faults = {fault.at: fault for fault in faults if fault.kind in AT_CALLS}
        self.calls = 0
        self.names: list[str] = []
        self.armed = False  # only deliveries are attacked, not the harness itself
        self.late: list[asyncio.Future[None]] = []
        self.trace: list[Op] = []

    async def call(
        self, name: str, function: Callable[..., Awaitable[Any]], args: Any, named: Any
    ) -> Any:
        """Make one call."""
        if not self.armed:
            return await self.done(name, function, args, named)
        self.calls += 1
        self.names.append(name)
        fault = self.faults.get(self.calls)
        if fault is None:
            return await self.done(name, function, args, named)
        if fault.kind == "crash before":
            raise Crash(name)
        if fault.kind == "late":
            gate: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self.late.append(gate)
            await gate
        answer = await self.done(name, function, args, named)
        if fault.kind == "crash after":
            raise Crash(name)
        if fault.kind == "echo" and name == "journal.append" and answer is None:
            record: Record = args[2]
            return record
        return answer

    def crash_point(self, name: str, act: Callable[[], None]) -> None:
        """Something outside the store takes effect: a process may end before or after it."""
        fault = None
        if self.armed:
            self.calls += 1
            self.names.append(name)
            fault = self.faults.get(self.calls)
        if fault is not None and fault.kind == "crash before":
            raise Crash(name)
        act()
        if fault is not None and fault.kind == "crash after":
            raise Crash(name)

    async def done(
        self, name: str, function: Callable[..., Awaitable[Any]], args: Any, named: Any
    ) -> Any:
        """Make the call, and note what took effect."""
        answer = await function(*args, **named)
        self.trace += observed(name, args, named, answer)
        return answer


class _Port:
    """A port whose async methods go through an injector."""

    def __init__(self, name: str, port: Any, injector: Injector) -> None:
        self._name, self._port, self._injector = name, port, injector

    def __getattr__(self, method: str) -> Any:
        found = getattr(self._port, method)
        if not asyncio.iscoroutinefunction(found):
            return found

        async def call(*args: Any, **named: Any) -> Any:
            return await self._injector.call(f"{self._name}.{method}", found, args, named)

        return call


def faulty(ports: Ports, injector: Injector) -> Ports:
    """The same ports, attacked. The clock and the ids are left alone."""
    changed: dict[str, Any] = {
        field.name: _Port(field.name, port, injector)
        for field in fields(ports)
        if field.name not in ("clock", "ids") and (port := getattr(ports, field.name)) is not None
    }
    return replace(ports, **changed)
