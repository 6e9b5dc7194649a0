"""R food-ordering: order, payment, kitchen, driver, delivery; the status is shown all the way."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum, auto

from vivido import publish, sleep, step, workflow
from vivido.testing import Run

KITCHEN_DELAY = 15  # minutes
BANKRUPT = "bankrupt"


class Status(StrEnum):
    """Where an order is."""

    NEW = auto()
    CREATED = auto()
    SCHEDULED = auto()
    IN_PREPARATION = auto()
    WAITING_FOR_DRIVER = auto()
    IN_DELIVERY = auto()
    DELIVERED = auto()
    REJECTED = auto()


@dataclass
class Dish:
    """What is eaten."""

    name: str
    price: Decimal
    number: int = 1


@dataclass
class Meal:
    """An order, and by when it is wanted."""

    id: str
    customer: str
    dishes: list[Dish]
    delay_minutes: float = 0
    status: Status = Status.NEW


asked: list[str] = []


@step
def charge(customer: str, amount: Decimal) -> bool:
    """Take the money, if there is any."""
    return customer != BANKRUPT


@step
def prepare(order_id: str, dish: str) -> str:
    """Cook one dish."""
    return f"hot {dish}"


@step
def find_driver(order_id: str) -> str | None:
    """Ask for a driver: the third time there is one."""
    asked.append(order_id)
    return "Dora" if len(asked) > 2 else None


@step
def drive(driver: str, leg: str) -> str:
    """Bring it one leg further."""
    return f"{driver} at {leg}"


@workflow
def deliver(order_id: str, *, region: str = "north") -> str:
    """Find a driver, fetch the meal, bring it."""
    driver = None
    while driver is None:
        driver = find_driver(order_id)
        if driver is None:
            sleep("30s")
    place = ""
    for leg in ("restaurant", "customer"):
        place = drive(driver, leg)
    return f"{place} ({region})"


@workflow
def order(meal: Meal) -> tuple[Status, str]:
    """Bring a meal to its customer."""

    def at(status: Status) -> None:
        meal.status = status
        publish(status=status)

    at(Status.CREATED)
    total = sum((dish.price * dish.number for dish in meal.dishes), start=Decimal(0))
    if not charge(meal.customer, total):
        at(Status.REJECTED)
        return meal.status, f"{meal.customer} has no {total}"
    at(Status.SCHEDULED)
    if meal.delay_minutes > KITCHEN_DELAY:
        sleep(minutes=meal.delay_minutes - KITCHEN_DELAY)
    at(Status.IN_PREPARATION)
    cooked = [prepare(meal.id, dish.name) for dish in meal.dishes for _ in range(dish.number)]
    at(Status.WAITING_FOR_DRIVER)
    place = deliver(meal.id)
    at(Status.DELIVERED)
    return meal.status, f"{place}: {', '.join(cooked)}"


def test_a_meal_arrives(both: Callable[..., Run]) -> None:
    """Two soups and a cake, cooked one by one; the third call finds a driver."""
    dishes = [Dish("soup", Decimal("4.50"), 2), Dish("cake", Decimal(3))]
    run = both(order, Meal("m1", "ada", dishes, delay_minutes=20), effects=asked)
    assert run.output == (
        Status.DELIVERED,
        "Dora at customer (north): hot soup, hot soup, hot cake",
    )
    assert (run.calls(prepare), run.calls(find_driver)) == (3, 3)
    assert run.published == {"status": Status.DELIVERED}


def test_a_customer_without_money_is_rejected(both: Callable[..., Run]) -> None:
    """Nothing is cooked."""
    run = both(order, Meal("m2", BANKRUPT, [Dish("soup", Decimal("4.50"))]), effects=asked)
    assert run.output == (Status.REJECTED, "bankrupt has no 4.50")
    assert run.calls(prepare) == 0
