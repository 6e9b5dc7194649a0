"""Are the ids of real processes new, also after a fork?"""

import os

import pytest

from vivido.backends.world import SystemClock, SystemIds


def test_ids_sort_as_they_were_made() -> None:
    """Rows that are inserted together lie together."""
    ids = SystemIds()
    made = [ids.new() for _ in range(1_000)]
    assert made == sorted(set(made))


def test_two_sources_share_no_id() -> None:
    """Each process, and each source, has random bits of its own."""
    first, second = SystemIds(), SystemIds()
    assert {first.new() for _ in range(100)} & {second.new() for _ in range(100)} == set()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_a_forked_child_makes_ids_of_its_own() -> None:
    """A copy of a source in a child process does not repeat its parent."""
    ids = SystemIds()
    ids.new()
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        os.write(writer, ids.new().encode())
        os._exit(0)
    os.waitpid(child, 0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        assert pipe.read() not in {"", ids.new()}


def test_random_is_at_least_zero_and_below_one() -> None:
    """Chance lies in [0, 1)."""
    ids = SystemIds()
    assert [number for number in (ids.random() for _ in range(100)) if not 0 <= number < 1] == []


def test_the_clock_shows_seconds_since_1970() -> None:
    """It is later than the day on which this was written."""
    assert SystemClock().now() > 1_750_000_000
