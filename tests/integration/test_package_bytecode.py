"""Every module in the zip has bytecode of the Python that runs it; where there is no such Python, no deployment."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.packages import ROOT, Package, alone, interpreter, osls

VERSION_FOUND_NOWHERE = "3.10"  # this Python is newer, and the stubs below hide any other
PROBE = Path(__file__).with_name("bytecode.py")


def version(made: Package) -> str:
    runtimes = {str(one["Properties"]["Runtime"]) for one in made.resources("Lambda::Function").values()}
    (runtime,) = runtimes
    return runtime.removeprefix("python")


def bytecode_in(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as archive:
        return [name for name in archive.namelist() if name.endswith((".pyc", ".pyo")) or "__pycache__" in name]


def test_every_module_has_bytecode_that_the_functions_python_uses_as_it_is(package: Package) -> None:
    python = interpreter(version(package))
    if python is None:
        assert not bytecode_in(package.zip), "no Python of the runtime's version is here, and yet there is bytecode"
        pytest.skip(f"Python {version(package)} is not here: the zip has no bytecode, and `make deploy` refuses")
    done = subprocess.run(  # noqa: S603 - our own script
        [python, "-E", "-W", "ignore", PROBE, package.zip], capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == {"modules": [], "bytecode": []}


def test_what_is_compiled_to_machine_code_is_for_the_functions_python_and_processor(package: Package) -> None:
    """Else it is left unused, or worse: pip takes what suits the Python that it runs on unless it is told all this."""
    with zipfile.ZipFile(package.zip) as archive:
        built = [name for name in archive.namelist() if name.endswith(".so")]
    assert built
    processor = {"arm64": "aarch64", "x86_64": "x86_64"}[package.service["provider"]["architecture"]]
    assert {name.split(".", 1)[1] for name in built} == {
        f"cpython-{version(package).replace('.', '')}-{processor}-linux-gnu.so"
    }


def test_both_stages_get_the_same_bytes(packages: dict[str, Package]) -> None:
    """So deploying what has not changed changes nothing: the two were packaged one after the other."""
    assert packages["east"].zip.read_bytes() == packages["south"].zip.read_bytes()


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[dict[str, str]]:
    """A computer without the functions' Python: pyenv fails, and what bears the name is a shim that does."""
    stubs = tmp_path / "bin"
    stubs.mkdir()
    for name in ("pyenv", f"python{VERSION_FOUND_NOWHERE}"):
        (stubs / name).write_text("#!/bin/sh\necho 'command not found' >&2\nexit 127\n")
    # pip installs nothing: our own modules are enough to tell.
    (stubs / "python3").write_text(f'#!/bin/sh\n[ "$2" = pip ] || exec {sys.executable} "$@"\n')
    for stub in stubs.iterdir():
        stub.chmod(0o755)
    yield {
        "PATH": f"{stubs}{os.pathsep}{os.environ['PATH']}",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",  # whatever it asks of AWS fails
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
    }
    shutil.rmtree(ROOT / ".requirements" / tmp_path.name, ignore_errors=True)


def parameters(tmp_path: Path) -> list[str]:
    return [f"--param=runtime=python{VERSION_FOUND_NOWHERE}", f"--param=requirementsFor={tmp_path.name}"]


def test_without_the_functions_python_packaging_warns_and_deploying_is_refused(
    elsewhere: dict[str, str], tmp_path: Path
) -> None:
    folder = tmp_path / "package"
    with alone():
        packaged = osls("package", "--package", str(folder), *parameters(tmp_path), **elsewhere)
        deployed = osls("deploy", *parameters(tmp_path), **elsewhere)
        prepared = osls("deploy", "--package", str(folder), *parameters(tmp_path), **elsewhere)

    sentence = f"SMS_RECEIVER_PYTHON=/path/to/python{VERSION_FOUND_NOWHERE}"
    assert packaged.returncode == 0, packaged.stdout + packaged.stderr
    assert sentence in packaged.stderr
    assert not bytecode_in(folder / "sms-receiver.zip")
    for refused in (deployed, prepared):
        assert refused.returncode != 0
        assert "Nothing was deployed" in refused.stdout + refused.stderr
        assert VERSION_FOUND_NOWHERE in refused.stdout + refused.stderr
    assert sentence in deployed.stdout + deployed.stderr


def test_what_pip_installed_is_used_again_only_when_nothing_about_it_has_changed() -> None:
    def place(*parameters: str) -> str:
        done = osls("print", "--stage", "east", "--path", "custom.pythonRequirements.cacheLocation", *parameters)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    assert place() == place("--param=memoryMb=1024")
    others = {place("--param=wheels=--prefer-binary"), place("--param=runtime=python3.14")}
    assert len(others - {place()}) == 2


def test_pip_is_told_word_by_word(package: Package) -> None:
    """The plugin drops every third word of an argument: pip then took what suits the Python that it ran on."""
    told = package.service["custom"]["pythonRequirements"]["pipCmdExtraArgs"]
    assert all(" " not in argument for argument in told)
    assert {
        "--no-deps",
        "--no-compile",
        "--no-user",
        "--require-hashes",
        "--only-binary=:all:",
        version(package),
    } <= set(told)
