"""How is a stored definition read, whichever format it was written in?

A definition says its format. Format N is read as it is; an older one is first brought up to date,
one format after the other, as plain JSON: so each change of format is one small function here, and
nothing else ever sees an old definition. A newer one is refused: a reader that guesses would run
something else than what was written. What is written is always the newest format.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError

from vivido.errors import DefinitionError
from vivido.model.definition import DEEPEST, FORMAT, Definition

Upgrade = Callable[[dict[str, Any]], dict[str, Any]]
UPGRADES: Mapping[int, Upgrade] = MappingProxyType({})  # by the format that each one reads
_LEVELS = 2 * DEEPEST + 10  # of JSON: a list and an object for each node
_SHOWN = 5  # findings of one definition; what follows is mostly their consequence


def read(text: str | bytes) -> Definition:
    """Read a definition of this format or an older one; DefinitionError says why it is none."""
    return read_data(_parsed(text))


def read_data(data: Any) -> Definition:
    """Read a definition from parsed JSON; as `read`."""
    current = upgraded(data, UPGRADES)
    if _is_deep(current):
        raise DefinitionError(
            f"the definition {current.get('name')!r} is nested deeper than {DEEPEST} levels: move "
            "inner parts into blocks, and call them"
        )
    try:
        return Definition.model_validate(current)
    except ValidationError as error:
        raise DefinitionError(_what_is_wrong(current, error)) from None


def upgraded(data: Any, upgrades: Mapping[int, Upgrade], *, newest: int = FORMAT) -> dict[str, Any]:
    """Bring parsed JSON to the format `newest`."""
    if not isinstance(data, dict):
        raise DefinitionError(
            f"a definition is a JSON object, and this is {type(data).__name__!r}: give what "
            "`definition.canonical_json()` or the designer writes"
        )
    written = data.get("format")
    if not isinstance(written, int) or isinstance(written, bool) or written < 1:
        raise DefinitionError(
            f"the definition says format {written!r}: give the number of a format, such as {newest}"
        )
    if written > newest:
        raise DefinitionError(
            f"the definition {data.get('name')!r} has format {written}, and this version reads up "
            f"to {newest}: upgrade vivido"
        )
    current: dict[str, Any] = data
    for number in range(written, newest):
        current = {**upgrades[number](current), "format": number + 1}
    return current


def _parsed(text: str | bytes) -> Any:
    try:
        return json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:  # UnicodeDecodeError is a ValueError
        raise DefinitionError(
            f"the definition is not JSON: {error}; it may have been cut off"
        ) from None


def _is_deep(data: Any) -> bool:
    """Whether JSON is nested too deeply; level by level, for a recursion would find it too late."""
    level = [data]
    for _ in range(_LEVELS):
        level = [
            inner
            for outer in level
            if isinstance(outer, (dict, list))
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
    return bool(level)


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _what_is_wrong(data: Mapping[str, Any], error: ValidationError) -> str:
    """One line for each finding, with the place in the tree."""
    found = error.errors(include_url=False, include_input=True)
    lines = [
        f"  {'.'.join(map(str, one['loc'])) or 'definition'}: {one['msg']}"
        f" (found {one['input']!r:.80})"
        for one in found[:_SHOWN]
    ]
    if len(found) > _SHOWN:
        lines.append(f"  … and {len(found) - _SHOWN} more")
    head = f"the definition {data.get('name')!r} breaks its schema (`vivido schema` prints it):"
    return "\n".join((head, *lines))
