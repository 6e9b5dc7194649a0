"""Who of a fork begins when: whatever order its children end in, no more than so many at once."""

import asyncio
from collections.abc import Iterator
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from vivido.backends.memory.sets import MemoryJoins
from vivido.model.arrivals import Ended, Siblings, child_of, entry
from vivido.model.journal import Cause, Message
from vivido.ports import Arrive, Send, Stop, arrive
from vivido.ports.effects import Effect

JOINED = Message("m", "x", "r", 1, Cause.JOIN)


class Played:
    """A fork whose children end in an order that dice say; a stop is obeyed by whoever begins."""

    def __init__(self, siblings: Siblings, ends: dict[int, Ended], dice: Any) -> None:
        self.siblings, self.ends, self.dice = siblings, ends, dice
        self.joins = MemoryJoins()
        self.running = list(siblings.beginners(0, siblings.at_once))
        self.begun, self.most = list(self.running), len(self.running)
        self.ended: dict[int, Ended] = {}
        self.stopped = False
        self.joined = 0
        self.joined_early = False

    def play(self) -> "Played":
        """Let them end, one after another."""
        while self.running:
            child = self.running.pop(self.dice(len(self.running)))
            self.ended[child] = "stopped" if self.stopped else self.ends.get(child, "ok")
            for _ in range(1 + (self.dice(4) == 0)):  # now and then it arrives twice
                self.after(asyncio.run(arrive(self.joins, self.arrival(child))))
            self.most = max(self.most, len(self.running))
        return self

    def arrival(self, child: int) -> Arrive:
        """What its END says."""
        return Arrive("x", "r.1", child, self.ended[child], self.siblings, JOINED)

    def after(self, effects: list[Effect]) -> None:
        """Do what follows."""
        for effect in effects:
            match effect:
                case Stop():
                    self.stopped = True
                case Send(messages):
                    for message in messages:
                        self.told(message)

    def told(self, message: Message) -> None:
        """A message: the next child begins, unless it has; or the parent is told."""
        if message.cause is Cause.JOIN:
            self.joined += 1
            self.joined_early = self.joined_early or bool(self.running)
        elif message.cause is Cause.GO:
            child = int(message.branch.rpartition(":")[2])
            if child not in self.begun:
                self.begun.append(child)
                self.running.append(child)


@st.composite
def forks(draw: st.DrawFn) -> tuple[Siblings, dict[int, Ended], list[int]]:
    """A fork, which of its children fail, and chance."""
    width = draw(st.integers(1, 40))
    siblings = Siblings(
        width,
        draw(st.integers(1, width)),
        draw(st.none() | st.integers(0, 5)),
        draw(st.none() | st.integers(1, 12)),
        draw(st.integers(2, 6)),
    )
    failing = draw(st.sets(st.integers(0, width - 1), max_size=8))
    chance = draw(st.lists(st.integers(0, 1_000), min_size=1, max_size=60))
    return siblings, dict.fromkeys(failing, "failed"), chance


def dice(chance: list[int]) -> Any:
    """Numbers below a bound, from drawn ones."""

    def numbers() -> Iterator[int]:
        while True:
            yield from chance

    source = numbers()
    return lambda bound: next(source) % bound


@settings(max_examples=300, deadline=None)
@given(forks())
def test_a_fork_comes_to_its_end_whatever_the_order(
    drawn: tuple[Siblings, dict[int, Ended], list[int]],
) -> None:
    """All that began have ended when the parent is told; never more than so many at once."""
    siblings, ends, chance = drawn
    played = Played(siblings, ends, dice(chance)).play()
    assert (played.joined > 0, played.joined_early) == (True, False)
    assert played.most <= siblings.at_once
    assert sorted(played.ended) == sorted(played.begun)


@settings(max_examples=300, deadline=None)
@given(forks())
def test_a_fork_is_stopped_when_its_bounds_are_reached_and_only_then(
    drawn: tuple[Siblings, dict[int, Ended], list[int]],
) -> None:
    """Without a stop all begin; with one, enough have failed or succeeded. Never too early."""
    siblings, ends, chance = drawn
    played = Played(siblings, ends, dice(chance)).play()
    how = list(played.ended.values())
    reached = any(
        (bound := siblings.bound(kind)) is not None and how.count(kind) >= bound
        for kind in ("ok", "failed")
    )
    if played.stopped:
        assert reached
    else:
        assert len(played.begun) == siblings.width
        assert not reached or siblings.groups > 1  # seen late, where groups are counted


@given(st.integers(1, 5_000), st.data())
def test_as_many_begin_as_may_run_at_once(width: int, data: st.DataObject) -> None:
    """Places among the beginners are children, each once, in order, in any parts."""
    at_once, cut = data.draw(st.integers(1, width)), data.draw(st.integers(0, width))
    siblings = Siblings(width, at_once)
    whole = list(siblings.beginners(0, at_once))
    assert len(whole) == at_once
    assert sorted(set(whole)) == whole
    parts = [*siblings.beginners(0, min(cut, at_once)), *siblings.beginners(cut, at_once)]
    assert parts == whole


def test_no_slot_waits_behind_a_slow_child() -> None:
    """Child 0 of 500 never ends: its 49 neighbours begin all others, in five join items."""
    siblings = Siblings(500, 50)
    played = Played(siblings, {}, lambda bound: bound - 1)
    played.running.remove(0)
    played.play()
    assert (len(played.begun), played.joined) == (500, 0)
    played.running.append(0)
    played.play()
    assert played.joined == 1


def test_an_entry_says_who_and_how() -> None:
    """Numbers, so that items stay small."""
    hows: tuple[Ended, ...] = ("ok", "failed", "stopped")
    assert [child_of(entry(7, how)) for how in hows] == [7, 7, 7]
    assert len({entry(7, how) for how in hows}) == 3
