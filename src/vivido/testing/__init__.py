"""Testing workflows: `simulate` runs them on the engine, in memory and in virtual time."""

from vivido.testing.execution import Entry, Execution, Failure
from vivido.testing.faults import Faults
from vivido.testing.report import Report
from vivido.testing.simulation import Run, simulate

__all__ = ["Entry", "Execution", "Failure", "Faults", "Report", "Run", "simulate"]
