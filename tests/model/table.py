"""Which scenarios and mutations show which mechanism? The table in docs/protocol.md.

python -m tests.model.table     writes it
"""

from __future__ import annotations

from pathlib import Path

from tests.model.scenarios import GROUPS

PAGE = Path(__file__).parents[2] / "docs" / "protocol.md"
BEGIN, END = "<!-- written by tests/model/table.py -->\n", "<!-- end -->"


def table() -> str:
    """The table, as Markdown."""
    rows = ["| mechanism | scenarios | done wrong, and caught |", "|---|---|---|"]
    for group, scenarios in GROUPS.items():
        names = "; ".join(sc.name for sc in scenarios)
        mutations = dict.fromkeys(name for sc in scenarios for name in sc.mutations)
        rows.append(f"| {group} | {names} | {', '.join(f'`{name}`' for name in mutations)} |")
    return "\n".join(rows).replace(" *", " \\*") + "\n"


def with_table(page: str) -> str:
    """The page with the table as it should be."""
    before, rest = page.split(BEGIN)
    return before + BEGIN + table() + END + rest.split(END, 1)[1]


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text("utf-8")), "utf-8")
