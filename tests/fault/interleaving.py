"""A world in which several workers are at work at once, and every order of their calls may happen.

Each call of a port waits until dice let it go on: so deliveries overlap as in several processes.
Now and then a worker dies, before or after a call, or its lease ends while it is at work.
"""

import asyncio
import random

from vivido.errors import InvariantError
from vivido.model.journal import Delivery
from vivido.testing.faults import Crash, Injector
from vivido.testing.world import FaultyEngine, World

MANY = 20_000
LEASE_SECONDS = 100.0


class Dice:
    """What happens next. `deaths` and `stalls`: how likely they are, at each call that goes on."""

    def __init__(self, seed, deaths=0.01, stalls=0.01, workers=3):
        self.random = random.Random(seed)  # noqa: S311  meant to be repeated
        self.deaths, self.stalls, self.workers = deaths, stalls, workers

    def likely(self, share):
        """True in that share of the cases."""
        return self.random.random() < share


class Turnstile(Injector):
    """Each call waits for its turn; the one who has it may die before or after it."""

    def __init__(self, dice):
        super().__init__()
        self.dice = dice
        self.gates = []
        self.opened = False  # the harness itself is let through

    async def call(self, name, function, args, named):
        """Wait, then make the call, or die."""
        if not self.opened:
            return await self.done(name, function, args, named)
        gate = asyncio.get_running_loop().create_future()
        self.gates.append(gate)
        await gate
        dies = self.dice.likely(self.dice.deaths)
        if dies and self.dice.likely(0.5):
            raise Crash(name)
        answer = await self.done(name, function, args, named)
        if dies:
            raise Crash(name)
        return answer


class Interleaved(World):
    """One execution, under several workers.

    `acts` are calls from outside, coroutine functions of the engine: each begins at some moment,
    one after another, and is repeated by its caller if it dies.
    """

    def __init__(self, dice, engine_class=FaultyEngine, acts=(), **more):
        super().__init__(engine_class=engine_class, **more)
        self.dice = dice
        self.acts = list(acts)
        self.injector = Turnstile(dice)
        self.running = set()

    async def settle(self, during):
        """Deliver and let calls go on, in any order, until nothing moves."""
        assert during is None
        self.injector.opened = True
        for _ in range(MANY):
            await self.quiet()
            if self.acts and self.dice.likely(0.04):
                acts, self.acts = self.acts, []
                self.running.add(asyncio.ensure_future(self.outside(acts)))
                continue
            begins = len(self.running) < self.dice.workers and self.dice.likely(0.5)
            if (begins or not self.injector.gates) and await self.begin():
                continue
            if not self.injector.gates:
                if not await self.pass_time():
                    self.injector.opened = False
                    return
                continue
            gates = self.injector.gates
            gates.pop(self.dice.random.randrange(len(gates))).set_result(None)
            if self.dice.likely(self.dice.stalls):  # the leases of all who work are over
                self.clock.advance_to(self.clock.now() + LEASE_SECONDS)
        raise InvariantError(f"no rest after {MANY} calls")

    async def quiet(self):
        """Let everybody run on to the next call."""
        while True:
            self.running = {task for task in self.running if not task.done()}
            if len(self.running) == len(self.injector.gates):
                return
            await asyncio.sleep(0)

    async def begin(self):
        """Hand a message to a worker, if there is one; says whether there was."""
        deliveries = await self.ports.queue.receive("default", 1)
        for delivery in deliveries:
            self.deliveries += 1
            self.running.add(asyncio.ensure_future(self.worker(delivery)))
        return bool(deliveries)

    async def worker(self, delivery: Delivery):
        """One delivery; a worker that dies is gone."""
        try:
            await self.engine.deliver(delivery)
        except Crash:
            self.crashed = True

    async def result(self):
        """As of any world; deliveries overlap, so one may obey a stop while another works."""
        found = await super().result()
        found.one_at_a_time = False
        return found

    async def outside(self, acts):
        """Calls from outside, in order; who dies in one makes it again."""
        for act in acts:
            while True:
                try:
                    await act(self.engine)
                except Crash:
                    continue
                break

    async def pass_time(self):
        """Nobody works: go to when the next message is visible; says whether there is one."""
        soon = self.ports.queue.next_visible()
        if soon is None:
            return False
        self.clock.advance_to(max(soon, self.clock.now()))
        return True
