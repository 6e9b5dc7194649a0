"""Where does sales.csv come from? From here: a year of sales of five shops, as dirty as real ones.

``python examples/etl/generate.py`` writes the same bytes on every machine and every Python.
"""

import random
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import TypeVar

FILE = Path(__file__).with_name("sales.csv")
HEADER = "id,date,shop,product,quantity,amount,currency"
ROWS = 12_000
SHOPS = [("Oslo", "NOK"), ("Berlin", "EUR"), ("London", "GBP"), ("Boston", "USD"), ("Kyoto", "JPY")]
PRICES = {"lamp": 24, "desk": 310, "chair": 95, "globe": 89, "rug": 140, "vase": 31}  # in euros
FACTORS = {"NOK": 11.5, "EUR": 1.0, "GBP": 0.86, "USD": 1.08, "JPY": 162.0}
BAD_DATES = ["2026-02-30", "31/12/2025", "", "yesterday"]
BAD_AMOUNTS = ["", "n/a", "12,50", "-3.00"]
T = TypeVar("T")


class Chance:
    """Picks by `random`, the one method whose numbers never change from Python to Python."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311  no secrets here

    def below(self, limit: int) -> int:
        """Return a whole number from 0 on."""
        return int(self._random.random() * limit)

    def pick(self, choices: Sequence[T]) -> T:
        """Return one of the choices."""
        return choices[self.below(len(choices))]


def row(number: int, chance: Chance) -> str:
    """Return one line of the file; of a hundred, two or three are wrong in one way or another."""
    shop, currency = chance.pick(SHOPS)
    product = chance.pick(list(PRICES))
    day = str(date(2025, 11, 1) + timedelta(days=chance.below(365)))
    quantity = 1 + chance.below(5)
    price = PRICES[product] * FACTORS[currency] * quantity * (95 + chance.below(11)) / 100
    amount = f"{price:.0f}" if currency == "JPY" else f"{price:.2f}"
    match chance.below(250):
        case 0 | 1:
            day = chance.pick(BAD_DATES)
        case 2 | 3:
            amount = chance.pick(BAD_AMOUNTS)
        case 4:
            quantity = 0
        case 5:
            currency = "DEM"
    return f"S{number:06},{day},{shop},{product},{quantity},{amount},{currency}"


def lines() -> list[str]:
    """Return all lines; now and then an earlier one comes again, as when a till sends twice."""
    chance, made = Chance(seed=3), [HEADER]
    for number in range(1, ROWS + 1):
        made.append(row(number, chance))
        if chance.below(200) == 0:
            made.append(made[1 + chance.below(len(made) - 1)])
    return made


if __name__ == "__main__":
    FILE.write_text("\n".join(lines()) + "\n", "utf-8", newline="\n")
