"""Our requests that change numbers fit the twin's answers: both were written from Twilio's documentation."""

import threading
from collections.abc import Iterator

import httpx
import pytest
from werkzeug.serving import make_server

from operations.numbers.provider_number import MessagingService, ProviderNumber
from operations.twilio.numbers import TwilioNumbers
from shared.errors import UpstreamRefused
from shared.tenants.connection import Webhooks
from shared.tenants.tenant import Account
from tests.fakes import ACCOUNT, OUR_NUMBER, SECOND_TOKEN, STRANGER, SUBACCOUNT, TOKEN
from tests.integration.twilio_stub import WITH_TOKENS
from tests.numbers_fakes import APPLICATION, ELSEWHERE, SERVICE, ours
from twin.app import create_app
from twin.offline_twilio import OfflineTwilio

OURS = ours("smsr_acme_0A1b2C3d_" + "k" * 49)
OTHER_NUMBER, OTHER_SERVICE = "+12025550198", "MG" + "6" * 32


@pytest.fixture
def twin() -> Iterator[httpx.Client]:
    """The twin's control API, with two numbers in one service and a second service."""
    server = make_server("127.0.0.1", 0, create_app(OfflineTwilio()), threaded=True)
    serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    serving.start()
    with httpx.Client(base_url=f"http://127.0.0.1:{server.port}", trust_env=False) as control:
        member = {"account_sid": ACCOUNT, "messaging_service_sid": SERVICE}
        about = {"friendly_name": "Notices", "inbound_request_url": "https://user:f0rmer@h/"}
        for path, body in {
            f"/accounts/{ACCOUNT}": {"auth_token": SECOND_TOKEN},
            f"/accounts/{SUBACCOUNT}": {"auth_token": TOKEN},
            f"/services/{OTHER_SERVICE}": {"account_sid": ACCOUNT},
            f"/services/{SERVICE}": {"account_sid": ACCOUNT, **about},
            f"/numbers/{OUR_NUMBER}": {**member, "sms_url": ELSEWHERE.url, "sms_application_sid": APPLICATION},
            f"/numbers/{OTHER_NUMBER}": member,
        }.items():
            control.put(path, json=body).raise_for_status()
        yield control
    server.shutdown()
    serving.join()
    server.server_close()


def at_twin(twin: httpx.Client) -> TwilioNumbers:
    return TwilioNumbers(str(twin.base_url), timeout_seconds=5)


def number_at(twin: httpx.Client) -> ProviderNumber:
    return at_twin(twin).find(WITH_TOKENS, [OUR_NUMBER, "+12025550100"])[OUR_NUMBER]


def test_finds_at_the_twin_what_was_set_there(twin: httpx.Client) -> None:
    number = number_at(twin)
    assert number.webhooks == Webhooks(ELSEWHERE.url, application=APPLICATION)
    assert number.service == MessagingService(SERVICE, "Notices", "https://user:f0rmer@h/", on_number=False, others=1)
    assert at_twin(twin).find(Account(SUBACCOUNT, "twilio", (TOKEN,)), [OUR_NUMBER]) == {}
    with pytest.raises(UpstreamRefused, match="set them anew"):
        at_twin(twin).find(Account(STRANGER, "twilio", (TOKEN,)), [OUR_NUMBER])


def test_changes_at_the_twin_are_there_and_can_be_put_back(twin: httpx.Client) -> None:
    before = number_at(twin)
    at_twin(twin).set_webhooks(WITH_TOKENS, before, OURS)
    at_twin(twin).set_on_number(WITH_TOKENS, SERVICE, on_number=True)
    changed = number_at(twin)
    assert changed.webhooks == OURS
    assert changed.service
    assert changed.service.on_number
    at_twin(twin).set_webhooks(WITH_TOKENS, changed, before.webhooks)
    at_twin(twin).set_on_number(WITH_TOKENS, SERVICE, on_number=False)
    assert number_at(twin) == before
