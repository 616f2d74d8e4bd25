"""Twilio's REST API: what it is asked, and what its answers mean: sent, later, never, or in doubt."""

import socket
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from shared.errors import InDoubt, Refused, SmsReceiverError, Unavailable
from shared.model import OutboundMessage, SentMessage
from shared.providers import PROVIDERS
from shared.providers.apis import provider_apis
from shared.providers.twilio_rest import TwilioRest
from shared.tenant import Account, RestKey
from tests.fakes import ACCOUNT, NOW, OUR_NUMBER, PERSON, REST_SECRET, SECOND_TOKEN, TOKEN
from tests.integration.twilio_stub import RESET, SILENCE, TwilioStub, running

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


@pytest.fixture
def twilio() -> Iterator[TwilioStub]:
    with running() as stub:
        yield stub


@pytest.fixture
def api(twilio: TwilioStub) -> TwilioRest:
    return TwilioRest(twilio.url, timeout_seconds=5)


def send(api: TwilioRest, account: Account = WITH_KEY, message: OutboundMessage = MESSAGE) -> SentMessage:
    return api.send(message, account, status_url=STATUS_URL)


def refused(api: TwilioRest, account: Account = WITH_KEY) -> SmsReceiverError:
    """The error, which names nothing that is nobody's business."""
    with pytest.raises(SmsReceiverError) as failed:
        send(api, account)
    said = "".join(traceback.format_exception(failed.value))
    for word in (PERSON, OUR_NUMBER, PERSON.strip("+"), "größer", TOKEN, SECOND_TOKEN, REST_SECRET):
        assert word not in said
    return failed.value


def test_creates_a_message_with_its_links_and_status_url(api: TwilioRest, twilio: TwilioStub) -> None:
    twilio.answers = [(201, resource())]
    assert send(api) == SentMessage("SM" + "5" * 32, "queued", 2)
    (asked,) = twilio.asked
    assert (asked.method, asked.path) == ("POST", PATH)
    assert sorted(asked.fields) == sorted(
        [
            ("From", OUR_NUMBER),
            ("To", PERSON),
            ("Body", TEXT),
            ("MediaUrl", LINKS[0]),
            ("MediaUrl", LINKS[1]),
            ("StatusCallback", STATUS_URL),
        ]
    )


@pytest.mark.parametrize(
    ("message", "missing"),
    [
        (OutboundMessage("r", ACCOUNT, OUR_NUMBER, PERSON, "only text"), "MediaUrl"),
        (OutboundMessage("r", ACCOUNT, OUR_NUMBER, PERSON, "", LINKS), "Body"),
    ],
)
def test_sends_no_empty_fields(message: OutboundMessage, missing: str, api: TwilioRest, twilio: TwilioStub) -> None:
    twilio.answers = [(201, resource())]
    send(api, message=message)
    assert missing not in dict(twilio.asked[0].fields)


def test_uses_the_rest_key_when_there_is_one(api: TwilioRest, twilio: TwilioStub) -> None:
    twilio.answers = [(201, resource())]
    send(api)
    assert (twilio.asked[0].username, twilio.asked[0].password) == ("SK" + "4" * 32, REST_SECRET)


def test_tries_the_auth_tokens_in_turn(api: TwilioRest, twilio: TwilioStub) -> None:
    twilio.answers = [UNAUTHORIZED, (201, resource())]
    assert send(api, WITH_TOKENS).status == "queued"
    assert [(asked.username, asked.password) for asked in twilio.asked] == [(ACCOUNT, TOKEN), (ACCOUNT, SECOND_TOKEN)]


@pytest.mark.parametrize(("account", "tries"), [(WITH_KEY, 1), (WITH_TOKENS, 2)])
@pytest.mark.parametrize("answer", [UNAUTHORIZED, (401, "<html>"), (403, {"code": 20003}), (401, {"code": "x"})])
def test_is_refused_when_no_key_is_accepted(
    answer: tuple[int, Any], account: Account, tries: int, api: TwilioRest, twilio: TwilioStub
) -> None:
    twilio.answers = [answer] * tries
    error = refused(api, account)
    assert isinstance(error, Refused)
    assert (error.reason, error.code) == ("provider_unauthorized", 20003)
    assert len(twilio.asked) == tries


@pytest.mark.parametrize(
    ("status", "code"), [(429, 20429), (429, None), (400, 20429), (400, 21611), (400, 30001), (503, 20429), (425, None)]
)
def test_what_it_does_not_take_now_is_later(status: int, code: int | None, api: TwilioRest, twilio: TwilioStub) -> None:
    twilio.answers = [failure(status, code)]
    assert type(refused(api)) is Unavailable
    assert len(twilio.asked) == 1


@pytest.mark.parametrize("answer", [(500, ""), (502, "<html>"), failure(503, None), failure(500, 20500), (408, "")])
def test_an_answer_that_says_neither_yes_nor_no_leaves_it_in_doubt(
    answer: tuple[int, Any], api: TwilioRest, twilio: TwilioStub
) -> None:
    twilio.answers = [answer]
    assert type(refused(api)) is InDoubt
    assert len(twilio.asked) == 1


@pytest.mark.parametrize(
    "said", ["", "no JSON", "{}", "[]", "null", {"sid": None, "status": "queued"}, {"sid": "SM1"}, {"sid": 7}]
)
def test_a_yes_that_cannot_be_read_leaves_it_in_doubt(said: Any, api: TwilioRest, twilio: TwilioStub) -> None:  # noqa: ANN401
    twilio.answers = [(201, said)]
    assert type(refused(api)) is InDoubt


def test_a_connection_that_breaks_leaves_it_in_doubt(api: TwilioRest, twilio: TwilioStub) -> None:
    twilio.answers = [RESET]
    assert type(refused(api)) is InDoubt
    assert len(twilio.asked) == 1


def test_an_answer_that_does_not_come_leaves_it_in_doubt(twilio: TwilioStub) -> None:
    twilio.answers = [SILENCE]
    assert type(refused(TwilioRest(twilio.url, timeout_seconds=0.2))) is InDoubt


def test_without_a_connection_nothing_was_sent() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        api = TwilioRest(f"http://127.0.0.1:{closed.getsockname()[1]}", timeout_seconds=5)
        assert type(refused(api)) is Unavailable


def test_a_connection_that_nobody_takes_is_not_waited_for() -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        with socket.create_connection(full.getsockname()):  # the one that waits already
            api = TwilioRest(f"http://127.0.0.1:{full.getsockname()[1]}", timeout_seconds=0.2)
            assert isinstance(refused(api), Unavailable)


def test_an_opted_out_person_is_never_asked_for_again(api: TwilioRest, twilio: TwilioStub) -> None:
    twilio.answers = [failure(400, 21610)]
    error = refused(api)
    assert isinstance(error, Refused)
    assert (error.reason, error.code) == ("opted_out", 21610)


@pytest.mark.parametrize(
    ("status", "code"),
    [(400, 21211), (400, 21408), (400, 21608), (400, 21617), (404, 20404), (403, None), (400, None), (418, 1)],
)
def test_any_other_no_is_never(status: int, code: int | None, api: TwilioRest, twilio: TwilioStub) -> None:
    twilio.answers = [failure(status, code)]
    error = refused(api)
    assert isinstance(error, Refused)
    assert (error.reason, error.code) == ("provider_refused", code)
    assert str(code or status) in str(error)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_follows_no_redirect(status: int, api: TwilioRest, twilio: TwilioStub) -> None:
    twilio.location = f"{twilio.url}/elsewhere"
    twilio.answers = [(status, "")] * 2
    assert isinstance(refused(api), Refused)
    assert len(twilio.asked) == 1


def test_goes_through_no_proxy_of_the_environment(
    api: TwilioRest, twilio: TwilioStub, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.setenv("TWILIO_EDGE", "sydney")
    monkeypatch.setenv("TWILIO_REGION", "au1")
    twilio.answers = [(201, resource())]
    assert send(api).status == "queued"


def test_logs_nothing(api: TwilioRest, twilio: TwilioStub, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", logger="twilio")
    twilio.answers = [(201, resource()), (200, page())]
    send(api)
    api.find(MESSAGE, WITH_KEY, since=NOW)
    assert "twilio" not in {record.name.split(".")[0] for record in caplog.records}


def test_finds_what_looks_just_like_it(api: TwilioRest, twilio: TwilioStub) -> None:
    alike = [
        resource(sid="SM1", status="delivered"),
        resource(sid="SM2", date_created=format_datetime(NOW + timedelta(minutes=1))),
        resource(sid="SM3", date_created=None),
        resource(sid="SM4", body=f"Sent from your Twilio trial account - {TEXT}"),
        resource(sid="SM5", body=f"{TEXT}\n"),
    ]
    different = [
        resource(sid="SM6", body="something else"),
        resource(sid="SM7", num_media="1"),
        resource(sid="SM8", date_created=format_datetime(NOW - timedelta(seconds=1))),
        resource(sid="SM9", direction="inbound"),
        resource(sid="SM10", to="+12025550124"),
        {**resource(sid="SM11"), "from": "+12025550198"},
    ]
    twilio.answers = [(200, page(*different, *alike))]
    found = api.find(MESSAGE, WITH_KEY, since=NOW + timedelta(milliseconds=900))
    assert [(one.message_id, one.rank) for one in found] == [("SM1", 5), ("SM2", 2), ("SM3", 2), ("SM4", 2), ("SM5", 2)]
    (asked,) = twilio.asked
    assert (asked.method, asked.path) == ("GET", PATH)
    assert dict(asked.fields) == {"To": PERSON, "From": OUR_NUMBER, "PageSize": "100"}


@pytest.mark.parametrize(
    "answer", [(500, ""), (503, "<html>"), (429, {"code": 20429}), (200, "no JSON"), (200, {}), (200, []), RESET]
)
def test_not_to_find_out_is_later(answer: tuple[int, Any] | str, api: TwilioRest, twilio: TwilioStub) -> None:
    twilio.answers = [answer]
    with pytest.raises(Unavailable) as failed:
        api.find(MESSAGE, WITH_KEY, since=datetime.now(UTC))
    assert type(failed.value) is Unavailable


def test_finding_tries_the_auth_tokens_in_turn_and_may_be_refused(api: TwilioRest, twilio: TwilioStub) -> None:
    twilio.answers = [UNAUTHORIZED, (200, page(resource())), UNAUTHORIZED, UNAUTHORIZED]
    assert len(api.find(MESSAGE, WITH_TOKENS, since=NOW)) == 1
    with pytest.raises(Refused) as failed:
        api.find(MESSAGE, WITH_TOKENS, since=NOW)
    assert failed.value.reason == "provider_unauthorized"


def test_every_provider_has_an_api() -> None:
    apis = provider_apis(twilio_url="https://api.twilio.com", timeout_seconds=5)
    assert set(apis) == {provider.name for provider in PROVIDERS}
