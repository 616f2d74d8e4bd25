"""Run on a Python, with a zip: tells as JSON which modules in it have no bytecode that this Python uses as it is."""

import importlib.util
import json
import marshal
import sys
import zipfile

_HEADER_BYTES = 16
_UNCHECKED_HASH = 1


def unusable(path: str) -> dict[str, list[str]]:
    """The modules without such bytecode, and the files of bytecode that belong to no module."""
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
        modules = {name: importlib.util.cache_from_source(name) for name in names if name.endswith(".py")}
        bytecode = {name for name in names if name.endswith((".pyc", ".pyo")) or "__pycache__" in name}
        without = [
            module
            for module, cached in modules.items()
            if cached not in names or not _fits(archive.read(module), archive.read(cached))
        ]
    return {"modules": without, "bytecode": sorted(bytecode - set(modules.values()))}


def _fits(source: bytes, cached: bytes) -> bool:
    """Whether it is this Python's, is taken unchecked (PEP 552), and was made of this source."""
    header, flags = cached[:4], int.from_bytes(cached[4:8], "little")
    code = compile(source, "", "exec", dont_inherit=True, optimize=0)
    return (
        header == importlib.util.MAGIC_NUMBER
        and flags == _UNCHECKED_HASH
        and bool(marshal.loads(cached[_HEADER_BYTES:]) == code)  # noqa: S302 - out of our own zip
    )


if __name__ == "__main__":
    sys.stdout.write(json.dumps(unusable(sys.argv[1])))
