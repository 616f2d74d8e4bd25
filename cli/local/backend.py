"""A backend in this process: it verifies, remembers and answers, as the demonstration and the end-to-end tests want."""

import base64
import json
import secrets
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError

from shared.agent import BackendSettings

Event = dict[str, Any]


@dataclass(frozen=True)
class Says:
    """What it answers.

    Attributes:
        messages: texts, or messages as the answer's JSON has them.
        status: 204 and 202 have no body.
        after_seconds: how long it thinks.
        body: sent as it is in the place of all that.
    """

    messages: tuple[str | dict[str, Any], ...] = ()
    status: int = 200
    end_session: bool = False
    after_seconds: float = 0
    body: bytes | None = None

    def content(self) -> bytes:
        """The answer's body."""
        if self.body is not None:
            return self.body
        messages = [{"text": message} if isinstance(message, str) else message for message in self.messages]
        return json.dumps({"messages": messages, "end_session": self.end_session}).encode()


Answers = Callable[[Event], Says]


def parrot(event: Event) -> Says:
    """Says what it heard."""
    return Says((f"You said: {event['data']['text']}",))


@dataclass(frozen=True)
class Heard:
    """An event that came, verified, with the id in its header; `path` tells the locations of an agent apart."""

    event: Event
    webhook_id: str
    path: str


@dataclass
class Backend:
    """What came, and what is answered. One instance serves every tenant of a run.

    Attributes:
        url: where agents find it.
        secret: what signs.
    """

    url: str
    secret: str = field(repr=False)
    answers: dict[str, Answers] = field(default_factory=dict)
    heard: dict[str, list[Heard]] = field(default_factory=lambda: defaultdict(list))
    changed: threading.Condition = field(default_factory=threading.Condition)

    def settings(self, *, path: str = "/", statuses: bool = False, timeout_seconds: float = 3) -> BackendSettings:
        """What an agent's document says to reach it."""
        return BackendSettings(
            kind="http",
            target=self.url + path,
            secrets=(self.secret,),
            timeout_seconds=timeout_seconds,
            statuses=statuses,
        )

    def on(self, tenant: str, answers: Answers, *, path: str = "/") -> None:
        """Decides how a tenant's events are answered at one path."""
        self.answers[tenant + path] = answers

    def events(self, tenant: str) -> list[Heard]:
        """All that came for a tenant, in order; repetitions too."""
        with self.changed:
            return list(self.heard[tenant])

    def wait(self, tenant: str, found: Callable[[list[Heard]], bool], *, within_seconds: float = 15) -> bool:
        """Whether what came for a tenant satisfies the condition in time."""
        deadline = time.monotonic() + within_seconds
        with self.changed:
            return self.changed.wait_for(lambda: found(self.heard[tenant]), timeout=deadline - time.monotonic())

    def take(self, path: str, headers: dict[str, str], body: bytes) -> Says:
        """What is answered to a request; 401 unless it is signed."""
        try:
            Webhook(self.secret).verify(body, headers)
        except WebhookVerificationError:
            return Says(status=401)
        event: Event = json.loads(body)
        with self.changed:
            self.heard[event["tenant"]].append(Heard(event, headers["webhook-id"], path))
            self.changed.notify_all()
        return self.answers.get(event["tenant"] + path, parrot)(event)


@contextmanager
def running() -> Iterator[Backend]:
    """A backend that listens on loopback, until the block ends."""
    backend = Backend(url="", secret="whsec_" + base64.b64encode(secrets.token_bytes(32)).decode())

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            says = backend.take(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
            time.sleep(says.after_seconds)
            content = b"" if says.status in {202, 204} else says.content()
            self.send_response(says.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        backend.url = f"http://127.0.0.1:{server.server_port}"
        serving = threading.Thread(target=server.serve_forever, daemon=True)
        serving.start()
        try:
            yield backend
        finally:
            server.shutdown()
            serving.join()
