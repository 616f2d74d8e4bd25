"""The browser of tests and screenshots: the headless Chromium that `make setup` unpacks. Nothing else is downloaded."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

FOLDER = Path(__file__).parents[1] / ".chromium"


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser. Its sandbox needs rights that containers lack; it sees nothing but our pages."""
    program = FOLDER / "chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"], env=_environment(program))
        yield browser
        browser.close()


def _environment(program: Path) -> dict[str, str | float | bool]:
    """Where the system lacks libraries of Chromium's, those that come with it."""
    if not program.exists():
        message = "there is no Chromium; tools/unpack_chromium says what to do"
        raise FileNotFoundError(message)
    libraries: dict[str, str] = {}
    if not program.is_symlink():
        linked = subprocess.run(["ldd", program], capture_output=True, text=True, check=True)  # noqa: S603, S607 - ours
        libraries = {"LD_LIBRARY_PATH": str(FOLDER / "libraries" / "lib")} if "not found" in linked.stdout else {}
    return {**os.environ, **libraries}
