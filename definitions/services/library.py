"""Which sentence of a small library answers a question best? Rare words count more than common."""

import math
import re

SENTENCES = (
    "The railway from Oslo to Bergen is 496 km long.",
    "The railway from Oslo to Trondheim is 553 km long.",
    "The night train from Oslo to Bergen takes 7 hours.",
    "The railway from Bergen to Voss is 106 km long.",
    "Galdhøpiggen, at 2469 m, is the highest mountain of Norway.",
    "Mont Blanc, at 4806 m, is the highest mountain of the Alps.",
    "The Sognefjord is 205 km long and the deepest fjord of Norway.",
    "An adult moose weighs 480 kg.",
    "A blue whale weighs 140 tonnes and is the heaviest animal there is.",
    "Ada Lovelace wrote the first program, for a machine that was never built.",
    "Grace Hopper wrote the first compiler, in 1952.",
    "Barbara Liskov gave her name to the rule that a subtype must keep its promises.",
)
WORD = re.compile(r"\w+")


class NothingFound(Exception):
    """The library does not say."""


def search(question: str) -> str:
    """Return the sentence that answers best. Raises `NothingFound`."""
    asked = _words(question)
    scores = {sentence: sum(map(_weight, asked & _words(sentence))) for sentence in SENTENCES}
    best = max(SENTENCES, key=lambda sentence: scores[sentence])
    if scores[best] < math.log(len(SENTENCES)):  # less than one rare word in common
        raise NothingFound(f"the library says nothing about {question!r}")
    return best


def _words(text: str) -> set[str]:
    return set(WORD.findall(text.lower()))


def _weight(word: str) -> float:
    known = sum(word in _words(sentence) for sentence in SENTENCES)
    return math.log(len(SENTENCES) / known)
