"""R signup_with_retries and _saga: a user is made, mailed and activated, or all is undone."""

from collections.abc import Callable
from dataclasses import dataclass

from vivido import Retry, step, step_context, workflow
from vivido.testing import Run, simulate

users: list[str] = []


@dataclass(frozen=True)
class User:
    """Who signs up."""

    name: str
    email: str


class MailDown(Exception):
    """The mail server does not answer."""


@step
def delete_user(user: User) -> None:
    """Compensate `create_user`."""
    users.append(f"-{user.name}")


@step(compensate=delete_user)
def create_user(user: User) -> bool:
    """Make the user, unless it is there already."""
    if f"+{user.name}" in users:
        return False
    users.append(f"+{user.name}")
    return True


@step(retry=Retry(max_attempts=3, backoff="1s", factor=1, on=[MailDown]))
def send_welcome(user: User, down: int = 0) -> str:
    """Send a mail; the server is down for so many attempts."""
    if step_context().attempt <= down:
        raise MailDown(f"attempt {step_context().attempt}")
    return f"to {user.email}"


@step
def unsubscribe(user: User) -> None:
    """Compensate `subscribe`."""
    users.append(f"-{user.email}")


@step(compensate=unsubscribe)
def subscribe(user: User, full: bool) -> None:
    """Put the user on the mailing list."""
    if full:
        raise OverflowError("the list is full")
    users.append(f"+{user.email}")


@workflow
def signup(user: User, down: int = 0, *, full: bool = False) -> str:
    """Return to whom the welcome went; an existing user gets none."""
    if not (success := create_user(user)):
        return f"{user.name} exists: {success}"
    subscribe(user, full)
    return send_welcome(user, down)


ADA = User("ada", "ada@example.org")


def test_a_user_signs_up(both: Callable[..., Run]) -> None:
    """Made, listed, mailed."""
    run = both(signup, {"user": ADA}, effects=users)
    assert (run.output, users) == ("to ada@example.org", ["+ada", "+ada@example.org"])


def test_a_mail_server_is_asked_again() -> None:
    """Two attempts fail, the third succeeds, two seconds later."""
    users.clear()
    run = simulate(signup, {"user": ADA, "down": 2}, now=0)
    assert (run.output, run.calls(send_welcome), run.now) == ("to ada@example.org", 3, 2)


def test_the_last_failure_undoes_everything() -> None:
    """A server that stays down takes the user off the list and away, in this order."""
    users.clear()
    run = simulate(signup, {"user": ADA, "down": 9})
    assert (run.status, run.calls(send_welcome)) == ("compensated", 3)
    assert users == ["+ada", "+ada@example.org", "-ada@example.org", "-ada"]


def test_only_what_was_done_is_undone() -> None:
    """A step that failed has no compensation."""
    users.clear()
    run = simulate(signup, {"user": ADA, "full": True})
    assert (run.status, users) == ("compensated", ["+ada", "-ada"])


def test_a_user_is_made_once() -> None:
    """The second time there is nothing to do."""
    users[:] = ["+ada"]
    assert simulate(signup, {"user": ADA}).output == "ada exists: False"
