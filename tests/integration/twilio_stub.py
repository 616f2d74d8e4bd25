"""A loopback stand-in for Twilio's REST API that answers, or behaves, as it is told."""

import base64
import json
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from shared.messages.outbound import OutboundMessage
from shared.tenants.account import Account, RestKey
from tests.fakes import ACCOUNT, NOW, OUR_NUMBER, PERSON, REST_SECRET, SECOND_TOKEN, TOKEN
from tests.integration.loopback import serving

RESET, SILENCE, DRIP = "reset", "silence", "drip"

TEXT = "größer 文字 😀 & = +"
LINKS = ("https://example.com/a.png?b=c&d", "https://example.com/e.png")
MESSAGE = OutboundMessage("SM42-1", ACCOUNT, OUR_NUMBER, PERSON, TEXT, LINKS)
WITH_TOKENS = Account(ACCOUNT, "twilio", (TOKEN, SECOND_TOKEN))
WITH_KEY = Account(ACCOUNT, "twilio", (TOKEN,), RestKey("SK" + "4" * 32, REST_SECRET))
STATUS_URL = "https://sms-east.example.com/sms.receiver/SmsStatus/acme/SM42-1"
PATH = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
UNAUTHORIZED = (401, {"code": 20003, "message": "Authenticate", "status": 401})


def resource(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any field
    """A Message resource as in Twilio's documentation."""
    fields = {
        "sid": "SM" + "5" * 32,
        "account_sid": ACCOUNT,
        "status": "queued",
        "direction": "outbound-api",
        "from": OUR_NUMBER,
        "to": PERSON,
        "body": TEXT,
        "num_media": "2",
        "num_segments": "1",
        "date_created": format_datetime(NOW),
        "date_sent": None,
        "date_updated": format_datetime(NOW),
        "error_code": None,
        "error_message": None,
    }
    return fields | changes


def page(*messages: dict[str, Any]) -> dict[str, Any]:
    return {"messages": list(messages), "page": 0, "page_size": 100, "uri": PATH, "next_page_uri": None}


def failure(status: int, code: int | None) -> tuple[int, dict[str, Any]]:
    """As Twilio says it: with a number and the text in it."""
    message = f"The message '{TEXT}' from {OUR_NUMBER} to {PERSON} failed"
    return status, {"code": code, "message": message, "more_info": "https://www.twilio.com/docs", "status": status}


@dataclass(frozen=True)
class Asked:
    """A request as it came."""

    method: str
    path: str
    fields: tuple[tuple[str, str], ...]
    username: str
    password: str
    content_type: str
    cookie: str
    host: str


@dataclass
class TwilioStub:
    """What the next requests are answered (status and JSON, or text), and what was asked."""

    url: str = ""
    answers: list[tuple[int, Any] | str] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    location: str = ""
    more_headers: bytes = b""
    slow_seconds: float = 0
    connections: set[int] = field(default_factory=set)
    released: threading.Event = field(default_factory=threading.Event)


@contextmanager
def running() -> Iterator[TwilioStub]:
    """The stub, on a free port of 127.0.0.1."""
    stub = TwilioStub()

    class Requests(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            split = urlsplit(self.path)
            username, _, password = base64.b64decode(self.headers["Authorization"].split()[1]).decode().partition(":")
            fields = parse_qsl(body or split.query, keep_blank_values=True)
            kind, cookie = self.headers.get("Content-Type", ""), self.headers.get("Cookie", "")
            stub.asked.append(
                Asked(self.command, split.path, tuple(fields), username, password, kind, cookie, self.headers["Host"])
            )
            stub.connections.add(self.client_address[1])
            answer = stub.answers.pop(0)
            stub.released.wait(stub.slow_seconds)
            if answer == RESET:
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.close_connection = True
                return
            if answer == SILENCE:
                stub.released.wait(30)
                self.close_connection = True
                return
            if answer == DRIP:
                self.close_connection = True
                self.wfile.write(b"HTTP/1.1 201 Created\r\n")
                with suppress(OSError):  # until it is cut
                    while not stub.released.wait(0.05):
                        self.wfile.write(b"X-More: 1\r\n")
                return
            assert not isinstance(answer, str)
            status, said = answer
            text = (said if isinstance(said, str) else json.dumps(said)).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            if stub.location:
                self.send_header("Location", stub.location)
            self.flush_headers()
            self.wfile.write(stub.more_headers + b"\r\n" + text)

        def do_GET(self) -> None:
            self.do_POST()

        def do_DELETE(self) -> None:
            self.do_POST()

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with serving(Requests) as address:
        stub.url = f"http://{address}"
        try:
            yield stub
        finally:
            stub.released.set()
