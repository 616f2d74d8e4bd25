"""Our way of sending and the twin's way of answering fit: both were written from Twilio's documentation, apart."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from werkzeug.serving import make_server

from shared.errors import InDoubt, Unavailable, UpstreamRefused
from shared.providers.twilio import statuses
from shared.providers.twilio.message_api import TwilioRest
from tests.fakes import ACCOUNT, OUR_NUMBER, PERSON, SECOND_TOKEN, TOKEN
from tests.integration.twilio_stub import MESSAGE, WITH_KEY, WITH_TOKENS
from twin.app import create_app
from twin.offline_twilio import OfflineTwilio


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
    sent = api.send(MESSAGE, WITH_TOKENS, status_url="http://127.0.0.1:1/status")
    assert statuses.RANKS[sent.status] == sent.rank
    return sent.message_id


def test_what_is_sent_is_on_the_phone_and_is_found_again(api: TwilioRest, twin: httpx.Client) -> None:
    message_id = send(api)
    found = api.find(MESSAGE, WITH_TOKENS, since=since())
    assert [one.message_id for one in found] == [message_id]
    (told,) = twin.get("/messages").json()
    assert (told["body"], len(told["media"]), told["status_callback"]) == (MESSAGE.text, 2, "http://127.0.0.1:1/status")


def test_a_lost_answer_leaves_a_message_that_is_found(api: TwilioRest, twin: httpx.Client) -> None:
    twin.post("/rest/failures", json={"kind": "lost_answer", "seconds": 0}).raise_for_status()
    with pytest.raises(InDoubt):
        send(api)
    assert len(api.find(MESSAGE, WITH_TOKENS, since=since())) == 1


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
        api.send(MESSAGE, WITH_KEY, status_url="http://127.0.0.1:1/status")
    assert refused.value.reason == "provider_unauthorized"
    assert TOKEN not in str(refused.value)
