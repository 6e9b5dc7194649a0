"""Which types does a class declare for its fields, as far as its annotations can be understood?"""

import sys
from inspect import get_annotations
from typing import Any, get_type_hints


def declared_types(cls: type) -> dict[str, Any]:
    """Return the declared types of a class and its bases, by name; one that is not found is Any.

    Annotations are resolved one by one where they must be, because a name that exists only for type
    checkers must not take the types of the other fields with it.
    """
    try:
        return get_type_hints(cls)
    except Exception:  # noqa: BLE001 - an annotation may be any text, and raise anything
        return {
            name: _resolved(annotation, base.__module__)
            for base in reversed(cls.__mro__)
            for name, annotation in get_annotations(base).items()
        }


def _resolved(annotation: Any, module: str) -> Any:
    """Return one annotation, resolved among the names of its module."""
    holder = type("Holder", (), {"__annotations__": {"field": annotation}})
    namespace = getattr(sys.modules.get(module), "__dict__", {})
    try:
        return get_type_hints(holder, globalns=namespace)["field"]
    except Exception:  # noqa: BLE001 - as above
        return Any
