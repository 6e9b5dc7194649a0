"""All values in the blob store: whatever happens at each call, the outcome is the calm one."""

import pytest
from tests.fault import zoo
from tests.fault.test_enumeration import allowed, every_fault, mocks

from vivido import map_each, sleep, step, workflow
from vivido.runtime.payloads import Payloads
from vivido.settings import Settings
from vivido.testing.simulation import never
from vivido.testing.world import FaultyEngine, World, check

TINY = Settings(inline_value_bytes=1, inline_total_bytes=1)


class TinyEngine(FaultyEngine):
    """An engine in whose records there is no room for a value."""

    def __init__(self, *given, **more):
        super().__init__(*given, **more)
        self.settings = TINY
        self.payloads = Payloads(self.ports, TINY)


@step(inline=True)
def texts(n: int) -> list[str]:
    """A result that is large here."""
    return [str(i) for i in range(n + 2)]


@step(inline=True)
def longer(text: str) -> str:
    """One of them."""
    return text * 3


@workflow
def large(n: int) -> list[str]:
    """Large values in variables, items, results, over a wait."""
    found = texts(n)
    sleep(seconds=1)
    twice = map_each(longer, found)
    for text in found:
        twice.append(longer(text))
    return twice


WORKFLOWS = [*zoo.ALL, large]


def run(flow, *faults, inline=None):
    """One run in which all values are large."""
    world = World(*faults, engine_class=TinyEngine)
    return world.run(flow, 1, mocks=mocks(flow), goes_on_inline=inline)


@pytest.mark.parametrize("inline", [None, never], ids=["inline", "hops"])
@pytest.mark.parametrize("flow", WORKFLOWS, ids=lambda flow: flow.name)
def test_blobs_change_nothing(flow, inline):
    """The outcome is that of values that stay inline."""
    result = run(flow, inline=inline)
    plain = World().run(flow, 1, mocks=mocks(flow), goes_on_inline=inline)
    assert check(result) == []
    assert result.outcome == plain.outcome


@pytest.mark.parametrize("flow", [large, zoo.forked_and_undone, zoo.parent], ids=lambda f: f.name)
def test_each_fault_at_each_call(flow):
    """A crash between a blob and its record loses nothing."""
    calm = run(flow, inline=never)
    broken = {}
    for fault in every_fault(calm):
        result = run(flow, fault, inline=never)
        if check(result) or not allowed(flow, calm, result):
            broken[str(fault)] = (check(result), result.outcome)
    assert broken == {}
