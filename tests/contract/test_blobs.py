"""Does each backend keep blobs as `ports.blobs` says?"""

from hashlib import sha256

import pytest

from vivido.errors import Unavailable
from vivido.ports import Ports

SIZES = [0, 1, 999_999, 1_000_000, 1_000_001, 8_000_000, 8_000_001, 17_500_000]


def blob(size: int) -> tuple[str, bytes]:
    """Make a blob and its digest."""
    data = (b"0123456789abcde\n" * (size // 16 + 1))[:size]
    return sha256(data).hexdigest(), data


@pytest.mark.parametrize("size", SIZES)
async def test_a_blob_comes_back_as_it_was(ports: Ports, size: int) -> None:
    """Whatever its size, also at the edges of rows and transactions."""
    digest, data = blob(size)
    await ports.blobs.put("x", digest, data)
    assert bytes(ports.blobs.get(digest) or b"") == data


async def test_putting_again_is_the_same(ports: Ports, elsewhere: Ports) -> None:
    """From another execution or process as well."""
    digest, data = blob(100)
    for where, execution in ((ports, "x"), (ports, "x"), (elsewhere, "y")):
        await where.blobs.put(execution, digest, data)
    assert bytes(elsewhere.blobs.get(digest) or b"") == data


async def test_what_was_never_put_is_not_there(ports: Ports) -> None:
    """None, no error: the caller knows what it means."""
    assert ports.blobs.get(blob(5)[0]) is None


async def test_another_execution_can_refer_to_a_blob(ports: Ports) -> None:
    """Without its content."""
    digest, data = blob(100)
    await ports.blobs.put("x", digest, data)
    await ports.blobs.refer("y", [digest])
    assert bytes(ports.blobs.get(digest) or b"") == data


async def test_what_is_not_there_cannot_be_referred_to(ports: Ports) -> None:
    """The message comes back, until somebody has put it."""
    with pytest.raises(Unavailable, match="is not there"):
        await ports.blobs.refer("y", [blob(5)[0]])
