"""Which store file, and what is in it."""

from __future__ import annotations

import asyncio
from contextlib import closing
from dataclasses import replace
from math import inf
from pathlib import Path
from typing import Any

import click

from vivido.bootstrap import open_local
from vivido.errors import UsageError
from vivido.model.journal import Json, Meta
from vivido.model.payloads import is_reference
from vivido.ports import Ports
from vivido.runtime.payloads import Payloads
from vivido.settings import Settings

DEFAULT = ".vivido/state.db"
option = click.option(
    "--store",
    metavar="FILE",
    default=DEFAULT,
    show_default=True,
    envvar="VIVIDO_STORE",
    help="Where executions are kept; made if there is none.",
)


def existing(store: str) -> str:
    """Return the store's path; a file that is not there holds nothing to look at."""
    if not Path(store).exists():
        raise UsageError(
            f"there is no store {store!r}: run a workflow first, or name another file with --store"
        )
    return store


def reading(store: str, work: Any) -> Any:
    """Open a store that must exist; return what a coroutine function makes of its ports."""
    with closing(open_local(existing(store))) as local:
        return asyncio.run(_with(local.ports, work))


async def _with(ports: Ports, work: Any) -> Any:
    return await work(ports)


def whole(ports: Ports, meta: Meta, *, given: bool = True, most: float = inf) -> Meta:
    """Return META with its large values in place of the references to them.

    `given`: also those of its input. What takes more than `most` bytes stays a reference.
    """
    fetch = Payloads(ports, Settings()).inline

    def inline(value: Json) -> Json:
        return value if is_reference(value) and value["size"] > most else fetch(value)

    if given:
        meta = replace(meta, input={name: inline(value) for name, value in meta.input.items()})
    return replace(meta, output=inline(meta.output), error=inline(meta.error))


async def meta_of(ports: Ports, execution: str, store: str) -> Meta:
    """Return META; UsageError if there is none of that id."""
    meta = await ports.metas.get(execution)
    if meta is None:
        raise UsageError(
            f"there is no execution {execution!r} in {store!r}: see `vivido list --store {store}`"
        )
    return meta
