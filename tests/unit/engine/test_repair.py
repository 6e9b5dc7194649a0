"""What should be in the queue for these heads? Records in, messages out."""

from typing import Any

import pytest

from vivido.engine.repair import Due, Head, Standing, leftovers, missing, overdue
from vivido.model.journal import Cause, Kind, Message, Meta, Record, Status

NOW = 1_000.0
META = Meta("x", "flow", "1", "digest", {}, created=100.0, updated=100.0)


def head(branch: str, n: int, kind: Kind, time: float = 500.0, **data: Any) -> Head:
    """A head, read from a record."""
    return Head.of("x", branch, Record(n, kind, f"m-{branch}", "d", time, data))


def waiting(branch: str, n: int, **wait: Any) -> Head:
    """A WAIT."""
    return head(branch, n, Kind.WAIT, state={"wait": wait})


def fork(branch: str, n: int, width: int, **more: Any) -> Head:
    """A FORK."""
    return head(branch, n, Kind.FORK, state={"wait": {"width": width, **more}})


def dues(*heads: Head, meta: Meta = META, parked: Any = (), paused: bool = False) -> list[Due]:
    """What is missing."""
    return missing(meta, Standing(heads), list(parked), NOW, paused=paused)


def sent(*heads: Head, **more: Any) -> list[tuple[str, int, str]]:
    """Branch, number and cause of each."""
    return [(due.branch, due.n, str(due.cause)) for due in dues(*heads, **more)]


def test_an_execution_that_was_never_begun() -> None:
    """The first message of the root; its step may have begun."""
    (due,) = dues()
    assert (due.branch, due.n, due.cause, due.doubt, due.since) == ("r", 0, Cause.GO, True, 100.0)


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.FORK])
def test_whatever_the_root_stands_at_it_gets_one_message(kind: Kind) -> None:
    """Also at an END that META does not know of yet."""
    assert sent(head("r", 7, kind)) == [("r", 7, "go")]


def test_a_backoff_is_waited_out() -> None:
    """The attempt after it has not begun: no doubt. When its time has come it may have."""
    (due,) = dues(head("r", 2, Kind.ATTEMPT, again_at=1_030.0))
    assert (due.at, due.doubt, due.since) == (1_030.0, False, 1_030.0)
    (due,) = dues(head("r", 2, Kind.ATTEMPT, again_at=990.0))
    assert (due.at, due.doubt, due.since) == (NOW, True, 990.0)


def test_a_timer_is_armed_again_by_its_branch() -> None:
    """The message comes at once; nobody is late before the timer's time."""
    for kind in (Kind.WAIT, Kind.ATTEMPT):
        one = head("r", 2, kind, again_at=5_000.0, state={"wait": {"timer": 5_000.0}})
        (due,) = dues(one)
        assert (due.at, due.doubt, due.since) == (NOW, True, 5_000.0)


def test_children_of_a_fork() -> None:
    """Open ones go on, ended ones arrive again as long as their parent stands at the fork."""
    ended, open_ = head("r.3:0", 4, Kind.END), head("r.3:1", 2, Kind.OK)
    assert sent(fork("r", 3, 2), ended, open_) == [
        ("r", 3, "go"),
        ("r.3:0", 4, "go"),
        ("r.3:1", 2, "go"),
    ]
    assert sent(head("r", 4, Kind.JOIN), ended) == [("r", 4, "go")]


def test_a_child_execution_is_named() -> None:
    """Of a call, and of one that is being undone."""
    assert dues(waiting("r.2:0", 5, child={"workflow": "w"}))[-1].child == "x~r.2:0.5"
    assert dues(waiting("r", 5, undo="y", at=3))[0].child == "y"
    assert dues(fork("r", 5, 1, undo=[["r.1", 0, 1]]))[0].child is None


def test_the_alarm_of_the_time_limit() -> None:
    """With the time that is left; at once where it is over."""
    limited = Meta("x", "flow", "1", "digest", {}, created=100.0, deadline=1_500.0)
    assert dues(head("r", 1, Kind.OK), meta=limited)[-1].at == 1_500.0
    late = Meta("x", "flow", "1", "digest", {}, created=100.0, deadline=900.0)
    due = dues(head("r", 1, Kind.OK), meta=late)[-1]
    assert (due.cause, due.at, due.since) == (Cause.TIMEOUT, NOW, 900.0)


def test_what_has_ended_needs_nothing_unless_it_goes_on() -> None:
    """A redrive, or an undoing, whose META is behind."""
    ended = META.with_status(Status.SUCCEEDED, 3, 600.0)
    assert sent(head("r", 3, Kind.END), meta=ended) == []
    assert sent(meta=ended) == []
    assert sent(head("r", 4, Kind.REDRIVE), meta=ended) == [("r", 4, "redrive")]
    assert sent(head("r", 4, Kind.UNDO), meta=ended) == [("r", 4, "undo")]


PARKED = Message("p", "x", "r", 3)
STALE = Message("q", "x", "r", 1)
GUARD = Message("g", "x", "r", 0, Cause.LAPSE)
WRITER = Message("m", "x", "r", 1, line=("m-r",))


def test_what_is_parked_drives_its_branch_while_a_pause_lasts() -> None:
    """It stands at the head, or wrote it; another one is no use."""
    one = head("r", 3, Kind.OK)
    assert sent(one, parked=[PARKED], paused=True) == []
    assert sent(one, parked=[WRITER], paused=True) == []
    assert sent(one, parked=[STALE], paused=True) == [("r", 3, "go")]


def test_what_is_parked_without_a_pause_is_sent() -> None:
    """A resume was lost. So too where a stop outranks the pause."""
    one = head("r", 3, Kind.OK)
    assert sent(one, parked=[PARKED]) == [("r", 0, "resume")]
    assert sent(one, parked=[STALE]) == [("r", 3, "go"), ("r", 0, "resume")]
    stopped = META.with_stop("r", "cancelled", 700.0)
    assert sent(one, meta=stopped, parked=[PARKED], paused=True) == [("r", 0, "resume")]


def test_stops_that_nobody_can_obey_any_more() -> None:
    """Their forks are joined, or the job has ended; a fork that stands keeps its stop."""
    stopped = META
    for scope in ("r", "r.1", "r.3", "r.3:0.2", "r.9"):
        stopped = stopped.with_stop(scope, "failed", 700.0)
    heads = [
        fork("r", 3, 2), head("r.1:0", 4, Kind.END), head("r.3:0", 4, Kind.END),
        head("r.3:0.2:0", 4, Kind.END), head("r.3:1", 1, Kind.OK),
    ]  # fmt: skip
    assert leftovers(stopped, Standing(heads)) == ["r.1", "r.3:0.2", "r.9"]
    assert leftovers(stopped, Standing([head("r", 3, Kind.OK)])) == ["r.1", "r.3:0.2", "r.9"]


# ------------------------------------------------------------------ what is overdue
def late(*heads: Head, there: Any = (), before: float = 900.0) -> list[str]:
    """The branches that the sweeper repairs."""
    standing = Standing(heads)
    found = missing(META, standing, [], NOW, paused=False)
    return [due.branch for due in overdue(found, standing, before, list(there))]


def test_who_has_moved_lately_is_not_late() -> None:
    """The bound counts from the record, or from the time that is waited for."""
    assert late(head("r", 1, Kind.OK, time=950.0)) == []
    assert late(head("r", 1, Kind.OK, time=850.0)) == ["r"]
    assert late(waiting("r", 1, timer=950.0)) == []
    assert late(waiting("r", 1, timer=850.0)) == ["r"]


def test_who_waits_for_a_person_is_never_late() -> None:
    """However long it takes."""
    assert late(head("r", 1, Kind.ATTENTION)) == []


def test_a_fork_is_judged_by_its_children() -> None:
    """Where all have begun and one goes on, that one is; where all have ended, the join is late."""
    ended, open_ = head("r.1:0", 4, Kind.END), head("r.1:1", 2, Kind.OK, time=950.0)
    old = head("r.1:1", 2, Kind.OK, time=600.0)
    assert late(fork("r", 1, 2), ended, open_) == []
    assert late(fork("r", 1, 2), ended, old) == ["r.1:1"]
    assert late(fork("r", 1, 2), ended, head("r.1:1", 9, Kind.END)) == ["r", "r.1:0", "r.1:1"]


def test_children_that_never_began_are_late_when_nothing_in_the_fork_moves() -> None:
    """Also below a child of it."""
    assert late(fork("r", 1, 2), head("r.1:0", 4, Kind.END)) == ["r", "r.1:0"]
    assert late(fork("r", 1, 2), head("r.1:0", 4, Kind.END, time=950.0)) == []
    inner = [fork("r.1:0", 4, 1), head("r.1:0.4:0", 2, Kind.OK, time=950.0)]
    assert late(fork("r", 1, 2), *inner) == []


def test_what_is_queued_for_later_is_not_late() -> None:
    """A message of that branch is there; one of another branch is no use."""
    one = head("r", 3, Kind.OK)
    assert late(one, there=[PARKED]) == []
    assert late(one, there=[STALE]) == ["r"]
    assert late(one, there=[Message("p", "x", "r.3:0", 3)]) == ["r"]


def test_who_waits_for_a_slot_is_looked_after_by_a_guard() -> None:
    """As long as that message is there."""
    one = waiting("r", 3, limit={}, timer=5_000.0)
    assert late(one, there=[GUARD]) == []
    assert late(one) == ["r"]
    resume = Due("r", 0, Cause.RESUME, NOW, since=100.0)
    assert overdue([resume], Standing([one]), 900.0, [GUARD]) == []
    assert overdue([resume], Standing([one]), 900.0, []) == [resume]


def test_who_waits_for_a_job_is_judged_by_the_job() -> None:
    """The job goes on, has ended and told nobody, or never began."""
    one = waiting("r", 3, job="r.2", timer=None)
    assert late(one, head("r.2:0", 1, Kind.OK, time=950.0)) == []
    assert late(one, head("r.2:0", 1, Kind.OK, time=600.0)) == ["r.2:0"]
    assert late(one, head("r.2:0", 2, Kind.END, time=950.0)) == []
    assert late(one, head("r.2:0", 2, Kind.END)) == ["r"]
    assert late(one) == ["r"]


def test_a_resume_and_an_alarm_are_there_by_their_cause() -> None:
    """Whatever their branch's head is."""
    standing = Standing([])
    resume = Due("r", 0, Cause.RESUME, NOW, since=100.0)
    alarm = Due("r", 0, Cause.TIMEOUT, NOW, since=100.0)
    there = [Message("a", "x", "r", 0, Cause.RESUME), Message("b", "x", "r", 0, Cause.TIMEOUT)]
    assert overdue([resume, alarm], standing, 900.0, there) == []
    assert overdue([resume, alarm], standing, 900.0, []) == [resume, alarm]
