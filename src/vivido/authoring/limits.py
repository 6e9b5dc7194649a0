"""How much runs at once, how often, who goes first, and what a second start of a key means.

Keys and priorities are expressions over the parameters of the step or workflow that bears them:
text, as ``"order.customer"``, checked where it is written and evaluated by the engine. A limit
belongs to the step or workflow, or to all that give it one `name`.
"""

from __future__ import annotations

import ast
import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import get_args

from vivido import durations
from vivido.authoring import options
from vivido.authoring.options import Duration
from vivido.errors import DefinitionError
from vivido.expressions import ExpressionRefused, Scope, compile_expression
from vivido.model import limits as model
from vivido.model.limits import Second

Priority = int | float | str


@dataclass(frozen=True, slots=True)
class Concurrency:
    """At most `limit` at once, for each key.

        @step(concurrency=Concurrency(5, key="order.customer"))  # or concurrency=5: for everybody

    Who finds no slot free waits for its turn: by priority, then by time, and no worker waits with
    it. A slot is a lease: if the process that holds it dies, it is free when the lease ends.
    `name`: all that bear the same name share one limit.

    Raises `DefinitionError` for what is no limit.
    """

    limit: int
    key: str | None = None
    name: str | None = None

    def __post_init__(self) -> None:
        _check("Concurrency", self.limit, self.key, self.name)

    def spec(self, owner: str, parameters: Iterable[str]) -> model.Concurrency:
        """Describe it for a definition; the key is checked against the parameters."""
        return model.Concurrency(
            limit=self.limit, key=_key(owner, "concurrency", self.key, parameters), name=self.name
        )


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `limit` begin `per` duration, for each key: a token bucket that holds `limit`.

        @step(rate=Rate(10, per="1s", key="order.customer"))

    So many may begin at once; from then on one each `per` / `limit`. Who finds no token waits for
    its time, which is set when it asks: first come, first served. `name`: all that bear the same
    name share one limit.

    Raises `DefinitionError` for what is no limit.
    """

    limit: int
    per: Duration = "1s"
    key: str | None = None
    name: str | None = None

    def __post_init__(self) -> None:
        _check("Rate", self.limit, self.key, self.name)
        options.duration("Rate", "per", self.per)

    def spec(self, owner: str, parameters: Iterable[str]) -> model.Rate:
        """Describe it for a definition; the key is checked against the parameters."""
        return model.Rate(
            limit=self.limit,
            per=durations.text(durations.parse(self.per)),
            key=_key(owner, "rate", self.key, parameters),
            name=self.name,
        )


@dataclass(frozen=True, slots=True)
class Singleton:
    """One unfinished execution of the workflow at a time, for each key.

        @workflow(singleton=Singleton(key="order.id", second="skip"))

    `second` says what becomes of another start of the same key meanwhile: "queue", it begins when
    the first has ended; "skip", it is not started, and the first is the answer; "replace", the
    first is cancelled, and it begins when that is done; "reject", it is refused.

    Raises `DefinitionError` for what is no such rule.
    """

    key: str | None = None
    second: Second = "queue"

    def __post_init__(self) -> None:
        if self.second not in get_args(Second):
            raise DefinitionError(
                f"Singleton: second={self.second!r}: give one of "
                f"{', '.join(map(repr, get_args(Second)))}"
            )
        _text("Singleton", self.key)

    def spec(self, owner: str, parameters: Iterable[str]) -> model.Singleton:
        """Describe it for a definition; the key is checked against the parameters."""
        key = _key(owner, "singleton", self.key, parameters)
        return model.Singleton(key=key, second=self.second)


@dataclass(frozen=True, slots=True)
class Debounce:
    """A start waits for `period`; a newer one of the same key within it takes its place.

        @workflow(debounce=Debounce("10s", key="document.id"))

    So of many starts in a row one runs, with the newest input, `period` after the last of them.
    Those that it took the place of end as cancelled, before their first step.

    Raises `DefinitionError` for what is no duration or key.
    """

    period: Duration
    key: str | None = None

    def __post_init__(self) -> None:
        options.duration("Debounce", "period", self.period)
        _text("Debounce", self.key)

    def spec(self, owner: str, parameters: Iterable[str]) -> model.Debounce:
        """Describe it for a definition; the key is checked against the parameters."""
        return model.Debounce(
            period=durations.text(durations.parse(self.period)),
            key=_key(owner, "debounce", self.key, parameters),
        )


def concurrency(owner: str, given: object) -> Concurrency | None:
    """Return the option as it is kept: a number is a limit without a key."""
    if given is None or isinstance(given, Concurrency):
        return given
    if isinstance(given, int) and not isinstance(given, bool):
        return Concurrency(given)
    raise DefinitionError(
        f"{owner}: concurrency={given!r}: give how many at once, or "
        'Concurrency(5, key="order.customer")'
    )


def rate(owner: str, given: object) -> Rate | None:
    """Return the option as it is kept."""
    if given is None or isinstance(given, Rate):
        return given
    raise DefinitionError(f'{owner}: rate={given!r}: give Rate(10, per="1s")')


def priority(owner: str, given: object) -> str | None:
    """Return the expression of a priority: a number is one, too."""
    if given is None:
        return None
    if isinstance(given, int | float) and not isinstance(given, bool) and abs(given) < _INFINITE:
        return repr(given)
    if isinstance(given, str) and given.strip():
        return given
    raise DefinitionError(
        f"{owner}: priority={given!r}: give a number, or an expression such as "
        '"10 if order.vip else 0"; the highest goes first'
    )


def singleton(owner: str, given: object) -> Singleton | None:
    """Return the option as it is kept: True is one execution at a time, the others in line."""
    if given is None or isinstance(given, Singleton):
        return given
    if given is True:
        return Singleton()
    raise DefinitionError(f'{owner}: singleton={given!r}: give Singleton(key="order.id")')


def debounce(owner: str, given: object) -> Debounce | None:
    """Return the option as it is kept: a duration is one without a key."""
    if given is None or isinstance(given, Debounce):
        return given
    if isinstance(given, bool):
        raise DefinitionError(f'{owner}: debounce={given!r}: give a duration, such as "10s"')
    return Debounce(given)  # type: ignore[arg-type]  # it checks that itself


def expression(owner: str, option: str, text: str, parameters: Iterable[str]) -> str:
    """Return the text of an expression over `parameters`, in its usual form.

    Raises `DefinitionError`, with the place, for what the evaluator does not do, for names that
    are no parameters, and for what may come out differently when it is evaluated again.
    """
    known = frozenset(parameters)
    try:
        compiled = compile_expression(text, Scope(variables=known))
    except ExpressionRefused as error:
        raise _refused(owner, option, text, error.col_offset, str(error)) from None
    unknown = sorted(compiled.names - known)
    if unknown:
        close = difflib.get_close_matches(unknown[0], known, 1)
        instead = f"do you mean {close[0]!r}?" if close else f"it has {_listed(sorted(known))}"
        what = f"{unknown[0]!r} is no parameter: {instead}"
        raise _refused(owner, option, text, _place(text, unknown[0]), what)
    if compiled.impure or compiled.mutates or compiled.binds:
        what = "it must be the same each time, and change nothing: read the parameters only"
        raise _refused(owner, option, text, 0, what)
    return text.strip()


_INFINITE = float("inf")


def _key(owner: str, option: str, key: str | None, parameters: Iterable[str]) -> str | None:
    return None if key is None else expression(owner, f"{option} key", key, parameters)


def _place(text: str, name: str) -> int:
    """Where a name stands in the text: its offset."""
    found = [
        node.col_offset
        for node in ast.walk(ast.parse(text.strip(), mode="eval"))
        if isinstance(node, ast.Name) and node.id == name
    ]
    return min(found, default=0)


def _refused(owner: str, option: str, text: str, offset: int, what: str) -> DefinitionError:
    """The error, with a caret beneath the place."""
    shown = " ".join(text.split())
    return DefinitionError(f"{owner}: {option}: {what}\n    {shown}\n    {' ' * offset}^")


def _listed(names: list[str]) -> str:
    return ", ".join(map(repr, names)) or "none"


def _check(owner: str, limit: object, key: object, name: object) -> None:
    if not isinstance(limit, int) or isinstance(limit, bool) or limit < 1:
        raise DefinitionError(f"{owner}: limit={limit!r}: give a whole number from 1")
    _text(owner, key)
    if name is not None:
        options.name(f"{owner}: name", name)


def _text(owner: str, key: object) -> None:
    if key is not None and not (isinstance(key, str) and key.strip()):
        raise DefinitionError(
            f"{owner}: key={key!r}: give an expression over the parameters as text, such as "
            '"order.customer"'
        )
