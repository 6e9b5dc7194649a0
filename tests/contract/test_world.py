"""Does each backend keep definitions, and make ids, as `ports.world` says?"""

from vivido.model.definition import Block, Definition, Source
from vivido.ports import Ports


def definition(name: str = "orders", line: int = 1) -> Definition:
    """Make a definition that does nothing."""
    source = Source(file="definitions/orders.py", line=line)
    return Definition(name=name, source=source, blocks={"main": Block()})


async def test_a_definition_is_found_by_its_digest(ports: Ports) -> None:
    """What was put comes back under its digest, also elsewhere; again is the same."""
    await ports.registry.put(definition())
    await ports.registry.put(definition())
    await ports.registry.put(definition("refunds"))
    assert await ports.registry.get(definition().digest) == definition()


async def test_a_definition_is_found_elsewhere(ports: Ports, elsewhere: Ports) -> None:
    """Another process finds it too."""
    await ports.registry.put(definition())
    assert await elsewhere.registry.get(definition().digest) == definition()


async def test_a_definition_that_only_moved_is_the_same(ports: Ports) -> None:
    """The first of equal digest stays."""
    await ports.registry.put(definition(line=1))
    await ports.registry.put(definition(line=2))
    assert await ports.registry.get(definition().digest) == definition(line=1)


async def test_an_unknown_digest(ports: Ports) -> None:
    """There is no definition."""
    assert await ports.registry.get("0" * 64) is None


async def test_ids_are_never_given_twice(ports: Ports, elsewhere: Ports) -> None:
    """Each id is new, also among processes."""
    sources = [ports.ids] if elsewhere is ports else [ports.ids, elsewhere.ids]
    made = [source.new() for source in sources for _ in range(1_000)]
    assert len(set(made)) == len(made)


async def test_random_is_at_least_zero_and_below_one(ports: Ports) -> None:
    """Chance lies in [0, 1)."""
    made = [ports.ids.random() for _ in range(1_000)]
    assert [number for number in made if not 0 <= number < 1] == []
