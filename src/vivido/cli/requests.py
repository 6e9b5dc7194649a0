"""Commands that ask something of an execution, and then drive it on: what they have in common."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import click

from vivido.cli import operators, stores
from vivido.cli.commands.resume import library_of
from vivido.cli.commands.run import prepare_logging, told
from vivido.cli.driving import Begun, Drive
from vivido.errors import UsageError
from vivido.model.journal import Decision, Meta, Status
from vivido.ports import Ports
from vivido.runtime.asking import NOTHING, Redrive, ask
from vivido.runtime.local import LocalRuntime
from vivido.runtime.operating import Operations

_LOOK_SECONDS = 0.02
Ask = Callable[[Operations], Awaitable[object]]


def options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that all of these commands have."""
    for option in reversed(
        (
            click.argument("execution", metavar="ID"),
            operators.note,
            stores.option,
            click.option(
                "--file", metavar="FILE", help="The workflow's file, if it is elsewhere now."
            ),
            click.option("--detach", is_flag=True, help="Only ask; a worker does it."),
            click.option(
                "--no-wait", is_flag=True, help="Leave (exit 3) when only waiting is left."
            ),
            click.option("--json", "as_json", is_flag=True, help="JSON lines for machines."),
            click.pass_obj,
        )
    ):
        command = option(command)
    return command


def asked(debug: bool, given: dict[str, Any], what: Ask, *, moves: bool = True) -> int:  # noqa: FBT001
    """Ask, then drive the execution as `vivido run` does, unless that is not wanted.

    `moves`: what stands still is certain to go on.
    """
    prepare_logging(debug=debug)
    execution, store = given["execution"], given["store"]

    async def send(ports: Ports) -> None:
        await stores.meta_of(ports, execution, store)
        await what(Operations(ports))

    if given["detach"]:
        stores.reading(store, send)
        return 0
    library = library_of(execution, given["file"], store)

    async def begin(runtime: LocalRuntime) -> Begun:
        before = await stores.meta_of(runtime.ports, execution, store)
        await send(runtime.ports)
        while moves and await _stands(runtime.ports, before):  # noqa: ASYNC110  (in another process)
            await asyncio.sleep(_LOOK_SECONDS)  # else it would rest as before
        return Begun(await stores.meta_of(runtime.ports, execution, store))

    drive = Drive(execution, store, begin, library, patient=not given["no_wait"])
    return told(drive, as_json=given["as_json"])


def decide(debug: bool, decision: Decision, given: dict[str, Any]) -> int:  # noqa: FBT001
    """Decide on a compensation that failed; of an execution that has ended, redrive it."""
    by = operators.by(given["note"])
    result = value_of(given["result"]) if given.get("result") is not None else NOTHING

    async def what(operations: Operations) -> None:
        execution = given["execution"]
        meta = await operations.known(execution)
        if meta.status is Status.NEEDS_ATTENTION:
            plain = None if result is NOTHING else result
            await operations.decide(execution, decision, by, result=plain)
        else:
            redrive = Redrive(result=result, skip=decision == "skip")
            await ask(operations, execution, redrive, by)

    return asked(debug, given, what)


def value_of(text: str) -> Any:
    """The value of some JSON; UsageError where it is none."""
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise UsageError(f"{text!r} is not JSON: {error.msg}; quote a text as '\"…\"'") from error


async def _stands(ports: Ports, before: Meta) -> bool:
    """Whether what was asked for has not been taken in yet."""
    meta = await ports.metas.get(before.execution)
    return meta is not None and meta.as_of == before.as_of
