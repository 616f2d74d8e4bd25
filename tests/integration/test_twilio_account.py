"""The state of an account: our requests fit the twin's answers, and an answer without meaning is none."""

import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from werkzeug.serving import make_server

from operations.twilio.accounts import AccountState, TwilioAccounts
from shared.errors import Unavailable, UpstreamRefused
from shared.tenants.account import RestKey
from tests.fakes import ACCOUNT, REST_SECRET, SECOND_TOKEN, STRANGER, TOKEN
from tests.integration.twilio_stub import RESET, SILENCE, running
from twin.app import create_app
from twin.offline_twilio import OfflineTwilio

KEY = RestKey("SK" + "4" * 32, REST_SECRET)


@pytest.fixture
def twin() -> Iterator[httpx.Client]:
    server = make_server("127.0.0.1", 0, create_app(OfflineTwilio(time_scale=0.025)), threaded=True)
    serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    serving.start()
    with httpx.Client(base_url=f"http://127.0.0.1:{server.port}", trust_env=False) as control:
        account = {"auth_token": TOKEN, "secondary_auth_token": SECOND_TOKEN, "rest_keys": {KEY.sid: KEY.secret}}
        control.put(f"/accounts/{ACCOUNT}", json=account).raise_for_status()
        yield control
    server.shutdown()
    serving.join()
    server.server_close()


@pytest.fixture
def accounts(twin: httpx.Client) -> TwilioAccounts:
    return TwilioAccounts(str(twin.base_url), timeout_seconds=5)


@pytest.mark.parametrize("token", [TOKEN, SECOND_TOKEN])
def test_each_auth_token_opens_the_account(accounts: TwilioAccounts, token: str) -> None:
    assert accounts.state(ACCOUNT, token) == AccountState("active", "Full")


@pytest.mark.parametrize("token", [REST_SECRET, TOKEN + "x", "", "größer"])
def test_any_other_token_is_not_one_of_the_account(accounts: TwilioAccounts, token: str) -> None:
    assert accounts.state(ACCOUNT, token or "x") is None


def test_a_token_does_not_open_another_account(accounts: TwilioAccounts) -> None:
    assert accounts.state(STRANGER, TOKEN) is None


def test_tells_a_trial_account_and_one_that_is_suspended(accounts: TwilioAccounts, twin: httpx.Client) -> None:
    account = {"auth_token": TOKEN, "status": "suspended", "type": "Trial"}
    twin.put(f"/accounts/{ACCOUNT}", json=account).raise_for_status()
    assert accounts.state(ACCOUNT, TOKEN) == AccountState("suspended", "Trial")


def test_an_api_key_opens_the_account_or_not(accounts: TwilioAccounts) -> None:
    assert accounts.opens(ACCOUNT, KEY)
    assert not accounts.opens(ACCOUNT, RestKey(KEY.sid, TOKEN))
    assert not accounts.opens(ACCOUNT, RestKey("SK" + "5" * 32, REST_SECRET))
    assert not accounts.opens(STRANGER, KEY)


def test_an_api_key_cannot_ask_for_the_account_itself(twin: httpx.Client) -> None:
    answer = twin.get(f"/2010-04-01/Accounts/{ACCOUNT}.json", auth=(KEY.sid, KEY.secret))
    assert answer.status_code == 401


@pytest.mark.parametrize("answer", [(500, {}), (429, {"code": 20429}), (200, "<html>"), (200, {}), RESET, SILENCE])
def test_an_answer_that_says_nothing_is_for_later(answer: tuple[int, Any] | str) -> None:
    with running() as stub:
        stub.answers = [answer]
        with pytest.raises(Unavailable) as failed:
            TwilioAccounts(stub.url, timeout_seconds=0.5).state(ACCOUNT, TOKEN)
    assert TOKEN not in str(failed.value)


def test_a_refusal_names_twilios_number() -> None:
    with running() as stub:
        stub.answers = [(404, {"code": 20404})]
        with pytest.raises(UpstreamRefused, match="404, error 20404"):
            TwilioAccounts(stub.url, timeout_seconds=2).state(ACCOUNT, TOKEN)
