"""An operator at the command, on the local stack."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from devstack.aws import AccessKey

SMS = Path(__file__).parents[2] / "sms"


def sms(*arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    """Runs the command on the local stack, with standard input."""
    command = [str(SMS), "--local", "--json", *arguments]
    return subprocess.run(command, input=typed, capture_output=True, text=True, check=False)  # noqa: S603 - our own


def sms_on_aws(endpoint: str, key: AccessKey, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs the command as on AWS, which is at an endpoint. Nothing resolves the host of its webhooks."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "SMS_RECEIVER_"))}
    command = [str(SMS), "--json", *arguments]
    return subprocess.run(  # noqa: S603 - our own
        command,
        env={**environment, **key.environment, "AWS_ENDPOINT_URL": endpoint},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def done(*arguments: str, typed: str = "") -> Any:  # noqa: ANN401 - the command's JSON
    """What the command prints, when it succeeds."""
    ran = sms(*arguments, typed=typed)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)
