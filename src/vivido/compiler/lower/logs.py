"""How do `print` and `logging` calls become log lines?"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from vivido.compiler.lower.effects import WriteLog
from vivido.compiler.lower.rewriting import held
from vivido.compiler.lower.split import Part
from vivido.model import nodes

if TYPE_CHECKING:
    from vivido.compiler.lower.lowerer import Lowerer

_PRINT_OPTIONS = ("sep", "end", "flush")
_LOG_OPTIONS = ("exc_info", "stack_info", "stacklevel")


def write(low: Lowerer, effect: WriteLog, call: ast.Call) -> None:
    """Emit the log line of a call."""
    allowed = _PRINT_OPTIONS if effect.logger is None else _LOG_OPTIONS
    for keyword in call.keywords:
        if keyword.arg not in allowed or not isinstance(keyword.value, ast.Constant):
            what = f"The option {keyword.arg!r}" if keyword.arg else "An unpacked option"
            low.report.add(
                "V211",
                keyword.value,
                f"{what} of a log line is not compiled.",
                "put the value into the message",
            )
    rests = low.parts_in_order([Part(argument, "formatted") for argument in call.args])
    if effect.logger is None:
        message, args = _printed(low, call, rests)
    elif not rests:
        low.report.add(
            "V304", call, "A log line needs a message.", 'log.info("order %s", order.id)'
        )
        return
    elif any(isinstance(rest, ast.Starred) for rest in rests):
        low.report.add(
            "V211", call, "The arguments of a log line must be written out.", "use an f-string"
        )
        return
    else:
        message, args = low.text(rests[0]), [low.text(rest) for rest in rests[1:]]
    low.emit(
        nodes.Log(
            id="",
            line=call.lineno,
            level=effect.level,
            logger="print" if effect.logger is None else effect.logger or None,
            message=message,
            args=args,
        )
    )


def _printed(low: Lowerer, call: ast.Call, rests: list[ast.expr]) -> tuple[str, list[str]]:
    options = {keyword.arg: keyword.value for keyword in call.keywords}
    separator = " "
    match options.get("sep"):
        case ast.Constant(value=str(given)):
            separator = given
    match rests:
        case []:
            return repr(""), []
        case [ast.JoinedStr() | ast.Constant(value=str()) as only]:
            return low.text(only), []
        case _ if any(isinstance(rest, ast.Starred) for rest in rests):
            return low.text(_joined(call, separator, rests)), []
        case [only]:
            text = ast.copy_location(ast.Call(held("str", only), [only], []), only)
            return low.text(text), []
        case _:
            pattern = separator.replace("%", "%%").join(["%s"] * len(rests))
            return repr(pattern), [low.text(rest) for rest in rests]


def _joined(call: ast.Call, separator: str, rests: list[ast.expr]) -> ast.expr:
    """`sep.join(map(str, [...]))`."""
    items = ast.copy_location(ast.List(rests, ast.Load()), call)
    texts = ast.Call(held("map", call), [held("str", call), items], [])
    join = ast.Attribute(ast.copy_location(ast.Constant(separator), call), "join", ast.Load())
    return ast.fix_missing_locations(ast.copy_location(ast.Call(join, [texts], []), call))
