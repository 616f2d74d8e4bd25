"""CSV files that the command writes."""

from pathlib import Path

from cli.context import Invocation
from shared.errors import CommandDeclined

STANDARD_OUTPUT = "-"


def write(run: Invocation, path: Path, text: str) -> None:
    """Writes a file; asks before it writes over another one. Raises CommandDeclined.

    Args:
        run: who asks.
        path: the file.
        text: what it says, whose lines end with CR LF.
    """
    if path.exists():
        run.confirm(f"Write over {path}?")
    try:
        path.write_text(text, encoding="utf-8-sig", newline="")  # the mark tells spreadsheets that it is UTF-8
    except OSError as error:
        message = f"the file cannot be written: {error.strerror}"
        raise CommandDeclined(message) from error
