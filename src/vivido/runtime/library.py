"""From the names in a definition ("module:Qualname") to the author's objects."""

from __future__ import annotations

import importlib
import sys
from typing import Any

from vivido.authoring import Step, Workflow
from vivido.errors import DefinitionError
from vivido.model.definition import Definition


class Library:
    """Finds objects in modules; objects can be put in place of them, as tests and mocks do.

    `imports`: whether a module that is not loaded yet may be imported. It is the author's own code,
    named by the
    author's own definition.
    """

    def __init__(self, *, imports: bool = True) -> None:
        self.imports = imports
        self._instead: dict[str, Any] = {}

    def put(self, ref: str, found: Any) -> None:
        """Let `ref` mean this object."""
        self._instead[ref] = found

    def find(self, ref: str) -> Any:
        """The object; LookupError if it is not there."""
        if ref in self._instead:
            return self._instead[ref]
        module_name, _, path = ref.partition(":")
        found: Any = self._module(module_name)
        for name in path.split(".") if path else ():
            if not hasattr(found, name):
                raise LookupError(f"{ref!r} is not there: module {module_name!r} has no {path!r}")
            found = getattr(found, name)
        return found

    def _module(self, name: str) -> Any:
        if name in sys.modules:
            return sys.modules[name]
        if not self.imports:
            raise LookupError(f"module {name!r} is not loaded")
        try:
            return importlib.import_module(name)
        except ImportError as error:
            raise LookupError(f"module {name!r} cannot be imported: {error}") from error

    def step(self, ref: str) -> Step[..., Any]:
        """A step; DefinitionError if there is none of that name."""
        return self._of_kind(ref, Step, "step")  # type: ignore[no-any-return]

    def workflow(self, ref: str) -> Workflow[..., Any]:
        """A workflow; DefinitionError if there is none of that name."""
        return self._of_kind(ref, Workflow, "workflow")  # type: ignore[no-any-return]

    def definition(self, ref: str) -> Definition:
        """The compiled definition of a workflow."""
        return self.workflow(ref).definition

    def _of_kind(self, ref: str, kind: type, word: str) -> Any:
        try:
            found = self.find(ref)
        except LookupError as error:
            raise DefinitionError(
                f"the {word} {ref!r} is not there ({error}): deploy the code that the "
                "definition was compiled from"
            ) from error
        if not isinstance(found, kind):
            raise DefinitionError(
                f"{ref!r} is a {type(found).__name__}, no {word}: the definition was compiled "
                "from other code"
            )
        return found
