"""How is an expression refused before it runs: where, why, and what to write instead?"""

from __future__ import annotations

import ast


class ExpressionRefused(ValueError):
    """An expression uses what the evaluator does not do; known without running it.

    `reason` is a short stable word for the rule, `hint` says what to do instead. Line (from 1) and
    column (from 0, in UTF-8 bytes, as `ast` counts them) are within the text that was compiled, or
    those of the node that was given.
    """

    def __init__(
        self, message: str, *, reason: str, hint: str = "", lineno: int = 1, col_offset: int = 0
    ) -> None:
        super().__init__(message if not hint else f"{message}; {hint}")
        self.message = message
        self.reason = reason
        self.hint = hint
        self.lineno = lineno
        self.col_offset = col_offset


def refused(node: ast.AST, message: str, *, reason: str, hint: str = "") -> ExpressionRefused:
    """The error that refuses a node of the expression."""
    return ExpressionRefused(
        message,
        reason=reason,
        hint=hint,
        lineno=getattr(node, "lineno", 1),
        col_offset=getattr(node, "col_offset", 0),
    )
