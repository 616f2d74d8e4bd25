"""Which of Twilio's hosts is asked for an account, by its region; and that a secret of one region opens no other."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from werkzeug.serving import make_server

from operations.twilio.accounts import TwilioAccounts
from operations.twilio.auth_tokens import TwilioTokens
from operations.twilio.numbers import TwilioNumbers
from shared.errors import Configuration, UpstreamRefused
from shared.providers.twilio.message_api import TwilioRest
from shared.tenants.account import RestKey
from tests.fakes import ACCOUNT, NOW, OUR_NUMBER, TOKEN
from tests.integration.twilio_stub import (
    MESSAGE,
    STATUS_URL,
    WITH_KEY,
    WITH_TOKENS,
    TwilioStub,
    page,
    resource,
)
from twin.app import create_app
from twin.offline_twilio import OfflineTwilio

HOSTS = [("", "api.twilio.com"), ("ie1", "api.dublin.ie1.twilio.com"), ("au1", "api.sydney.au1.twilio.com")]
SECOND = 5
NONE: dict[str, Any] = {"incoming_phone_numbers": [], "page": 0, "page_size": 50}
SERVICES: dict[str, Any] = {"services": [], "meta": {"key": "services", "page": 0, "page_size": 50}}


@pytest.mark.parametrize(("region", "host"), HOSTS)
def test_a_message_is_sent_looked_for_and_read_at_the_host_of_its_accounts_region(
    region: str, host: str, api: TwilioRest, twilio: TwilioStub
) -> None:
    account = replace(WITH_KEY, region=region)
    twilio.answers = [(201, resource()), (200, page()), (200, resource(num_media="0"))]
    api.send(MESSAGE, account, status_url=STATUS_URL)
    api.find(MESSAGE, account, since=NOW)
    api.read("SM" + "5" * 32, account)
    assert [asked.host for asked in twilio.asked] == [host] * 3


def test_accounts_of_different_regions_do_not_disturb_each_other(api: TwilioRest, twilio: TwilioStub) -> None:
    twilio.answers = [(201, resource())] * 3
    for region in ("ie1", "", "ie1"):
        api.send(MESSAGE, replace(WITH_TOKENS, region=region), status_url=STATUS_URL)
    assert [asked.host.split(".")[-3] for asked in twilio.asked] == ["ie1", "api", "ie1"]


def test_an_unknown_region_is_asked_nowhere(api: TwilioRest, twilio: TwilioStub) -> None:
    with pytest.raises(Configuration):
        api.send(MESSAGE, replace(WITH_KEY, region="xx9"), status_url=STATUS_URL)
    assert twilio.asked == []


@pytest.mark.parametrize(
    ("question", "answer", "host"),
    [
        (
            lambda url, region: TwilioAccounts(url, timeout_seconds=SECOND).state(ACCOUNT, TOKEN, region=region),
            {"status": "active", "type": "Full"},
            "api.dublin.ie1.twilio.com",
        ),
        (
            lambda url, region: TwilioAccounts(url, timeout_seconds=SECOND).opens(
                ACCOUNT, RestKey("SK1", "x"), region=region
            ),
            NONE,
            "api.dublin.ie1.twilio.com",
        ),
        (
            lambda url, region: TwilioTokens(url, timeout_seconds=SECOND).promote(ACCOUNT, TOKEN, region=region),
            {"auth_token": "f00d"},
            "accounts.dublin.ie1.twilio.com",
        ),
        (
            lambda url, region: TwilioNumbers(url, timeout_seconds=SECOND).find(
                replace(WITH_KEY, region=region), [OUR_NUMBER]
            ),
            NONE,
            "api.dublin.ie1.twilio.com",
        ),
        (
            lambda url, region: TwilioNumbers(url, timeout_seconds=SECOND).set_on_number(
                replace(WITH_KEY, region=region), "MG1", on_number=True
            ),
            {"sid": "MG1"},
            "messaging.dublin.ie1.twilio.com",
        ),
    ],
    ids=["state", "opens", "promote", "numbers", "services"],
)
def test_what_operators_ask_goes_to_the_region_too(
    question: Callable[[str, str], object], answer: dict[str, Any], host: str, twilio: TwilioStub
) -> None:
    twilio.answers = [(200, answer)]
    question(twilio.url, "ie1")
    assert [asked.host for asked in twilio.asked] == [host]


@pytest.fixture
def irish() -> Iterator[str]:
    """A twin whose account is in Ireland."""
    server = make_server("127.0.0.1", 0, create_app(OfflineTwilio(time_scale=0.025)), threaded=True)
    serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    serving.start()
    url = f"http://127.0.0.1:{server.port}"
    account = {"auth_token": TOKEN, "region": "ie1"}
    httpx.put(f"{url}/accounts/{ACCOUNT}", json=account, trust_env=False).raise_for_status()
    yield url
    server.shutdown()
    serving.join()
    server.server_close()


def test_a_token_opens_its_account_in_its_region_only(irish: str) -> None:
    accounts = TwilioAccounts(irish, timeout_seconds=SECOND)
    assert accounts.state(ACCOUNT, TOKEN, region="ie1")
    assert accounts.state(ACCOUNT, TOKEN) is None
    assert accounts.state(ACCOUNT, TOKEN, region="au1") is None


def test_a_message_in_the_wrong_region_is_refused_for_its_secrets(irish: str) -> None:
    api = TwilioRest(irish, timeout_seconds=SECOND)
    with pytest.raises(UpstreamRefused) as refused:
        api.send(MESSAGE, WITH_TOKENS, status_url=STATUS_URL)
    assert refused.value.reason == "provider_unauthorized"


def test_a_token_is_rotated_in_its_region(irish: str) -> None:
    tokens = TwilioTokens(irish, timeout_seconds=SECOND)
    with pytest.raises(UpstreamRefused):
        tokens.create(ACCOUNT, TOKEN)
    secondary = tokens.create(ACCOUNT, TOKEN, region="ie1")
    assert tokens.promote(ACCOUNT, TOKEN, region="ie1") == secondary
