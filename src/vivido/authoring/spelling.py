"""How is a type spelt? By its name alone, the same on every version of Python."""

import types
import typing
from typing import Any, Literal, Union, get_args, get_origin


def written(hint: Any) -> str:
    """Write a type as people do, without the names of modules.

    ``Optional[X]`` is ``X | None``. The metadata of ``Annotated`` is left out: the JSON Schema says
    it, and its `repr` may differ from process to process.
    """
    origin, args = get_origin(hint), get_args(hint)
    if origin is typing.Annotated:
        return written(args[0])
    if origin in (Union, types.UnionType):
        return " | ".join(map(written, args))
    if origin is Literal:
        return f"Literal[{', '.join(map(repr, args))}]"
    if origin is not None:
        return f"{_name(origin)}[{', '.join(map(written, args)) or '()'}]"
    if isinstance(hint, list):  # the parameters of a Callable
        return f"[{', '.join(map(written, hint))}]"
    return _name(hint)


def _name(hint: Any) -> str:
    if hint is None or hint is types.NoneType:
        return "None"
    if hint is Ellipsis:
        return "..."
    if isinstance(hint, typing.ForwardRef | str):
        return hint if isinstance(hint, str) else hint.__forward_arg__
    if isinstance(hint, type):
        return hint.__qualname__.rpartition("<locals>.")[2]
    return str(getattr(hint, "__name__", type(hint).__name__))
