"""Does each backend keep switches as `ports.Switches` says?"""

from vivido.ports import Ports, SwitchedOff


async def test_nothing_is_switched_off(ports: Ports) -> None:
    """In an empty store every workflow runs."""
    assert await ports.switches.read() == SwitchedOff()
    assert not SwitchedOff().holds("orders")


async def test_a_workflow_and_all_are_switched_apart(ports: Ports, elsewhere: Ports) -> None:
    """Twice is once, and each process sees it."""
    await ports.switches.set("orders", paused=True)
    await ports.switches.set("orders", paused=True)
    assert await elsewhere.switches.read() == SwitchedOff(frozenset({"orders"}))
    await elsewhere.switches.set(None, paused=True)
    assert await ports.switches.read() == SwitchedOff(frozenset({"orders"}), all=True)
    await ports.switches.set("orders", paused=False)
    assert await ports.switches.read() == SwitchedOff(all=True)
    await ports.switches.set(None, paused=False)
    await ports.switches.set(None, paused=False)
    assert await ports.switches.read() == SwitchedOff()


def test_what_is_held() -> None:
    """All means every workflow."""
    assert SwitchedOff(frozenset({"a"})).holds("a")
    assert not SwitchedOff(frozenset({"a"})).holds("b")
    assert SwitchedOff(all=True).holds("b")
