"""Is the card good for the amount? It must be known here, and none pays more than the limit.

A shop never sees the number of a card, only a token for it, such as ``tok_visa_4242``: what a
workflow is given stays in its journal.
"""

import re
from decimal import Decimal

from services.records import transaction

LIMIT = Decimal(2_000)
_TOKEN = re.compile(r"tok_(?P<brand>visa|visa_debit|mastercard)_(?P<ends_in>[0-9]{4})")


class CardDeclined(Exception):
    """The card does not pay; `reason` says why: ``"unknown"`` or ``"limit"``."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the card was declined: {reason}")
        self.reason = reason


def charge(amount: Decimal, card: str, key: str) -> None:
    """Take `amount` from the card of this token, once for each `key`. Raises `CardDeclined`."""
    token = _TOKEN.fullmatch(card)
    if token is None:
        raise CardDeclined("unknown")
    if amount > LIMIT:
        raise CardDeclined("limit")
    with transaction() as shop:
        shop.execute(
            "INSERT OR IGNORE INTO payments (key, card, cents) VALUES (?, ?, ?)",
            (key, token["ends_in"], int(amount * 100)),
        )


def refund(key: str) -> None:
    """Give back what was taken under `key`."""
    with transaction() as shop:
        shop.execute("UPDATE payments SET refunded = 1 WHERE key = ?", (key,))


def balance() -> Decimal:
    """Return what the shop has earned."""
    with transaction() as shop:
        query = "SELECT COALESCE(SUM(cents), 0) FROM payments WHERE NOT refunded"
        (cents,) = shop.execute(query).fetchone()
    return Decimal(cents) / 100
