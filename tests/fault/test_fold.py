"""The journal is the state: what a message carries is what the records before it fold to."""

import pytest
from tests.fault import zoo
from tests.fault.test_enumeration import mocks

from vivido import engine as pure
from vivido.model.journal import Delivery
from vivido.ports import Send
from vivido.runtime.turn import Turn
from vivido.testing.simulation import never
from vivido.testing.world import FaultyEngine, World, check


class Comparing(FaultyEngine):
    """Folds the journal whenever a message with a state is sent."""

    compared = 0

    async def perform(self, effect):
        """Compare, then perform."""
        if isinstance(effect, Send):
            for message in effect.messages:
                if message.state is not None and message.n > 0:
                    await self.compare(message)
        await super().perform(effect)

    async def compare(self, message):
        """The state of a message and the fold of its journal are the same JSON."""
        meta = await self.ports.metas.get(message.execution)
        program = await self.program(meta.digest)
        turn = Turn(self, program, Delivery(message, "compared"), meta)
        state = await turn.beginning()
        for record in await self.ports.journal.read(
            message.execution, message.branch, 0, message.n
        ):
            state = pure.fold(state, record)
        assert message.state == state.snapshot()
        type(self).compared += 1


@pytest.mark.parametrize("workflow", zoo.ALL, ids=lambda workflow: workflow.name)
def test_each_message_carries_the_fold_of_its_journal(workflow):
    """With a hop after each record every state is compared."""
    result = World(engine_class=Comparing).run(
        workflow, 1, mocks=mocks(workflow), goes_on_inline=never
    )
    assert check(result) == []


def test_states_were_compared():
    """The test above compares something."""
    Comparing.compared = 0
    World(engine_class=Comparing).run(zoo.looped, 1, goes_on_inline=never)
    assert Comparing.compared == 3
