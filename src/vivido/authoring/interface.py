"""What goes into a step or workflow and what comes out: parameters, and arguments bound to them.

Arguments arrive in three shapes: as in a Python call, as the table of a definition's node
(parameter names, with ``"*"`` and ``"**"`` for what was unpacked), and as the JSON of a caller
(`vivido.authoring.inputs`).
"""

import ast
import enum
import inspect
import sys
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, Literal, NamedTuple

from vivido import values
from vivido.authoring.hints import Hint
from vivido.errors import ValueNotStorable
from vivido.expressions import binding
from vivido.model.definition import Param, Returns

ParamKind = Literal["positional", "any", "keyword", "args", "kwargs"]
_KINDS: dict[Any, ParamKind] = {
    inspect.Parameter.POSITIONAL_ONLY: "positional",
    inspect.Parameter.POSITIONAL_OR_KEYWORD: "any",
    inspect.Parameter.KEYWORD_ONLY: "keyword",
    inspect.Parameter.VAR_POSITIONAL: "args",
    inspect.Parameter.VAR_KEYWORD: "kwargs",
}
_ATOMS = (type(None), bool, int, float, complex, str, bytes, enum.Enum, type)
NO_TEXT = "..."  # the text of a default that cannot be written as an expression


class Arguments(NamedTuple):
    """Arguments in the form of a Python call: ``function(*args, **kwargs)``."""

    args: tuple[Any, ...]
    kwargs: dict[str, Any]


class Interface:
    """The parameters and the result of one function of the author's.

    `local_names` is what annotations given as text may refer to besides the module's own names.
    """

    def __init__(self, function: Callable[..., Any], local_names: Mapping[str, Any]) -> None:
        self.name = function.__name__
        self.signature = inspect.signature(function)
        home = inspect.unwrap(function)
        names = _Names(getattr(home, "__globals__", {}), local_names)
        self.hints = {
            name: Hint(parameter.annotation, names)
            for name, parameter in self.signature.parameters.items()
        }
        self.result = Hint(self.signature.return_annotation, names)

    @property
    def parameters(self) -> Mapping[str, inspect.Parameter]:
        """The parameters by name, in order."""
        return self.signature.parameters

    @cached_property
    def required(self) -> tuple[str, ...]:
        """Names of the parameters that a call must give."""
        return tuple(
            name
            for name, parameter in self.parameters.items()
            if parameter.default is parameter.empty
            and _KINDS[parameter.kind] not in ("args", "kwargs")
        )

    def params(self) -> list[Param]:
        """Describe the parameters for a definition."""
        return [
            Param(
                name=name,
                kind=_KINDS[parameter.kind],
                type=self.hints[name].text,
                json_schema=self.hints[name].schema("validation"),
                default=None if parameter.default is parameter.empty else text(parameter.default),
            )
            for name, parameter in self.parameters.items()
        ]

    def returns(self) -> Returns:
        """Describe the result for a definition."""
        return Returns(type=self.result.text, json_schema=self.result.schema("serialization"))

    def bind(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> inspect.BoundArguments:
        """Bind arguments as Python would; raises `TypeError` as Python would."""
        try:
            return self.signature.bind(*args, **kwargs)
        except TypeError as error:
            said = error
        binding.bind(self.call_signature, self._defaults, args, kwargs)
        raise said  # Python says it better, where it finds it at all

    def copies(self, bound: inspect.BoundArguments) -> Arguments:
        """Return the bound arguments, each a copy of its own, and so are defaults."""
        for name, value in bound.arguments.items():
            match self.parameters[name].kind:
                case inspect.Parameter.VAR_POSITIONAL:
                    bound.arguments[name] = tuple(values.copy(item, name=name) for item in value)
                case inspect.Parameter.VAR_KEYWORD:
                    bound.arguments[name] = {
                        key: values.copy(item, name=key) for key, item in value.items()
                    }
                case _:
                    bound.arguments[name] = values.copy(value, name=name)
        return self._with_defaults(bound)

    def prepare(self, args: Mapping[str, Any]) -> Arguments:
        """Turn a node's argument table into the arguments of a call.

        Names that come before ``"*"`` in the order of the parameters are positional, as they were
        in the source; those after it are keywords. Raises `TypeError` as Python would.
        """
        if self._all_by_name and "*" not in args and "**" not in args:
            return Arguments((), {**self._fresh_defaults(args), **args})
        return self._with_defaults(self.bind(*binding.call_of(self.call_signature, args)))

    def named(self, args: Mapping[str, Any]) -> dict[str, Any]:
        """Return a value for every parameter, from a node's argument table and the defaults."""
        return self.complete(self.bind(*binding.call_of(self.call_signature, args)).arguments)

    def complete(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return a value for every parameter: what was given by its name, else the default."""
        arguments = {**given, **self._fresh_defaults(given)}
        bound = inspect.BoundArguments(self.signature, arguments)
        bound.apply_defaults()
        return dict(bound.arguments)

    def table(self, known: Mapping[str, Any]) -> dict[str, Any]:
        """Return the argument table of a call that takes what it can of the values `known`."""
        unpacked: dict[object, str] = {
            inspect.Parameter.VAR_POSITIONAL: "*",
            inspect.Parameter.VAR_KEYWORD: "**",
        }
        return {
            unpacked.get(parameter.kind, name): known[name]
            for name, parameter in self.parameters.items()
            if name in known
        }

    @cached_property
    def call_signature(self) -> binding.Signature:
        """The parameters, for binding arguments to them."""
        kinds = {name: _KINDS[parameter.kind] for name, parameter in self.parameters.items()}
        return signature_of(self.name, kinds)

    @cached_property
    def _defaults(self) -> dict[str, Any]:
        return {
            name: parameter.default
            for name, parameter in self.parameters.items()
            if parameter.default is not parameter.empty
        }

    def _with_defaults(self, bound: inspect.BoundArguments) -> Arguments:
        bound.arguments.update(self._fresh_defaults(bound.arguments))
        return Arguments(bound.args, bound.kwargs)

    def _fresh_defaults(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Copy the defaults that a body could change, so that no call sees another's changes."""
        return {
            name: values.copy(default)
            for name, default in self._mutable_defaults.items()
            if name not in given
        }

    @cached_property
    def _mutable_defaults(self) -> dict[str, Any]:
        return {
            name: parameter.default
            for name, parameter in self.parameters.items()
            if parameter.default is not parameter.empty and _may_change(parameter.default)
        }

    @cached_property
    def _all_by_name(self) -> bool:
        return all(_KINDS[p.kind] in ("any", "keyword", "kwargs") for p in self.parameters.values())


def signature_of(title: str, parameters: Mapping[str, ParamKind]) -> binding.Signature:
    """The signature of a step, workflow or block, from the kinds of its parameters."""

    def named(*kinds: ParamKind) -> tuple[str, ...]:
        return tuple(name for name, kind in parameters.items() if kind in kinds)

    return binding.Signature(
        title,
        named("positional", "any"),
        len(named("positional")),
        named("keyword"),
        next(iter(named("args")), None),
        next(iter(named("kwargs")), None),
    )


class _Names(Mapping[str, Any]):
    """The module's names as they are when asked, and those of the function around."""

    def __init__(self, module: Mapping[str, Any], local: Mapping[str, Any]) -> None:
        self._module = module
        self._local = local

    def __getitem__(self, name: str) -> Any:
        return self._local[name] if name in self._local else self._module[name]

    def __iter__(self) -> Any:
        return iter({**self._module, **self._local})

    def __len__(self) -> int:
        return len({**self._module, **self._local})


def _may_change(default: Any) -> bool:
    if isinstance(default, _ATOMS):
        return False
    try:
        values.copy(default)
    except ValueNotStorable:  # a sentinel such as object(): passed as Python would
        return False
    return True


def text(value: Any) -> str:
    """Write a default as an expression; `NO_TEXT` where that cannot be done."""
    if isinstance(value, enum.Enum):
        written = f"{type(value).__name__}.{value.name}"
    elif isinstance(value, set | frozenset) and value:  # in one order, whatever the hash seed
        items = ", ".join(sorted(text(item) for item in value))
        written = f"{{{items}}}" if isinstance(value, set) else f"frozenset({{{items}}})"
    elif isinstance(value, type):
        written = value.__name__
    else:
        written = repr(value)
    try:
        return ast.unparse(ast.parse(written, mode="eval"))
    except (SyntaxError, ValueError, RecursionError):
        return NO_TEXT


def caller_locals(function: Callable[..., Any], depth: int) -> dict[str, Any]:
    """Return the names around a function that was defined inside another; `depth` as sys counts."""
    if "<locals>" not in getattr(function, "__qualname__", ""):
        return {}
    return dict(sys._getframe(depth + 1).f_locals)  # noqa: SLF001  typing has no public way
