"""Mistakes that tools must see: mypy has to find each of them, in the line that is marked."""

from vivido import Retry, map_each, parallel, sleep, step, workflow


@step
def weigh(order: str) -> int:
    """Weigh."""
    return len(order)


@step(timeout=object())  # error: call-overload
def slow(order: str) -> int:
    """Take an option of the wrong type."""
    return len(order)


@step(tiemout="30s")  # error: call-overload
def misspelt(order: str) -> int:
    """Take an option that does not exist."""
    return len(order)


@workflow
def wrong(order: str) -> str:
    """Use everything wrongly."""
    weigh(5)  # error: arg-type
    weigh()  # error: call-arg
    weigh(order, 1)  # error: call-arg
    weight, label = parallel(weigh(order), weigh(order))
    weight.upper()  # error: attr-defined
    map_each(weigh, [1, 2])  # error: arg-type
    sleep(fortnights=2)  # error: call-arg
    Retry(on=[int])  # error: list-item
    return label  # error: return-value
