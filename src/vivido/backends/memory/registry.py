"""Definitions in a dict."""

from vivido.model.definition import Definition


class MemoryRegistry:
    """The `Registry` port. A definition is a value that nobody changes, so it is not copied."""

    def __init__(self) -> None:
        self._definitions: dict[str, Definition] = {}

    async def put(self, definition: Definition) -> None:
        """See `Registry.put`."""
        self._definitions.setdefault(definition.digest, definition)

    async def get(self, digest: str) -> Definition | None:
        """See `Registry.get`."""
        return self._definitions.get(digest)
