"""The compiler: a workflow's source becomes its definition, once, at import or build.

Stages, each a function of what the one before it gave:

1. **read** (`read`, `symbols`): the function's source within its whole module, so that every line
   and column is true; its scopes by Python's rules; what each name means: a step, a workflow, an
   operation, a class, a constant.
2. **checks** (`checks/`, one rule a file): what is not compiled, and mistakes. They never raise:
   every finding goes into a report, which an author sees at once.
3. **lower** (`lower/`): statements become nodes, one effect a node. An effect inside an
   expression is lifted out of it; what Python evaluates before it is evaluated before it here
   too. Every text is checked against the bounded language.
4. **identify**: each node gets an id that stays put when code is inserted elsewhere.
5. **assemble**: the blocks, and the tables of all that they refer to: steps, child workflows, the
   author's own names.

`explain` prints a definition as the pseudo-code that it is.
"""

from vivido.compiler.explain import explain
from vivido.compiler.load import (
    LoadedFile,
    check_file,
    check_workflow,
    compile_file,
    compile_workflow,
)

__all__ = [
    "LoadedFile",
    "check_file",
    "check_workflow",
    "compile_file",
    "compile_workflow",
    "explain",
]
