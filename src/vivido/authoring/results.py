"""Is what a step returned what it promised? Checked once, and never changed."""

import dataclasses
import reprlib
from typing import Any

from pydantic import BaseModel, ValidationError

from vivido.authoring.conformance import Misfit, place
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
    try:
        built = value if promised.adapter is None else promised.adapter.validate_python(value)
    except ValidationError as error:
        raise _invalid(step, promised, value, _why(misfit, error)) from None
    if promised.misfit(built) is not None or not _only_built(value, built):
        raise _invalid(step, promised, value, str(misfit))
    return built


def _invalid(step: str, promised: Hint, value: Any, why: str) -> ResultInvalid:
    return ResultInvalid(
        f"step {step!r} returned {reprlib.repr(value)}, and promises {promised.text}: {why};"
        " return what the annotation says, or correct the annotation"
    )


def _why(misfit: Misfit, error: ValidationError) -> str:
    """Say what is wrong in a dict that was to become an object; else, what is no such object."""
    first = error.errors(include_url=False)[0]
    if isinstance(misfit.value, dict) and first["loc"]:
        return f"{place(first['loc'])} {first['msg']}"
    return str(misfit)


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
