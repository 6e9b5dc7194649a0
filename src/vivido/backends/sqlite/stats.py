"""What a store has done so far: so that a test can say what a step costs."""

from collections import Counter
from dataclasses import dataclass, field

from vivido.backends.sqlite.queries import NAMES


@dataclass(slots=True)
class Stats:
    """Counts since the store was opened, of this process only."""

    durable: int = 0  # commits that waited for the disk: one sync each (checkpoints aside)
    relaxed: int = 0  # commits that did not
    changes: int = 0  # that were grouped in them
    texts: Counter[str] = field(default_factory=Counter)

    @property
    def statements(self) -> dict[str, int]:
        """How often each of `queries` ran, by its name in lower case; BEGIN and COMMIT aside."""
        named: Counter[str] = Counter()
        for text, count in self.texts.items():
            named[NAMES[text]] += count
        return dict(named)
