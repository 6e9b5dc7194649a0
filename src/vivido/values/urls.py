"""How are pydantic's URL types stored? As their text; they are classes around one of pydantic's core."""

from typing import Any

from pydantic_core import MultiHostUrl, Url

from vivido.values.plan import Codec, Plan
from vivido.values.scalars import Scalar, scalar_plan
from vivido.values.tags import tag_of

_MODULE = "pydantic.networks"
_CORES = {"_BaseUrl": Url, "_BaseMultiHostUrl": MultiHostUrl}


def url_plan(cls: type, codec: Codec) -> Plan | None:
    """Return the plan of `pydantic.HttpUrl`, `pydantic.PostgresDsn` and their like."""
    for base in cls.__mro__:
        if base.__module__ == _MODULE and base.__name__ in _CORES:
            return scalar_plan(_kind(cls, _CORES[base.__name__]), codec)
    return None


def _kind(cls: type, core: type[Url] | type[MultiHostUrl]) -> Scalar:
    def from_text(text: str) -> Any:
        value = object.__new__(cls)
        object.__setattr__(value, "_url", core(text))
        return value

    return Scalar(tag_of(cls), cls, str, from_text)
