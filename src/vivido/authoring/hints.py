"""What an annotation means: its text, its type, its JSON Schema, and whether a value fits it.

Everything is found on first use, not when the module of the author is imported: a name may be
defined further down, and building a validator takes a millisecond. An annotation that cannot be
resolved is kept as text and judges nothing.
"""

import inspect
import types
import typing
from collections.abc import Mapping
from functools import cached_property
from typing import Any, Literal, Never, NoReturn

from pydantic import ConfigDict, TypeAdapter
from pydantic.errors import PydanticUserError
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaWarningKind
from pydantic_core import SchemaError

from vivido.authoring.conformance import Check, Misfit, anything, check_of
from vivido.authoring.spelling import written

Mode = Literal["validation", "serialization"]


class _Unresolved:
    """The annotation names something that is not known."""


UNRESOLVED = _Unresolved()


class _QuietSchema(GenerateJsonSchema):
    """Leaves out of a schema what JSON has no word for, without a warning."""

    ignored_warning_kinds: set[JsonSchemaWarningKind] = {  # noqa: RUF012  as pydantic declares it
        "skipped-choice",
        "non-serializable-default",
        "skipped-discriminator",
    }


class Hint:
    """One annotation of a function: of a parameter, or of what it returns.

    `annotation` is what Python keeps (a type or its text), `names` what its text may refer to.
    """

    def __init__(self, annotation: Any, names: Mapping[str, Any]) -> None:
        self._annotation = annotation
        self._names = names

    @property
    def text(self) -> str | None:
        """The annotation as written, as nearly as Python kept it; None: there is none."""
        if self._annotation is inspect.Parameter.empty:
            return None
        return self._annotation if isinstance(self._annotation, str) else written(self._annotation)

    @property
    def type(self) -> Any:
        """The resolved annotation; `Any` if there is none, `UNRESOLVED` if a name is missing."""
        if self._annotation is inspect.Parameter.empty:
            return Any
        bearer = types.SimpleNamespace(__annotations__={"it": self._annotation})
        try:
            return typing.get_type_hints(
                bearer, globalns=dict(self._names), localns={}, include_extras=True
            )["it"]
        except (NameError, AttributeError, TypeError, SyntaxError):
            return UNRESOLVED

    @cached_property
    def _check(self) -> Check:
        return check_of(self.type)

    def misfit(self, value: Any) -> Misfit | None:
        """Say where `value` is not what the annotation promises; None if it fits."""
        return self._check(value)

    @property
    def judges(self) -> bool:
        """Whether there is any value that would not fit."""
        return self._check is not anything

    @cached_property
    def adapter(self) -> TypeAdapter[Any] | None:
        """The pydantic validator that builds such a value out of JSON; None: pydantic cannot."""
        hint = self.type
        if hint is UNRESOLVED or hint in (Never, NoReturn):
            return None
        for config in (None, ConfigDict(arbitrary_types_allowed=True)):
            try:
                return TypeAdapter(hint, config=config)
            except (PydanticUserError, SchemaError, TypeError):
                continue
        return None

    def schema(self, mode: Mode) -> dict[str, Any] | None:
        """Return the JSON Schema: of what goes in, or of what comes out; None: there is none."""
        if self.adapter is None:
            return None
        try:
            found = self.adapter.json_schema(mode=mode, schema_generator=_QuietSchema)
        except (PydanticUserError, TypeError, ValueError):
            return None
        return found or None
