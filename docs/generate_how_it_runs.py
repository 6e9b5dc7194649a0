"""What does `vivido show` say of an order? Writes it into docs/how-it-runs.md.

The order of ``examples/order_backordered.json`` runs in virtual time, so that the page is the same
whenever and wherever it is written; `vivido show` then reads it from a store like any other.
"""

import asyncio
import contextlib
import io
import json
import os
import re
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from vivido.backends.sqlite import SqliteStore
from vivido.cli.main import main
from vivido.model.journal import Meta
from vivido.testing import Entry, Run, simulate

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "how-it-runs.md"
ID = "A-1003"
MARKED = re.compile(r"(<!-- shown: [^\n]* -->\n).*?(<!-- end -->)", re.DOTALL)


def ran() -> Run:
    """Run the order, with a shop of its own."""
    sys.path.insert(0, str(ROOT / "definitions"))
    from order_fulfilment import order_fulfilment  # noqa: PLC0415

    given = json.loads((ROOT / "examples" / "order_backordered.json").read_text("utf-8"))
    return simulate(order_fulfilment, given, now=datetime(2026, 3, 2, 9, tzinfo=UTC))


async def stored(meta: Meta, history: list[Entry], path: str) -> None:
    """Put META and records into a store, as a runtime on it would have."""
    store = SqliteStore(path)
    await store.ports.metas.create(replace(meta, execution=ID))
    for entry in history:
        await store.ports.journal.append(ID, entry.branch, entry.record)
    store.close()


def shown(path: str) -> str:
    """Return what `vivido show` prints."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.suppress(SystemExit):
        main(["show", ID, "--store", path])
    return printed.getvalue().replace("simulated", ID)


def excerpt() -> str:
    """Return the story of the order, in one time zone and one width."""
    with tempfile.TemporaryDirectory() as folder, around(VIVIDO_EXAMPLES=folder, TZ="UTC"):
        path = str(Path(folder) / "state.db")
        run = ran()
        asyncio.run(stored(run.meta, run.history, path))
        return f"```console\n$ vivido show {ID}\n{shown(path).strip()}\n```\n"


@contextlib.contextmanager
def around(**variables: str) -> Any:
    """Set environment variables meanwhile."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    time.tzset()
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            os.environ.update({} if value is None else {name: value})
        time.tzset()


def generate() -> str:
    """Return the page with what is shown today."""
    found = excerpt()
    return MARKED.sub(lambda match: match[1] + found + match[2], PAGE.read_text("utf-8"))


if __name__ == "__main__":
    PAGE.write_text(generate(), "utf-8")
    print(f"wrote {PAGE.relative_to(ROOT)}")
