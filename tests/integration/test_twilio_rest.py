"""Twilio's REST API: what it is asked, and what its answers mean: sent, later, never, or in doubt."""

import socket
import traceback
from typing import Any

import pytest

from shared.errors import InDoubt, SmsReceiverError, Unavailable, UpstreamRefused
from shared.messages.outbound import OutboundMessage, SentMessage, StoredMessage
from shared.messages.status import DeliveryOutcome, ProviderStatus
from shared.providers.apis import provider_apis
from shared.providers.twilio.message_api import TwilioRest
from shared.providers.webhooks import PROVIDERS
from shared.tenants.account import Account
from tests.fakes import ACCOUNT, NOW, OUR_NUMBER, PERSON, REST_SECRET, SECOND_TOKEN, TOKEN
from tests.integration.twilio_stub import (
    LINKS,
    MESSAGE,
    PATH,
    RESET,
    SILENCE,
    STATUS_URL,
    TEXT,
    UNAUTHORIZED,
    WITH_KEY,
    WITH_TOKENS,
    TwilioStub,
    failure,
    page,
    resource,
)

SID = "SM" + "5" * 32


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
    assert send(api) == SentMessage("SM" + "5" * 32, ProviderStatus("queued", 2, is_final=False), segments=1)
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
    assert send(api, WITH_TOKENS).status.word == "queued"
    assert [(asked.username, asked.password) for asked in twilio.asked] == [(ACCOUNT, TOKEN), (ACCOUNT, SECOND_TOKEN)]


@pytest.mark.parametrize(("account", "tries"), [(WITH_KEY, 1), (WITH_TOKENS, 2)])
@pytest.mark.parametrize("answer", [UNAUTHORIZED, (401, "<html>"), (403, {"code": 20003}), (401, {"code": "x"})])
def test_is_refused_when_no_key_is_accepted(
    answer: tuple[int, Any], account: Account, tries: int, api: TwilioRest, twilio: TwilioStub
) -> None:
    twilio.answers = [answer] * tries
    error = refused(api, account)
    assert isinstance(error, UpstreamRefused)
    assert (error.reason, error.code) == ("provider_unauthorized", 20003)
    assert len(twilio.asked) == tries


@pytest.mark.parametrize(
    ("status", "code"),
    [(429, 20429), (429, None), (400, 20429), (400, 21611), (400, 30001), (400, 30022), (503, 20429), (425, None)],
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
            assert type(refused(api)) is Unavailable


def test_an_opted_out_person_is_never_asked_for_again(api: TwilioRest, twilio: TwilioStub) -> None:
    twilio.answers = [failure(400, 21610)]
    error = refused(api)
    assert isinstance(error, UpstreamRefused)
    assert (error.reason, error.code) == ("opted_out", 21610)


@pytest.mark.parametrize("code", [21211, 21265, 21266, 21614, 21635])
def test_what_lies_with_the_person_is_nobodys_to_mend(code: int, api: TwilioRest, twilio: TwilioStub) -> None:
    twilio.answers = [failure(400, code)]
    error = refused(api)
    assert isinstance(error, UpstreamRefused)
    assert (error.reason, error.code) == ("unreachable", code)


def read(api: TwilioRest) -> StoredMessage:
    return api.read(SID, WITH_KEY)


def test_reads_what_twilio_keeps_of_a_message(api: TwilioRest, twilio: TwilioStub) -> None:
    twilio.answers = [(200, resource(num_media="0", status="failed", error_code=30001))]
    assert read(api) == StoredMessage(OUR_NUMBER, PERSON, TEXT, DeliveryOutcome.RETRYABLE, 30001)
    (asked,) = twilio.asked
    assert (asked.method, asked.path) == ("GET", PATH.replace(".json", f"/{SID}.json"))


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({"status": "queued", "error_code": None}, None),
        ({"status": "delivered", "error_code": None}, DeliveryOutcome.ARRIVED),
        ({"error_code": 30008}, DeliveryOutcome.FAILED),
        ({"error_code": 30006}, DeliveryOutcome.UNREACHABLE),
        ({"num_media": "1"}, DeliveryOutcome.FAILED),
        ({"body": ""}, DeliveryOutcome.FAILED),
        ({"body": None}, DeliveryOutcome.FAILED),
    ],
)
def test_only_what_is_all_there_may_be_sent_again(
    changes: dict[str, Any], outcome: DeliveryOutcome | None, api: TwilioRest, twilio: TwilioStub
) -> None:
    twilio.answers = [(200, resource(num_media="0", status="failed", error_code=30001) | changes)]
    assert read(api).outcome is outcome


def test_a_trial_accounts_sentence_is_not_sent_twice(api: TwilioRest, twilio: TwilioStub) -> None:
    body = f"Sent from your Twilio trial account - {TEXT}"
    twilio.answers = [(200, resource(num_media="0", body=body))]
    assert read(api).text == TEXT


@pytest.mark.parametrize("answer", [(200, "{}"), (200, "no JSON"), (500, ""), failure(429, 20429), RESET])
def test_a_message_that_cannot_be_read_now_is_read_later(
    answer: tuple[int, Any] | str, api: TwilioRest, twilio: TwilioStub
) -> None:
    twilio.answers = [answer]
    with pytest.raises(Unavailable):
        read(api)


def test_a_message_that_twilio_does_not_have_is_refused(api: TwilioRest, twilio: TwilioStub) -> None:
    twilio.answers = [failure(404, 20404)]
    with pytest.raises(UpstreamRefused):
        read(api)


@pytest.mark.parametrize(
    ("status", "code"),
    [(400, 21606), (400, 21408), (400, 21608), (400, 21617), (404, 20404), (403, None), (400, None), (418, 1)],
)
def test_any_other_no_is_never(status: int, code: int | None, api: TwilioRest, twilio: TwilioStub) -> None:
    twilio.answers = [failure(status, code)]
    error = refused(api)
    assert isinstance(error, UpstreamRefused)
    assert (error.reason, error.code) == ("provider_refused", code)
    assert str(code or status) in str(error)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_follows_no_redirect(status: int, api: TwilioRest, twilio: TwilioStub) -> None:
    twilio.location = f"{twilio.url}/elsewhere"
    twilio.answers = [(status, "")] * 2
    assert isinstance(refused(api), UpstreamRefused)
    assert len(twilio.asked) == 1


def test_goes_through_no_proxy_of_the_environment(
    api: TwilioRest, twilio: TwilioStub, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.setenv("TWILIO_EDGE", "sydney")
    monkeypatch.setenv("TWILIO_REGION", "au1")
    twilio.answers = [(201, resource())]
    assert send(api).status.word == "queued"


def test_logs_nothing(api: TwilioRest, twilio: TwilioStub, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", logger="twilio")
    twilio.answers = [(201, resource()), (200, page())]
    send(api)
    api.find(MESSAGE, WITH_KEY, since=NOW)
    assert "twilio" not in {record.name.split(".")[0] for record in caplog.records}


def test_every_provider_has_an_api() -> None:
    apis = provider_apis(twilio_url="https://api.twilio.com", timeout_seconds=5)
    assert set(apis) == {provider.name for provider in PROVIDERS}
