"""The records of an execution in the order in which people read them: branches after their FORK.

A `Place` says how far that has been read; reading goes on from any place without what lies before.
However long the history, one page is held for each fork around.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import NamedTuple

from vivido.errors import UsageError
from vivido.ids import child_branch, parent_of
from vivido.model.journal import Kind, Record
from vivido.ports import Ports

_PAGE = 200  # records read at once
_PLACE = re.compile(r"(?P<branch>r(?:\.\d+:\d+)*)(?:#(?P<n>\d+))?")


class Place(NamedTuple):
    """A record: branch and number (from 1). Number 0 stands before the branch's first record."""

    branch: str
    n: int

    def __str__(self) -> str:
        return f"{self.branch}#{self.n}"

    @classmethod
    def of(cls, text: str) -> Place:
        """Read what `str` writes; a branch alone is its beginning. Raises UsageError."""
        found = _PLACE.fullmatch(text)
        if found is None:
            raise UsageError(f"{text!r} is no place in a history: give a branch and a number, r#12")
        return cls(found["branch"], int(found["n"] or 0))


Entry = tuple[str, Record]
BEGINS = (Kind.FORK, Kind.SPAWN)  # the records that begin branches


async def history(ports: Ports, execution: str, after: Place) -> AsyncIterator[Entry]:
    """Yield the records behind a place: the rest of its branch, then of the branches around it."""
    branch, n = after
    if n > 0:
        async for found in _children(ports, execution, branch, n):
            yield found
    async for found in _branch(ports, execution, branch, n):
        yield found
    while (place := parent_of(branch)) is not None:
        branch = place.branch
        async for found in _children(ports, execution, branch, place.fork, place.child + 1):
            yield found
        async for found in _branch(ports, execution, branch, place.fork):
            yield found


async def _branch(
    ports: Ports, execution: str, branch: str, after: int = 0
) -> AsyncIterator[Entry]:
    """The records of a branch behind a number, each FORK and SPAWN with what it began."""
    while True:
        page = await ports.journal.read(execution, branch, after, _PAGE)
        for record in page:
            yield branch, record
            if record.kind in BEGINS:
                async for found in _begun(ports, execution, branch, record):
                    yield found
        if len(page) < _PAGE:
            return
        after = page[-1].n


async def _children(
    ports: Ports, execution: str, branch: str, n: int, first: int = 0
) -> AsyncIterator[Entry]:
    """The children that record `n` began, if it is a FORK or SPAWN, from child `first` on."""
    for record in await ports.journal.read(execution, branch, n - 1, 1):
        if record.kind in BEGINS:
            async for found in _begun(ports, execution, branch, record, first):
                yield found


async def _begun(
    ports: Ports, execution: str, branch: str, fork: Record, first: int = 0
) -> AsyncIterator[Entry]:
    width = 1 if fork.kind is Kind.SPAWN else fork.data["state"]["wait"]["width"]
    for child in range(first, width):
        async for found in _branch(ports, execution, child_branch(branch, fork.n, child)):
            yield found
