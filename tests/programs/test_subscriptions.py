"""R concurrenttasks: adds all subscriptions of a user at once."""

from collections.abc import Callable

from pydantic import BaseModel

from vivido import parallel, step, workflow
from vivido.testing import Run


class Request(BaseModel):
    """Who subscribes to what."""

    user_id: str
    credit_card: str
    subscriptions: list[str]


@step
def create_recurring_payment(card: str) -> str:
    """Tell the bank."""
    return f"payment-{card[-2:]}"


@step
def create_subscription(user_id: str, subscription: str, payment: str) -> str:
    """Tell the publisher."""
    if subscription == "paper":
        raise ValueError("paper is out of print")
    return f"{user_id}/{subscription}/{payment}"


@workflow
def subscribe(request: Request) -> list[str]:
    """Return the subscriptions that were made, in the order asked for."""
    payment = create_recurring_payment(request.credit_card)
    made = parallel(
        *[create_subscription(request.user_id, name, payment) for name in request.subscriptions]
    )
    return list(made)


def test_all_are_made_at_once(both: Callable[..., Run]) -> None:
    """One branch for each, results in their order."""
    given = Request(
        user_id="u1", credit_card="tok_visa_4242", subscriptions=["news", "music", "films"]
    )
    run = both(subscribe, given)
    assert run.output == ["u1/news/payment-42", "u1/music/payment-42", "u1/films/payment-42"]


def test_none_at_all_is_fine(both: Callable[..., Run]) -> None:
    """A fork without branches is joined at once."""
    assert (
        both(subscribe, Request(user_id="u", credit_card="tok_visa_0001", subscriptions=[])).output
        == []
    )


def test_the_first_failure_is_the_workflow_s(both: Callable[..., Run]) -> None:
    """The error of a branch is raised where the fork stands."""
    given = Request(user_id="u", credit_card="tok_visa_0001", subscriptions=["news", "paper"])
    run = both(subscribe, given)
    assert run.error is not None
    assert run.error.message == "paper is out of print"
