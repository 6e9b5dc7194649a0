"""How are the URL types of pydantic stored? As their text."""

from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from pydantic_core import MultiHostUrl, Url

from vivido.values.plan import Codec, Plan
from vivido.values.scalars import Scalar, scalar_plan
from vivido.values.tags import tag_of

_MODULE: Final = "pydantic.networks"
_Core: TypeAlias = type[Url] | type[MultiHostUrl]
# The classes that people name wrap one of the core: these are the two roots of them.
_CORES: Final[Mapping[str, _Core]] = {"_BaseUrl": Url, "_BaseMultiHostUrl": MultiHostUrl}


def url_plan(cls: type, codec: Codec) -> Plan | None:
    """Return the plan of `pydantic.HttpUrl`, `pydantic.PostgresDsn` and their like."""
    for base in cls.__mro__:
        if base.__module__ == _MODULE and base.__name__ in _CORES:
            return scalar_plan(_kind(cls, _CORES[base.__name__]), codec)
    return None


def _kind(cls: type, core: _Core) -> Scalar:
    def from_text(text: str) -> Any:
        value: Any = object.__new__(cls)
        object.__setattr__(value, "_url", core(text))
        return value

    return Scalar(tag_of(cls), cls, str, from_text)
