"""Each call of a port takes six seconds, so META has aged at each node and is read again."""

import os

import pytest
from tests.fault import undone, zoo
from tests.fault.test_enumeration import every_fault, mocks, with_settings

from vivido.runtime import turn
from vivido.testing.faults import Injector
from vivido.testing.world import World, check

SECONDS = 6.0
ALL_OF_THEM = os.environ.get("VIVIDO_FAULTS") == "all"  # `make faults`
FLOWS = [undone.child_undone, zoo.undone, zoo.map_fails, zoo.parent]
FLOWS = [*zoo.ALL, *undone.UNDONE] if ALL_OF_THEM else FLOWS


class SlowWorld(World):
    """A world in which nothing is quick."""

    def __init__(self, *faults, **more):
        super().__init__(*faults, **more)
        self.injector = SlowInjector(self.clock, *faults)


class SlowInjector(Injector):
    """Lets time pass at each call of a delivery."""

    def __init__(self, clock, *faults):
        super().__init__(*faults)
        self.clock = clock

    async def call(self, name, function, args, named):
        """Later."""
        if self.armed:
            self.clock.advance_to(self.clock.now() + SECONDS)
        return await super().call(name, function, args, named)


def slow(flow, *faults):
    """One run."""
    world = SlowWorld(*faults, engine_class=with_settings(flow))
    return world.run(flow, 1, mocks=mocks(flow))


def broken(flow):
    """What is wrong under each single fault; time has its part in who is stopped when."""
    calm = slow(flow)
    assert check(calm) == []
    found = {}
    for fault in every_fault(calm):
        result = slow(flow, fault)
        wrong = [what for what in check(result) if "never removed" not in what]
        if result.outcome[0] not in (calm.outcome[0], "failed"):
            wrong.append(f"ended as {result.outcome}, calmly as {calm.outcome}")
        if wrong:
            found[str(fault)] = wrong
    return found


@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.name)
def test_each_fault_at_each_call(flow):
    """What is handed on because META has aged is not lost."""
    assert broken(flow) == {}


async def hands_on_what_has_ended(self):
    """As if no message passed a META that says the end."""
    meta = await self.engine.ports.metas.get(self.execution)
    self.meta, self.meta_at = meta, self.engine.now()
    return meta is None or meta.status.is_end


def test_a_broken_protocol_is_caught(monkeypatch):
    """A child execution that is to be undone is lost so."""
    monkeypatch.setattr(turn.Turn, "must_hand_on", hands_on_what_has_ended)
    assert broken(undone.child_undone) != {}
