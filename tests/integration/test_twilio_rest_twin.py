"""Sending at Twilio's offline twin, and the fake of the unit tests.

Our way of sending and the twin's way of answering fit: both were written from Twilio's documentation, apart.
"""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from werkzeug.serving import make_server

from shared.errors import InDoubt, Unavailable, UpstreamRefused
from shared.messages.outbound import OutboundMessage
from shared.messages.status import DeliveryOutcome
from shared.ports import ProviderApi
from shared.providers.twilio import statuses
from shared.providers.twilio.message_api import TwilioRest
from tests.e2e.waiting import until
from tests.fakes import ACCOUNT, OUR_NUMBER, PERSON, SECOND_TOKEN, TOKEN
from tests.integration.twilio_stub import MESSAGE, WITH_KEY, WITH_TOKENS
from tests.unit.sending.fakes import LOST, TAKEN_BUT_LOST, FakeProviderApi
from twin.app import create_app
from twin.offline_twilio import OfflineTwilio

STATUS_URL = "http://127.0.0.1:1/status"


@pytest.fixture
def twin() -> Iterator[httpx.Client]:
    """The twin's control API; the account's primary token is not the first that we try."""
    server = make_server("127.0.0.1", 0, create_app(OfflineTwilio(time_scale=0.025)), threaded=True)
    serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    serving.start()
    with httpx.Client(base_url=f"http://127.0.0.1:{server.port}", trust_env=False) as control:
        control.put(f"/accounts/{ACCOUNT}", json={"auth_token": SECOND_TOKEN}).raise_for_status()
        control.put(f"/numbers/{OUR_NUMBER}", json={"account_sid": ACCOUNT}).raise_for_status()
        yield control
    server.shutdown()
    serving.join()
    server.server_close()


@pytest.fixture
def api(twin: httpx.Client) -> TwilioRest:
    return TwilioRest(str(twin.base_url), timeout_seconds=1)


def since() -> datetime:
    return datetime.now(UTC) - timedelta(seconds=5)


def send(api: TwilioRest) -> str:
    sent = api.send(MESSAGE, WITH_TOKENS, status_url=STATUS_URL)
    assert sent.status == ("queued", statuses.RANKS["queued"], False)
    return sent.message_id


def test_what_is_sent_is_on_the_phone_and_is_found_again(api: TwilioRest, twin: httpx.Client) -> None:
    message_id = send(api)
    found = api.find(MESSAGE, WITH_TOKENS, since=since())
    assert [one.message_id for one in found] == [message_id]
    (told,) = twin.get("/messages").json()
    assert (told["body"], len(told["media"]), told["status_callback"]) == (MESSAGE.text, 2, STATUS_URL)


@dataclass(frozen=True)
class Rig:
    """An API for sending.

    Attributes:
        next_send: what becomes of the next message, as the fake has it.
        fails_for_now: makes the first message be taken and fail because a queue is full.
    """

    api: ProviderApi
    next_send: Callable[[str], object]
    fails_for_now: Callable[[], object]


@pytest.fixture(params=["the adapter", "the fake"])
def rig(request: pytest.FixtureRequest) -> Rig:
    if request.param == "the fake":
        fake = FakeProviderApi(now=lambda: datetime.now(UTC))
        overflow = {"SM1": (DeliveryOutcome.RETRYABLE, 30001)}
        return Rig(fake, fake.behaviours.append, lambda: fake.fates.update(overflow))
    twin: httpx.Client = request.getfixturevalue("twin")
    failures: dict[str, object] = {TAKEN_BUT_LOST: {"kind": "lost_answer", "seconds": 0}, LOST: {"status": 500}}
    return Rig(
        request.getfixturevalue("api"),
        lambda name: twin.post("/rest/failures", json=failures[name]),
        lambda: twin.post("/rest/failures", json={"kind": "fails_later", "error_code": 30001}),
    )


def found(rig: Rig, message: OutboundMessage = MESSAGE, *, after: datetime | None = None) -> list[str]:
    return [sent.message_id for sent in rig.api.find(message, WITH_TOKENS, since=after or since())]


def test_each_message_has_an_id_and_all_that_look_alike_are_found(rig: Rig) -> None:
    assert found(rig) == []
    first, second = (rig.api.send(MESSAGE, WITH_TOKENS, status_url=STATUS_URL) for _ in range(2))
    assert first.status == ("queued", statuses.RANKS["queued"], False)
    assert first.message_id != second.message_id
    both = {first.message_id, second.message_id}
    assert set(found(rig)) == set(found(rig, replace(MESSAGE, reply_id="SM43-1"))) == both


@pytest.mark.parametrize(
    "changes", [{"text": "Another."}, {"recipient": "+12025550124"}, {"sender": "+12025550198"}, {"media_urls": ()}]
)
def test_a_message_with_other_contents_is_not_found(rig: Rig, changes: dict[str, Any]) -> None:
    rig.api.send(MESSAGE, WITH_TOKENS, status_url=STATUS_URL)
    assert found(rig, replace(MESSAGE, **changes)) == []


def test_an_older_message_is_not_found(rig: Rig) -> None:
    rig.api.send(MESSAGE, WITH_TOKENS, status_url=STATUS_URL)
    assert found(rig, after=datetime.now(UTC) + timedelta(seconds=5)) == []


@pytest.mark.parametrize(("behaviour", "count"), [(TAKEN_BUT_LOST, 1), (LOST, 0)])
def test_without_an_answer_it_is_in_doubt_and_can_be_found_if_it_was_taken(
    rig: Rig, behaviour: str, count: int
) -> None:
    rig.next_send(behaviour)
    with pytest.raises(InDoubt):
        rig.api.send(MESSAGE, WITH_TOKENS, status_url=STATUS_URL)
    assert len(found(rig)) == count


def test_what_failed_for_now_can_be_read_and_sent_again(rig: Rig) -> None:
    rig.fails_for_now()
    message = replace(MESSAGE, media_urls=())
    sent = rig.api.send(message, WITH_TOKENS, status_url=STATUS_URL)

    def failed() -> bool:
        return rig.api.read(sent.message_id, WITH_TOKENS).outcome is not None

    assert until(failed, within_seconds=10)
    stored = rig.api.read(sent.message_id, WITH_TOKENS)
    assert (stored.sender, stored.recipient, stored.text) == (message.sender, message.recipient, message.text)
    assert (stored.outcome, stored.error_code) == (DeliveryOutcome.RETRYABLE, 30001)


def test_nothing_is_found_of_what_was_not_taken(api: TwilioRest, twin: httpx.Client) -> None:
    twin.post("/rest/failures", json={"status": 429}).raise_for_status()
    with pytest.raises(Unavailable) as failed:
        send(api)
    assert type(failed.value) is Unavailable
    assert api.find(MESSAGE, WITH_TOKENS, since=since()) == []


def test_a_person_who_said_stop_is_opted_out(api: TwilioRest, twin: httpx.Client) -> None:
    twin.post("/texts", json={"from": PERSON, "to": OUR_NUMBER, "body": "STOP"}).raise_for_status()
    with pytest.raises(UpstreamRefused) as refused:
        send(api)
    assert (refused.value.reason, refused.value.code) == ("opted_out", 21610)


def test_a_key_that_is_not_accepted_is_told_apart(api: TwilioRest) -> None:
    with pytest.raises(UpstreamRefused) as refused:
        api.send(MESSAGE, WITH_KEY, status_url=STATUS_URL)
    assert refused.value.reason == "provider_unauthorized"
    assert TOKEN not in str(refused.value)
