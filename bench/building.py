"""The zips that are compared: ours as `osls package` makes it, the others as their users would make them.

They are in build/bench, unpacked as on Lambda. Installed packages are kept there until their requirements change.
"""

import compileall
import hashlib
import importlib.util
import platform
import py_compile
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.integration.lambda_runtime import unpack
from tests.integration.packages import ROOT, Package, alone, osls

BUILD = ROOT / "build" / "bench"
CONTESTANTS = ROOT / "bench" / "contestants"
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"

# What the plugin serverless-python-requirements removes by default with the option `slim` (its README, "Slim Package").
# The first two are all bytecode.
_SLIM = ("*.py[co]", "__pycache__", "*.dist-info")
_ZIPPED = (1980, 1, 1, 0, 0, 0)  # osls gives this time to every file in a zip


class NotBuiltError(Exception):
    """A zip could not be built. The message has the command that failed and its output."""


@dataclass(frozen=True)
class Built:
    """A zip, and the folder with its unpacked files."""

    zip: Path
    task: Path

    def zip_bytes(self) -> int:
        """The size of the zip."""
        return self.zip.stat().st_size

    def unpacked_bytes(self) -> int:
        """The size of the unpacked files."""
        return sum(path.stat().st_size for path in self.task.rglob("*") if path.is_file())

    def uncompiled(self) -> int:
        """How many Python modules have no bytecode that this Python would use."""
        return sum(not is_compiled(path) for path in self.task.rglob("*.py"))


def is_compiled(source: Path) -> bool:
    """Whether a module has valid bytecode (Python docs, "The import system", "Cached bytecode invalidation").

    A checked hash, or a time and a size, must be the source's. An unchecked hash is always valid.
    """
    cached = Path(importlib.util.cache_from_source(str(source)))
    header = cached.read_bytes()[:16] if cached.exists() else b""
    if header[:4] != importlib.util.MAGIC_NUMBER:
        return False
    flags, content = int.from_bytes(header[4:8], "little"), source.read_bytes()
    if flags & 0b01:
        return not flags & 0b10 or header[8:] == importlib.util.source_hash(content)
    written = int(source.stat().st_mtime).to_bytes(4, "little")
    return header[8:] == written + len(content).to_bytes(4, "little")


@dataclass(frozen=True)
class Ours:
    """The package of a stage as `osls package` makes it, and its zip."""

    package: Package
    built: Built


@cache
def ours() -> Ours:
    """The package of stage east for this machine and this Python, built once. Raises NotBuiltError."""
    folder = BUILD / "ours"
    parameters = {
        "arch": "arm64" if platform.machine() in {"aarch64", "arm64"} else "x86_64",
        "runtime": f"python{PYTHON}",
        "requirementsFor": "bench",
        "wheels": "--prefer-binary",
    }
    options = [part for name, value in parameters.items() for part in ("--param", f"{name}={value}")]
    with alone():
        _require_success(osls("package", "--stage", "east", "--package", str(folder), *options))
    package = Package(folder)
    return Ours(package, Built(package.zip, _unpacked(package.zip, folder / "task")))


@cache
def slim(name: str) -> Built:
    """A Python contestant without bytecode, as the usual plugin packages it. Raises NotBuiltError."""
    folder = _emptied(name, "slim")
    content = folder / "content"
    _copy(name, content)
    return _zipped(content, folder)


@cache
def compiled(name: str) -> Built:
    """The same contestant with bytecode that is valid whatever the files' times are. Raises NotBuiltError."""
    folder = _emptied(name, "compiled")
    content = folder / "content"
    _copy(name, content)
    compileall.compile_dir(
        content, quiet=2, stripdir=content, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH
    )
    return _zipped(content, folder)


def node(name: str) -> Built:
    """A contestant in Node: only `index.js`, or the output of the folder's `build`. Raises NotBuiltError."""
    folder = _emptied(name, "usual")
    source = CONTESTANTS / name.removesuffix("_bundled")
    if (source / "build").exists():
        source = _npm(source) / ("bundled" if name.endswith("_bundled") else "plain")
    return _zipped(source, folder)


def _npm(source: Path) -> Path:
    """The folder that a contestant's `build` made with npm; kept until its files or Node change."""
    version = subprocess.run(["node", "--version"], capture_output=True, check=True).stdout  # noqa: S607 - whichever
    folder = BUILD / source.name / f"installed-{_digest(version, *(path.read_bytes() for path in files(source)))}"
    if not folder.exists():
        half = folder.with_suffix(".half")
        shutil.rmtree(half, ignore_errors=True)
        _run(str(source / "build"), str(half))
        half.rename(folder)
    return folder


def _copy(name: str, content: Path) -> None:
    shutil.copytree(_installed(name), content, ignore=shutil.ignore_patterns(*_SLIM))
    shutil.copy(CONTESTANTS / name / "handler.py", content)


def _installed(name: str) -> Path:
    """The folder that pip installed the requirements into; kept until they or Python change."""
    requirements = CONTESTANTS / name / "requirements.txt"
    interpreter = f"{PYTHON} {platform.machine()}".encode()
    folder = BUILD / name / f"installed-{_digest(interpreter, requirements.read_bytes())}"
    if not folder.exists():
        half = folder.with_suffix(".half")
        shutil.rmtree(half, ignore_errors=True)
        half.mkdir(parents=True)
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-user", "--no-deps", "--prefer-binary"]
        _run(*pip, "--target", str(half), "-r", str(requirements))
        half.rename(folder)
    return folder


def _digest(*parts: bytes) -> str:
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]


def _emptied(name: str, form: str) -> Path:
    folder = BUILD / name / form
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _zipped(content: Path, folder: Path) -> Built:
    """A zip of the content, and its unpacked files."""
    archive = folder / "package.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as package:
        for path in files(content):
            member = zipfile.ZipInfo(str(path.relative_to(content)), _ZIPPED)
            package.writestr(member, path.read_bytes(), zipfile.ZIP_DEFLATED)
    return Built(archive, _unpacked(archive, folder / "task"))


def _unpacked(package: Path, task: Path) -> Path:
    shutil.rmtree(task, ignore_errors=True)
    unpack(package, task)
    return task


def files(folder: Path) -> list[Path]:
    """All files in a folder and its subfolders, sorted."""
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _run(*command: str) -> None:
    _require_success(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False))  # noqa: S603 - ours


def _require_success(process: "subprocess.CompletedProcess[str]") -> None:
    if process.returncode:
        message = f"This failed: {' '.join(process.args)}\n{process.stdout}{process.stderr}"
        raise NotBuiltError(message)
