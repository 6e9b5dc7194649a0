"""What is known of a value before anything runs: a small algebra of types, with "unknown" in it.

A type is known where the author wrote it (annotations of parameters, fields and results, literals,
constructors) and unknown everywhere else. What is unknown is never wrong: deep typing belongs to
mypy.
"""

from vivido.compiler.types.classes import (
    closed,
    fields,
    frozen,
    hints,
    is_enum,
    is_number,
    is_scalar,
    member,
    refuses_new_attributes,
)
from vivido.compiler.types.kinds import (
    NONE,
    UNKNOWN,
    ClassItself,
    Instance,
    OneOf,
    Type,
    Unknown,
    describe,
    from_annotation,
    members,
    one_of,
    sequence_of,
    without_none,
)
from vivido.compiler.types.values import (
    MUTABLE_BUILTINS,
    arithmetic_result,
    assignable,
    attribute,
    attribute_names,
    changes_in_place,
    element,
    immutable,
    item,
)

__all__ = [
    "MUTABLE_BUILTINS",
    "NONE",
    "UNKNOWN",
    "ClassItself",
    "Instance",
    "OneOf",
    "Type",
    "Unknown",
    "arithmetic_result",
    "assignable",
    "attribute",
    "attribute_names",
    "changes_in_place",
    "closed",
    "describe",
    "element",
    "fields",
    "from_annotation",
    "frozen",
    "hints",
    "immutable",
    "is_enum",
    "is_number",
    "is_scalar",
    "item",
    "member",
    "members",
    "one_of",
    "refuses_new_attributes",
    "sequence_of",
    "without_none",
]
