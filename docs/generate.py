"""Writes the pages that are made from the code: all of ``docs/generate_*.py``, and the JSON Schema.

``make docs`` runs it. Tests fail where a page is not what it would write.
"""

import runpy
from pathlib import Path

from vivido.cli.console import json_text
from vivido.model.schema import schema

DOCS = Path(__file__).parent

if __name__ == "__main__":
    for script in sorted(DOCS.glob("generate_*.py")):
        runpy.run_path(str(script), run_name="__main__")
    page = DOCS / "definition.schema.json"
    page.write_text(json_text(schema(), indent=True) + "\n", "utf-8")
    print(f"wrote docs/{page.name}")
