"""An operator at the command, on the local stack."""

import json
import subprocess
from pathlib import Path
from typing import Any

SMS = Path(__file__).parents[2] / "sms"


def sms(*arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    """Runs the command on the local stack, with standard input."""
    command = [str(SMS), "--local", "--json", *arguments]
    return subprocess.run(command, input=typed, capture_output=True, text=True, check=False)  # noqa: S603 - our own


def done(*arguments: str, typed: str = "") -> Any:  # noqa: ANN401 - the command's JSON
    """What the command prints, when it succeeds."""
    ran = sms(*arguments, typed=typed)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)
