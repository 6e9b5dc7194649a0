"""What stands in a file of sales? Each line is a sale, or there is a reason why it is none.

Amounts are converted to euros at the rates of the day on which the books were closed.
"""

import csv
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from pathlib import Path

HEADER = ["id", "date", "shop", "product", "quantity", "amount", "currency"]
RATES = {  # so much of it is one euro
    "EUR": Decimal(1),
    "GBP": Decimal("0.8620"),
    "JPY": Decimal("161.90"),
    "NOK": Decimal("11.4850"),
    "USD": Decimal("1.0815"),
}


Line = tuple[int, list[str]]


class BadRow(Exception):
    """A line is no sale, and why."""


@dataclass(frozen=True)
class Sale:
    """One line that is right; `cents` of a euro."""

    id: str
    day: date
    shop: str
    product: str
    quantity: int
    cents: int


def count(source: Path) -> int:
    """Return how many lines there are below the header. Raises `BadRow` for another header."""
    with source.open(encoding="utf-8", newline="") as file:
        header = next(csv.reader(file), [])
        if header != HEADER:
            raise BadRow(f"the columns are {header}, not {HEADER}")
        return sum(1 for _ in file)


def lines(source: Path, start: int = 0, stop: int | None = None) -> Iterator[Line]:
    """Yield lines with their numbers: the first below the header is 0; `stop` is not among them."""
    with source.open(encoding="utf-8", newline="") as file:
        next(file)
        numbered = enumerate(itertools.islice(file, start, stop), start)
        yield from ((number, next(csv.reader([line]))) for number, line in numbered)


def sale(fields: list[str]) -> Sale:
    """Return what a line says. Raises `BadRow`."""
    if len(fields) != len(HEADER):
        raise BadRow(f"{len(fields)} fields in place of {len(HEADER)}")
    number, day, shop, product, quantity, amount, currency = fields
    if not (quantity.isdecimal() and int(quantity)):
        raise BadRow("the quantity is no number from 1")
    cents = _cents(amount, currency)
    return Sale(number, _day(day), shop, product, int(quantity), cents)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadRow("the date does not exist" if text else "the date is missing") from None


def _cents(text: str, currency: str) -> int:
    if currency not in RATES:
        raise BadRow("the currency has no rate")
    if not text:
        raise BadRow("the amount is missing")
    amount = _number(text)
    if not amount.is_finite():
        raise BadRow("the amount is no number")
    if amount <= 0:
        raise BadRow("the amount is not above zero")
    return int((amount / RATES[currency] * 100).quantize(Decimal(1), ROUND_HALF_EVEN))


def _number(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        return Decimal("nan")
