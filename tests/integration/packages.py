"""What `osls package` makes of a stage: its CloudFormation template, its zip, and the framework's own notes."""

import fcntl
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
SOURCES = (
    "serverless.yml",
    "requirements.txt",
    "package-lock.json",
    "infra",
    "tools/find_python",
    "tools/finishing",
    "handlers",
    "shared",
)


@dataclass(frozen=True)
class Package:
    """One stage, packaged into a folder."""

    folder: Path

    @cached_property
    def template(self) -> dict[str, Any]:
        """The CloudFormation template."""
        return self._json("cloudformation-template-update-stack.json")

    @cached_property
    def service(self) -> dict[str, Any]:
        """serverless.yml with every variable resolved."""
        found: dict[str, Any] = self._json("serverless-state.json")["service"]
        return found

    @property
    def zip(self) -> Path:
        """What the Lambdas run."""
        return self.folder / "sms-receiver.zip"

    def resources(self, kind: str) -> dict[str, dict[str, Any]]:
        """The resources of a kind, such as `SQS::Queue`, by name."""
        every: dict[str, dict[str, Any]] = self.template["Resources"]
        return {name: resource for name, resource in every.items() if resource["Type"] == f"AWS::{kind}"}

    def one(self, kind: str) -> dict[str, Any]:
        """The properties of the only resource of a kind."""
        (found,) = self.resources(kind).values()
        properties: dict[str, Any] = found["Properties"]
        return properties

    def _json(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / name).read_text(encoding="utf-8"))
        return found


def osls(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Runs the framework out of the lock file, without a network, an account, or a stranger's settings."""
    npx = shutil.which("npx")
    assert npx, "Node.js is needed to package"
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SMS_RECEIVER_", "AWS_"))}
    kept["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{kept['PATH']}"  # pip is asked for the wheels
    return subprocess.run(  # noqa: S603 - our own command, our own arguments
        [npx, "osls", *arguments], cwd=ROOT, env=kept | environment, capture_output=True, text=True, check=False
    )


@contextmanager
def alone() -> Iterator[None]:
    """Packaging uses one folder of the project, so that tests in several processes must take turns."""
    (ROOT / "build").mkdir(exist_ok=True)
    with (ROOT / "build" / "packaging.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def make_package(stage: str, folder: Path, *arguments: str, **environment: str) -> Package:
    """Packages a stage into a folder."""
    with alone():
        done = osls("package", "--stage", stage, "--package", str(folder), *arguments, **environment)
    assert done.returncode == 0, done.stdout + done.stderr
    return Package(folder)


def built(stage: str) -> Package | None:
    """What `make package` left behind, unless something changed since."""
    made = Package(ROOT / "build" / stage)
    if not made.zip.exists():
        return None
    newest = max(path.stat().st_mtime for path in sources())
    return made if made.zip.stat().st_mtime > newest else None


def interpreter(version: str) -> str | None:
    """A Python of this version, if there is one here."""
    found = subprocess.run(  # noqa: S603 - our own script
        [ROOT / "tools" / "find_python", version], capture_output=True, text=True, check=False
    )
    return found.stdout.strip() or None


def sources() -> Iterator[Path]:
    """Every file that a package is made of."""
    for name in SOURCES:
        path = ROOT / name
        yield from (path,) if path.is_file() else (p for p in path.rglob("*.*") if p.suffix in {".py", ".js", ".yml"})
