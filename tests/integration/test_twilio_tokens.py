"""An account's auth tokens at Twilio: our requests fit the twin's answers, and what is in doubt is reported so."""

import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from werkzeug.serving import make_server

from operations.twilio.accounts import TwilioAccounts
from operations.twilio.auth_tokens import TwilioTokens
from shared.errors import InDoubt, SmsReceiverError, Unavailable, UpstreamRefused
from tests.fakes import ACCOUNT, TOKEN
from tests.integration.twilio_stub import RESET, SILENCE, UNAUTHORIZED, running
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


def test_a_secondary_token_is_made_and_promoted_and_then_the_first_one_is_dead(url: str) -> None:
    tokens, accounts = TwilioTokens(url, timeout_seconds=5), TwilioAccounts(url, timeout_seconds=5)
    secondary = tokens.create(ACCOUNT, TOKEN)
    assert accounts.state(ACCOUNT, secondary)
    assert accounts.state(ACCOUNT, TOKEN)
    assert tokens.promote(ACCOUNT, TOKEN) == secondary
    assert accounts.state(ACCOUNT, secondary)
    assert accounts.state(ACCOUNT, TOKEN) is None


def test_there_is_one_secondary_token_until_it_is_deleted(url: str) -> None:
    tokens, accounts = TwilioTokens(url, timeout_seconds=5), TwilioAccounts(url, timeout_seconds=5)
    first = tokens.create(ACCOUNT, TOKEN)
    with pytest.raises(UpstreamRefused):
        tokens.create(ACCOUNT, TOKEN)
    tokens.delete(ACCOUNT, TOKEN)
    assert accounts.state(ACCOUNT, first) is None
    assert tokens.create(ACCOUNT, TOKEN) != first


@pytest.mark.parametrize("what", ["delete", "promote"])
def test_what_is_not_there_is_neither_deleted_nor_promoted(url: str, what: str) -> None:
    with pytest.raises(UpstreamRefused, match="404"):
        getattr(TwilioTokens(url, timeout_seconds=5), what)(ACCOUNT, TOKEN)


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
