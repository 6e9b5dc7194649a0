"""The fixtures that the pytest plugin gives."""

from tests.fault import zoo


def test_a_workflow_runs_on_a_store_of_its_own(vivido_local):
    """Status, output, path and history are read back from the file."""
    run = vivido_local.run(zoo.forked, 1)
    assert (run.status, run.output) == ("succeeded", ("a1", "b1", 2))
    assert run.path == ["parallel", "a", "b", "c"]


def test_a_failure_is_an_error_with_a_type(vivido_local):
    """What was completed is undone."""
    run = vivido_local.run(zoo.undone, 1)
    assert run.status == "compensated"
    assert (run.error.type, run.error.message) == ("Declined", "no 1")


def test_the_same_execution_is_not_run_again(vivido_local):
    """An id that has ended is read, not run."""
    first = vivido_local.run(zoo.sequence, 1, execution="one")
    again = vivido_local.run(zoo.sequence, 1, execution="one")
    assert [entry.record for entry in again.history] == [entry.record for entry in first.history]
