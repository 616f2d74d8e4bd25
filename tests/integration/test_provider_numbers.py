"""Numbers at Twilio's offline twin, and the fake of the unit tests.

Our requests and the twin's answers were both written from Twilio's documentation.
"""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

import httpx
import pytest
from werkzeug.serving import make_server

from operations.numbers.provider_number import MessagingService, ProviderNumber
from operations.ports import ProviderNumbers
from operations.twilio.numbers import TwilioNumbers
from shared.errors import UpstreamRefused
from shared.tenants.account import Account
from shared.tenants.connection import Webhooks
from tests.fakes import ACCOUNT, OUR_NUMBER, SECOND_TOKEN, STRANGER, SUBACCOUNT, TOKEN
from tests.integration.twilio_stub import WITH_TOKENS
from tests.numbers_fakes import APPLICATION, ELSEWHERE, SERVICE, FakeNumbers, ours
from twin.app import create_app
from twin.offline_twilio import OfflineTwilio

OURS = ours("smsr_acme_0A1b2C3d_" + "k" * 49)
OTHER_NUMBER, THEIR_NUMBER, OTHER_SERVICE = "+12025550198", "+12025550197", "MG" + "6" * 32
EVERY_NUMBER = (OUR_NUMBER, OTHER_NUMBER, THEIR_NUMBER, "+12025550100")
THEIRS = Account(SUBACCOUNT, "twilio", (TOKEN,))
BEFORE = Webhooks(ELSEWHERE.url, application=APPLICATION)
NOTICES = MessagingService(SERVICE, "Notices", "https://user:f0rmer@h/", on_number=False, others=1)


@pytest.fixture
def twin() -> Iterator[httpx.Client]:
    """The twin's control API, with two numbers in one service, a second service, and another account's number."""
    server = make_server("127.0.0.1", 0, create_app(OfflineTwilio()), threaded=True)
    serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    serving.start()
    with httpx.Client(base_url=f"http://127.0.0.1:{server.port}", trust_env=False) as control:
        member = {"account_sid": ACCOUNT, "messaging_service_sid": SERVICE}
        about = {"friendly_name": NOTICES.name, "inbound_request_url": NOTICES.url}
        for path, body in {
            f"/accounts/{ACCOUNT}": {"auth_token": SECOND_TOKEN},
            f"/accounts/{SUBACCOUNT}": {"auth_token": TOKEN},
            f"/services/{OTHER_SERVICE}": {"account_sid": ACCOUNT},
            f"/services/{SERVICE}": {"account_sid": ACCOUNT, **about},
            f"/numbers/{OUR_NUMBER}": {**member, "sms_url": ELSEWHERE.url, "sms_application_sid": APPLICATION},
            f"/numbers/{OTHER_NUMBER}": member,
            f"/numbers/{THEIR_NUMBER}": {"account_sid": SUBACCOUNT},
        }.items():
            control.put(path, json=body).raise_for_status()
        yield control
    server.shutdown()
    serving.join()
    server.server_close()


def at_twin(twin: httpx.Client) -> TwilioNumbers:
    return TwilioNumbers(str(twin.base_url), timeout_seconds=5)


@pytest.fixture(params=["the adapter", "the fake"])
def numbers(request: pytest.FixtureRequest) -> ProviderNumbers:
    """Two numbers in one service, and one of another account in none."""
    if request.param == "the adapter":
        return at_twin(request.getfixturevalue("twin"))
    return FakeNumbers.of(
        ProviderNumber(OUR_NUMBER, "PN" + "1" * 32, ACCOUNT, BEFORE, NOTICES),
        ProviderNumber(OTHER_NUMBER, "PN" + "2" * 32, ACCOUNT, Webhooks(), NOTICES),
        ProviderNumber(THEIR_NUMBER, "PN" + "3" * 32, SUBACCOUNT, Webhooks()),
    )


def all_numbers(numbers: ProviderNumbers) -> dict[str, ProviderNumber]:
    both = (WITH_TOKENS, THEIRS)
    return {number: found for account in both for number, found in numbers.find(account, EVERY_NUMBER).items()}


def test_finds_those_that_the_account_owns_and_no_others(numbers: ProviderNumbers) -> None:
    assert numbers.find(WITH_TOKENS, EVERY_NUMBER).keys() == {OUR_NUMBER, OTHER_NUMBER}
    assert numbers.find(THEIRS, EVERY_NUMBER).keys() == {THEIR_NUMBER}
    assert numbers.find(WITH_TOKENS, [THEIR_NUMBER]) == numbers.find(WITH_TOKENS, []) == {}


def test_a_number_is_found_with_all_that_decides_who_gets_its_texts(numbers: ProviderNumbers) -> None:
    number = numbers.find(WITH_TOKENS, [OUR_NUMBER])[OUR_NUMBER]
    assert (number.number, number.account, number.webhooks, number.service) == (OUR_NUMBER, ACCOUNT, BEFORE, NOTICES)
    theirs = numbers.find(THEIRS, [THEIR_NUMBER])[THEIR_NUMBER]
    assert (theirs.account, theirs.webhooks, theirs.service) == (SUBACCOUNT, Webhooks(), None)


@pytest.mark.parametrize("wanted", [OURS, ELSEWHERE, replace(BEFORE, url=OURS.url), Webhooks(), BEFORE])
def test_the_webhooks_of_one_number_are_changed_and_can_be_put_back(numbers: ProviderNumbers, wanted: Webhooks) -> None:
    before = all_numbers(numbers)
    numbers.set_webhooks(WITH_TOKENS, before[OUR_NUMBER], wanted)
    changed = all_numbers(numbers)
    assert changed == before | {OUR_NUMBER: replace(before[OUR_NUMBER], webhooks=wanted)}
    numbers.set_webhooks(WITH_TOKENS, changed[OUR_NUMBER], BEFORE)
    assert all_numbers(numbers) == before


def test_a_service_is_set_for_all_of_its_numbers_and_can_be_put_back(numbers: ProviderNumbers) -> None:
    before = all_numbers(numbers)
    for _ in range(2):
        numbers.set_on_number(WITH_TOKENS, SERVICE, on_number=True)
    on_number = replace(NOTICES, on_number=True)
    both = (OUR_NUMBER, OTHER_NUMBER)
    assert all_numbers(numbers) == before | {number: replace(before[number], service=on_number) for number in both}
    numbers.set_on_number(WITH_TOKENS, SERVICE, on_number=False)
    assert all_numbers(numbers) == before


def test_what_the_account_does_not_own_is_not_changed(numbers: ProviderNumbers) -> None:
    before = all_numbers(numbers)
    changes: list[Callable[[], None]] = [
        lambda: numbers.set_webhooks(WITH_TOKENS, before[THEIR_NUMBER], OURS),
        lambda: numbers.set_webhooks(WITH_TOKENS, replace(before[OUR_NUMBER], sid="PN" + "0" * 32), OURS),
        lambda: numbers.set_on_number(THEIRS, SERVICE, on_number=True),
        lambda: numbers.set_on_number(WITH_TOKENS, "MG" + "0" * 32, on_number=True),
    ]
    for change in changes:
        with pytest.raises(UpstreamRefused, match="404, error 20404") as refused:
            change()
        assert (refused.value.reason, refused.value.code) == ("provider_refused", 20404)
    assert all_numbers(numbers) == before


def test_without_the_accounts_secrets_the_twin_lists_nothing(twin: httpx.Client) -> None:
    with pytest.raises(UpstreamRefused, match="set them anew"):
        at_twin(twin).find(Account(STRANGER, "twilio", (TOKEN,)), [OUR_NUMBER])
