"""How many miles are 42 kilometres? Units of one kind are converted into each other."""

from decimal import Decimal

KINDS = {  # of each unit, so much of the first of its kind
    "length": {"m": "1", "km": "1000", "miles": "1609.344", "feet": "0.3048"},
    "weight": {"kg": "1", "g": "0.001", "tonnes": "1000", "pounds": "0.45359237"},
    "time": {"seconds": "1", "minutes": "60", "hours": "3600", "days": "86400"},
}
UNITS = {
    unit: (kind, Decimal(size)) for kind, sizes in KINDS.items() for unit, size in sizes.items()
}


class NoConversion(Exception):
    """There is no way from one unit to the other."""


def convert(amount: Decimal, unit: str, wanted: str) -> Decimal:
    """Return an amount in another unit, to two places. Raises `NoConversion`."""
    for name in (unit, wanted):
        if name not in UNITS:
            raise NoConversion(f"nothing is measured in {name!r}")
    (kind, size), (other, wanted_size) = UNITS[unit], UNITS[wanted]
    if kind != other:
        raise NoConversion(f"{unit} measure {kind}, and {wanted} measure {other}")
    return (amount * size / wanted_size).quantize(Decimal("0.01"))
