"""A backend in this process, for the demonstration and the end-to-end tests: it verifies, records and answers."""

import base64
import itertools
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError

from shared.tenants.agent import BackendSettings

Event = dict[str, Any]

_NO_BODY = {202, 204}


@dataclass(frozen=True)
class CannedAnswer:
    """What the backend answers to a request.

    Attributes:
        messages: texts, or messages as the answer's JSON has them.
        after_seconds: how long it waits before it answers.
        body: replaces the answer's JSON; None for that.
    """

    messages: tuple[str | dict[str, Any], ...] = ()
    status: int = 200
    end_session: bool = False
    after_seconds: float = 0
    body: bytes | None = None

    def content(self) -> bytes:
        """The answer's body."""
        if self.status in _NO_BODY:
            return b""
        if self.body is not None:
            return self.body
        messages = [{"text": message} if isinstance(message, str) else message for message in self.messages]
        return json.dumps({"messages": messages, "end_session": self.end_session}).encode()


Answers = Callable[[Event], CannedAnswer]
Watch = Callable[[Mapping[str, str], bytes, CannedAnswer], None]
"""Is called for each signed request with its headers, its body and the answer."""


def parrot(event: Event) -> CannedAnswer:
    """The answer that repeats the text: "You said: …"."""
    return CannedAnswer((f"You said: {event['data']['text']}",))


def in_turn(*answers: CannedAnswer | Answers) -> Answers:
    """Gives these answers one after the other, and then the last one again and again."""
    following = itertools.chain(answers, itertools.repeat(answers[-1]))

    def answer(event: Event) -> CannedAnswer:
        following_answer = next(following)
        return following_answer if isinstance(following_answer, CannedAnswer) else following_answer(event)

    return answer


@dataclass(frozen=True)
class ReceivedEvent:
    """A request that arrived and was verified.

    Attributes:
        event: its body.
        webhook_id: the id in its header.
        path: which of the agent's locations it came to.
    """

    event: Event
    webhook_id: str
    path: str


def _unwatched(_headers: Mapping[str, str], _body: bytes, _answer: CannedAnswer) -> None:
    """Does nothing."""


class LocalBackend:
    """Records the requests and answers them. One instance serves every tenant of a run."""

    def __init__(self, watch: Watch = _unwatched) -> None:
        self.url = ""
        self._watch = watch
        self._secrets = ["whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()]
        self._answers: dict[tuple[str, str], Answers] = {}
        self._heard: list[ReceivedEvent] = []
        self._changed = threading.Condition()

    @property
    def secret(self) -> str:
        """The secret that signs requests, unless an agent has its own."""
        return self._secrets[0]

    def accept(self, secret: str) -> None:
        """Accepts requests signed with another secret too, such as one that the operator's command made and showed."""
        self._secrets.append(secret)

    def settings(self, *, path: str = "/", statuses: bool = False, timeout_seconds: float = 3) -> BackendSettings:
        """The settings with which an agent reaches this backend."""
        return BackendSettings(
            kind="http",
            target=self.url + path,
            signed=True,
            secrets=(self.secret,),
            timeout_seconds=timeout_seconds,
            statuses=statuses,
        )

    def on(self, tenant: str, answers: Answers, *, path: str = "/") -> None:
        """Sets how a tenant's texts are answered at a path. Without this, `parrot` answers."""
        self._answers[tenant, path] = answers

    def heard(self, tenant: str | None = None) -> list[ReceivedEvent]:
        """All requests of one tenant or of all tenants, in order, with repetitions."""
        with self._changed:
            return [request for request in self._heard if tenant in {None, request.event["tenant"]}]

    def wait(
        self,
        condition: Callable[[list[ReceivedEvent]], bool],
        *,
        tenant: str | None = None,
        within_seconds: float = 15,
    ) -> bool:
        """Whether the requests satisfy the condition in time."""
        with self._changed:  # a Condition's lock may be taken twice
            return self._changed.wait_for(lambda: condition(self.heard(tenant)), timeout=within_seconds)

    def take(self, path: str, headers: dict[str, str], body: bytes) -> CannedAnswer:
        """The answer to a request; 401 unless it is signed."""
        event = self._verified(headers, body)
        if event is None:
            return CannedAnswer(status=401)
        with self._changed:
            self._heard.append(ReceivedEvent(event, headers["webhook-id"], path))
            self._changed.notify_all()
        answers = self._answers.get((event["tenant"], path), parrot)
        answer = CannedAnswer(status=204) if event["type"] == "sms.message.status.v1" else answers(event)
        self._watch(headers, body, answer)
        return answer

    def _verified(self, headers: dict[str, str], body: bytes) -> Event | None:
        for secret in self._secrets:
            with suppress(WebhookVerificationError):
                event: Event = Webhook(secret).verify(body, headers)
                return event
        return None


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignores a forwarder that closed the connection."""


@contextmanager
def running(watch: Watch = _unwatched) -> Iterator[LocalBackend]:
    """A backend that listens on loopback until the block ends."""
    backend = LocalBackend(watch)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            answer = backend.take(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
            time.sleep(answer.after_seconds)
            content = answer.content()
            self.send_response(answer.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Logs nothing."""

    with _Server(("127.0.0.1", 0), Handler) as server:
        backend.url = f"http://127.0.0.1:{server.server_port}"
        serving = threading.Thread(target=server.serve_forever, daemon=True)
        serving.start()
        try:
            yield backend
        finally:
            server.shutdown()
            serving.join()
