"""The Lambdas' caches are full at some point, and then take no more memory, however many tenants and numbers come."""

import json
import os
import subprocess
import sys

import pytest

from devstack.state import ROOT
from tests.integration.conftest import ENVIRONMENT
from tests.scale.conftest import Note


@pytest.mark.timeout(1800)
@pytest.mark.parametrize(
    ("name", "keys", "at_most"), [("receiver", 1, 20), ("receiver", 100, 60), ("forwarder", 1, 30)]
)
def test_memory_is_flat_once_the_caches_are_full(name: str, keys: int, at_most: float, note: Note) -> None:
    ran = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "tests.scale.filling", name, str(keys)],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **ENVIRONMENT},
        capture_output=True,
        text=True,
        check=True,
    )
    full, more = json.loads(ran.stdout)
    note(f"{name}, {keys} keys a tenant: MB with full caches, and more at the end", [full, more])
    assert full < at_most
    assert more < 4
