"""A workflow of sixty and more steps of all kinds. Each body says so on a pipe and in a file."""

import os

from vivido import Retry, map_each, parallel, saga, sleep, step, step_context, workflow


class Refused(Exception):
    """What a step raises on purpose."""


def tell(name: str) -> None:
    """Write down that a body ran: whoever reads the pipe may kill this process now."""
    line = f"{name} {step_context().idempotency_key}\n".encode()
    with open(os.environ["MIXED_LOG"], "ab") as log:
        log.write(line)
    os.write(int(os.environ["MIXED_PIPE"]), b".")


@step
def unbook(n: int, result: str) -> None:
    """Undo a booking."""
    tell(f"unbook-{result}")


@step(compensate=unbook)
def book(n: int) -> str:
    """Something that can be undone."""
    tell(f"book-{n}")
    return f"booking-{n}"


@step
def double(n: int) -> int:
    """Work."""
    tell(f"double-{n}")
    return n * 2


@step(retry=Retry(max_attempts=3, backoff="10ms"))
def second_time(n: int) -> int:
    """Fails at its first attempt."""
    tell(f"second-{n}")
    if step_context().attempt == 1:
        raise Refused("the first attempt")
    return n


@step
def refuse(n: int) -> None:
    """Always fails."""
    tell(f"refuse-{n}")
    raise Refused(f"no {n}")


@workflow
def doubled_twice(n: int) -> int:
    """A child execution."""
    return double(double(n))


@workflow
def mixed(n: int) -> dict[str, object]:
    """Loops, forks, children, retries, a saga that is undone, a timer."""
    total = 0
    kept: list[str] = []
    for i in range(n):
        total += double(i)
        if i % 5 == 4:
            total += second_time(i)
    squares = map_each(double, range(8), max_concurrency=3)
    first, second = parallel(book(1), doubled_twice(3))
    kept.append(first)
    try:
        with saga():
            for i in range(3):
                kept.append(book(10 + i))
            refuse(7)
    except Refused as error:
        kept.append(str(error))
    finally:
        total += double(100)
    sleep(milliseconds=20)
    while total < 1_000:
        total += double(total)
    rest = [double(i) for i in range(6) if i % 2]
    return {"total": total, "kept": kept, "squares": squares, "second": second, "rest": rest}
