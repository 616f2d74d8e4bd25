"""`python3.13 -E -m tools.finishing sms-receiver.zip 3.13`: finishes this zip for Lambdas that run Python 3.13."""

import sys
from pathlib import Path

from tools.finishing import archive, aws_data, bytecode


def main(path: str, version: str) -> None:
    """Finish the zip in place."""
    archive.write(Path(path), finished(archive.read(Path(path)), version))


def finished(files: dict[str, bytes], version: str) -> dict[str, bytes]:
    """The files for the Lambdas, with bytecode if this Python has the Lambdas' version, and without it otherwise."""
    sources = aws_data.trimmed({name: content for name, content in files.items() if not bytecode.is_bytecode(name)})
    ours = "{}.{}".format(*sys.version_info)
    return sources | bytecode.compiled(sources) if version == ours else sources


if __name__ == "__main__":
    main(*sys.argv[1:])
