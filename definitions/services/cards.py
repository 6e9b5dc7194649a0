"""Is the card good for the amount? Its number must add up, and no card pays more than the limit."""

from decimal import Decimal

from services.records import transaction

LIMIT = Decimal(2_000)


class CardDeclined(Exception):
    """The card does not pay; `reason` says why: ``"number"`` or ``"limit"``."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the card was declined: {reason}")
        self.reason = reason


def charge(amount: Decimal, card: str, key: str) -> None:
    """Take `amount` from the card, once for each `key`. Raises `CardDeclined`."""
    digits = card.replace(" ", "")
    if not adds_up(digits):
        raise CardDeclined("number")
    if amount > LIMIT:
        raise CardDeclined("limit")
    with transaction() as shop:
        shop.execute(
            "INSERT OR IGNORE INTO payments (key, card, cents) VALUES (?, ?, ?)",
            (key, digits[-4:], int(amount * 100)),
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


def adds_up(digits: str) -> bool:
    """Whether the last digit is the right check digit for those before it (Luhn's algorithm)."""
    if not (digits.isascii() and digits.isdigit()):
        return False
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits)))
    return sum(number // 10 + number % 10 for number in doubled) % 10 == 0
