import importlib.util
import os
import py_compile
from collections.abc import Callable
from pathlib import Path
from py_compile import PycInvalidationMode

import pytest

from bench.building import is_compiled

MODES = list(PycInvalidationMode)


def a_module(folder: Path, mode: PycInvalidationMode) -> Path:
    source = folder / "module.py"
    source.write_text("answer = 42\n")
    py_compile.compile(str(source), invalidation_mode=mode)
    return source


@pytest.mark.parametrize("mode", MODES)
def test_new_bytecode_of_each_kind_is_valid(tmp_path: Path, mode: PycInvalidationMode) -> None:
    assert is_compiled(a_module(tmp_path, mode))


def test_a_module_without_bytecode_is_not_compiled(tmp_path: Path) -> None:
    source = a_module(tmp_path, PycInvalidationMode.UNCHECKED_HASH)
    Path(importlib.util.cache_from_source(str(source))).unlink()
    assert not is_compiled(source)


@pytest.mark.parametrize("mode", MODES)
def test_bytecode_of_another_python_is_not_valid(tmp_path: Path, mode: PycInvalidationMode) -> None:
    source = a_module(tmp_path, mode)
    cached = Path(importlib.util.cache_from_source(str(source)))
    cached.write_bytes(b"\x01\x02\r\n" + cached.read_bytes()[4:])
    assert not is_compiled(source)


def rewritten(source: Path) -> None:
    before = source.stat()
    source.write_text("answer = 43\n")
    os.utime(source, (before.st_atime, before.st_mtime))


def longer(source: Path) -> None:
    before = source.stat()
    source.write_text("answer = 4200\n")
    os.utime(source, (before.st_atime, before.st_mtime))


def older(source: Path) -> None:
    os.utime(source, (315532800, 315532800))


@pytest.mark.parametrize(
    ("mode", "change", "valid"),
    [
        (PycInvalidationMode.TIMESTAMP, older, False),
        (PycInvalidationMode.TIMESTAMP, longer, False),
        (PycInvalidationMode.CHECKED_HASH, rewritten, False),
        (PycInvalidationMode.CHECKED_HASH, older, True),
        (PycInvalidationMode.UNCHECKED_HASH, rewritten, True),
        (PycInvalidationMode.UNCHECKED_HASH, older, True),
    ],
)
def test_bytecode_is_valid_as_long_as_its_kind_says(
    tmp_path: Path,
    mode: PycInvalidationMode,
    change: Callable[[Path], None],
    valid: bool,  # noqa: FBT001
) -> None:
    source = a_module(tmp_path, mode)
    change(source)
    assert is_compiled(source) is valid
