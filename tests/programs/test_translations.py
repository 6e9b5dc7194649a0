"""T openai_agents/parallelization: three translations side by side, the best is picked."""

import asyncio
from collections.abc import Callable

from vivido import parallel, step, workflow
from vivido.testing import Run

WORDS = {"good": ["bueno", "bien", "bondadoso"], "morning": ["manana", "mañana", "matutino"]}


@step
def translate(text: str, translator: int) -> str:
    """Translate word by word, each translator in a way of their own."""
    return " ".join(WORDS.get(word, [word] * 3)[translator] for word in text.split())


@step
def pick(source: str, translations: list[str]) -> str:
    """Take the shortest."""
    return min(translations, key=lambda text: (len(text), text))


@workflow
def best(text: str) -> str:
    """Ask three translators at once."""
    first, second, third = parallel(translate(text, 0), translate(text, 1), translate(text, 2))
    return pick(text, [first, second, third])


@step
async def translate_async(text: str, translator: int) -> str:
    """Translate without a thread."""
    return translate.function(text, translator)


@workflow
async def best_of_gathered(text: str) -> str:
    """Write it as an author who is used to asyncio."""
    translations = await asyncio.gather(*[translate_async(text, number) for number in range(3)])
    return pick(text, translations)


def test_the_best_of_three_is_picked(both: Callable[..., Run]) -> None:
    """Three translations, in the order of the translators, and one choice."""
    run = both(best, "good morning")
    assert (run.output, run.calls(translate), run.calls(pick)) == ("bien mañana", 3, 1)
    assert both(best_of_gathered, "good morning").output == "bien mañana"
