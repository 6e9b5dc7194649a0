"""Z fan_in_fan_out: backs up every file of a folder side by side and adds up the bytes."""

from collections.abc import Callable
from pathlib import Path

import pytest

from vivido import parallel, step, workflow
from vivido.testing import Run, simulate


@step
def list_files(root: Path) -> list[Path]:
    """List all files below a folder."""
    return sorted(path for path in root.rglob("*") if path.is_file())


@step
def copy_to(target: Path, file: Path) -> int:
    """Copy one file; return its size in bytes."""
    target.mkdir(exist_ok=True)
    return (target / file.name).write_bytes(file.read_bytes())


@workflow
def backup(root: Path, target: Path) -> tuple[int, str]:
    """Return the number of bytes, and of files by their endings."""
    files = list_files(root)
    sizes = parallel(*[copy_to(target, file) for file in files if file.suffix != ".tmp"])
    endings = sorted({file.suffix for file in files})
    return sum(sizes), f"{len(sizes)} of {len(files)}: {' '.join(endings)}"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Make a folder with a few files."""
    (tmp_path / "in" / "deep").mkdir(parents=True)
    (tmp_path / "in" / "a.txt").write_text("alpha")
    (tmp_path / "in" / "deep" / "b.csv").write_text("1,2")
    (tmp_path / "in" / "c.tmp").write_text("not this one")
    return tmp_path / "in"


def test_everything_is_copied(root: Path, both: Callable[..., Run]) -> None:
    """Two of three files, eight bytes; what is temporary is left."""
    target = root.parent / "out"
    run = both(backup, {"root": root, "target": target})
    assert run.output == (8, "2 of 3: .csv .tmp .txt")
    assert sorted(path.name for path in target.iterdir()) == ["a.txt", "b.csv"]


def test_an_empty_folder_has_no_bytes(tmp_path: Path) -> None:
    """The sum of nothing is zero."""
    run = simulate(backup, {"root": tmp_path, "target": tmp_path})
    assert run.output == (0, "0 of 0: ")
