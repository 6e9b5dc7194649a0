"""What is neither state nor message: definitions by digest, the clock, fresh identifiers."""

from typing import Protocol

from vivido.model.definition import Definition


class Registry(Protocol):
    """Definitions, by the hash of their content."""

    async def put(self, definition: Definition) -> None:
        """Store it under its digest; durable.

        One that is there stays: it differs in lines and comments at most.
        """
        ...

    async def get(self, digest: str) -> Definition | None:
        """The definition of that digest, or None."""
        ...


class Clock(Protocol):
    """The only source of time."""

    def now(self) -> float:
        """Seconds since 1970, UTC."""
        ...


class Ids(Protocol):
    """The only source of chance."""

    def new(self) -> str:
        """An identifier that nobody else will ever get: of a message, a delivery."""
        ...

    def random(self) -> float:
        """A number in [0, 1): jitter."""
        ...
