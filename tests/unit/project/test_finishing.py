"""The last step of packaging: valid bytecode for the Lambdas' Python, and the same bytes for the same files."""

import importlib.util
import marshal
import py_compile
import subprocess
import sys
import zipfile
from pathlib import Path
from types import CodeType

import pytest

from tools.finishing import archive
from tools.finishing.__main__ import finished

ROOT = Path(__file__).parents[3]
OURS = "{}.{}".format(*sys.version_info)
ANOTHER = "3.9"
TAG = sys.implementation.cache_tag
SOURCE = b'''"""What it is for."""
assert __doc__

def has(name):
    return name in {"x", "y", "z"}
'''
FILES = {"top.py": b"", "package/__init__.py": b"", "package/module.py": SOURCE, "package/data.json": b"{}"}
HEADER_BYTES = 16


def test_every_module_gets_bytecode_that_is_valid_without_reading_its_source() -> None:
    files = finished(dict(FILES), OURS)
    names = {"__pycache__/top", "package/__pycache__/__init__", "package/__pycache__/module"}
    assert {name for name in files if name not in FILES} == {f"{name}.{TAG}.pyc" for name in names}
    assert {name: files[name] for name in FILES} == FILES
    for name in names:
        header = files[f"{name}.{TAG}.pyc"][:HEADER_BYTES]
        assert header[:4] == importlib.util.MAGIC_NUMBER
        assert int.from_bytes(header[4:8], "little") == 0b01  # by hash, unchecked (PEP 552)
        assert header[8:] == importlib.util.source_hash(FILES[name.replace("__pycache__/", "") + ".py"])


def test_bytecode_has_assertions_and_docstrings() -> None:
    files = finished(dict(FILES), OURS)
    code = marshal.loads(files[f"package/__pycache__/module.{TAG}.pyc"][HEADER_BYTES:])  # noqa: S302 - made by the call above
    assert isinstance(code, CodeType)
    assert code == compile(SOURCE, "module.py", "exec", optimize=0)
    assert code.co_filename == "/var/task/package/module.py"
    assert code.co_consts[0] == "What it is for."


def test_python_uses_the_bytecode_and_not_the_source(tmp_path: Path) -> None:
    for name, content in (finished(dict(FILES), OURS) | {"package/module.py": b"raise ImportError"}).items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    script = "import package.module as m; print(m.has('x'), m.__cached__)"
    process = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert process.stdout.split() == ["True", str(tmp_path / f"package/__pycache__/module.{TAG}.pyc")]


@pytest.mark.parametrize(
    "stale",
    [
        f"package/__pycache__/module.{TAG}.pyc",
        f"package/__pycache__/module.{TAG}.opt-1.pyc",
        f"package/__pycache__/gone.{TAG}.pyc",
        "package/__pycache__/module.cpython-39.pyc",
        "package/module.pyc",
        "package/module.pyo",
    ],
)
def test_old_bytecode_is_removed(stale: str) -> None:
    assert finished(FILES | {stale: b"stale"}, OURS).get(stale) != b"stale"
    assert finished(FILES | {stale: b"stale"}, ANOTHER) == FILES


def test_there_is_no_bytecode_for_another_python_than_the_lambdas() -> None:
    assert finished(dict(FILES), ANOTHER) == FILES


def test_a_module_that_cannot_be_compiled_is_named() -> None:
    with pytest.raises(SyntaxError, match=r"bad\.py"):
        finished(FILES | {"package/bad.py": b"def"}, OURS)


def finish(path: Path, seed: str) -> bytes:
    subprocess.run(  # noqa: S603 - as infra/finish.js does it
        [sys.executable, "-m", "tools.finishing", str(path), OURS],
        cwd=ROOT,
        env={"PYTHONHASHSEED": seed},
        check=True,
    )
    return path.read_bytes()


def test_the_same_files_give_the_same_bytes_whatever_their_order_and_times(tmp_path: Path) -> None:
    first, second = tmp_path / "first.zip", tmp_path / "second.zip"
    with zipfile.ZipFile(first, "w") as archived:
        for name, content in FILES.items():
            archived.writestr(zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0)), content)
    with zipfile.ZipFile(second, "w", zipfile.ZIP_DEFLATED) as archived:
        archived.mkdir("package")
        for name, content in reversed(FILES.items()):
            archived.writestr(zipfile.ZipInfo(name, (2030, 6, 1, 12, 0, 0)), content)
    finished_first = finish(first, seed="1")
    assert finish(second, seed="2") == finished_first
    assert finish(first, seed="3") == finished_first  # finishing a finished zip changes nothing
    assert archive.read(first) == finished(dict(FILES), OURS)


def test_a_change_changes_the_bytes(tmp_path: Path) -> None:
    first, second = tmp_path / "first.zip", tmp_path / "second.zip"
    archive.write(first, FILES)
    archive.write(second, FILES | {"top.py": b"pass\n"})
    assert finish(first, seed="1") != finish(second, seed="1")


def test_every_file_can_be_read_by_the_user_that_lambda_runs_as(tmp_path: Path) -> None:
    archive.write(tmp_path / "first.zip", FILES)
    with zipfile.ZipFile(tmp_path / "first.zip") as archived:
        assert {entry.external_attr >> 16 & 0o777 for entry in archived.infolist()} == {0o644}


def test_pythons_own_compiler_makes_the_same_bytecode(tmp_path: Path) -> None:
    (tmp_path / "module.py").write_bytes(SOURCE)
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
    path = py_compile.compile(
        str(tmp_path / "module.py"), dfile="/var/task/package/module.py", invalidation_mode=mode, optimize=0
    )
    assert path
    assert Path(path).read_bytes() == finished(dict(FILES), OURS)[f"package/__pycache__/module.{TAG}.pyc"]
