"""Is a text glad or sad? Words with a mood are counted; "not" before a word turns it round."""

GLAD = frozenset(
    """affection beautiful beautifully better best cheerful delighted excellent fair friendly
    generous good grateful happy hope humour kind kindly laughing lovely nice patient perfect
    perfectly pleasant praise promise succeeded superb thank thanks warm well wonderful
    wonderfully""".split()  # noqa: SIM905  a text is easier to read
)
SAD = frozenset(
    """angry annoying awful bad broke broken contradictory cold dangerous disappointment
    disgusting fail failed fears leak leaked leaks poor problem regret sad slow sorry terrible
    trouble useless waste worried worse worst wrong""".split()  # noqa: SIM905  a text is easier to read
)
TURNING = frozenset({"no", "not", "never", "hardly", "nothing", "without", "isn't", "wasn't"})
REACH = 2  # how many words further "not" is heard


def score(words: list[str]) -> float:
    """Return the mood of a text: from -1, every word with a mood is sad, to 1, all are glad."""
    moods = [_mood(word, words[max(place - REACH, 0) : place]) for place, word in enumerate(words)]
    told = [mood for mood in moods if mood]
    return round(sum(told) / len(told), 2) if told else 0.0


def _mood(word: str, before: list[str]) -> int:
    mood = (word in GLAD) - (word in SAD)
    return -mood if TURNING.intersection(before) else mood
