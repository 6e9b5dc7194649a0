"""Whether durations can be read and options have values that exist, where they are literals."""

from __future__ import annotations

import ast
from datetime import datetime

from vivido import durations
from vivido.authoring.tolerance import checked_count, limits
from vivido.compiler.diagnostics import Report
from vivido.compiler.read import Unit
from vivido.compiler.visit import Walk, is_literal, literal

_FIRST_IS_DURATION = frozenset({"sleep", "deadline", "asyncio.sleep"})
_DURATION_OPTIONS = frozenset({"timeout", "heartbeat", "every", "remind", "escalate"})
_DURATION_KEYWORDS = frozenset({"weeks", "days", "hours", "minutes", "seconds", "milliseconds"})
_FORKS = frozenset({"parallel", "map_each"})
_MANY = 1_000_000  # more branches than any literal asks for


def check(unit: Unit, report: Report) -> None:
    """Reports V306 and V307."""
    _Options(unit, report).run()


class _Options(Walk):
    def visit_Call(self, node: ast.Call) -> None:
        found = self.resolve(node.func)
        if found is not None and found.kind == "operation":
            self._durations(found.name, node)
            if found.name in _FORKS:
                self._fork(found.name, node)
        self.generic_visit(node)

    def _durations(self, operation: str, node: ast.Call) -> None:
        if operation in _FIRST_IS_DURATION:
            for argument in node.args[:1]:
                self._duration(argument)
            self._keywords(operation, node)
        for keyword in node.keywords:
            if keyword.arg in _DURATION_OPTIONS:
                self._duration(keyword.value)
            elif keyword.arg == "until" and operation == "sleep":
                self._moment(keyword.value)

    def _duration(self, argument: ast.expr) -> None:
        if is_literal(argument) and literal(argument) is not None:
            try:
                durations.parse(literal(argument))  # type: ignore[arg-type]  # it says itself what is wrong
            except (TypeError, ValueError) as error:
                message = f"{ast.unparse(argument)} is no duration."
                self.report.add("V306", argument, message, str(error).partition(": ")[2])

    def _keywords(self, operation: str, node: ast.Call) -> None:
        own = [keyword for keyword in node.keywords if keyword.arg in _DURATION_KEYWORDS]
        starred = any(keyword.arg is None for keyword in node.keywords)
        if own and node.args:
            message = f"{operation}() is given a duration twice."
            self.report.add(
                "V306", own[0], message, "either a duration, or keywords such as hours=2"
            )
        elif not node.args and not node.keywords and not starred and operation != "asyncio.sleep":
            message = f"{operation}() is given no duration."
            self.report.add("V306", node, message, f"{operation}('30s'), {operation}(hours=2)")
        for keyword in own:
            value = literal(keyword.value)
            if isinstance(value, int | float) and value < 0:
                message = f"{ast.unparse(keyword.value)} {keyword.arg} is a duration below zero."
                self.report.add("V306", keyword.value, message, "a number from zero on")

    def _moment(self, argument: ast.expr) -> None:
        value = literal(argument)
        if isinstance(value, str):
            try:
                zone = datetime.fromisoformat(value).tzinfo
            except ValueError:
                self.report.add(
                    "V306", argument, f"{value!r} is no moment.", "'2030-01-31T12:00:00+00:00'"
                )
            else:
                if zone is None:
                    self.report.add("V306", argument, f"{value!r} has no zone.", f"'{value}+00:00'")

    def _fork(self, operation: str, node: ast.Call) -> None:
        for keyword in node.keywords:
            if keyword.arg is None or not is_literal(keyword.value):
                continue
            problem = _problem(keyword.arg, literal(keyword.value))
            if problem:
                message = f"{operation}() has no {keyword.arg}={ast.unparse(keyword.value)}."
                self.report.add("V307", keyword.value, message, problem)
        if operation == "parallel" and not any(
            isinstance(argument, ast.Starred) for argument in node.args
        ):
            self._need(node)

    def _need(self, node: ast.Call) -> None:
        for keyword in node.keywords:
            need = literal(keyword.value)
            if keyword.arg == "need" and isinstance(need, int) and need > len(node.args):
                message = f"parallel() needs {need} successes of {len(node.args)} branches."
                self.report.add("V307", keyword.value, message, f"need={len(node.args)}, or less")


def _problem(option: str, value: object) -> str:
    """What is wrong with a literal option,.

    In the words of the operation itself; empty if nothing is.
    """
    try:
        if option in ("max_concurrency", "need"):
            checked_count(option, value)  # type: ignore[arg-type]  # that is what it checks
        elif option in ("on_error", "tolerate"):
            defaults = {"on_error": "fail", "tolerate": None, "need": None}
            limits(_MANY, **{**defaults, option: value})  # type: ignore[arg-type]
    except (TypeError, ValueError) as error:
        return str(error).partition(": ")[2]
    return ""
