"""A backend in this process: it verifies, remembers and answers, as the demonstration and the end-to-end tests want."""

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
class Says:
    """What it answers.

    Attributes:
        messages: texts, or messages as the answer's JSON has them.
        after_seconds: how long it thinks.
        body: sent as it is in the place of an answer's JSON.
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


Answers = Callable[[Event], Says]
Watch = Callable[[Mapping[str, str], bytes, Says], None]
"""Is told of each request that is signed, by its headers and its body, and of what is answered."""


def parrot(event: Event) -> Says:
    """Says what it heard."""
    return Says((f"You said: {event['data']['text']}",))


def in_turn(*answers: Says | Answers) -> Answers:
    """Answers the first time so, the second time so, and ever after like the last time."""
    following = itertools.chain(answers, itertools.repeat(answers[-1]))

    def answer(event: Event) -> Says:
        says = next(following)
        return says if isinstance(says, Says) else says(event)

    return answer


@dataclass(frozen=True)
class Heard:
    """An event that came, verified, with the id in its header; `path` tells the locations of an agent apart."""

    event: Event
    webhook_id: str
    path: str


def _unwatched(_headers: Mapping[str, str], _body: bytes, _says: Says) -> None:
    """Nobody wants to know."""


class Backend:
    """What came, and what is answered. One instance serves every tenant of a run."""

    def __init__(self, watch: Watch = _unwatched) -> None:
        self.url = ""
        self._watch = watch
        self._secrets = ["whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()]
        self._answers: dict[tuple[str, str], Answers] = {}
        self._heard: list[Heard] = []
        self._changed = threading.Condition()

    @property
    def secret(self) -> str:
        """What signs, unless an agent has a secret of its own."""
        return self._secrets[0]

    def accept(self, secret: str) -> None:
        """Lets a further secret sign, such as one that the operator's command made and showed."""
        self._secrets.append(secret)

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
        """Decides how a tenant's texts are answered at one path; without that, by `parrot`."""
        self._answers[tenant, path] = answers

    def heard(self, tenant: str | None = None) -> list[Heard]:
        """All that came, of one tenant or of all, in order; repetitions too."""
        with self._changed:
            return [one for one in self._heard if tenant in {None, one.event["tenant"]}]

    def wait(
        self, found: Callable[[list[Heard]], bool], *, tenant: str | None = None, within_seconds: float = 15
    ) -> bool:
        """Whether what came satisfies the condition in time."""
        with self._changed:  # a Condition's lock may be taken twice
            return self._changed.wait_for(lambda: found(self.heard(tenant)), timeout=within_seconds)

    def take(self, path: str, headers: dict[str, str], body: bytes) -> Says:
        """What is answered to a request; 401 unless it is signed."""
        event = self._verified(headers, body)
        if event is None:
            return Says(status=401)
        with self._changed:
            self._heard.append(Heard(event, headers["webhook-id"], path))
            self._changed.notify_all()
        answers = self._answers.get((event["tenant"], path), parrot)
        says = Says(status=204) if event["type"] == "sms.message.status.v1" else answers(event)
        self._watch(headers, body, says)
        return says

    def _verified(self, headers: dict[str, str], body: bytes) -> Event | None:
        for secret in self._secrets:
            with suppress(WebhookVerificationError):
                event: Event = Webhook(secret).verify(body, headers)
                return event
        return None


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A forwarder that hung up is no news."""


@contextmanager
def running(watch: Watch = _unwatched) -> Iterator[Backend]:
    """A backend that listens on loopback, until the block ends."""
    backend = Backend(watch)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            says = backend.take(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
            time.sleep(says.after_seconds)
            content = says.content()
            self.send_response(says.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with _Server(("127.0.0.1", 0), Handler) as server:
        backend.url = f"http://127.0.0.1:{server.server_port}"
        serving = threading.Thread(target=server.serve_forever, daemon=True)
        serving.start()
        try:
            yield backend
        finally:
            server.shutdown()
            serving.join()
