"""R parallelizework: splits a task, works on the parts side by side, puts the results together."""

from collections.abc import Callable

from vivido import map_each, step, workflow
from vivido.testing import Run


@step
def split(text: str, size: int) -> list[str]:
    """Cut a text into pieces of so many words."""
    words = text.split()
    return [" ".join(words[start : start + size]) for start in range(0, len(words), size)]


@step
def count_letters(piece: str) -> dict[str, int]:
    """Count the letters of one piece."""
    return {letter: piece.count(letter) for letter in sorted(set(piece) - {" "})}


@workflow
def count(text: str, size: int = 2) -> list[tuple[str, int]]:
    """Return the three commonest letters."""
    totals: dict[str, int] = {}
    for counts in map_each(count_letters, split(text, size)):
        for letter, number in counts.items():
            totals[letter] = totals.get(letter, 0) + number
    ranked = sorted(totals.items(), key=lambda entry: (-entry[1], entry[0]))
    return ranked[:3]


def test_parts_come_together(both: Callable[..., Run]) -> None:
    """Four pieces, one result; the size of the pieces makes no difference."""
    text = "the quick brown fox jumps over the lazy"
    run = both(count, {"text": text})
    assert run.output == [("e", 3), ("o", 3), ("h", 2)]
    assert run.calls(count_letters) == 4
    assert both(count, {"text": text, "size": 100}).output == run.output
