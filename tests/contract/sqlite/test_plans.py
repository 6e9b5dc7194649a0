"""Does each query find what it looks for by an index, however much is stored?"""

import pytest

from vivido.backends.sqlite import SqliteStore, queries

# What is read as a whole is small: the processes, what is on its way, the argument itself; and a
# sweep may take its time.
WHOLE = {
    "free_leases": ["SCAN messages"],  # once for each process that died
    "other_owners": ["SCAN owners"],
    "read_ends": ["SCAN child VIRTUAL TABLE INDEX 1:"],
    "branches": ["SCAN found", "SCAN found"],
    "heads": ["SCAN found", "SCAN found"],
    "switched_off": ["SCAN switches"],  # a row for each workflow that is paused
    "view_claims": ["SCAN claims"],  # what is held and waited for just now
    "delete_buckets": ["SCAN buckets"],  # once for each sweep
    "leftovers": ["SCAN leftovers"],  # what the last sweep left
    "never_created": ["SCAN uses"],  # once for each sweep
}


@pytest.mark.parametrize("text", queries.NAMES, ids=queries.NAMES.values())
def test_a_query_reads_no_table_as_a_whole(store: SqliteStore, text: str) -> None:
    """SQLite plans a search for each table of the query, and sorts nothing."""
    connection = store._database.connection  # noqa: SLF001  (no port for that)
    named = sum(f"?{number}" in text for number in range(1, 10))
    parameters = ["[]"] * (named or text.count("?"))
    plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {text}", parameters)]
    slow = [step for step in plan if step.startswith("SCAN") or "TEMP B-TREE" in step]
    slow = [step for step in slow if "CONSTANT ROW" not in step and "(subquery" not in step]
    assert slow == WHOLE.get(queries.NAMES[text], [])
