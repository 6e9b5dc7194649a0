"""Which type an expression of a workflow has, as far as the annotations around it tell.

A variable has one type in the whole of its function: the union of all that is assigned to it, found
by going round until nothing changes. A variable that anything unknown is assigned to is unknown.
"""

import functools

from vivido.compiler.infer.expressions import NOTHING, Hidden, Inference
from vivido.compiler.infer.results import of_value
from vivido.compiler.read import Unit

__all__ = ["NOTHING", "Hidden", "Inference", "of_value", "types_of"]


@functools.lru_cache(maxsize=8)
def types_of(unit: Unit) -> Inference:
    """The types of a workflow; the checks of one compilation share them."""
    return Inference(unit)
