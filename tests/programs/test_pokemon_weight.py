"""PR pokemon_weight: children look up the weights of some animals; the total comes from them."""

from collections.abc import Callable
from typing import Any

from vivido import map_each, step, workflow
from vivido.testing import Run

DEX = {"pikachu": 60, "snorlax": 4_600, "gastly": 1}


@step
def fetch(name: str, **options: Any) -> dict[str, Any]:
    """Look up an animal."""
    weight = DEX[name]
    return {"name": name, "weight": weight, **options}


@workflow
def weight(name: str, unit: str = "hg") -> float:
    """Return the weight in kilograms."""
    options = {"unit": unit, "exact": True}
    data = fetch(name, **options)
    return float(data["weight"] / 10 if data["unit"] == "hg" else data["weight"])


@workflow
def total_weight(names: list[str], owner: str) -> dict[str, Any]:
    """Return the sum and the heaviest."""
    weights = map_each(weight, names)
    by_name = dict(zip(names, weights, strict=True))
    heaviest = max(by_name, key=by_name.get, default=None)  # type: ignore[arg-type]
    light = [name for name, kilos in by_name.items() if kilos < 10]
    return {"total": round(sum(weights), 1), "heaviest": heaviest, "light": light, "owner": owner}


def test_weights_are_added(both: Callable[..., Run]) -> None:
    """Three children; keyword arguments travel through."""
    run = both(total_weight, {"names": ["pikachu", "snorlax", "gastly"], "owner": "ash"})
    assert run.output == {
        "total": 466.1,
        "heaviest": "snorlax",
        "light": ["pikachu", "gastly"],
        "owner": "ash",
    }
    assert run.calls(fetch) == 3


def test_no_animals_weigh_nothing(both: Callable[..., Run]) -> None:
    """The largest of nothing is the default."""
    run = both(total_weight, {"names": [], "owner": "ash"})
    assert run.output == {"total": 0, "heaviest": None, "light": [], "owner": "ash"}
