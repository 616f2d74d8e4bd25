"""The command as `pipx install .` gives it: five folders, what they need, and a sentence where a clone is needed."""

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import packages_distributions, requires
from pathlib import Path

import pytest

from tests.unit.project.test_architecture import ROOT, SOURCES, imports

FOLDERS = ("cli", "dashboard", "operations", "shared", "terminal")
DASHBOARD = ROOT / "dashboard"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
NEEDS_CLONE = "the local stack needs a clone of sms-receiver: run `make setup` in it, and use its ./sms"


def name(requirement: str) -> str:
    """The package that a requirement is about, as PyPI compares names."""
    package = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert package
    return re.sub(r"[-_.]+", "-", package[0]).lower()


NEEDED = {name(requirement) for requirement in PROJECT["project"]["dependencies"]}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(  # noqa: S603 - the build backend, as pip calls it
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (made,) = folder.glob("*.whl")
    return made


def sms(wheel: Path, *arguments: str, cwd: Path) -> "subprocess.CompletedProcess[str]":
    """Runs the wheel's command in a folder that is no clone."""
    return subprocess.run(  # noqa: S603 - ours
        [sys.executable, "-P", "-c", "from cli.app import app; app(prog_name='sms')", *arguments],
        cwd=cwd,
        env=os.environ | {"PYTHONPATH": str(wheel)},
        check=False,
        capture_output=True,
        text=True,
    )


def test_the_wheel_holds_the_command_and_what_it_stands_on_and_nothing_else(wheel: Path) -> None:
    sources = {str(path.relative_to(ROOT)) for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")}
    sources |= {
        str(path.relative_to(ROOT))
        for folder in ("static", "templates")
        for path in (DASHBOARD / folder).rglob("*")
        if path.is_file()
    }
    with zipfile.ZipFile(wheel) as archive:
        shipped = {entry for entry in archive.namelist() if ".dist-info/" not in entry}
    assert shipped == sources


def test_the_wheel_gives_the_command_sms(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (entry_points,) = (entry for entry in archive.namelist() if entry.endswith("entry_points.txt"))
        assert archive.read(entry_points).decode().split() == ["[console_scripts]", "sms", "=", "cli.app:app"]


def test_the_installed_command_and_the_clones_have_the_same_version(wheel: Path, tmp_path: Path) -> None:
    installed = sms(wheel, "--version", cwd=tmp_path)
    cloned = subprocess.run([ROOT / "sms", "--version"], check=True, capture_output=True, text=True)  # noqa: S603 - ours
    assert installed.stdout == cloned.stdout == f"{PROJECT['project']['version']}\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ["local", "up"],
        ["local", "down"],
        ["local", "status"],
        ["--local", "tenant", "list"],
        ["tail", "--once", "--local"],
        ["text", "--from", "+12025550147", "--to", "+12025550101", "Hello", "--local"],
    ],
    ids=" ".join,
)
def test_the_installed_command_says_that_the_local_stack_needs_a_clone(
    wheel: Path, tmp_path: Path, arguments: list[str]
) -> None:
    done = sms(wheel, *arguments, cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr.strip()) == (1, "", NEEDS_CLONE)


def test_the_installed_command_explains_every_command_without_a_clone(wheel: Path, tmp_path: Path) -> None:
    assert "sms local [OPTIONS]" in sms(wheel, "local", "--help", cwd=tmp_path).stdout
    assert "sms setup [OPTIONS]" in sms(wheel, "setup", "--help", cwd=tmp_path).stdout


def reached() -> set[str]:
    """The modules that the command can get to, devstack and what is behind it apart."""
    seen, waiting = set[str](), [module for module in SOURCES if module.split(".")[0] == "cli"]
    while waiting:
        module = waiting.pop()
        if module in SOURCES and module not in seen and module.split(".")[0] != "devstack":
            seen.add(module)
            waiting += [*imports(module), module.rpartition(".")[0]]
    return seen


def test_the_command_reaches_nothing_of_ours_that_is_not_in_the_wheel() -> None:
    assert {module.split(".")[0] for module in reached()} <= set(FOLDERS)


def test_the_command_requires_what_it_imports_and_nothing_else() -> None:
    """What a requirement itself requires, such as botocore, counts as its."""
    known = packages_distributions()
    imported = {imported.split(".")[0] for module in reached() for imported in imports(module)}
    imported -= {*FOLDERS, "devstack", *sys.stdlib_module_names}
    used = {distribution.lower() for top in imported if not top.startswith("mypy_boto3") for distribution in known[top]}
    assert used >= NEEDED, f"the command does not import {sorted(NEEDED - used)}"
    brought = {name(inner) for outer in NEEDED for inner in requires(outer) or ()}
    assert used <= NEEDED | brought, f"pyproject.toml does not name {sorted(used - NEEDED - brought)}"


@pytest.mark.parametrize(
    "package", ["mypy", "cfn-lint", "psutil", "fastapi", "playwright", "ministack", "pytest", "uv"]
)
def test_the_command_comes_without_what_only_developers_need(package: str) -> None:
    groups = PROJECT["dependency-groups"]
    assert package in {name(entry) for group in groups.values() for entry in group if isinstance(entry, str)}
    assert package not in NEEDED


def test_the_build_backend_is_pinned_and_is_the_one_that_the_tests_build_with() -> None:
    (backend,) = PROJECT["build-system"]["requires"]
    assert re.fullmatch(r"hatchling==[\d.]+", backend)
    assert backend in PROJECT["dependency-groups"]["dev"]
