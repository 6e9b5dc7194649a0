"""What an error of SQLite means to whoever has to act on it."""

import sqlite3
from pathlib import Path

from vivido.errors import InvariantError, NeedsAttention, Unavailable, UsageError, VividoError


def is_busy(error: sqlite3.Error) -> bool:
    """Whether another process was in the way, and trying again may help."""
    return _name(error).startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))


def translated(error: sqlite3.Error, path: Path) -> VividoError:  # noqa: PLR0911  (one table)
    """The error to raise instead, naming file and remedy. Nothing of what failed is stored."""
    name, file = _name(error), str(path)
    match name.split("_")[1] if name else "":
        case "BUSY" | "LOCKED":
            return Unavailable(
                f"the store {file!r} is locked by another process for too long: "
                "end what holds it (a backup, a database browser)"
            )
        case "FULL":
            return Unavailable(
                f"the store {file!r} cannot grow: make room on its disk; "
                "nothing stored so far is lost"
            )
        case "IOERR" | "NOMEM" | "INTERRUPT" | "PROTOCOL":
            return Unavailable(
                f"the store {file!r} could not be read or written ({name}): check its disk; "
                "what was in progress is tried again"
            )
        case "READONLY" | "CANTOPEN" | "PERM" | "AUTH":
            return UsageError(
                f"the store {file!r} cannot be opened for writing ({name}): "
                "check that it is a file, and that it and its folder belong to you and are writable"
            )
        case "NOTADB":
            return UsageError(f"{file!r} is not a Vivido store: choose another file")
        case "CORRUPT":
            return NeedsAttention(
                f"the store {file!r} is damaged ({error}): stop all that use it, keep a copy of it "
                f"with its -wal file, and recover what is there with: sqlite3 {file} .recover"
            )
        case "TOOBIG":
            return UsageError(
                f"a value is too large for the store {file!r} ({error}): "
                "pass a reference to it instead"
            )
        case _:
            return InvariantError(
                f"the store {file!r} was used wrongly: {name or type(error)} {error}"
            )


def _name(error: sqlite3.Error) -> str:
    """Which code SQLite gave; empty for what Python's module found by itself."""
    return getattr(error, "sqlite_errorname", "")
