"""`python -m twin` as a program of its own."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator

import httpx
import pytest


@pytest.fixture
def running() -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "twin", "--port", "0", "--time-scale", "0.05"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:  # noqa: S603 -- ours
        yield running
        running.kill()


def twin_url(running: subprocess.Popen[str]) -> str:
    assert running.stdout is not None
    line = json.loads(running.stdout.readline())
    assert list(line) == ["twin_url"]
    return str(line["twin_url"])


@pytest.mark.parametrize("stop_signal", [signal.SIGTERM, signal.SIGINT])
def test_prints_its_url_and_stops_cleanly_on_a_signal(
    running: subprocess.Popen[str], stop_signal: signal.Signals
) -> None:
    url = twin_url(running)
    assert url.startswith("http://127.0.0.1:")
    assert httpx.get(f"{url}/health", trust_env=False).json() == {"status": "ok"}
    running.send_signal(stop_signal)
    rest, complaints = running.communicate(timeout=10)
    assert (running.returncode, rest, complaints) == (0, "", "")


@pytest.mark.parametrize("scale", ["0", "-1", "nan", "inf", "fast"])
def test_refuses_a_time_scale_that_is_not_a_positive_number(scale: str) -> None:
    command = [sys.executable, "-m", "twin", "--time-scale", scale]
    process = subprocess.run(command, capture_output=True, text=True, check=False, timeout=10)  # noqa: S603 -- ours
    assert process.returncode == 2
    assert "--time-scale" in process.stderr
