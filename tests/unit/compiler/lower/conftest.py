"""The programs of this folder, each file compiled once."""

from __future__ import annotations

import functools
import importlib.util
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from vivido.compiler import LoadedFile, compile_file

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def load() -> Iterator[Callable[[str], LoadedFile]]:
    """Compile a file of `programs/`."""
    path, modules = list(sys.path), set(sys.modules)

    @functools.cache
    def compiled(stem: str) -> LoadedFile:
        return compile_file(HERE / "programs" / f"{stem}.py", module=f"lowered_{stem}")

    yield compiled
    sys.path[:] = path
    for name in set(sys.modules) - modules:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(HERE)):
            del sys.modules[name]


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
