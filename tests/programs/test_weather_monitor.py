"""Z monitor: asks for the weather every half hour, and sends a text when the sky is clear."""

from collections.abc import Callable
from enum import IntEnum

from vivido import sleep, step, workflow
from vivido.testing import Run

POLL_MINUTES = 30
SKIES = {"Oslo": "rain rain cloud clear", "Bergen": "rain"}


class Sky(IntEnum):
    """How much of the sun is seen."""

    RAIN = 0
    CLOUD = 1
    CLEAR = 2


@step
def weather(city: str, minute: int) -> Sky:
    """Say how the sky is so many minutes from now."""
    skies = SKIES[city].split()
    return Sky[skies[min(minute // POLL_MINUTES, len(skies) - 1)].upper()]


@step
def send_text(phone: str, text: str) -> str:
    """Send a text."""
    return f"{phone}: {text}"


@workflow
def watch(city: str, phone: str, hours: float = 6) -> str | None:
    """Return the text that was sent, if one was."""
    elapsed = 0
    while elapsed < hours * 60:
        sky = weather(city, elapsed)
        if sky is Sky.CLEAR:
            return send_text(phone, f"clear in {city} after {elapsed} minutes")
        if sky >= Sky.CLOUD:
            print(f"{elapsed:>4} {sky.name.title()}")
        sleep(minutes=POLL_MINUTES)
        elapsed += POLL_MINUTES
    return None


def test_a_clear_sky_is_told(both: Callable[..., Run]) -> None:
    """Ninety minutes of rain and cloud."""
    run = both(watch, {"city": "Oslo", "phone": "12"})
    assert run.output == "12: clear in Oslo after 90 minutes"
    assert [text for _, _, text in run.logs] == ["  60 Cloud"]


def test_it_rains_in_bergen(both: Callable[..., Run]) -> None:
    """Six hours, twelve questions, no text."""
    run = both(watch, {"city": "Bergen", "phone": "12"})
    assert (run.output, run.calls(weather), run.calls(send_text)) == (None, 12, 0)
