"""A real webhook receiver on the loopback address, and an operator of a twin that calls it."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

from flask.testing import FlaskClient

ACCOUNT = "AC00000000000000000000000000000001"
NUMBER = "+15550001111"
PERSON = "+15550002222"
TOKEN = "token-of-the-account"
CHALLENGE = {"WWW-Authenticate": 'Basic realm="texts"'}
XML = {"Content-Type": "text/xml"}


@dataclass(frozen=True)
class Received:
    """One request as it came over the wire; header names in lower case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def form(self) -> list[tuple[str, str]]:
        return parse_qsl(self.body.decode("ascii"), keep_blank_values=True)

    def value(self, name: str) -> str:
        """The value of a form field that came exactly once; an error otherwise."""
        [value] = [value for field_name, value in self.form if field_name == name]
        return value


@dataclass(frozen=True)
class CannedResponse:
    """A response to send, or a function that gets the request's handler and does something else."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: dict(XML))
    body: bytes = b"<Response/>"
    act: Callable[[BaseHTTPRequestHandler], None] | None = None


class RecordingReceiver:
    """Records its requests. Sends the canned responses in order, and the last one for all further requests."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.closing = threading.Event()
        self._answers = [CannedResponse()]
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._endpoint())
        self._server.daemon_threads = False
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    @property
    def port(self) -> int:
        return self._server.server_address[1]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def answers(self, *answers: CannedResponse) -> None:
        self._answers = list(answers)

    def take(self, received: Received) -> CannedResponse:
        with self._lock:
            self.received.append(received)
            return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]

    def close(self) -> None:
        self.closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _endpoint(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Endpoint(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                canned = receiver.take(Received(self.command, self.path, headers, body))
                try:
                    self._send(canned)
                except ConnectionError:
                    self.close_connection = True

            do_GET = do_POST  # noqa: N815 -- the same

            def _send(self, canned: CannedResponse) -> None:
                if canned.act is not None:
                    canned.act(self)
                    return
                self.send_response_only(canned.status)
                for name, value in canned.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(canned.body)))
                self.end_headers()
                self.wfile.write(canned.body)

            def log_message(self, *_arguments: object) -> None:
                """Log nothing."""

        return Endpoint


class TwinOperator:
    """What a person does with the control API."""

    def __init__(self, api: FlaskClient) -> None:
        self.api = api

    def set_up(self, url: str, **changes: str | None) -> None:
        """An account and a number with this webhook."""
        answer = self.api.put(f"/accounts/{ACCOUNT}", json={"auth_token": TOKEN})
        assert answer.status_code == 200, answer.json
        answer = self.api.put(f"/numbers/{NUMBER}", json={"account_sid": ACCOUNT, "sms_url": url, **changes})
        assert answer.status_code == 200, answer.json

    def text(self, **changes: object) -> dict[str, Any]:
        """Send a text and return the answer, which must be 200."""
        answer = self.api.post("/texts", json={"from": PERSON, "to": NUMBER, "body": "Hello", **changes})
        assert answer.status_code == 200, answer.json
        result: dict[str, Any] = answer.get_json()
        return result

    def phone(self, number: str = PERSON) -> list[dict[str, Any]]:
        """What a phone shows."""
        result: list[dict[str, Any]] = self.api.get(f"/phones/{number}").get_json()
        return result

    def message(self, sid: str) -> dict[str, Any]:
        """A message with its history, as the control API returns it."""
        [message] = [message for message in self.api.get("/messages").get_json() if message["message_sid"] == sid]
        return dict(message)

    def ended(self, sid: str) -> dict[str, Any] | None:
        """The message if its status is final; None otherwise."""
        message = self.message(sid)
        return message if message["status"] in {"delivered", "undelivered", "failed"} else None

    def fail(self, **failure: object) -> None:
        """Plan a failure of the REST API."""
        answer = self.api.post("/rest/failures", json=failure)
        assert answer.status_code == 200, answer.json

    def debugger(self) -> list[dict[str, Any]]:
        result: list[dict[str, Any]] = self.api.get("/debugger").get_json()
        return result

    def codes(self) -> list[int]:
        """The debugger's error codes, the newest last."""
        return [alert["error_code"] for alert in self.debugger()]
