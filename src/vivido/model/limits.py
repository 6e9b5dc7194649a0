"""How much at once, how often, who first, what a second start means: limits as a definition says.

Keys and priorities are expressions over the parameters of the step or workflow that bears them.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from vivido.model.nodes import Expression, Part

Second = Literal["queue", "skip", "replace", "reject"]
KEY = "who shares it; none: everybody"


class Concurrency(Part):
    """At most `limit` at once for each key."""

    limit: int = Field(ge=1)
    key: Expression | None = Field(default=None, description=KEY)
    name: str | None = Field(default=None, description="shared with all that bear this name")


class Rate(Part):
    """At most `limit` begin `per` duration for each key; so many may begin at once."""

    limit: int = Field(ge=1)
    per: str = "1s"
    key: Expression | None = Field(default=None, description=KEY)
    name: str | None = Field(default=None, description="shared with all that bear this name")


class Singleton(Part):
    """One unfinished execution for each key, and what becomes of a second start."""

    key: Expression | None = Field(default=None, description=KEY)
    second: Second = "queue"


class Debounce(Part):
    """A start waits for `period`; a newer one of the same key takes its place."""

    period: str
    key: Expression | None = Field(default=None, description=KEY)
