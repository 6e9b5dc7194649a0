"""Where do the services of the shop keep what they did? In one SQLite file that processes share.

Each row bears the idempotency key of the step that asked for it. So a step that runs twice, because
its process died before the result was recorded, finds its row and changes nothing.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

FOLDER = "VIVIDO_EXAMPLES"  # the environment variable that moves the file elsewhere
SCHEMA = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
CREATE TABLE IF NOT EXISTS reservations
    (key TEXT, sku TEXT, quantity INTEGER, missing INTEGER, PRIMARY KEY (key, sku));
CREATE TABLE IF NOT EXISTS payments
    (key TEXT PRIMARY KEY, card TEXT, cents INTEGER, refunded INTEGER DEFAULT 0);
CREATE TABLE IF NOT EXISTS labels (tracking TEXT PRIMARY KEY, reference TEXT, cancelled INTEGER);
CREATE TABLE IF NOT EXISTS outbox (key TEXT PRIMARY KEY, recipient TEXT, text TEXT);
CREATE TABLE IF NOT EXISTS refusals (key TEXT PRIMARY KEY);
"""


@contextmanager
def transaction() -> Iterator[sqlite3.Connection]:
    """Open the file for one change: all of it is kept, or, after an error, none of it."""
    folder = Path(os.environ.get(FOLDER, ".vivido/examples"))
    folder.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(folder / "shop.db", timeout=30, isolation_level=None)) as shop:
        shop.executescript(SCHEMA)
        shop.execute("BEGIN IMMEDIATE")
        try:
            yield shop
        except BaseException:
            shop.execute("ROLLBACK")
            raise
        shop.execute("COMMIT")
