"""Which Python is chosen: one that runs and has the requested version, the operator's choice first."""

import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[3] / "tools" / "find_python"
SHIM = "echo 'pyenv: python: command not found' >&2; exit 127"


class Computer:
    """A folder of commands, and a run of `find_python` with only these on the PATH."""

    def __init__(self, folder: Path) -> None:
        self.bin = folder / "bin"
        self.pyenv = folder / "pyenv"
        self.command("pyenv", f"echo {self.pyenv}")

    def command(self, name: str, script: str, *, folder: Path | None = None) -> str:
        path = (folder or self.bin) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        return str(path)

    def python(self, name: str, version: str, *, folder: Path | None = None) -> str:
        """A fake Python that knows its version only."""
        old = "1" if tuple(map(int, version.split("."))) < (3, 11) else "0"
        cases = f"*venv*) exit {old};; *\"'{version}'\"*) exit 0;; *) exit 1;;"
        return self.command(name, f'case "$2" in {cases} esac', folder=folder)

    def find(self, *arguments: str, operators_choice: str | None = None) -> "subprocess.CompletedProcess[str]":
        environment = {"PATH": str(self.bin)} | ({"SMS_RECEIVER_PYTHON": operators_choice} if operators_choice else {})
        return subprocess.run(  # noqa: S603 - our own script
            ["/bin/sh", SCRIPT, *arguments], env=environment, capture_output=True, text=True, check=False
        )


@pytest.fixture
def computer(tmp_path: Path) -> Computer:
    return Computer(tmp_path)


def test_the_requested_version_is_found_by_its_name(computer: Computer) -> None:
    computer.python("python3", "3.12")
    python = computer.python("python3.13", "3.13")
    assert computer.find("3.13").stdout.strip() == python


def test_a_plain_python3_of_the_requested_version_is_enough(computer: Computer) -> None:
    python = computer.python("python3", "3.13")
    assert computer.find("3.13").stdout.strip() == python


def test_a_shim_that_only_prints_an_error_is_skipped_for_pyenvs_python(computer: Computer) -> None:
    computer.command("python3.13", SHIM)
    python = computer.python("python3.13", "3.13", folder=computer.pyenv / "versions" / "3.13.9" / "bin")
    assert computer.find("3.13").stdout.strip() == python
    assert computer.find().stdout.strip() == python


def test_the_operators_choice_comes_first(computer: Computer, tmp_path: Path) -> None:
    computer.python("python3.13", "3.13")
    theirs = computer.python("theirs", "3.13", folder=tmp_path / "opt")
    assert computer.find("3.13", operators_choice=theirs).stdout.strip() == theirs


def test_the_operators_choice_is_skipped_if_it_is_another_version(computer: Computer, tmp_path: Path) -> None:
    python = computer.python("python3.13", "3.13")
    theirs = computer.python("theirs", "3.12", folder=tmp_path / "opt")
    assert computer.find("3.13", operators_choice=theirs).stdout.strip() == python


@pytest.mark.parametrize("version", ["3.12", "3.14", "3.9"])
def test_no_other_version_is_ever_printed(computer: Computer, version: str) -> None:
    computer.python("python3", version)
    computer.python("python3.13", version)
    computer.python("python3.13", version, folder=computer.pyenv / "versions" / "3.13.9" / "bin")
    process = computer.find("3.13")
    assert (process.returncode, process.stdout) == (1, "")
    assert "Python 3.13 was not found" in process.stderr
    assert "SMS_RECEIVER_PYTHON=/path/to/python3.13" in process.stderr


@pytest.mark.parametrize(("version", "suitable"), [("3.11", True), ("3.14", True), ("3.9", False)])
def test_without_a_version_any_python_from_3_11_is_suitable(
    computer: Computer, version: str, *, suitable: bool
) -> None:
    python = computer.python("python3", version)
    process = computer.find()
    assert (process.returncode == 0, process.stdout.strip()) == (suitable, python if suitable else "")
    assert suitable or "Python 3.11 or newer is needed" in process.stderr
