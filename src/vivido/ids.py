"""How things are named: branches, scopes, executions, and the keys derived from them.

All of it is pure: a place has the same name at each redelivery, so what is done twice under a name
is done once. The grammar::

    branch     r | branch "." fork ":" child      r.5:2 is child 2 of the fork that r recorded as 5
    scope      r | branch "." fork                what can be stopped as a whole
    execution  what the caller chose, a new sortable id, or  parent "~" branch "." number
    key        execution "~" branch "~" step path, if short and plain, else its SHA-256

A caller cannot choose an id with ``~``, so no derived name ever meets a chosen one.
"""

import re
from hashlib import sha256
from typing import NamedTuple

from vivido.errors import InvariantError, UsageError

ROOT = "r"
MAX_EXECUTION_ID = 100
MAX_IDEMPOTENCY_KEY = 64

_KEPT = 40  # characters of a chosen id in those of deep child executions
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_TIME_BITS, _RANDOM_BITS, _LENGTH = 48, 80, 26
_CHOSEN_ID = re.compile(rf"[A-Za-z0-9][A-Za-z0-9._:-]{{0,{MAX_EXECUTION_ID - 1}}}")
_PLAIN = re.compile(r"[A-Za-z0-9._:~-]+")
_CHILD = re.compile(
    r"(?P<branch>r(?:\.[1-9][0-9]*:(?:0|[1-9][0-9]*))*)"
    r"\.(?P<fork>[1-9][0-9]*):(?P<child>0|[1-9][0-9]*)"
)


class Place(NamedTuple):
    """Where a branch was forked off: its parent, the FORK record's number, which child it is."""

    branch: str
    fork: int
    child: int


def child_branch(branch: str, fork: int, child: int) -> str:
    """Name a child (from 0) of the fork that `branch` recorded as its record `fork` (from 1)."""
    if fork < 1 or child < 0:
        raise InvariantError(
            f"no child {child!r} of record {fork!r} on {branch!r}: records count from 1"
        )
    return f"{branch}.{fork}:{child}"


def parent_of(branch: str) -> Place | None:
    """Say where `branch` was forked off; None for the root."""
    if branch == ROOT:
        return None
    match = _CHILD.fullmatch(branch)
    if match is None:
        raise InvariantError(f"{branch!r} is no branch: expected 'r', 'r.5:2', 'r.5:2.7:0' …")
    return Place(match["branch"], int(match["fork"]), int(match["child"]))


def fork_of_root(branch: str) -> int:
    """Say which record of the root is the FORK below which `branch` lies."""
    place = parent_of(branch)
    if place is None:
        raise InvariantError("the root lies below no fork")
    return place.fork if place.branch == ROOT else fork_of_root(place.branch)


def scope_of(branch: str) -> str:
    """Name the innermost scope that holds `branch`: its fork, or the execution for the root."""
    return branch.rpartition(":")[0] or ROOT


def scopes_of(branch: str) -> tuple[str, ...]:
    """Name all scopes that hold `branch`, the innermost first; the last is the execution."""
    scopes: list[str] = []
    while (place := parent_of(branch)) is not None:
        scopes.append(scope_of(branch))
        branch = place.branch
    return (*scopes, ROOT)


def within(branch: str, scope: str) -> bool:
    """Say whether a stop of `scope` reaches `branch`: the children of a fork, not its parent."""
    return scope == ROOT or branch.startswith(f"{scope}:")


def child_execution_id(execution: str, branch: str, number: int) -> str:
    """Name the child execution that `branch` starts at its record `number`, the same each time."""
    readable = f"{execution}~{branch}.{number}"
    if len(readable) <= MAX_EXECUTION_ID:
        return readable
    # The digest has no "r", so it never reads as a branch; 160 bits are plenty.
    return f"{execution.partition('~')[0][:_KEPT]}~{sha256(readable.encode()).hexdigest()[:40]}"


def child_prefixes(execution: str) -> tuple[str, str]:
    """Return how the ids of child executions of a chosen id begin: as a rule, and deep down.

    All ids of more than 40 characters that begin alike share the second.
    """
    return f"{execution}~", f"{execution[:_KEPT]}~"


def idempotency_key(execution: str, branch: str, step_path: str) -> str:
    """Name the effect of one step of one execution: at most 64 characters, safe in a URL or header.

    It outlives attempts, crashes and redrives: no record or attempt number is part of it.
    """
    readable = f"{execution}~{branch}~{step_path}"
    plain = _PLAIN.fullmatch(readable) is not None and "~" not in step_path
    if plain and len(readable) <= MAX_IDEMPOTENCY_KEY:
        return readable
    return sha256(readable.encode()).hexdigest()


def new_execution_id(now_ms: int, random_bits: int) -> str:
    """Make an id that sorts by time: 26 characters of Crockford's base 32, as a ULID.

    `now_ms` is milliseconds since 1970 (48 bits), `random_bits` a random integer of 80 bits.
    """
    if not 0 <= now_ms < 1 << _TIME_BITS or not 0 <= random_bits < 1 << _RANDOM_BITS:
        raise InvariantError(
            f"no id from now_ms={now_ms!r}, random_bits={random_bits!r}: 48 and 80 bits, ≥ 0"
        )
    number = now_ms << _RANDOM_BITS | random_bits
    return "".join(_CROCKFORD[number >> 5 * place & 31] for place in reversed(range(_LENGTH)))


def chosen_execution_id(text: str) -> str:
    """Return `text` if a caller may choose it as an execution's id, else raise `UsageError`."""
    if _CHOSEN_ID.fullmatch(text) is None:
        raise UsageError(
            f"{text!r} cannot be the id of an execution: use 1 to {MAX_EXECUTION_ID} ASCII "
            "letters, digits, '.', '_', ':' or '-', the first a letter or digit"
        )
    return text
