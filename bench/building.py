"""The zips that are compared: ours as `osls package` makes it, the others as their users would make them.

They are in build/bench, unpacked as Lambda does it. What is installed there is kept for as long as the requirements
stay the same.
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

# What the plugin serverless-python-requirements takes away by default when it is told to be slim (its README, "Slim
# Package"). The first two are all bytecode.
_SLIM = ("*.py[co]", "__pycache__", "*.dist-info")
_ZIPPED = (1980, 1, 1, 0, 0, 0)  # the time of every file in a zip of osls


class NotBuiltError(Exception):
    """A zip could not be made; the message says which command failed, and what it printed."""


@dataclass(frozen=True)
class Built:
    """A zip, and the folder that it is unpacked into."""

    zip: Path
    task: Path

    def zip_bytes(self) -> int:
        """The size of what is uploaded."""
        return self.zip.stat().st_size

    def unpacked_bytes(self) -> int:
        """The size of the files that Lambda starts with."""
        return sum(path.stat().st_size for path in self.task.rglob("*") if path.is_file())

    def uncompiled(self) -> int:
        """How many modules of Python have no bytecode that this Python would use."""
        return sum(not is_compiled(path) for path in self.task.rglob("*.py"))


def is_compiled(source: Path) -> bool:
    """Whether there is bytecode that spares compiling (Python docs, "The import system", "Cached bytecode ...").

    A checked hash must be the source's, a time and a size too, and what is unchecked always holds.
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
    """What `osls package` made of a stage: the template with all else, and the zip."""

    package: Package
    built: Built


@cache
def ours() -> Ours:
    """The package of stage east for this machine and this Python, made once. Raises NotBuiltError."""
    folder = BUILD / "ours"
    parameters = {
        "arch": "arm64" if platform.machine() in {"aarch64", "arm64"} else "x86_64",
        "runtime": f"python{PYTHON}",
        "requirementsFor": "bench",
        "wheels": "--prefer-binary",
    }
    given = [part for name, value in parameters.items() for part in ("--param", f"{name}={value}")]
    with alone():
        _insist(osls("package", "--stage", "east", "--package", str(folder), *given))
    package = Package(folder)
    return Ours(package, Built(package.zip, _unpacked(package.zip, folder / "task")))


@cache
def slim(name: str) -> Built:
    """A Python contestant without any bytecode, as the plugin makes it that people use. Raises NotBuiltError."""
    folder = _fresh(name, "slim")
    content = folder / "content"
    _copy(name, content)
    return _zipped(content, folder)


@cache
def compiled(name: str) -> Built:
    """The same with bytecode that holds whatever the files' times are. Raises NotBuiltError."""
    folder = _fresh(name, "compiled")
    content = folder / "content"
    _copy(name, content)
    compileall.compile_dir(
        content, quiet=2, stripdir=content, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH
    )
    return _zipped(content, folder)


def node(name: str) -> Built:
    """A contestant in Node: `index.js` alone, or what the folder's `build` makes of it. Raises NotBuiltError."""
    folder = _fresh(name, "usual")
    source = CONTESTANTS / name.removesuffix("_bundled")
    if (source / "build").exists():
        source = _npm(source) / ("bundled" if name.endswith("_bundled") else "plain")
    return _zipped(source, folder)


def _npm(source: Path) -> Path:
    """What npm makes of a folder; kept until something in there, or Node, changes."""
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
    """What pip makes of the requirements; kept until these or Python change."""
    requirements = CONTESTANTS / name / "requirements.txt"
    about = f"{PYTHON} {platform.machine()}".encode()
    folder = BUILD / name / f"installed-{_digest(about, requirements.read_bytes())}"
    if not folder.exists():
        half = folder.with_suffix(".half")
        shutil.rmtree(half, ignore_errors=True)
        half.mkdir(parents=True)
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--prefer-binary"]
        _run(*pip, "--target", str(half), "-r", str(requirements))
        half.rename(folder)
    return folder


def _digest(*parts: bytes) -> str:
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]


def _fresh(name: str, form: str) -> Path:
    folder = BUILD / name / form
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _zipped(content: Path, folder: Path) -> Built:
    """A zip, and that unpacked."""
    made = folder / "package.zip"
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as package:
        for path in files(content):
            member = zipfile.ZipInfo(str(path.relative_to(content)), _ZIPPED)
            package.writestr(member, path.read_bytes(), zipfile.ZIP_DEFLATED)
    return Built(made, _unpacked(made, folder / "task"))


def _unpacked(package: Path, task: Path) -> Path:
    shutil.rmtree(task, ignore_errors=True)
    unpack(package, task)
    return task


def files(folder: Path) -> list[Path]:
    """Every file below, in a settled order."""
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _run(*command: str) -> None:
    _insist(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False))  # noqa: S603 - ours


def _insist(done: "subprocess.CompletedProcess[str]") -> None:
    if done.returncode:
        message = f"This failed: {' '.join(done.args)}\n{done.stdout}{done.stderr}"
        raise NotBuiltError(message)
