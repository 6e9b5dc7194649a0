"""How does an order become a parcel? Reserve, charge, then label and notify side by side.

A saga: whatever was done is undone in reverse order if a later step fails for good. Try it with
``examples/order.json``, or with a card that is declined, or with goods that come in two days.
"""

from decimal import Decimal
from typing import Literal, Self

from pydantic import BaseModel, Field, model_validator
from services import cards, carrier, mail, warehouse
from services.cards import CardDeclined
from services.warehouse import Throttled

from vivido import Retry, parallel, sleep, step, step_context, workflow


class Item(BaseModel):
    """So many pieces of one product, at the price of one."""

    sku: str
    quantity: int = Field(ge=1)
    price: Decimal = Field(ge=0, decimal_places=2)


class Order(BaseModel):
    """What a customer wants, and how it is paid."""

    id: str
    customer: str
    country: str = Field(pattern="^[A-Z]{2}$")
    card: str  # a token: a number would stay in the journal
    items: list[Item] = Field(min_length=1)
    total: Decimal

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        due = sum(item.price * item.quantity for item in self.items)
        if due != self.total:
            raise ValueError(f"the items come to {due}, not to {self.total}")
        return self


class Reservation(BaseModel):
    """Goods that were set aside; `missing` are those that the warehouse has to order first."""

    id: str
    missing: dict[str, int]

    @property
    def backordered(self) -> bool:
        """Whether something has to come in first."""
        return bool(self.missing)


class Payment(BaseModel):
    """Money that was taken."""

    id: str
    amount: Decimal


class Label(BaseModel):
    """What is stuck on the parcel."""

    tracking: str


class Receipt(BaseModel):
    """What the customer gets."""

    order_id: str
    tracking: str
    paid: Decimal


@step
def release(order: Order, result: Reservation) -> None:
    """Put the goods back."""
    warehouse.release(result.id)


@step(
    compensate=release,
    retry=Retry(max_attempts=3, backoff="200ms", factor=2, on=[Throttled]),
    timeout="30s",
)
def reserve(order: Order) -> Reservation:
    """Set the goods aside."""
    key = step_context().idempotency_key
    wanted = {item.sku: 0 for item in order.items}
    for item in order.items:
        wanted[item.sku] += item.quantity
    return Reservation(id=key, missing=warehouse.reserve(wanted, key))


@step
def refund(order: Order, result: Payment) -> None:
    """Give the money back."""
    cards.refund(result.id)


@step(compensate=refund, retry=Retry(give_up_on=[CardDeclined]), timeout="30s")
def charge(order: Order) -> Payment:
    """Take the money."""
    key = step_context().idempotency_key
    cards.charge(order.total, order.card, key)
    return Payment(id=key, amount=order.total)


@step
def cancel_label(order: Order) -> None:
    """Make the label void."""
    carrier.cancel_label(order.id)


@step(compensate=cancel_label)
def create_label(order: Order) -> Label:
    """Have a label made."""
    return Label(tracking=carrier.create_label(order.id, order.country))


@step
def notify(order: Order, message: Literal["delayed", "paid"]) -> None:
    """Write to the customer."""
    key = step_context().idempotency_key
    mail.send(message, order.customer, key, order=order.id, total=order.total)


@workflow(version="1", timeout="7d", tags={"team": "fulfilment"})
def order_fulfilment(order: Order) -> Receipt:
    """Bring an order to its customer."""
    stock = reserve(order)
    if stock.backordered:
        notify(order, "delayed")
        sleep(days=2)
    payment = charge(order)
    label, _ = parallel(create_label(order), notify(order, "paid"))
    return Receipt(order_id=order.id, tracking=label.tracking, paid=payment.amount)
