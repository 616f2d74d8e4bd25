"""tools/unpack_chromium: the browser of the tests, or a person's own."""

import os
import subprocess
from pathlib import Path

from tests.unit.project.test_architecture import ROOT


def unpack(folder: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(  # noqa: S603 - our own tool
        [ROOT / "tools" / "unpack_chromium", folder],
        env={"PATH": os.environ["PATH"], **environment},
        check=True,
        capture_output=True,
        text=True,
    )


def test_a_persons_own_chromium_is_used_as_it_is(tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.write_text("#!/bin/sh\n")
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "old").touch()
    assert unpack(folder, SMS_RECEIVER_CHROMIUM=str(own)).stderr == ""
    assert (folder / "chromium").readlink() == own
    assert not (folder / "old").exists()
