"""The bytecode of modules, for the Python that this runs on."""

import importlib.util
import marshal
import warnings
from collections.abc import Mapping
from pathlib import PurePosixPath

_ON_LAMBDA = "/var/task"
"""Where Lambda unpacks a zip (AWS docs, "Working with .zip file archives for Python Lambda functions")."""
_UNCHECKED_HASH = (0b01).to_bytes(4, "little")
"""Bytecode that is valid whatever the unpacked files' times are; Python does not even read the source (PEP 552)."""


def is_bytecode(name: str) -> bool:
    """Whether a file is bytecode, or is in a folder for bytecode."""
    return name.endswith((".pyc", ".pyo")) or "__pycache__" in PurePosixPath(name).parts


def compiled(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The bytecode of every module in these files, by file name. Raises SyntaxError with the module's name."""
    modules = sorted(name for name in files if name.endswith(".py"))
    return {importlib.util.cache_from_source(name, optimization=""): _bytecode(name, files[name]) for name in modules}


def _bytecode(name: str, source: bytes) -> bytes:
    with warnings.catch_warnings(action="ignore"):  # of libraries, whose sources we do not change
        code = compile(source, f"{_ON_LAMBDA}/{name}", "exec", dont_inherit=True, optimize=0)
    return importlib.util.MAGIC_NUMBER + _UNCHECKED_HASH + importlib.util.source_hash(source) + marshal.dumps(code)
