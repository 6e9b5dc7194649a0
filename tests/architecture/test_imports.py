"""What may import what, beyond the order of the layers (which import-linter keeps)?

`import vivido` stays small, the pure packages name nothing that acts, and a workflow needs no more
than `vivido`.
"""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "vivido"

# What an author's module pays for: the authoring surface and what it describes itself with.
SURFACE = {"errors", "ids", "settings", "durations", "values", "expressions", "model", "authoring"}
SURFACE |= {"compiler"}  # a workflow is compiled where it is defined
LIBRARIES = {"annotated_types", "orjson", "pydantic", "pydantic_core"}
LIBRARIES |= {"typing_extensions", "typing_inspection"}
HEAVY = {"asyncio", "http", "logging", "multiprocessing", "sqlite3", "socket", "ssl", "subprocess"}

ACTING = {
    *("asyncio", "concurrent", "contextvars", "multiprocessing", "queue", "sched", "threading"),
    *("ftplib", "http", "select", "selectors", "smtplib", "socket", "ssl", "urllib"),
    *("dbm", "fileinput", "glob", "io", "mmap", "os", "shutil", "sqlite3", "tempfile"),
    *("boto3", "click", "httpx", "importlib", "logging", "rich", "signal", "subprocess"),
    *("random", "secrets", "time"),
}
ACTING_BUILTINS = {"__import__", "breakpoint", "compile", "eval", "exec", "input", "open", "print"}
# The evaluator knows the clock and random by identity, to mark as impure what names them.
PURE = dict.fromkeys(("drawing", "engine", "model", "values"), ACTING)
PURE |= {"expressions": ACTING - {"random", "time"}}
PURE |= {f"{module}.py": ACTING for module in ("errors", "ids", "settings", "durations", "visible")}


def imported(tree: ast.AST) -> Iterator[str]:
    """Yield every module that a tree imports, at the top or inside a function."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or "")


def acts(source: str, forbidden: set[str]) -> list[str]:
    """List what a module imports or calls although it only decides."""
    tree = ast.parse(source)
    modules = [name for name in imported(tree) if name.split(".")[0] in forbidden]
    calls = [
        f"{node.func.id}()"
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ACTING_BUILTINS
    ]
    return sorted(modules + calls)


def strays(source: str, siblings: set[str]) -> list[str]:
    """List what a file of workflows imports besides Python, pydantic, siblings and `vivido`."""
    allowed = sys.stdlib_module_names | {"pydantic"} | siblings
    return [
        name
        for name in imported(ast.parse(source))
        if name != "vivido" and name.split(".")[0] not in allowed
    ]


def test_importing_vivido_loads_little() -> None:
    """An author pays for the authoring surface, pydantic and orjson: no backend, no engine."""
    script = (
        "import sys, orjson, pydantic\n"
        "class Used(pydantic.BaseModel): field: int\n"  # pydantic loads the rest of itself late
        "before = set(sys.modules)\n"
        "import vivido; print(*sorted(set(sys.modules) - before))"
    )
    environment = {k: v for k, v in os.environ.items() if not k.startswith("COVERAGE_")}
    printed = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", script], check=True, capture_output=True, text=True, env=environment
    ).stdout
    loaded = printed.split()
    ours = {name.split(".")[1] for name in loaded if name.startswith("vivido.")}
    others = {name.split(".")[0] for name in loaded} - {"vivido"}
    assert ours - SURFACE == set()
    # Python's own build settings, which zoneinfo looks into, have the platform in their name.
    others = {name for name in others if not name.startswith("_sysconfigdata_")}
    assert others - sys.stdlib_module_names - LIBRARIES == set()
    assert others & HEAVY == set()


@pytest.mark.parametrize("place", sorted(PURE))
def test_what_decides_imports_nothing_that_acts(place: str) -> None:
    """No clock, chance, thread, file, network or log in the pure packages and the floor."""
    path = SOURCE / place
    files = [path] if path.suffix else sorted(path.rglob("*.py"))
    found = {str(file): acts(file.read_text("utf-8"), PURE[place]) for file in files}
    assert {file: what for file, what in found.items() if what} == {}


def test_workflows_need_only_vivido() -> None:
    """A definition imports Python, pydantic, its siblings, and of us the package itself."""
    files = sorted((ROOT / "definitions").rglob("*.py"))
    siblings = {file.stem for file in files} | {file.parent.name for file in files}
    found = {str(file): strays(file.read_text("utf-8"), siblings) for file in files}
    assert {file: what for file, what in found.items() if what} == {}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import time", ["time"]),
        ("from os import path", ["os"]),
        ("def f():\n    import logging.handlers", ["logging.handlers"]),
        ("open('x'); print(1)", ["open()", "print()"]),
        ("from datetime import timedelta\nfrom vivido.errors import StepError", []),
        ("x.open()", []),
    ],
)
def test_the_check_of_purity_can_fail(source: str, expected: list[str]) -> None:
    """What acts is found wherever it is imported or called; what does not is left alone."""
    assert acts(source, ACTING) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("from vivido import step\nimport json\nfrom pydantic import BaseModel", []),
        ("from shop import Order", []),
        ("from vivido.runtime import client", ["vivido.runtime"]),
        ("import httpx", ["httpx"]),
    ],
)
def test_the_check_of_workflows_can_fail(source: str, expected: list[str]) -> None:
    """Only the package itself is theirs; what lies inside it is not."""
    assert strays(source, {"shop"}) == expected
