"""A module of the author's, that workflows reach by its name."""

from pydantic import BaseModel

from vivido import pure, step

LIMIT = 7
Item = 5  # another thing of a name that the workflows have as well


class Parcel(BaseModel):
    """What is sent."""

    weight: int = 1


@pure
def sum(*numbers: int) -> int:  # noqa: A001  a builtin's name, on purpose
    """Multiply, of all things."""
    product = 1
    for number in numbers:
        product *= number
    return product


@step
def weigh(parcel: Parcel) -> int:
    """Give the weight."""
    return parcel.weight
