"""What an HTTP backend is sent, how that is signed, and what its statuses mean."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable

import pytest

from shared.backends.http import HttpBackend
from shared.backends.post import BackendRequest, BackendResponse
from shared.errors import Unavailable, UpstreamRefused
from shared.messages.outbound import Answer, AnswerMessage
from shared.tenants.agent import BackendSettings
from tests import backend_events
from tests.backend_server import OLD_SECRET, SECRET
from tests.fakes import NOW

URL = "https://desk.example.com/texts?key=hush"


def signature(secret: str, webhook_id: str, timestamp: str, body: bytes) -> str:
    """What the specification of Standard Webhooks says: HMAC-SHA256 over id, timestamp and body, with full stops."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{webhook_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def backend_with(*secrets: str, status: int = 204, body: bytes = b"") -> tuple[HttpBackend, list[BackendRequest]]:
    """A backend that always answers this, and the requests that it got."""
    requests: list[BackendRequest] = []

    def post(request: BackendRequest) -> BackendResponse:
        requests.append(request)
        return BackendResponse(status, body)

    settings = BackendSettings("http", URL, signed=True, secrets=secrets or (SECRET,), timeout_seconds=7)
    return HttpBackend(settings, post, lambda: NOW), requests


def test_posts_the_event_itself() -> None:
    backend, requests = backend_with()
    backend.answer(backend_events.text())
    [request] = requests
    assert request.url == URL
    assert json.loads(request.body) == backend_events.text()
    assert request.headers["content-type"] == "application/cloudevents+json"
    assert request.timeout_seconds == 7


@pytest.mark.parametrize("words", ["é🐈", "half \ud83d of it", "\x00\u2028\u0600", '"}', "\r\nx: y"])
def test_posts_any_text_in_ascii(words: str) -> None:
    backend, requests = backend_with()
    backend.answer(backend_events.text(words))
    assert requests[0].body.isascii()
    assert json.loads(requests[0].body)["data"]["text"] == words


def test_the_webhook_id_is_the_events_and_the_time_is_now() -> None:
    backend, requests = backend_with()
    backend.answer(backend_events.text())
    assert requests[0].headers["webhook-id"] == backend_events.MESSAGE_ID
    assert requests[0].headers["webhook-timestamp"] == str(int(NOW.timestamp()))


@pytest.mark.parametrize("event", [backend_events.text("é\n.🐈"), backend_events.status()])
def test_signs_what_it_posts(event: dict[str, object]) -> None:
    backend, requests = backend_with()
    backend.answer(event)
    headers = requests[0].headers
    expected = signature(SECRET, headers["webhook-id"], headers["webhook-timestamp"], requests[0].body)
    assert headers["webhook-signature"] == expected


def test_signs_with_every_secret_while_one_is_replaced_the_newest_first() -> None:
    backend, requests = backend_with(SECRET, OLD_SECRET)
    backend.answer(backend_events.text())
    headers = requests[0].headers
    ways = [headers["webhook-id"], headers["webhook-timestamp"], requests[0].body]
    assert headers["webhook-signature"].split(" ") == [signature(s, *ways) for s in (SECRET, OLD_SECRET)]  # type: ignore[arg-type] # in order


def test_the_repr_shows_no_secret_and_no_url() -> None:
    backend, requests = backend_with()
    backend.answer(backend_events.text())
    for text in (repr(backend), repr(requests), repr(BackendResponse(200, b"hush"))):
        assert not [word for word in ("hush", "v1,", SECRET, "cat") if word in text]


def test_an_answer_is_understood() -> None:
    backend, _ = backend_with(status=200, body=b'{"messages":[{"text":"Yes."}],"end_session":true}')
    assert backend.answer(backend_events.text()) == Answer((AnswerMessage("Yes."),), end_session=True)


@pytest.mark.parametrize(("status", "later"), [(202, True), (204, False)])
def test_silence_is_an_empty_answer_and_so_is_a_promise(status: int, *, later: bool) -> None:
    backend, _ = backend_with(status=status, body=b"nonsense")
    assert backend.answer(backend_events.text()) == Answer(later=later)


@pytest.mark.parametrize("event", [backend_events.text, backend_events.status])
@pytest.mark.parametrize("status", [408, 425, 429, 500, 501, 502, 503, 504, 507, 511, 520, 599])
def test_what_may_pass_is_unavailable(status: int, event: Callable[[], dict[str, object]]) -> None:
    backend, _ = backend_with(status=status, body=b"hush")
    with pytest.raises(Unavailable, match=f"^the backend answered {status}$"):
        backend.answer(event())


@pytest.mark.parametrize("event", [backend_events.text, backend_events.status])
@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 410, 413, 415, 418, 422, 424, 426, 451, 100, 101])
def test_what_will_not_pass_is_refused_naming_only_the_status(
    status: int, event: Callable[[], dict[str, object]]
) -> None:
    backend, _ = backend_with(status=status, body=b"hush")
    with pytest.raises(UpstreamRefused, match=f"^the backend answered {status}$") as failed:
        backend.answer(event())
    assert failed.value.reason == "backend_refused"


@pytest.mark.parametrize("status", [201, 203, 205, 206, 207, 226])
def test_other_successes_are_refused(status: int) -> None:
    backend, _ = backend_with(status=status, body=b'{"messages":[{"text":"Yes."}]}')
    with pytest.raises(UpstreamRefused, match=f"^the backend answered {status}$"):
        backend.answer(backend_events.text())


@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 307, 308])
def test_a_redirect_is_refused_with_what_to_do(status: int) -> None:
    backend, _ = backend_with(status=status)
    with pytest.raises(
        UpstreamRefused, match=rf"^the backend answered {status}, a redirect, and redirects are not followed: set"
    ) as failed:
        backend.answer(backend_events.text())
    assert failed.value.reason == "backend_refused"


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_any_success_accepts_a_status_whatever_its_body(status: int) -> None:
    backend, requests = backend_with(status=status, body=b"nonsense")
    assert backend.answer(backend_events.status()) == Answer()
    assert not requests[0].wants_body


def test_a_texts_answer_is_read() -> None:
    backend, requests = backend_with()
    backend.answer(backend_events.text())
    assert requests[0].wants_body
