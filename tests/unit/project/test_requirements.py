"""What is installed is pinned, down to the bytes, and installing runs nobody's scripts."""

import hashlib
import os
import re
import shlex
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.project.test_architecture import ROOT
from tests.unit.project.test_installing import NEEDED, PROJECT, name

LOCKS = {"lambdas": "requirements.txt", "dev": "requirements-dev.txt", "local": "requirements-local.txt"}
NOT_SHIPPED = {"pyjwt", "aiohttp", "aiohttp-retry"}  # of twilio; the Makefile says why


def locked(file: str) -> dict[str, str]:
    """Each requirement of a lock file, a line each: what follows the package's name, by that name."""
    text = (ROOT / file).read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
    return {name(line): line.removeprefix(line.split("==")[0]) for line in lines}


def pinned_versions(file: str) -> dict[str, str]:
    """The version of each requirement of a lock file, by the package's name."""
    return {package: rest.split(maxsplit=1)[0].removeprefix("==") for package, rest in locked(file).items()}


def group(of: str) -> set[str]:
    return {name(entry) for entry in PROJECT["dependency-groups"][of] if isinstance(entry, str)}


def commands(target: str) -> list[str]:
    """What make runs for a target, without running it: the same when a make runs the tests."""
    done = subprocess.run(  # noqa: S603 - our own Makefile
        ["make", "--no-print-directory", "--dry-run", "--always-make", target],  # noqa: S607 - whichever make
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.splitlines()


def test_there_is_a_lock_file_for_each_group_and_no_other_requirement_file() -> None:
    assert set(PROJECT["dependency-groups"]) == set(LOCKS)
    assert {path.name for path in ROOT.glob("requirements*")} == set(LOCKS.values())


@pytest.mark.parametrize("file", LOCKS.values())
def test_every_requirement_is_pinned_with_its_hashes(file: str) -> None:
    for package, rest in locked(file).items():
        assert re.fullmatch(r"==[\w.+!-]+( ; [^#]*?)?( +--hash=sha256:[0-9a-f]{64})+ *", rest), f"{package} in {file}"


def test_what_ships_stands_on_one_line_each_as_the_packaging_plugin_wants_it() -> None:
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    assert not [line for line in lines if line.endswith("\\") or line.lstrip().startswith("--")]


@pytest.mark.parametrize(("of", "file"), LOCKS.items())
def test_every_lock_file_has_its_group(of: str, file: str) -> None:
    assert group(of) <= set(locked(file))


def test_what_ships_is_what_the_lambdas_group_asks_for_and_nothing_of_the_commands_alone() -> None:
    shipped = set(locked("requirements.txt"))
    assert not shipped & ((NEEDED | group("dev") | NOT_SHIPPED) - group("lambdas") - {"requests"})


def test_developers_have_what_ships_in_the_same_versions_and_all_that_the_command_needs() -> None:
    developers = pinned_versions("requirements-dev.txt")
    assert developers.items() >= pinned_versions("requirements.txt").items()
    assert set(developers) >= NEEDED


def pip_installs() -> Iterator[list[str]]:
    for target in (".venv/ready", ".venv-local/ready"):
        (line,) = (line for line in commands(target) if "/pip install" in line)
        yield shlex.split(line)


def test_make_setup_installs_only_what_has_the_pinned_hashes() -> None:
    files = []
    for words in pip_installs():
        assert {"--require-hashes", "--no-deps"} <= set(words)
        files.append(words[-1])
    assert files == [LOCKS["dev"], LOCKS["local"]]


@pytest.fixture
def pinned(tmp_path: Path) -> Path:
    """A requirement file of one package, which is a file here."""
    archive = tmp_path / "nothing-1-py3-none-any.whl"
    about = {
        "METADATA": "Metadata-Version: 2.1\nName: nothing\nVersion: 1\n",
        "WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        "RECORD": "",
    }
    with zipfile.ZipFile(archive, "w") as wheel:
        for file, text in about.items():
            wheel.writestr(f"nothing-1.dist-info/{file}", text)
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    requirements = tmp_path / "requirements.txt"
    requirements.write_text(f"nothing @ {archive.as_uri()} --hash=sha256:{digest}\n")
    return requirements


def pip(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(  # noqa: S603 - our own pip
        [sys.executable, "-m", "pip", "install", "--no-index", *arguments],
        env=os.environ | environment,
        check=False,
        capture_output=True,
        text=True,
    )


def test_a_pip_user_in_the_environment_breaks_no_installation(pinned: Path, tmp_path: Path) -> None:
    for words in pip_installs():
        options = [word for word in words[2:-2] if word != "--quiet"]
        done = pip(*options, "--target", str(tmp_path / "there"), "-r", str(pinned), PIP_USER="1")
        assert done.returncode == 0, done.stderr
        assert (tmp_path / "there" / "nothing-1.dist-info").exists()


def test_another_file_under_the_same_name_is_refused(pinned: Path, tmp_path: Path) -> None:
    pinned.write_text(re.sub("sha256:.*", f"sha256:{'0' * 64}", pinned.read_text()))
    done = pip("--require-hashes", "--target", str(tmp_path / "there"), "-r", str(pinned))
    assert done.returncode != 0
    assert "DO NOT MATCH THE HASHES" in done.stderr


@pytest.mark.parametrize("target", ["node_modules/ready", "lock"])
def test_npm_runs_no_scripts_of_packages(target: str) -> None:
    calls = [line for line in commands(target) if re.search(r"\bnpm (ci|install)\b", line)]
    assert calls
    assert not [line for line in calls if "--ignore-scripts" not in line]
