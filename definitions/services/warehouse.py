"""What is on the shelves? Goods are set aside for an order, and put back if it comes to nothing."""

import sqlite3
from collections.abc import Mapping

from services.records import transaction

SHELVES = {"LAMP-01": 100_000, "DESK-02": 100_000, "CHAIR-03": 100_000, "GLOBE-04": 0}
BULK = 50  # pieces, from which the warehouse checks its shelves first


class Throttled(Exception):
    """The warehouse is busy: ask again in a moment."""


class UnknownProduct(Exception):
    """No shelf has such a thing."""

    def __init__(self, sku: str) -> None:
        super().__init__(f"there is no product {sku!r}")
        self.sku = sku


def reserve(wanted: Mapping[str, int], key: str) -> dict[str, int]:
    """Set pieces aside under `key`, and return by product how many are missing still.

    Raises `UnknownProduct`, and `Throttled` when somebody asks for the first time for very many.
    """
    if sum(wanted.values()) >= BULK and _first_time(key):
        raise Throttled("the warehouse is checking its shelves: ask again in a moment")
    with transaction() as shop:
        if not shop.execute("SELECT 1 FROM reservations WHERE key = ?", (key,)).fetchone():
            for sku, quantity in wanted.items():
                missing = max(quantity - _available(shop, sku), 0)
                shop.execute(
                    "INSERT INTO reservations VALUES (?, ?, ?, ?)", (key, sku, quantity, missing)
                )
        rows = shop.execute("SELECT sku, missing FROM reservations WHERE key = ?", (key,))
        return {sku: missing for sku, missing in rows if missing}


def release(key: str) -> None:
    """Put back what was set aside under `key`, if anything was."""
    with transaction() as shop:
        shop.execute("DELETE FROM reservations WHERE key = ?", (key,))


def reserved(sku: str) -> int:
    """Return how many pieces are set aside."""
    with transaction() as shop:
        return _reserved(shop, sku)


def _available(shop: sqlite3.Connection, sku: str) -> int:
    if sku not in SHELVES:
        raise UnknownProduct(sku)
    return max(SHELVES[sku] - _reserved(shop, sku), 0)


def _reserved(shop: sqlite3.Connection, sku: str) -> int:
    query = "SELECT COALESCE(SUM(quantity - missing), 0) FROM reservations WHERE sku = ?"
    (pieces,) = shop.execute(query, (sku,)).fetchone()
    return int(pieces)


def _first_time(key: str) -> bool:
    with transaction() as shop:
        added = shop.execute("INSERT OR IGNORE INTO refusals VALUES (?)", (key,))
        return added.rowcount == 1
