"""Who brings the parcel? A carrier, with a label whose number survives being typed by hand."""

import hashlib

from services.records import transaction

WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)  # of the postal union's S10 numbers


def create_label(reference: str, country: str) -> str:
    """Return the tracking number of a parcel; the same reference gets the same number."""
    serial = int.from_bytes(hashlib.sha256(reference.encode()).digest()[:8]) % 10**8
    tracking = f"CP{serial:08}{check_digit(serial)}{country}"
    with transaction() as shop:
        shop.execute("INSERT OR REPLACE INTO labels VALUES (?, ?, 0)", (tracking, reference))
    return tracking


def cancel_label(reference: str) -> None:
    """Make the label of `reference` void, if there is one."""
    with transaction() as shop:
        shop.execute("UPDATE labels SET cancelled = 1 WHERE reference = ?", (reference,))


def check_digit(serial: int) -> int:
    """Return the digit that guards the eight of a tracking number."""
    weighted = zip(f"{serial:08}", WEIGHTS, strict=True)
    check = 11 - sum(int(digit) * weight for digit, weight in weighted) % 11
    return {10: 0, 11: 5}.get(check, check)
