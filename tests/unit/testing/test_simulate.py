"""What `simulate` promises: mocks, virtual time, stopping before a step, counts, the path."""

import pytest
from tests.fault import zoo

from vivido.errors import UsageError
from vivido.testing import simulate


def test_mocks_are_values_errors_functions_and_sequences():
    """Each kind of mock takes the step's place, call by call."""
    run = simulate(zoo.sequence, 1, mocks={zoo.c: [10, lambda n: n * 2, 7]})
    assert (run.status, run.output) == ("succeeded", 7)
    assert run.calls(zoo.c) == 3
    failed = simulate(zoo.sequence, 1, mocks={zoo.c: zoo.Declined("mocked")})
    assert (failed.error.type, failed.error.message) == ("Declined", "mocked")


def test_a_mock_that_is_used_up_says_so():
    """One value for three calls is a mistake of the test."""
    run = simulate(zoo.sequence, 1, mocks={zoo.c: [1]})
    assert run.error.type == "UsageError"
    assert "more often than its mock foresees (1 times)" in run.error.message


def test_time_is_virtual():
    """An hour of sleep takes none, and backoffs are waited for in virtual time."""
    run = simulate(zoo.slept, 1)
    assert (run.output, run.now) == (3, 1_767_225_600.0 + 3_600)
    retried = simulate(
        zoo.retried_slowly, 1, mocks={zoo.flaky_slowly: [zoo.Flaky(), zoo.Flaky(), 5]}
    )
    assert (retried.output, retried.calls(zoo.flaky_slowly)) == (6, 3)
    assert retried.now - 1_767_225_600.0 == 120 + 240


def test_stopped_before_a_step_variables_can_be_changed():
    """The run stops, shows its variables, and goes on with what they are changed to."""
    run = simulate(zoo.looped, 1, stop_before=zoo.c)
    assert (run.status, run.calls(zoo.c)) == ("paused", 0)
    while run.status == "paused":
        assert run.variables["i"] <= 5
        run.resume()
    assert run.output == [2, 3, 4]
    changed = simulate(zoo.slept, 1, stop_before=zoo.c).resume()
    changed.variables["x"] = 40
    assert changed.resume().output == 41


def test_what_is_not_stopped_has_no_variables():
    """Asking says what to read instead."""
    with pytest.raises(UsageError, match="its variables are in its history"):
        _ = simulate(zoo.sequence, 1).variables
    with pytest.raises(UsageError, match="not stopped before a step, it is succeeded"):
        simulate(zoo.sequence, 1).resume()


def test_the_path_names_the_nodes_in_order():
    """Compensations are part of it."""
    assert simulate(zoo.undone, 1).path == ["a", "b", "fail", "b", "a"]


def test_wrong_input_is_refused_before_anything_runs():
    """The message names the field."""
    with pytest.raises(UsageError, match="n"):
        simulate(zoo.sequence, {"m": 1})
