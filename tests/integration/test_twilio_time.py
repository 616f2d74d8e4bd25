"""A question to Twilio takes no more than its time, and every end of it is an error of ours."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from shared.errors import Configuration, InDoubt, Unavailable, UpstreamRefused
from shared.messages.outbound import SentMessage
from shared.providers.twilio.message_api import TwilioRest
from shared.tenants.account import Account, RestKey
from tests.fakes import ACCOUNT, NOW, OUR_NUMBER, PERSON, TOKEN
from tests.integration.twilio_stub import (
    DRIP,
    MESSAGE,
    SILENCE,
    STATUS_URL,
    UNAUTHORIZED,
    WITH_KEY,
    WITH_TOKENS,
    TwilioStub,
    page,
    resource,
)

PATIENCE = 0.4
"""The time of a question in these tests."""
AT_MOST = 3
"""Far more than that, far less than a test may take: the machine may be slow."""
MANY_TOKENS = Account(ACCOUNT, "twilio", tuple(f"{TOKEN}{number}" for number in range(40)))


@contextmanager
def soon() -> Iterator[None]:
    began = time.monotonic()
    yield
    assert time.monotonic() - began < AT_MOST


def send(api: TwilioRest, account: Account = WITH_KEY) -> SentMessage:
    return api.send(MESSAGE, account, status_url=STATUS_URL)


@pytest.fixture
def hasty(twilio: TwilioStub) -> TwilioRest:
    return TwilioRest(twilio.url, timeout_seconds=PATIENCE)


@pytest.mark.parametrize("behaviour", [SILENCE, DRIP])
def test_however_slowly_it_answers_the_send_is_in_doubt_in_time(
    behaviour: str, hasty: TwilioRest, twilio: TwilioStub
) -> None:
    twilio.answers = [behaviour]
    with soon(), pytest.raises(InDoubt, match=r"^Twilio"):
        send(hasty)


@pytest.mark.parametrize("behaviour", [SILENCE, DRIP])
def test_however_slowly_it_answers_a_question_is_for_later_in_time(
    behaviour: str, hasty: TwilioRest, twilio: TwilioStub
) -> None:
    twilio.answers = [behaviour]
    with soon(), pytest.raises(Unavailable) as failed:
        hasty.find(MESSAGE, WITH_KEY, since=NOW)
    assert type(failed.value) is Unavailable


def test_all_tokens_together_have_one_time(hasty: TwilioRest, twilio: TwilioStub) -> None:
    twilio.slow_seconds = PATIENCE / 4
    twilio.answers = [UNAUTHORIZED] * len(MANY_TOKENS.auth_tokens)
    with soon(), pytest.raises(InDoubt, match=r"^Twilio took longer than 0.4 seconds$"):
        send(hasty, MANY_TOKENS)
    assert 1 <= len(twilio.asked) <= 5


def test_all_pages_together_have_one_time(hasty: TwilioRest, twilio: TwilioStub) -> None:
    twilio.slow_seconds = PATIENCE / 4
    endless = {**page(resource()), "next_page_uri": "/2010-04-01/more.json"}
    twilio.answers = [(200, endless)] * 40
    with soon(), pytest.raises(Unavailable, match=r"^Twilio took longer than 0.4 seconds$"):
        hasty.find(MESSAGE, WITH_KEY, since=NOW)
    assert 1 <= len(twilio.asked) <= 5


def test_each_request_has_a_connection_of_its_own(api: TwilioRest, twilio: TwilioStub) -> None:
    twilio.answers = [(201, resource()), UNAUTHORIZED, (201, resource())]
    send(api)
    send(api, WITH_TOKENS)
    assert len(twilio.connections) == 3


def test_keeps_no_cookie_for_the_next_tenant(api: TwilioRest, twilio: TwilioStub) -> None:
    twilio.more_headers = b"Set-Cookie: a=b; Path=/\r\n"
    twilio.answers = [(201, resource())] * 2
    send(api)
    send(api)
    assert [asked.cookie for asked in twilio.asked] == ["", ""]


@pytest.mark.parametrize("more", [b"no colon here\r\n", b": no name\r\n"])
def test_nothing_is_logged_of_the_numbers(
    more: bytes, api: TwilioRest, twilio: TwilioStub, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    twilio.more_headers = more
    twilio.answers = [(200, page(resource()))]
    assert len(api.find(MESSAGE, WITH_KEY, since=NOW)) == 1
    assert all(number.strip("+") not in caplog.text for number in (PERSON, OUR_NUMBER))


def test_a_key_that_cannot_be_one_is_not_accepted(api: TwilioRest, twilio: TwilioStub) -> None:
    twilio.answers = [(201, resource())]
    assert send(api, Account(ACCOUNT, "twilio", ("“quoted”", TOKEN))).status.word == "queued"
    with pytest.raises(UpstreamRefused) as failed:
        send(api, Account(ACCOUNT, "twilio", (TOKEN,), RestKey("SK1", "\u2713")))
    assert failed.value.reason == "provider_unauthorized"
    assert len(twilio.asked) == 1


@pytest.mark.parametrize("url", ["", "api.twilio.com", "ftp://api.twilio.com", "https://", "https://*"])
def test_an_address_that_cannot_be_asked_leaves_nothing_in_doubt(url: str) -> None:
    with pytest.raises(Configuration, match=r"^TWILIO_URL cannot be asked: [A-Za-z]+$"):
        send(TwilioRest(url, timeout_seconds=5))


def test_nonsense_without_end_is_nonsense(api: TwilioRest, twilio: TwilioStub) -> None:
    deep = "[" * 100_000
    twilio.answers = [(201, deep), (400, deep)]
    with pytest.raises(InDoubt):
        send(api)
    with pytest.raises(UpstreamRefused):
        send(api)
