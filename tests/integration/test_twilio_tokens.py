"""An account's auth tokens at Twilio's offline twin, and the fake of the unit tests.

Our requests fit the twin's answers, and what is in doubt is reported so.
"""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from werkzeug.serving import make_server

from operations.ports import ProviderAccounts
from operations.twilio.accounts import TwilioAccounts
from operations.twilio.auth_tokens import TwilioTokens
from shared.errors import InDoubt, SmsReceiverError, Unavailable, UpstreamRefused
from tests.fakes import ACCOUNT, TOKEN
from tests.integration.twilio_stub import RESET, SILENCE, UNAUTHORIZED, running
from tests.unit.cli.doctor_fakes import FakeAccounts, FakeTokens
from twin.app import create_app
from twin.offline_twilio import OfflineTwilio


@pytest.fixture
def url() -> Iterator[str]:
    server = make_server("127.0.0.1", 0, create_app(OfflineTwilio(time_scale=0.025)), threaded=True)
    serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    serving.start()
    url = f"http://127.0.0.1:{server.port}"
    httpx.put(f"{url}/accounts/{ACCOUNT}", json={"auth_token": TOKEN}, trust_env=False).raise_for_status()
    yield url
    server.shutdown()
    serving.join()
    server.server_close()


@dataclass(frozen=True)
class Rig:
    """The auth tokens of an account whose primary one is TOKEN, and what Twilio says of them."""

    tokens: TwilioTokens
    accounts: ProviderAccounts

    def opens(self, auth_token: str) -> bool:
        return self.accounts.state(ACCOUNT, auth_token) is not None


@pytest.fixture(params=["the adapter", "the fake"])
def rig(request: pytest.FixtureRequest) -> Rig:
    if request.param == "the fake":
        accounts = FakeAccounts()
        return Rig(FakeTokens(accounts), accounts)
    url: str = request.getfixturevalue("url")
    return Rig(TwilioTokens(url, timeout_seconds=5), TwilioAccounts(url, timeout_seconds=5))


def test_a_secondary_token_is_made_and_promoted_and_then_the_first_one_is_dead(rig: Rig) -> None:
    secondary = rig.tokens.create(ACCOUNT, TOKEN)
    assert (rig.opens(secondary), rig.opens(TOKEN)) == (True, True)
    assert rig.tokens.promote(ACCOUNT, TOKEN) == secondary
    assert (rig.opens(secondary), rig.opens(TOKEN)) == (True, False)


def test_there_is_one_secondary_token_until_it_is_deleted(rig: Rig) -> None:
    first = rig.tokens.create(ACCOUNT, TOKEN)
    with pytest.raises(UpstreamRefused, match="400, error 20001"):
        rig.tokens.create(ACCOUNT, TOKEN)
    assert rig.opens(first)
    rig.tokens.delete(ACCOUNT, TOKEN)
    assert (rig.opens(first), rig.opens(TOKEN)) == (False, True)
    assert rig.tokens.create(ACCOUNT, TOKEN) != first


def test_the_secondary_token_changes_the_tokens_as_the_primary_one_does(rig: Rig) -> None:
    first = rig.tokens.create(ACCOUNT, TOKEN)
    assert rig.tokens.promote(ACCOUNT, first) == first
    second = rig.tokens.create(ACCOUNT, first)
    rig.tokens.delete(ACCOUNT, second)
    assert (rig.opens(TOKEN), rig.opens(first), rig.opens(second)) == (False, True, False)


@pytest.mark.parametrize("what", ["delete", "promote"])
def test_what_is_not_there_is_neither_deleted_nor_promoted(rig: Rig, what: str) -> None:
    with pytest.raises(UpstreamRefused, match="404, error 20404") as refused:
        getattr(rig.tokens, what)(ACCOUNT, TOKEN)
    assert (refused.value.reason, refused.value.code) == ("provider_refused", 20404)
    assert rig.opens(TOKEN)


@pytest.mark.parametrize("what", ["create", "delete", "promote"])
def test_a_token_that_was_replaced_changes_nothing(rig: Rig, what: str) -> None:
    rig.tokens.create(ACCOUNT, TOKEN)
    primary = rig.tokens.promote(ACCOUNT, TOKEN)
    secondary = rig.tokens.create(ACCOUNT, primary)
    with pytest.raises(UpstreamRefused, match="does not accept the auth tokens") as refused:
        getattr(rig.tokens, what)(ACCOUNT, TOKEN)
    assert (refused.value.reason, refused.value.code) == ("provider_unauthorized", 20003)
    assert (rig.opens(primary), rig.opens(secondary)) == (True, True)


@pytest.mark.parametrize("what", ["create", "promote"])
@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (RESET, InDoubt),
        (SILENCE, InDoubt),
        ((500, {}), InDoubt),
        ((200, "<html>"), InDoubt),
        ((200, {}), InDoubt),
        ((200, {"secondary_auth_token": "", "auth_token": ""}), InDoubt),
        ((200, {"secondary_auth_token": 7, "auth_token": 7}), InDoubt),
        ((429, {"code": 20429}), Unavailable),
        ((403, {"code": 20003}), UpstreamRefused),
        (UNAUTHORIZED, UpstreamRefused),
    ],
)
def test_a_token_that_may_have_been_made_or_promoted_is_in_doubt(
    what: str, answer: tuple[int, Any] | str, error: type[SmsReceiverError]
) -> None:
    with running() as stub:
        stub.answers = [answer]
        with pytest.raises(error) as failed:
            getattr(TwilioTokens(stub.url, timeout_seconds=0.5), what)(ACCOUNT, TOKEN)
    assert isinstance(failed.value, InDoubt) == (error is InDoubt)
    assert TOKEN not in str(failed.value)
