"""How much do two texts share? So much of their runs of five words as stand in both (Jaccard)."""

RUN = 5

Runs = frozenset[tuple[str, ...]]


def runs(words: list[str]) -> Runs:
    """Return all runs of five words: what two texts that tell the same do not share by chance."""
    return frozenset(zip(*(words[start:] for start in range(RUN)), strict=False))


def similarity(one: Runs, other: Runs) -> float:
    """Return the share, from 0 to 1, of the runs of both that they have in common."""
    return round(len(one & other) / (len(one | other) or 1), 2)
