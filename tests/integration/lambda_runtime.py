"""AWS's Runtime API on loopback, and a packaged zip run against it by AWS's own runtime client, `awslambdaric`.

Source: AWS docs, "Using the Lambda runtime API for custom runtimes". The function gets the zip's contents, the runtime
client and the standard library; nothing else that is installed here.
"""

import json
import queue
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

_CLIENT = ("awslambdaric", "simplejson", "snapshot-restore-py")
_SECONDS = 30
_ARN = "arn:aws:lambda:us-east-1:000000000000:function:packaged"


class FunctionFailedError(Exception):
    """The function could not be loaded, raised, ended, or did not answer in time; the message shows what it said."""


@dataclass
class Packaged:
    """A function that waits for events."""

    log: Path
    events: "queue.Queue[dict[str, Any]]" = field(default_factory=queue.Queue)
    outcomes: "queue.Queue[tuple[str, Any]]" = field(default_factory=queue.Queue)

    def invoke(self, event: dict[str, Any]) -> Any:  # noqa: ANN401 - whatever the handler returns
        """What the handler returns. Raises FunctionFailedError."""
        self.events.put(event)
        try:
            kind, value = self.outcomes.get(timeout=_SECONDS)
        except queue.Empty:
            raise FunctionFailedError(self.log.read_text()) from None
        if kind != "response":
            raise FunctionFailedError(str(value))
        return value


@contextmanager
def running(package: Path, handler: str, *, folder: Path, environment: Mapping[str, str]) -> Iterator[Packaged]:
    """One function of a zip, unpacked into `folder`, with this environment besides Lambda's own."""
    task, client = folder / "task", folder / "client"
    with zipfile.ZipFile(package) as contents:
        contents.extractall(task)
    _link_runtime_client(client)
    function = Packaged(log=folder / "log")
    server = ThreadingHTTPServer(("127.0.0.1", 0), _runtime_api(function))
    server.daemon_threads = True
    serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    serving.start()
    lambdas_own = {
        "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{server.server_port}",
        "AWS_LAMBDA_FUNCTION_NAME": "packaged",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/packaged",
        "AWS_LAMBDA_LOG_STREAM_NAME": "stream",
        "LAMBDA_TASK_ROOT": str(task),
        "PYTHONPATH": f"{task}:{client}",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    with function.log.open("wb") as log:
        command = [sys.executable, "-S", "-m", "awslambdaric", handler]  # -S: without this environment's packages
        process = subprocess.Popen(  # noqa: S603 - our own command line
            command, cwd=task, env={**environment, **lambdas_own}, stdout=log, stderr=log
        )
    try:
        yield function
    finally:
        process.kill()
        process.wait()
        server.shutdown()
        serving.join()
        server.server_close()


def _link_runtime_client(folder: Path) -> None:
    """Puts the runtime client, and only what it needs, into a folder of its own."""
    folder.mkdir()
    for name in _CLIENT:
        for file in distribution(name).files or []:
            top = file.parts[0]
            if not top.startswith("..") and not (folder / top).exists():
                (folder / top).symlink_to(Path(str(file.locate())).parents[len(file.parts) - 1] / top)


def _runtime_api(function: Packaged) -> type[BaseHTTPRequestHandler]:
    class RuntimeApi(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            """.../runtime/invocation/next"""
            event = json.dumps(function.events.get()).encode()
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
            function.outcomes.put((self.path.rpartition("/")[2], value))

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
