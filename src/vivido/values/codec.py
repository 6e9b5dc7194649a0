"""What is the codec of Vivido? Its kinds, in the order in which they are asked for a class."""

from collections.abc import Mapping
from typing import Final

from vivido.values.exceptions import base_error_plans, error_plan
from vivido.values.models import model_plan
from vivido.values.natives import natives
from vivido.values.objects import dataclass_plan, namedtuple_plan
from vivido.values.plan import Codec, Plan
from vivido.values.scalars import scalar_plans
from vivido.values.series import series_plans
from vivido.values.subclasses import enum_plan, subclass_plan
from vivido.values.tags import Names
from vivido.values.unknown import UNKNOWN_TAG, Unknown, copy_unknown, read_unknown, write_unknown
from vivido.values.urls import url_plan


def _fixed(codec: Codec) -> Mapping[type, Plan]:
    return {
        **scalar_plans(codec),
        **series_plans(codec),
        **base_error_plans(codec),
        Unknown: Plan(
            UNKNOWN_TAG,
            object,
            write_unknown,
            write_unknown,
            read_unknown,
            read_unknown,
            copy_unknown,
        ),
    }


CODEC: Final = Codec(
    Names(),
    natives=natives,
    fixed=_fixed,
    # An enum may be an int, and an error or a named tuple a dataclass: the first one that knows.
    makers=(
        error_plan,
        enum_plan,
        model_plan,
        namedtuple_plan,
        subclass_plan,
        dataclass_plan,
        url_plan,
    ),
)
