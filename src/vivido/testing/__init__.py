"""Testing workflows: `simulate` runs them on the engine, in memory and in virtual time."""

from vivido.testing.simulation import Entry, Failure, Run, simulate

__all__ = ["Entry", "Failure", "Run", "simulate"]
