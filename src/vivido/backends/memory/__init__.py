"""Everything in the memory of one process: for tests, simulations, runs that need not outlive it.

    ports = memory_ports(clock=VirtualClock(0.0), ids=SeededIds(7))

It is the reference of the contract suite: short enough to be checked by reading. In its `paranoid`
mode (the default) all that is put in or taken out is copied by way of JSON, as a real store does
it, so that nothing is shared by accident and nothing is stored that another backend could not.
Same calls, same clock, same ids: same answers.
"""

from vivido.backends.memory.bundle import memory_ports
from vivido.backends.memory.queue import MemoryQueue
from vivido.backends.memory.world import SeededIds, VirtualClock

__all__ = ["MemoryQueue", "SeededIds", "VirtualClock", "memory_ports"]
