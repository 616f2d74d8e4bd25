"""Numbers at Twilio: what is requested, what is sent, and what the answers mean."""

import socket
import traceback
from collections.abc import Callable
from dataclasses import replace

import pytest

from operations.numbers.registry import provider_numbers
from operations.twilio.numbers import TwilioNumbers
from shared.errors import InDoubt, SmsReceiverError, Unavailable, UpstreamRefused
from shared.providers.webhooks import PROVIDERS
from shared.tenants.connection import Webhooks
from tests.fakes import ACCOUNT, OUR_NUMBER, REST_SECRET, SECOND_TOKEN, TOKEN
from tests.integration.twilio_stub import RESET, SILENCE, UNAUTHORIZED, WITH_KEY, WITH_TOKENS, TwilioStub, failure
from tests.numbers_fakes import APPLICATION, ELSEWHERE, NUMBER_SID, SERVICE, east, number_at_twilio, south

KEY = "smsr_acme_0A1b2C3d_" + "k" * 49
OURS = Webhooks(east(KEY), fallback_url=south(KEY))
NUMBERS = f"/2010-04-01/Accounts/{ACCOUNT}/IncomingPhoneNumbers"
FOUND = number_at_twilio()


def resource(**changes: object) -> dict[str, object]:
    """An IncomingPhoneNumber as in Twilio's documentation."""
    fields = {
        "sid": NUMBER_SID,
        "account_sid": ACCOUNT,
        "phone_number": OUR_NUMBER,
        "sms_url": ELSEWHERE.url,
        "sms_method": ELSEWHERE.method,
        "sms_fallback_url": ELSEWHERE.fallback_url,
        "sms_fallback_method": ELSEWHERE.fallback_method,
        "sms_application_sid": "",
    }
    return {**fields, **changes}


def page(*numbers: dict[str, object]) -> tuple[int, object]:
    return 200, {"incoming_phone_numbers": list(numbers), "page": 0, "page_size": 50, "next_page_uri": None}


NO_SERVICES = (200, {"meta": {"key": "services", "page": 0, "page_size": 1000, "next_page_url": None}, "services": []})


@pytest.fixture
def numbers(twilio: TwilioStub) -> TwilioNumbers:
    return TwilioNumbers(twilio.url, timeout_seconds=5)


def failed(error: pytest.ExceptionInfo[SmsReceiverError]) -> SmsReceiverError:
    """The error, which names no number, URL or secret."""
    text = "".join(traceback.format_exception(error.value))
    for word in (OUR_NUMBER, OUR_NUMBER.strip("+"), KEY, "f0rmer", "s3cret", TOKEN, SECOND_TOKEN, REST_SECRET):
        assert word not in text
    return error.value


def test_finds_a_number_with_all_that_decides_who_gets_its_texts(numbers: TwilioNumbers, twilio: TwilioStub) -> None:
    twilio.answers = [page(resource(), resource(phone_number="+120255501990")), NO_SERVICES]
    assert numbers.find(WITH_KEY, [OUR_NUMBER]) == {OUR_NUMBER: FOUND}
    assert [(asked.method, asked.path) for asked in twilio.asked] == [
        ("GET", f"{NUMBERS}.json"),
        ("GET", "/v1/Services"),
    ]
    assert dict(twilio.asked[0].fields)["PhoneNumber"] == OUR_NUMBER
    assert {asked.username for asked in twilio.asked} == {"SK" + "4" * 32}


@pytest.mark.parametrize("missing", ["sms_url", "sms_fallback_url", "sms_application_sid", "sms_method"])
def test_what_twilio_leaves_out_is_nothing(missing: str, numbers: TwilioNumbers, twilio: TwilioStub) -> None:
    twilio.answers = [page(resource(**{missing: None})), NO_SERVICES]
    webhooks = numbers.find(WITH_KEY, [OUR_NUMBER])[OUR_NUMBER].webhooks
    name = {"sms_url": "url", "sms_fallback_url": "fallback_url", "sms_method": "method"}.get(missing, "application")
    assert getattr(webhooks, name) == getattr(Webhooks(), name)


def test_asks_for_no_services_when_it_finds_no_number(numbers: TwilioNumbers, twilio: TwilioStub) -> None:
    twilio.answers = [page()]
    assert numbers.find(WITH_KEY, [OUR_NUMBER]) == {}
    assert len(twilio.asked) == 1


MANY = [f"+1202555{last:04}" for last in range(100, 130)]


def listing(*numbers: str, following: str | None = None) -> tuple[int, object]:
    """A page of a list, and what the next one is called."""
    resources = [resource(phone_number=number, sid=f"PN{number[-4:] * 8}") for number in numbers]
    following = following and f"{NUMBERS}.json?PageSize=1000&Page=1&PageToken={following}"
    return 200, {"incoming_phone_numbers": resources, "page": 0, "page_size": 1000, "next_page_uri": following}


def test_many_numbers_are_found_in_pages(numbers: TwilioNumbers, twilio: TwilioStub) -> None:
    twilio.answers = [
        listing("+12025559999", *MANY[:10], following="PA1"),
        listing(*MANY[10:20], following="PA2"),
        listing(*MANY[20:29]),
        NO_SERVICES,
    ]
    assert set(numbers.find(WITH_KEY, MANY)) == set(MANY[:29])
    assert len(twilio.asked) == 4
    assert dict(twilio.asked[0].fields) == {"PageSize": "1000"}
    assert dict(twilio.asked[1].fields)["PageToken"] == "PA1"
    assert dict(twilio.asked[2].fields)["PageToken"] == "PA2"


def test_the_list_is_read_no_further_than_it_is_needed(numbers: TwilioNumbers, twilio: TwilioStub) -> None:
    twilio.answers = [listing(*reversed(MANY), following="PA1"), NO_SERVICES]
    assert set(numbers.find(WITH_KEY, MANY)) == set(MANY)
    assert len(twilio.asked) == 2


def test_in_a_huge_account_a_request_for_each_number_is_cheaper(numbers: TwilioNumbers, twilio: TwilioStub) -> None:
    wanted = MANY[:11]
    pages = [listing(wanted[0], "+12025559999", following="PA1")] * len(wanted)
    one_by_one = [page(resource(phone_number=number)) for number in wanted[1:10]]
    twilio.answers = [*pages, *one_by_one, page(), NO_SERVICES]
    assert set(numbers.find(WITH_KEY, wanted)) == set(wanted[:10])
    assert len(twilio.asked) == len(wanted) + 10 + 1


def test_the_webhooks_of_one_number_are_one_request(numbers: TwilioNumbers, twilio: TwilioStub) -> None:
    twilio.answers = [(200, resource()), failure(404, 20404)]
    assert numbers.webhooks(WITH_KEY, NUMBER_SID) == ELSEWHERE
    assert numbers.webhooks(WITH_KEY, NUMBER_SID) is None
    assert [asked.path for asked in twilio.asked] == [f"{NUMBERS}/{NUMBER_SID}.json"] * 2
    twilio.answers = [failure(500, None)]
    with pytest.raises(Unavailable):
        numbers.webhooks(WITH_KEY, NUMBER_SID)


@pytest.mark.parametrize(
    ("wanted", "sent"),
    [
        (replace(ELSEWHERE, url=east(KEY)), {"SmsUrl": east(KEY)}),
        (replace(ELSEWHERE, method="POST"), {"SmsMethod": "POST"}),
        (replace(ELSEWHERE, fallback_url=""), {"SmsFallbackUrl": ""}),
        (replace(ELSEWHERE, fallback_method="GET"), {"SmsFallbackMethod": "GET"}),
        (replace(ELSEWHERE, application=APPLICATION), {"SmsApplicationSid": APPLICATION}),
        (OURS, {"SmsUrl": east(KEY), "SmsMethod": "POST", "SmsFallbackUrl": south(KEY)}),
    ],
)
def test_sends_what_differs_and_nothing_else(
    wanted: Webhooks, sent: dict[str, str], numbers: TwilioNumbers, twilio: TwilioStub
) -> None:
    twilio.answers = [(200, resource())]
    numbers.set_webhooks(WITH_KEY, FOUND, wanted)
    (asked,) = twilio.asked
    assert (asked.method, asked.path, dict(asked.fields)) == ("POST", f"{NUMBERS}/{NUMBER_SID}.json", sent)


def test_asks_nothing_when_nothing_differs(numbers: TwilioNumbers, twilio: TwilioStub) -> None:
    numbers.set_webhooks(WITH_KEY, FOUND, FOUND.webhooks)
    assert twilio.asked == []


def test_tries_the_auth_tokens_in_turn(numbers: TwilioNumbers, twilio: TwilioStub) -> None:
    twilio.answers = [UNAUTHORIZED, (200, resource())]
    numbers.set_webhooks(WITH_TOKENS, FOUND, OURS)
    assert [asked.password for asked in twilio.asked] == [TOKEN, SECOND_TOKEN]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (failure(500, None), Unavailable),
        (failure(429, 20429), Unavailable),
        (UNAUTHORIZED, UpstreamRefused),
        (failure(404, 20404), UpstreamRefused),
        ((200, "no JSON"), Unavailable),
        ((200, {"incoming_phone_numbers": [7]}), Unavailable),
        (page(resource(sms_method="PUT")), Unavailable),
        (RESET, Unavailable),
    ],
)
def test_a_question_that_is_not_answered_is_for_later_or_never_and_never_in_doubt(
    answer: tuple[int, object] | str, kind: type[SmsReceiverError], numbers: TwilioNumbers, twilio: TwilioStub
) -> None:
    twilio.answers = [answer, NO_SERVICES]
    with pytest.raises(SmsReceiverError) as error:
        numbers.find(WITH_KEY, [OUR_NUMBER])
    assert type(failed(error)) is kind


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (failure(500, None), InDoubt),
        (failure(429, 20429), Unavailable),
        (UNAUTHORIZED, UpstreamRefused),
        (failure(400, 21402), UpstreamRefused),
        ((200, "no JSON"), InDoubt),
        (RESET, InDoubt),
    ],
)
def test_a_change_is_made_or_not_or_in_doubt(
    answer: tuple[int, object] | str, kind: type[SmsReceiverError], numbers: TwilioNumbers, twilio: TwilioStub
) -> None:
    changes: list[Callable[[], None]] = [
        lambda: numbers.set_webhooks(WITH_KEY, FOUND, OURS),
        lambda: numbers.set_on_number(WITH_KEY, SERVICE, on_number=True),
    ]
    for change in changes:
        twilio.answers = [answer]
        with pytest.raises(SmsReceiverError) as error:
            change()
        assert type(failed(error)) is kind


def test_does_not_wait_for_ever(twilio: TwilioStub) -> None:
    twilio.answers = [SILENCE]
    with pytest.raises(Unavailable) as error:
        TwilioNumbers(twilio.url, timeout_seconds=0.2).find(WITH_KEY, [OUR_NUMBER])
    assert type(error.value) is Unavailable


def test_without_a_url_it_asks_twilios_own_hosts(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_up: list[str] = []

    def nowhere(host: str, *_: object, **__: object) -> None:
        looked_up.append(host)
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", nowhere)
    numbers = TwilioNumbers(None, timeout_seconds=5)
    with pytest.raises(Unavailable):
        numbers.find(WITH_KEY, [OUR_NUMBER])
    with pytest.raises(Unavailable):
        numbers.set_on_number(WITH_KEY, SERVICE, on_number=True)
    assert looked_up == ["api.twilio.com", "messaging.twilio.com"]


def test_every_provider_has_numbers() -> None:
    assert set(provider_numbers(twilio_url=None, timeout_seconds=5)) == {provider.name for provider in PROVIDERS}
