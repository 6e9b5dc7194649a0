"""The programs of this folder, compiled once."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from vivido.compiler import LoadedFile, compile_file

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def programs() -> LoadedFile:
    """`programs.py`, with its definitions."""
    return compile_file(HERE / "programs.py", module="lowered_programs")


@pytest.fixture(scope="session")
def waiting() -> LoadedFile:
    """`waiting.py`, with its definitions."""
    return compile_file(HERE / "waiting.py", module="lowered_waiting")


@pytest.fixture(scope="session")
def interpreter() -> ModuleType:
    """`interpreter.py`: test folders are no packages."""
    spec = importlib.util.spec_from_file_location("lowering_interpreter", HERE / "interpreter.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module
