"""Does each backend keep who asked for what as `ports.actions` says?"""

from vivido.ports import Action, Ports

PAUSE = Action(5.0, "ada", "pause", "the gateway is down")
RESUME = Action(4.0, "bob", "resume")


async def test_lines_come_back_in_the_order_in_which_they_were_added(
    ports: Ports, elsewhere: Ports
) -> None:
    """Whatever the clocks say, apart by execution, twice if they were added twice."""
    await ports.actions.add("x", PAUSE)
    await elsewhere.actions.add("x", RESUME)
    await ports.actions.add("y", RESUME)
    await ports.actions.add("x", PAUSE)
    assert list(await elsewhere.actions.read("x")) == [PAUSE, RESUME, PAUSE]
    assert list(await ports.actions.read("z")) == []
