"""How is an expression evaluated? Parsed once, compiled to closures, bounded; never by `eval`.

`parsing` turns text into a small syntax tree; `statics` says what its names mean before anything
runs; `names`, `containers`, `lowering`, `calls`, `lambdas` and `loops` turn nodes into closures;
`expression`, `targets` and `patterns` are what is compiled as a whole. `library`, `functions` and
`methods` are the lists of what may be used; `access` decides what of a value is open; `operators`,
`bounds`, `numerals`, `texts` and `weighing` look at sizes before work is done, and charge them to
the `meter`.
"""

from vivido.expressions.access import PURE_MARK
from vivido.expressions.ambient import Ambient
from vivido.expressions.expression import Expression, compile_expression
from vivido.expressions.meter import FUEL, Meter
from vivido.expressions.patterns import Pattern, compile_pattern
from vivido.expressions.refused import ExpressionRefused
from vivido.expressions.scope import Binding, Scope
from vivido.expressions.streams import Stream
from vivido.expressions.targets import Target, compile_target
from vivido.expressions.texts import format_log

__all__ = [
    "FUEL",
    "PURE_MARK",
    "Ambient",
    "Binding",
    "Expression",
    "ExpressionRefused",
    "Meter",
    "Pattern",
    "Scope",
    "Stream",
    "Target",
    "compile_expression",
    "compile_pattern",
    "compile_target",
    "format_log",
]
