"""AWS's Runtime API on loopback, and a packaged zip run against it by AWS's own runtime client, `awslambdaric`.

Source: AWS docs, "Using the Lambda runtime API for custom runtimes". The function gets the zip's contents, the runtime
client and the standard library; nothing else that is installed here.
"""

import calendar
import json
import os
import queue
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from importlib.metadata import distribution
from pathlib import Path
from typing import Any, TypeVar

from tests.integration.loopback import serving

T = TypeVar("T")

_CLIENT = ("awslambdaric", "simplejson", "snapshot-restore-py")
_SECONDS = 30
_ARN = "arn:aws:lambda:us-east-1:000000000000:function:packaged"


class FunctionFailedError(Exception):
    """The function could not be loaded, raised, ended, or did not answer in time; the message shows what it said."""


@dataclass(frozen=True)
class Queues:
    """What the Runtime API hands to a function, and has from it.

    `polls` gets the time, in seconds of `time.perf_counter`, when the function asks for an event.
    """

    events: "queue.Queue[dict[str, Any]]" = field(default_factory=queue.Queue)
    outcomes: "queue.Queue[tuple[str, Any]]" = field(default_factory=queue.Queue)
    polls: "queue.Queue[float]" = field(default_factory=queue.Queue)


@dataclass(frozen=True)
class Packaged:
    """A function that runs since `began`, which is a time like those in `polls`; an answer may take `seconds`."""

    log: Path
    process: "subprocess.Popen[bytes]"
    began: float
    queues: Queues
    seconds: float

    def invoke(self, event: dict[str, Any]) -> Any:  # noqa: ANN401 - whatever the handler returns
        """What the handler returns. Raises FunctionFailedError."""
        self.queues.events.put(event)
        kind, value = self._next_of(self.queues.outcomes)
        if kind != "response":
            raise FunctionFailedError(str(value))
        return value

    def wait_until_idle(self) -> float:
        """When it asked for an event: first when it is ready, then after each. Raises FunctionFailedError."""
        return self._next_of(self.queues.polls)

    def _next_of(self, told: "queue.Queue[T]") -> T:
        deadline = time.monotonic() + self.seconds
        while True:
            has_ended = self.process.poll() is not None  # looked at first, so that its last words are not missed
            try:
                return told.get(timeout=0.1)
            except queue.Empty:
                if has_ended or time.monotonic() > deadline:
                    raise FunctionFailedError(self.log.read_text()) from None


@contextmanager
def running(package: Path, handler: str, *, folder: Path, environment: Mapping[str, str]) -> Iterator[Packaged]:
    """One function of a zip, unpacked into `folder`, with this environment besides Lambda's own."""
    task = folder / "task"
    unpack(package, task)
    with started(python(handler), task, folder=folder, environment=environment) as function:
        yield function


def unpack(package: Path, task: Path) -> None:
    """Unpacks a zip with the files' times, in UTC as on Lambda, for Python's bytecode may depend on them."""
    with zipfile.ZipFile(package) as contents:
        for member in contents.infolist():
            made = contents.extract(member, task)
            written = calendar.timegm((*member.date_time, 0, 0, 0))
            os.utime(made, (written, written))


def python(handler: str) -> list[str]:
    """The command that runs a Python handler; -S: without this environment's packages."""
    return [sys.executable, "-S", "-m", "awslambdaric", handler]


@contextmanager
def started(
    command: Sequence[str], task: Path, *, folder: Path, environment: Mapping[str, str], seconds: float = _SECONDS
) -> Iterator[Packaged]:
    """What is unpacked in `task`, run by a command that asks the Runtime API for events.

    `folder` gets the runtime client and the log. An answer may take `seconds`.
    """
    client = folder / "client"
    _link_runtime_client(client)
    log, queues = folder / "log", Queues()
    lambdas_own = {
        "AWS_LAMBDA_FUNCTION_NAME": "packaged",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/packaged",
        "AWS_LAMBDA_LOG_STREAM_NAME": "stream",
        "LAMBDA_TASK_ROOT": str(task),
        "PYTHONPATH": f"{task}:{client}",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    with serving(_runtime_api(queues)) as address, log.open("wb") as output:
        began = time.perf_counter()
        process = subprocess.Popen(  # noqa: S603 - our own command line
            command,
            cwd=task,
            env={**environment, **lambdas_own, "AWS_LAMBDA_RUNTIME_API": address},
            stdout=output,
            stderr=output,
        )
        try:
            yield Packaged(log, process, began, queues, seconds)
        finally:
            process.kill()
            process.wait()


def _link_runtime_client(folder: Path) -> None:
    """Puts the runtime client, and only what it needs, into a folder of its own."""
    folder.mkdir()
    for name in _CLIENT:
        for file in distribution(name).files or []:
            top = file.parts[0]
            if not top.startswith("..") and not (folder / top).exists():
                (folder / top).symlink_to(Path(str(file.locate())).parents[len(file.parts) - 1] / top)


def _runtime_api(queues: Queues) -> type[BaseHTTPRequestHandler]:
    class RuntimeApi(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            """.../runtime/invocation/next"""
            queues.polls.put(time.perf_counter())
            event = json.dumps(queues.events.get()).encode()
            deadline = str(int((time.time() + _SECONDS) * 1000))
            self._answer(
                200,
                event,
                {
                    "Lambda-Runtime-Aws-Request-Id": "request",
                    "Lambda-Runtime-Deadline-Ms": deadline,
                    "Lambda-Runtime-Invoked-Function-Arn": _ARN,
                },
            )

        def do_POST(self) -> None:
            """.../runtime/invocation/<id>/response, .../error, or .../runtime/init/error"""
            value = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self._answer(202, b"{}", {})
            queues.outcomes.put((self.path.rpartition("/")[2], value))

        def _answer(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
            self.send_response(status)
            for name, value in {
                "Content-Type": "application/json",
                "Content-Length": str(len(body)),
                **headers,
            }.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    return RuntimeApi
