"""What a workflow tells the outside: events to the bus, values to those who watch."""

from typing import Any


def emit(name: str, payload: Any = None, *, key: str | None = None) -> None:
    """Put an event on the bus, for whoever listens.

        emit("order.shipped", {"id": order.id})

    `payload` is sent as plain JSON; `key` says whose event it is. In plain Python nobody listens.
    Raises `ValueError` without a name.
    """
    del payload, key
    if not isinstance(name, str) or not name:
        raise ValueError(f"emit({name!r}): give the event a name such as 'order.shipped'")


def publish(**values: Any) -> None:
    """Show values beside the execution: on the command line, in the API, on the dashboard.

        publish(stage="packing", percent=40)

    Each name keeps its last value. In plain Python nobody watches.
    """
    del values
