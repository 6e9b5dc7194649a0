"""Is what a step returned what it promised? Checked once, and never changed."""

import dataclasses
import reprlib
from typing import Any

from pydantic import BaseModel, ValidationError

from vivido.authoring.conformance import Misfit
from vivido.authoring.hints import Hint
from vivido.errors import ResultInvalid


def checked(step: str, promised: Hint, value: Any) -> Any:
    """Return `value` itself if it fits what the step promised.

    A dict where a model or dataclass is promised is made into one, since mocks are written so;
    nothing else is turned into anything. What does not fit is `ResultInvalid`.
    """
    misfit = promised.misfit(value)
    if misfit is None:
        return value
    built = _built(promised, value)
    if promised.misfit(built) is None and _only_built(value, built):
        return built
    raise ResultInvalid(_explained(step, promised, value, misfit))


def _built(promised: Hint, value: Any) -> Any:
    if promised.adapter is None:
        return value
    try:
        return promised.adapter.validate_python(value)
    except ValidationError:
        return value


def _only_built(value: Any, built: Any) -> bool:
    """Whether `built` is `value` with objects in the place of dicts, and nothing else."""
    if built is value:
        return True
    if isinstance(value, dict) and (
        isinstance(built, BaseModel) or dataclasses.is_dataclass(built)
    ):
        return True
    if type(value) is not type(built):
        return False
    if isinstance(value, dict):
        return value.keys() == built.keys() and all(
            _only_built(item, built[key]) for key, item in value.items()
        )
    if isinstance(value, list | tuple):
        return len(value) == len(built) and all(map(_only_built, value, built))
    return bool(value == built)


def _explained(step: str, promised: Hint, value: Any, misfit: Misfit) -> str:
    where = f": {misfit.path} is {_shown(misfit.value)}" if misfit.path else ""
    return (
        f"step {step!r} returned {_shown(value)}, but promises {promised.text}{where}, where"
        f" {misfit.wanted} is wanted: return what the annotation says, or correct the annotation"
    )


def _shown(value: Any) -> str:
    kind = type(value).__name__
    return "None" if value is None else f"{reprlib.repr(value)} ({kind})"
