"""Values on their way out and in: large ones go to the blob store and come back when needed.

Out: before a commit (`outgoing`), and the result of a step as soon as it is there (`keep`), so that
it is written once and not carried along. In: `fetch`, which a state calls when a variable is read.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256

import orjson

from vivido.errors import NeedsAttention
from vivido.model import payloads
from vivido.model.journal import Json, Message, Meta, Record
from vivido.model.pages import Pages, are_pages
from vivido.model.payloads import Blobs, Bounds, TooLarge, is_reference, lighten
from vivido.ports import (
    Ack,
    Arm,
    Arrive,
    Back,
    Effect,
    Ports,
    PutMeta,
    PutStatus,
    Reopen,
    Send,
    Stop,
    Tell,
    Unstop,
)
from vivido.settings import Settings

log = logging.getLogger("vivido.payloads")

_REMEMBERED = 32_000_000  # bytes of blobs that are not read again: the items of a fork, above all
_TOO_LARGE_TO_REMEMBER = 8_000_000
_WARN_AT = (0.8, 0.5)  # shares of the bound
_LIGHT = (Ack, Arm, Arrive, Back, Reopen, Stop, Tell, Unstop)  # effects that carry no values


@dataclass(slots=True)
class _Outgoing:
    """What one commit hands to the blob store, by the execution that will refer to it."""

    known: dict[int, tuple[Json, Json]] = field(default_factory=dict)
    blobs: dict[str, Blobs] = field(default_factory=dict)
    passed_on: dict[str, set[str]] = field(default_factory=dict)

    def of(self, execution: str) -> Blobs:
        """The blobs of one execution; a value that goes to several is hashed once."""
        return self.blobs.setdefault(execution, Blobs(known=self.known))


class Payloads:
    """The large values of some ports."""

    def __init__(self, ports: Ports, settings: Settings) -> None:
        self._ports = ports
        self._bounds = Bounds.of(settings)
        self._read: dict[str, tuple[int, Json]] = {}
        self._remembered = 0

    # ------------------------------------------------------------- in
    def fetch(self, reference: Json) -> Json:
        """The encoded value that a reference refers to; nobody changes it. It blocks.

        Raises NeedsAttention where the blob is gone.
        """
        if are_pages(reference):
            return [self.inline(item) for item in Pages(reference, self.fetch)]
        digest, size = reference["sha256"], reference["size"]
        if digest in self._read:
            return self._read[digest][1]
        text = self._ports.blobs.get(digest)
        if text is None:
            raise NeedsAttention(
                f"the blob {digest[:12]!r} of {size:,} bytes ({reference.get('preview')}) is gone "
                "from the blob store: restore it from a backup, or cancel the execution"
            )
        value = orjson.loads(text)
        self._remember(digest, size, value)
        return value

    def inline(self, data: Json) -> Json:
        """Encoded data itself, also where it is a reference."""
        return self.fetch(data) if is_reference(data) else data

    def _remember(self, digest: str, size: int, value: Json) -> None:
        if size > _TOO_LARGE_TO_REMEMBER:
            return
        self._read[digest] = (size, value)
        self._remembered += size
        while self._remembered > _REMEMBERED:
            oldest = next(iter(self._read))
            self._remembered -= self._read.pop(oldest)[0]

    # ------------------------------------------------------------- out
    async def keep(self, execution: str, value: Json, what: str) -> Json:
        """An encoded value, or the reference that takes its place if it is large.

        `what` names it for people. Raises TooLarge.
        """
        if type(value) in (int, float, bool, type(None)) or is_reference(value):
            return value
        text = orjson.dumps(value)
        if len(text) <= self._bounds.value:
            return value
        if len(text) > self._bounds.most:
            raise TooLarge(what, len(text), self._bounds.most)
        reference = payloads.reference_to(value, text)
        await self._put(execution, {reference["sha256"]: text})
        return reference

    async def put(self, execution: str, text: bytes) -> str:
        """Store a JSON text for an execution; returns its digest."""
        digest = sha256(text).hexdigest()
        await self._put(execution, {digest: text})
        return digest

    async def outgoing(
        self, execution: str, record: Record | None, effects: Sequence[Effect]
    ) -> tuple[Record | None, Sequence[Effect]]:
        """The same with references in place of large values, which are stored when it returns.

        Raises TooLarge; then nothing is stored.
        """
        if all(isinstance(effect, _LIGHT) for effect in effects) and (
            record is None or len(orjson.dumps(record.data)) <= self._bounds.value
        ):
            return record, effects  # as nearly always: this is all that it costs
        out = _Outgoing()
        if record is not None:
            data = lighten(record.data, payloads.RECORD, self._bounds, out.of(execution))
            if data is not record.data:
                record = replace(record, data=data)
        lighter = [self._effect(execution, effect, out) for effect in effects]
        for owner, blobs in out.blobs.items():
            if blobs.texts:
                await self._put(owner, blobs.texts)
        for owner, digests in out.passed_on.items():
            await self._ports.blobs.refer(owner, sorted(digests))
        return record, lighter

    async def _put(self, execution: str, texts: dict[str, bytes]) -> None:
        for digest, text in texts.items():
            self._warn(execution, len(text))
            await self._ports.blobs.put(execution, digest, text)

    def _warn(self, execution: str, size: int) -> None:
        share = size / self._bounds.most
        reached = next((bound for bound in _WARN_AT if share >= bound), None)
        if reached is not None:
            log.warning(
                "a value of execution %s takes %d bytes, %d %% of the most that is stored (%d): "
                "write it to a file or bucket and keep where it lies",
                execution, size, int(share * 100), self._bounds.most,
            )  # fmt: skip

    def _effect(self, execution: str, effect: Effect, out: _Outgoing) -> Effect:
        match effect:
            case Send(messages):
                lighter = [self._message(execution, message, out) for message in messages]
                return replace(effect, messages=lighter)
            case PutMeta(meta):
                return PutMeta(self._meta(meta, out))
            case PutStatus(owner, _, _, output, error):
                end = {"output": output, "error": error}
                end = lighten(end, payloads.META, self._bounds, out.of(owner))
                return replace(effect, output=end["output"], error=end["error"])
            case _:
                return effect

    def _meta(self, meta: Meta, out: _Outgoing) -> Meta:
        blobs = out.of(meta.execution)
        given = lighten({"input": meta.input}, payloads.META, self._bounds, blobs)["input"]
        return meta if given is meta.input else replace(meta, input=given)

    def _message(self, execution: str, message: Message, out: _Outgoing) -> Message:
        if message.state is None and not isinstance(message.data, dict):
            return message
        blobs = out.of(message.execution)
        body = {"state": message.state, "data": message.data}
        lighter = lighten(body, payloads.MESSAGE, self._bounds, blobs)
        if message.execution != execution:
            digests = payloads.references(lighter, payloads.MESSAGE)
            for pages in payloads.pages_of_references(lighter, payloads.MESSAGE):
                digests |= self._inside(pages)
            if digests:
                out.passed_on.setdefault(message.execution, set()).update(digests)
        if lighter is body:
            return message
        return replace(message, state=lighter["state"], data=lighter["data"])

    def _inside(self, pages: Json) -> set[str]:
        """The digests of the blobs that items of a list in pages refer to."""
        items = list(filter(is_reference, Pages(pages, self.fetch)))
        found = payloads.references(items, payloads.VALUES)
        return found.union(*map(self._inside, payloads.pages_of_references(items, payloads.VALUES)))
