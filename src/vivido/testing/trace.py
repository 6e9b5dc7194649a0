"""What happened at the store, in order: what took effect, whatever its caller was told of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from vivido.model.journal import Meta
from vivido.ports import Effect, PutMeta, PutStatus, Send, Stop

What = Literal["create", "append", "status", "stop", "send", "body"]


@dataclass(frozen=True, slots=True)
class Op:
    """One thing that took effect.

    `data` by `what`: the `Meta` created, the `Record` appended, ``(status, as_of)``, the scope
    stopped, the `Message` sent, the `Body` that begins.
    """

    what: What
    execution: str
    branch: str = ""
    data: Any = None


@dataclass(frozen=True, slots=True)
class Body:
    """A step's body begins: `key` is its idempotency key, `undoes` says that it compensates."""

    step: str
    key: str
    path: str
    undoes: bool = False


Seen = Callable[[tuple[Any, ...], Mapping[str, Any], Any], Iterator[Op]]


def observed(name: str, args: tuple[Any, ...], named: Mapping[str, Any], answer: Any) -> list[Op]:
    """What a call of a port did, from its arguments and its answer; nothing, where it only read."""
    seen = _CALLS.get(name)
    return [] if seen is None else list(seen(args, named, answer))


def _append(args: tuple[Any, ...], _: Mapping[str, Any], answer: Any) -> Iterator[Op]:
    execution, branch, record = args
    if answer is None:
        yield Op("append", execution, branch, record)


def _commit(args: tuple[Any, ...], _: Mapping[str, Any], answer: Any) -> Iterator[Op]:
    execution, branch, record, effects = args
    if answer is not None:
        return
    if record is not None:
        yield Op("append", execution, branch, record)
    for effect in effects:
        yield from _effect(effect)


def _effect(effect: Effect) -> Iterator[Op]:
    match effect:
        case Send(messages=messages):
            yield from _messages(messages)
        case PutMeta(meta=meta):
            yield Op("create", meta.execution, data=meta)
        case PutStatus(execution=execution, status=status, as_of=as_of):
            yield Op("status", execution, data=(status, as_of))
        case Stop(execution=execution, scope=scope):
            yield Op("stop", execution, data=scope)
        case _:
            return


def _messages(messages: Any) -> Iterator[Op]:
    for message in messages:
        yield Op("send", message.execution, message.branch, message)


def _create(args: tuple[Any, ...], _: Mapping[str, Any], answer: Any) -> Iterator[Op]:
    meta: Meta = args[0]
    if answer is None:
        yield Op("create", meta.execution, data=meta)


def _status(args: tuple[Any, ...], _: Mapping[str, Any], __: Any) -> Iterator[Op]:
    yield Op("status", args[0], data=(args[1], args[2]))


def _stop(args: tuple[Any, ...], _: Mapping[str, Any], __: Any) -> Iterator[Op]:
    yield Op("stop", args[0], data=args[1])


def _send(args: tuple[Any, ...], _: Mapping[str, Any], __: Any) -> Iterator[Op]:
    yield from _messages(args[0])


_CALLS: dict[str, Seen] = {
    "journal.append": _append,
    "atomic.commit": _commit,
    "metas.create": _create,
    "metas.set_status": _status,
    "metas.stop": _stop,
    "queue.send": _send,
}
