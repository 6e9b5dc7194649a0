"""The queue is lost while an ended execution is redriven: repaired, it goes on."""

import pytest
from tests.fault import zoo
from tests.fault.test_repair import Lossy

from vivido import workflow
from vivido.runtime.asking import Redrive, ask
from vivido.runtime.operating import By, Operations
from vivido.testing.simulation import never
from vivido.testing.world import EXECUTION, check


@workflow
def again(n: int) -> int:
    """Its second step fails the first time."""
    x = zoo.c(n)
    y = zoo.flaky_once(x)
    return zoo.c(y)


def redriven(kind="calm", at=0):
    """Run, and ask for a redrive as long as it has failed: the request itself may be lost."""
    seen = []

    def flaky(n):
        seen.append(n)
        if len(seen) == 1:
            raise zoo.Flaky("once")
        return n

    async def at_rest(engine):
        meta = await engine.ports.metas.get(EXECUTION)
        if meta.status == "failed":
            await ask(Operations(engine.ports), EXECUTION, Redrive(), By("ada"))
        return meta.status == "failed"

    mocks = {zoo.flaky_once: flaky}
    world = Lossy(kind, at)
    return world.run(again, 1, mocks=mocks, goes_on_inline=never, at_rest=at_rest)


@pytest.mark.parametrize("kind", ["lost", "emptied", "unsent", "repaired"])
def test_a_redrive_survives_the_loss_of_the_queue(kind):
    """Also between its record and META, where META still says that it has ended."""
    calm = redriven()
    assert calm.outcome == ("succeeded", 3, None)
    for at in range(1, calm.calls + 1):
        result = redriven(kind, at)
        assert (at, check(result), result.outcome) == (at, [], calm.outcome)
