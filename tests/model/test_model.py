"""Does the protocol hold in every interleaving, and does each line of it done wrong break it?

The scenarios marked as large, and walks in full, are for `make model`.
"""

import pytest
from tests.model.explore import Run
from tests.model.nouns import LIMIT
from tests.model.scenarios import GROUPS
from tests.model.table import PAGE, with_table

ALL = [sc for scenarios in GROUPS.values() for sc in scenarios]
SMALL = [sc for sc in ALL if not sc.large]
MUTATIONS = [(sc, name) for sc in ALL for name in sc.mutations if name not in sc.late]
A_FEW = 60  # of the walks, one in so many


@pytest.mark.parametrize("scenario", SMALL, ids=[sc.name for sc in SMALL])
def test_the_protocol_holds(scenario) -> None:
    """Whatever order things happen in, and whatever fails: nothing happens that must not."""
    run = Run.of(scenario)
    if scenario.walks:
        _, wrong, trace = run.walk(scenario.walks // A_FEW)
    else:
        _, wrong, trace = run.explore(LIMIT)
    assert (wrong, trace) == ("", [])


@pytest.mark.parametrize(
    ("scenario", "mutation"), MUTATIONS, ids=[f"{sc.name}: {name}" for sc, name in MUTATIONS]
)
def test_a_line_done_wrong_is_caught(scenario, mutation) -> None:
    """The model can tell the protocol from one that differs in a single line."""
    _, wrong, trace = Run.of(scenario, mutation).broken(LIMIT)
    assert wrong not in ("", "state limit")
    assert trace


def test_the_page_of_the_protocol_names_them_all() -> None:
    """docs/protocol.md lists each mechanism with what shows it (`python -m tests.model.table`)."""
    page = PAGE.read_text("utf-8")
    assert page == with_table(page)


def test_every_mechanism_is_broken_in_some_way() -> None:
    """A mechanism without a mutation would be one whose scenarios may show nothing."""
    without = [group for group, found in GROUPS.items() if not any(sc.mutations for sc in found)]
    assert without == []
