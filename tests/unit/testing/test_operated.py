"""A simulated run is decided on and redriven, as an execution is."""

from tests.fault import zoo

from vivido.runtime.asking import Redrive
from vivido.testing import simulate


def test_a_run_is_decided_on() -> None:
    """Skipped, the rest is undone."""
    run = simulate(zoo.undone, 1, mocks={zoo.undo_b: zoo.Declined("closed")})
    assert run.status == "needs_attention"
    assert run.decide("skip").status == "compensated"
    assert run.calls(zoo.undo_a) == 1


def test_a_run_is_redriven() -> None:
    """From the failed step, with its result supplied."""
    run = simulate(zoo.sequence, 1, mocks={zoo.c: [2, zoo.Declined("closed"), 9]})
    assert run.status == "failed"
    assert run.redrive(Redrive(result=5)).output == 9
