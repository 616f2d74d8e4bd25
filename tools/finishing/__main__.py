"""`python3.13 -E -m tools.finishing sms-receiver.zip 3.13`: finishes this zip for Lambdas that run this Python."""

import sys
from pathlib import Path

from tools.finishing import archive, aws_data, bytecode


def main(path: str, version: str) -> None:
    """Finishes the zip where it lies."""
    archive.write(Path(path), finished(archive.read(Path(path)), version))


def finished(files: dict[str, bytes], version: str) -> dict[str, bytes]:
    """What the Lambdas get. With their bytecode if they run the version that this is, and without any otherwise."""
    kept = aws_data.trimmed({name: content for name, content in files.items() if not bytecode.is_bytecode(name)})
    ours = "{}.{}".format(*sys.version_info)
    return kept | bytecode.compiled(kept) if version == ours else kept


if __name__ == "__main__":
    main(*sys.argv[1:])
