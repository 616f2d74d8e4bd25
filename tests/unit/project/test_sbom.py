"""`make sbom`: a bill of materials with exactly the packages that are deployed."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.unit.project.test_architecture import ROOT
from tests.unit.project.test_installing import PROJECT
from tests.unit.project.test_requirements import commands, locked, pinned_versions


def make(file: Path) -> dict[str, Any]:
    """Runs what `make sbom` runs, with this Python and into this file, and reads it."""
    here = {"python": sys.executable, "build/sbom.json": str(file)}
    words = [here.get(word, word) for word in shlex.split(commands("sbom")[-1])]
    done = subprocess.run(words, cwd=ROOT, check=False, capture_output=True, text=True)  # noqa: S603 - our own Makefile
    assert (done.returncode, done.stderr) == (0, "")
    made: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return made


@pytest.fixture(scope="module")
def sbom(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return make(tmp_path_factory.mktemp("sbom") / "sbom.json")


def hashes(component: dict[str, Any]) -> set[str]:
    """The SHA-256 of each file that a package may be installed from."""
    listed = [digest for place in component["externalReferences"] for digest in place["hashes"]]
    assert {digest["alg"] for digest in listed} == {"SHA-256"}
    return {digest["content"] for digest in listed}


def test_lists_each_package_that_ships_with_its_version_and_hashes_and_no_other(sbom: dict[str, Any]) -> None:
    versions = pinned_versions("requirements.txt")
    assert versions
    assert {component["purl"]: hashes(component) for component in sbom["components"]} == {
        f"pkg:pypi/{package}@{versions[package]}": set(re.findall("sha256:([0-9a-f]{64})", rest))
        for package, rest in locked("requirements.txt").items()
    }


def test_says_whose_packages_they_are_and_in_which_format(sbom: dict[str, Any]) -> None:
    about = sbom["metadata"]["component"]
    assert (sbom["bomFormat"], about["type"]) == ("CycloneDX", "application")
    assert (about["name"], about["version"]) == (PROJECT["project"]["name"], PROJECT["project"]["version"])


def test_the_same_requirements_give_the_same_file(sbom: dict[str, Any], tmp_path: Path) -> None:
    assert make(tmp_path / "again.json") == sbom
    assert "timestamp" not in sbom["metadata"]
