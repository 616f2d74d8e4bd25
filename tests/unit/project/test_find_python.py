"""Which Python is chosen: one that runs, of the version that is asked for, the operator's own choice first."""

import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[3] / "tools" / "find_python"
SHIM = "echo 'pyenv: python: command not found' >&2; exit 127"


class Computer:
    """A folder of commands, and what `find_python` finds with only those on the PATH."""

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
        """A stand-in that knows no more of Python than its own version."""
        old = "1" if tuple(map(int, version.split("."))) < (3, 11) else "0"
        asked = f"*venv*) exit {old};; *\"'{version}'\"*) exit 0;; *) exit 1;;"
        return self.command(name, f'case "$2" in {asked} esac', folder=folder)

    def find(self, *arguments: str, chosen: str | None = None) -> "subprocess.CompletedProcess[str]":
        environment = {"PATH": str(self.bin)} | ({"SMS_RECEIVER_PYTHON": chosen} if chosen else {})
        return subprocess.run(  # noqa: S603 - our own script
            ["/bin/sh", SCRIPT, *arguments], env=environment, capture_output=True, text=True, check=False
        )


@pytest.fixture
def computer(tmp_path: Path) -> Computer:
    return Computer(tmp_path)


def test_the_version_asked_for_is_found_by_its_name(computer: Computer) -> None:
    computer.python("python3", "3.12")
    there = computer.python("python3.13", "3.13")
    assert computer.find("3.13").stdout.strip() == there


def test_a_plain_python3_will_do_if_it_is_of_that_version(computer: Computer) -> None:
    there = computer.python("python3", "3.13")
    assert computer.find("3.13").stdout.strip() == there


def test_a_shim_that_only_prints_an_error_is_passed_over_for_what_pyenv_has(computer: Computer) -> None:
    computer.command("python3.13", SHIM)
    there = computer.python("python3.13", "3.13", folder=computer.pyenv / "versions" / "3.13.9" / "bin")
    assert computer.find("3.13").stdout.strip() == there
    assert computer.find().stdout.strip() == there


def test_the_operators_choice_comes_first(computer: Computer, tmp_path: Path) -> None:
    computer.python("python3.13", "3.13")
    theirs = computer.python("theirs", "3.13", folder=tmp_path / "opt")
    assert computer.find("3.13", chosen=theirs).stdout.strip() == theirs


def test_the_operators_choice_is_no_excuse_for_another_version(computer: Computer, tmp_path: Path) -> None:
    there = computer.python("python3.13", "3.13")
    theirs = computer.python("theirs", "3.12", folder=tmp_path / "opt")
    assert computer.find("3.13", chosen=theirs).stdout.strip() == there


@pytest.mark.parametrize("version", ["3.12", "3.14", "3.9"])
def test_no_other_version_is_ever_given(computer: Computer, version: str) -> None:
    computer.python("python3", version)
    computer.python("python3.13", version)
    computer.python("python3.13", version, folder=computer.pyenv / "versions" / "3.13.9" / "bin")
    found = computer.find("3.13")
    assert (found.returncode, found.stdout) == (1, "")
    assert "Python 3.13 was not found" in found.stderr
    assert "SMS_RECEIVER_PYTHON=/path/to/python3.13" in found.stderr


@pytest.mark.parametrize(("version", "found"), [("3.11", True), ("3.14", True), ("3.9", False)])
def test_without_a_version_the_newest_known_or_any_from_3_11(computer: Computer, version: str, *, found: bool) -> None:
    there = computer.python("python3", version)
    done = computer.find()
    assert (done.returncode == 0, done.stdout.strip()) == (found, there if found else "")
    assert found or "Python 3.11 or newer is needed" in done.stderr
