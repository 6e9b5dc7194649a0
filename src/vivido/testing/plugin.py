"""The pytest plugin: fixtures for tests of workflows.

def test_an_order(vivido_local):
    run = vivido_local.run(order_fulfilment, order)
    assert run.status == "succeeded"
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from vivido.testing.local import LocalVivido


@pytest.fixture
def vivido_local(tmp_path: Path) -> Iterator[LocalVivido]:
    """Workflows on a SQLite store of their own, in real time.

    `vivido_local.run(workflow, input)`.
    """
    from vivido.testing.local import LocalVivido

    local = LocalVivido(tmp_path / "state.db")
    yield local
    local.close()
