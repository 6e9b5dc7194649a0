"""Does an order reach its customer, and leave nothing behind if it does not?"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from order_fulfilment import (
    Order,
    Receipt,
    cancel_label,
    charge,
    create_label,
    notify,
    order_fulfilment,
    refund,
    release,
    reserve,
)
from pydantic import ValidationError
from services import cards, carrier, mail, warehouse
from services.cards import CardDeclined
from services.warehouse import Throttled, UnknownProduct

from vivido.testing import Run, simulate

Example = Callable[[str], Any]
RECEIPT = Receipt(order_id="A-1001", tracking="CP819475671NO", paid=Decimal("359.00"))
THANKS = "Dear Ada, thank you: order A-1001 is paid (359.00) and on its way."


def undone(run: Run) -> list[str]:
    """Return the compensations that ran, in their order."""
    return [entry.record.data["step"] for entry in run.history if entry.kind == "UNDONE"]


def test_a_plain_call_fulfils_the_order(example: Example) -> None:
    """Called as a function, the workflow reserves, charges, labels and writes."""
    receipt = order_fulfilment(Order.model_validate(example("order")))
    assert receipt == RECEIPT
    assert (warehouse.reserved("LAMP-01"), warehouse.reserved("DESK-02")) == (2, 1)
    assert cards.balance() == Decimal("359.00")
    assert mail.outbox() == [THANKS]


def test_the_engine_fulfils_the_order(example: Example) -> None:
    """On the engine it does the same, each step once."""
    run = simulate(order_fulfilment, example("order"))
    assert (run.status, run.output) == ("succeeded", RECEIPT)
    assert [run.calls(one) for one in (reserve, charge, create_label, notify)] == [1, 1, 1, 1]
    assert (cards.balance(), mail.outbox()) == (Decimal("359.00"), [THANKS])


def test_a_declined_card_raises_in_a_plain_call(example: Example) -> None:
    """The caller of the function gets the exception, with its attributes; nothing is undone."""
    with pytest.raises(CardDeclined, match="the card was declined: limit") as caught:
        order_fulfilment(Order.model_validate(example("order_declined")))
    assert caught.value.reason == "limit"
    assert warehouse.reserved("DESK-02") == 8


def test_a_declined_card_is_compensated(example: Example) -> None:
    """On the engine the goods go back, the card is asked once, and nobody gets a letter."""
    run = simulate(order_fulfilment, example("order_declined"))
    assert run.status == "compensated"
    assert run.error is not None
    assert (run.error.type, run.error.message) == ("CardDeclined", "the card was declined: limit")
    assert [run.calls(one) for one in (charge, release, refund, notify)] == [1, 1, 0, 0]
    assert (warehouse.reserved("DESK-02"), mail.outbox()) == (0, [])


def test_a_lost_parcel_undoes_everything_in_reverse(example: Example) -> None:
    """If the carrier fails, the money goes back first and the goods after it."""
    run = simulate(order_fulfilment, example("order"), mocks={create_label: OSError("no carrier")})
    assert (run.status, undone(run)) == ("compensated", ["refund", "release"])
    assert run.calls(cancel_label) == 0
    assert (cards.balance(), warehouse.reserved("LAMP-01")) == (Decimal(0), 0)


def test_a_letter_that_cannot_be_sent_makes_the_label_void(example: Example) -> None:
    """What a branch has done is undone too, before what came before the fork."""
    run = simulate(order_fulfilment, example("order"), mocks={notify: OSError("no mail")})
    assert (run.status, undone(run)) == ("compensated", ["cancel_label", "refund", "release"])


def test_backordered_goods_take_two_days(example: Example) -> None:
    """What is not on the shelves delays the order and nothing else."""
    run = simulate(order_fulfilment, example("order_backordered"), now=0)
    assert (run.status, run.now) == ("succeeded", 2 * 86_400)
    assert run.calls(notify) == 2
    assert [letter.split(",")[0] for letter in mail.outbox()] == ["Dear Alan", "Dear Alan"]
    assert warehouse.reserved("GLOBE-04") == 0


def test_a_busy_warehouse_is_asked_again(example: Example) -> None:
    """Very many pieces are refused at first: a plain call raises, the engine tries again."""
    order = Order.model_validate(example("order_bulk"))
    with pytest.raises(Throttled):
        order_fulfilment(order)
    run = simulate(order_fulfilment, example("order_bulk"))
    assert (run.status, run.calls(reserve)) == ("succeeded", 2)
    assert warehouse.reserved("LAMP-01") == 60


def test_each_service_acts_once_for_a_key() -> None:
    """A step that runs twice, as after a crash, finds what it did and adds nothing."""
    for _ in range(2):
        assert warehouse.reserve({"LAMP-01": 3, "GLOBE-04": 1}, "k") == {"GLOBE-04": 1}
        cards.charge(Decimal("9.99"), "tok_visa_4242", "k")
        mail.send("paid", "Ada", "k", order="A", total=10)
    assert (warehouse.reserved("LAMP-01"), cards.balance()) == (3, Decimal("9.99"))
    assert len(mail.outbox()) == 1
    for _ in range(2):
        warehouse.release("k")
        cards.refund("k")
    assert (warehouse.reserved("LAMP-01"), cards.balance()) == (0, Decimal(0))


def test_an_unknown_product_reserves_nothing() -> None:
    """A reservation is made as a whole or not at all."""
    with pytest.raises(UnknownProduct):
        warehouse.reserve({"LAMP-01": 1, "SOFA-99": 1}, "k")
    assert warehouse.reserved("LAMP-01") == 0


@pytest.mark.parametrize("card", ["4242424242424242", "tok_visa_42", "tok_barter_4242", ""])
def test_only_tokens_of_cards_are_charged(card: str) -> None:
    """The shop never takes the number of a card itself."""
    with pytest.raises(CardDeclined, match="declined: unknown"):
        cards.charge(Decimal(1), card, "k")
    assert cards.balance() == Decimal(0)


@pytest.mark.parametrize(("serial", "digit"), [(47_312_482, 9), (0, 5), (1, 4)])
def test_tracking_numbers_have_a_check_digit(serial: int, digit: int) -> None:
    """The weights are those of the postal union; 47312482 9 is its own example."""
    assert carrier.check_digit(serial) == digit


def test_a_total_that_is_wrong_is_refused(example: Example) -> None:
    """An order whose items do not come to its total is no order."""
    with pytest.raises(ValidationError, match=r"the items come to 359.00, not to 1"):
        Order.model_validate({**example("order"), "total": "1"})
