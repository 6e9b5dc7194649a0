"""`print` and `logging`."""

# What people write, and worse: that is the point.
# ruff: noqa: D103, F403, F405, G004, LOG004, LOG007, PLR1711, RET501, RET504, T201
from __future__ import annotations

from programs_shop import *


@workflow
def logs(x: int = 3):
    print("plain")
    print("x is", x, f(4), sep="=")
    print(f"{x} of {f(5)}", *[1, 2])
    print()
    print(x)
    log.info("order %s: %d", f("id"), x)
    logging.warning("no args %s")
    log.debug(f"{f(1)}")
    return None


@workflow
def logs_of_all_kinds(x: int = 3):
    adapter.info("adapted %s", f(x))
    logging.getLogger().error("root")
    logging.getLogger("named").critical("%d%%", x)
    log.exception("failed", exc_info=False)
    print(x, x, sep="%", flush=True)
    r = print("none")
    return r


INPUTS = {}
