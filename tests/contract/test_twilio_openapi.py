"""What we ask of Twilio, and what our twin answers in its place, by Twilio's own description of its API."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient

from operations.tracing.window import Window
from operations.twilio.auth_tokens import TwilioTokens
from operations.twilio.messages import TwilioMessages
from operations.twilio.numbers import TwilioNumbers
from shared.providers.twilio.message_api import TwilioRest
from tests.fakes import ACCOUNT, NOW, OUR_NUMBER, PERSON, SECOND_TOKEN, TOKEN
from tests.integration import twilio_stub
from tests.integration.twilio_stub import MESSAGE, PATH, STATUS_URL, WITH_KEY, Asked, TwilioStub, page, resource
from tests.numbers_fakes import APPLICATION, ELSEWHERE, SERVICE, number_at_twilio, ours
from tests.twilio_openapi import FORM, answer_problems, description, properties, request_problems
from twin.app import create_app
from twin.offline_twilio import OfflineTwilio

SERVICES = "/v1/Services"
NUMBERS = f"/2010-04-01/Accounts/{ACCOUNT}/IncomingPhoneNumbers"
TEXT = {"From": OUR_NUMBER, "To": PERSON, "Body": "Good morning"}
AUTH = (ACCOUNT, TOKEN)


@pytest.fixture
def twilio() -> Iterator[TwilioStub]:
    with twilio_stub.running() as stub:
        yield stub


@pytest.fixture
def twin() -> FlaskClient:
    client = create_app(OfflineTwilio()).test_client()
    assert client.put(f"/accounts/{ACCOUNT}", json={"auth_token": TOKEN}).status_code < 300
    assert client.put(f"/numbers/{OUR_NUMBER}", json={"account_sid": ACCOUNT}).status_code < 300
    return client


def problems(asked: Asked) -> list[str]:
    return request_problems(asked.method, asked.path, asked.fields, asked.content_type)


@pytest.mark.parametrize("changes", [{}, {"media_urls": ()}, {"text": ""}, {"recipient": f"whatsapp:{PERSON}"}])
def test_a_message_is_sent_as_twilio_describes_it(changes: dict[str, Any], twilio: TwilioStub) -> None:
    twilio.answers = [(201, resource())]
    TwilioRest(twilio.url, timeout_seconds=5).send(replace(MESSAGE, **changes), WITH_KEY, status_url=STATUS_URL)
    (asked,) = twilio.asked
    assert asked.method == "POST"
    assert problems(asked) == []


def test_messages_are_listed_as_twilio_describes_it(twilio: TwilioStub) -> None:
    following = f"{PATH}?To=%2B12025550123&From=%2B12025550199&PageSize=100&Page=1&PageToken=PASM1"
    first = {**page(resource(), resource()), "next_page_uri": following}
    twilio.answers = [(200, first), (200, page())]
    TwilioRest(twilio.url, timeout_seconds=5).find(MESSAGE, WITH_KEY, since=NOW)
    assert [(asked.method, problems(asked)) for asked in twilio.asked] == [("GET", []), ("GET", [])]


def test_messages_are_looked_at_as_twilio_describes_it(twilio: TwilioStub) -> None:
    twilio.answers = [(200, page()), (200, {**resource(), "direction": "inbound"})]
    messages, window = TwilioMessages(twilio.url, timeout_seconds=5), Window(NOW, NOW)
    assert messages.inbound(WITH_KEY, window, sender=PERSON, recipient=OUR_NUMBER, limit=20) == []
    found = messages.find(WITH_KEY, "SM" + "5" * 32)
    assert found is not None
    assert found.is_inbound
    assert [(asked.method, problems(asked)) for asked in twilio.asked] == [("GET", []), ("GET", [])]


def test_a_number_is_connected_as_twilio_describes_it(twilio: TwilioStub) -> None:
    numbers = TwilioNumbers(twilio.url, timeout_seconds=5)
    found = number_at_twilio(replace(ELSEWHERE, application=APPLICATION))
    listed = {"incoming_phone_numbers": [{"sid": found.sid, "phone_number": OUR_NUMBER}], "next_page_uri": None}
    service = {"sid": SERVICE, "use_inbound_webhook_on_number": False}
    meta = {"key": "services", "next_page_url": None}
    members = {"meta": {**meta, "key": "phone_numbers"}, "phone_numbers": [{"sid": found.sid}]}
    services = {"meta": meta, "services": [service]}
    twilio.answers = [(200, answer) for answer in (listed, services, members, listed, services, members, {}, {}, {})]
    numbers.find(WITH_KEY, [OUR_NUMBER])
    numbers.find(WITH_KEY, [OUR_NUMBER, *(f"+1202555{last:04}" for last in range(100, 110))])
    numbers.webhooks(WITH_KEY, found.sid)
    numbers.set_webhooks(WITH_KEY, found, ours("smsr_acme_0A1b2C3d_secret"))
    numbers.set_on_number(WITH_KEY, SERVICE, on_number=True)
    assert [(asked.method, asked.path) for asked in twilio.asked] == [
        ("GET", f"{NUMBERS}.json"),
        ("GET", SERVICES),
        ("GET", f"{SERVICES}/{SERVICE}/PhoneNumbers"),
        ("GET", f"{NUMBERS}.json"),
        ("GET", SERVICES),
        ("GET", f"{SERVICES}/{SERVICE}/PhoneNumbers"),
        ("GET", f"{NUMBERS}/{found.sid}.json"),
        ("POST", f"{NUMBERS}/{found.sid}.json"),
        ("POST", f"{SERVICES}/{SERVICE}"),
    ]
    for asked in twilio.asked:
        # That an empty value takes away what it is for is described nowhere; its name is.
        fields = [
            (name, value or (APPLICATION if "Application" in name else "https://h/")) for name, value in asked.fields
        ]
        assert problems(replace(asked, fields=tuple(fields))) == []


def test_auth_tokens_are_changed_as_twilio_describes_it(twilio: TwilioStub) -> None:
    tokens = TwilioTokens(twilio.url, timeout_seconds=5)
    twilio.answers = [(201, {"secondary_auth_token": SECOND_TOKEN}), (204, ""), (200, {"auth_token": SECOND_TOKEN})]
    assert tokens.create(ACCOUNT, TOKEN) == SECOND_TOKEN
    tokens.delete(ACCOUNT, TOKEN)
    assert tokens.promote(ACCOUNT, TOKEN) == SECOND_TOKEN
    assert [(asked.method, asked.path) for asked in twilio.asked] == [
        ("POST", "/v1/AuthTokens/Secondary"),
        ("DELETE", "/v1/AuthTokens/Secondary"),
        ("POST", "/v1/AuthTokens/Promote"),
    ]
    for asked in twilio.asked:
        assert (asked.username, asked.password) == (ACCOUNT, TOKEN)
        operation = description()["paths"][asked.path][asked.method.lower()]
        assert operation["security"] == [{"accountSid_authToken": []}]
        assert asked.fields == ()


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        (f"{NUMBERS}/PN{'8' * 32}.json", [("SmsUri", "https://h/")]),
        (f"{NUMBERS}/PN{'8' * 32}.json", [("SmsMethod", "PUT")]),
        (f"{NUMBERS}/PN{'8' * 32}.json", [("SmsUrl", "/texts")]),
        (f"{NUMBERS}/8.json", [("SmsMethod", "POST")]),
        (f"/v1/Services/{SERVICE}", [("UseInboundWebhookOnNumber", "yes")]),
        (f"/v1/Services/{SERVICE}", [("UseInboundWebhook", "true")]),
        ("/v1/Services/MG1", [("UseInboundWebhookOnNumber", "true")]),
    ],
)
def test_a_change_of_a_number_that_twilio_does_not_describe_would_be_noticed(
    path: str, fields: list[tuple[str, str]]
) -> None:
    assert request_problems("POST", path, fields, FORM)


GOOD = [("To", PERSON), ("From", OUR_NUMBER), ("Body", "x"), ("StatusCallback", STATUS_URL)]


@pytest.mark.parametrize(
    ("method", "path", "fields", "content_type"),
    [
        ("POST", PATH, GOOD[1:], FORM),
        ("POST", PATH, [*GOOD, ("StatusCallbak", STATUS_URL)], FORM),
        ("POST", PATH, [*GOOD[:3], ("StatusCallback", "/status")], FORM),
        ("POST", PATH, [*GOOD, ("Attempt", "first")], FORM),
        ("POST", PATH, [*GOOD, ("MessagingServiceSid", "MG1")], FORM),
        ("POST", PATH, [*GOOD, ("To", PERSON)], FORM),
        ("POST", PATH, GOOD, "application/json"),
        ("POST", PATH, GOOD, ""),
        ("POST", PATH.removesuffix(".json"), GOOD, FORM),
        ("POST", PATH.replace(ACCOUNT, "AC1"), GOOD, FORM),
        ("PUT", PATH, GOOD, FORM),
        ("GET", PATH, GOOD, ""),
        ("GET", PATH, [("PageSize", "many")], ""),
        ("GET", PATH, [("PageSize", "1001")], ""),
    ],
)
def test_what_twilio_does_not_describe_would_be_noticed(
    method: str, path: str, fields: list[tuple[str, str]], content_type: str
) -> None:
    assert request_problems("POST", PATH, GOOD, FORM) == []
    assert request_problems(method, path, fields, content_type)


def test_the_twin_answers_about_messages_as_twilio_describes_it(twin: FlaskClient) -> None:
    form = TEXT | {"MediaUrl": ["https://example.com/a.png", "https://example.com/b.png"]}
    made = twin.post(PATH, data=form, auth=AUTH)
    assert answer_problems("POST", PATH, made.status_code, made.json) == []
    assert made.json
    assert set(made.json) == properties("POST", PATH, 201)
    for path in (made.json["uri"], made.json["subresource_uris"]["media"], PATH, f"{PATH}?PageSize=1"):
        answer = twin.get(path, auth=AUTH)
        assert answer_problems("GET", path.partition("?")[0], answer.status_code, answer.json) == [], path
        if path.startswith(PATH):
            assert answer.json
            assert set(answer.json) == properties("GET", PATH, 200)


def test_the_twin_answers_about_numbers_as_twilio_describes_it(twin: FlaskClient) -> None:
    listed = twin.get(f"{NUMBERS}.json", auth=AUTH)
    assert answer_problems("GET", f"{NUMBERS}.json", listed.status_code, listed.json) == []
    assert listed.json
    [number] = listed.json["incoming_phone_numbers"]
    form = {"SmsUrl": "https://key:secret@example.com/a", "SmsMethod": "GET", "SmsFallbackUrl": ""}
    changed = twin.post(number["uri"], data=form, auth=AUTH)
    assert answer_problems("POST", number["uri"], changed.status_code, changed.json) == []
    assert changed.json
    assert set(changed.json) <= properties("POST", number["uri"], 200)


@pytest.fixture
def service(twin: FlaskClient) -> str:
    """The address of a service that the number is in."""
    body = {"account_sid": ACCOUNT, "inbound_request_url": "https://key:secret@example.com/b#rc=1"}
    assert twin.put(f"/services/{SERVICE}", json=body).status_code < 300
    member = {"account_sid": ACCOUNT, "messaging_service_sid": SERVICE}
    assert twin.put(f"/numbers/{OUR_NUMBER}", json=member).status_code < 300
    return f"{SERVICES}/{SERVICE}"


def test_the_twin_answers_about_services_as_twilio_describes_it(twin: FlaskClient, service: str) -> None:
    [number] = twin.get(f"{service}/PhoneNumbers", auth=AUTH).json["phone_numbers"]  # type: ignore[index]
    for path in (SERVICES, service, f"{service}/PhoneNumbers", f"{service}/PhoneNumbers/{number['sid']}"):
        answer = twin.get(path, query_string={"PageSize": 1} if path.endswith("s") else {}, auth=AUTH)
        assert answer_problems("GET", path, answer.status_code, answer.json) == [], path
        assert answer.json
        assert set(answer.json) <= properties("GET", path, 200)
    form = {"UseInboundWebhookOnNumber": "true", "InboundRequestUrl": ""}
    changed = twin.post(service, data=form, auth=AUTH)
    assert answer_problems("POST", service, changed.status_code, changed.json) == []


def test_the_twin_answers_about_tokens_as_twilio_describes_it(twin: FlaskClient) -> None:
    for path, status in (("/v1/AuthTokens/Secondary", 201), ("/v1/AuthTokens/Promote", 200)):
        made = twin.post(path, auth=AUTH)
        assert answer_problems("POST", path, made.status_code, made.json) == []
        assert made.json
        assert set(made.json) == properties("POST", path, status)


@pytest.mark.parametrize(
    ("path", "changes"),
    [
        (SERVICES, {"meta": {"page": "one"}}),
        (f"{SERVICES}/{SERVICE}", {"use_inbound_webhook_on_number": "yes"}),
        (f"{SERVICES}/{SERVICE}", {"inbound_method": "PUT"}),
        (f"{SERVICES}/{SERVICE}", {"date_created": "Mon, 23 Nov 2026 12:00:00 +0000"}),
        (f"{SERVICES}/{SERVICE}/PhoneNumbers", {"phone_numbers": [{"capabilities": {"sms": True}}]}),
    ],
)
def test_an_answer_about_services_that_is_not_twilios_would_be_noticed(path: str, changes: dict[str, object]) -> None:
    assert answer_problems("GET", path, 200, changes)


def test_the_twin_answers_about_the_account_as_twilio_describes_it(twin: FlaskClient) -> None:
    path = f"/2010-04-01/Accounts/{ACCOUNT}.json"
    answer = twin.get(path, auth=AUTH)
    assert answer_problems("GET", path, answer.status_code, answer.json) == []
    assert answer.json
    assert set(answer.json) <= properties("GET", path, 200)


@pytest.mark.parametrize(
    "changes",
    [
        {"sid": "XX1"},
        {"status": "gone"},
        {"direction": "outbound"},
        {"num_media": 2},
        {"error_code": "30001"},
        {"date_created": "2026-11-23T12:00:00Z"},
        {"account_sid": 7},
    ],
)
def test_an_answer_that_is_not_twilios_would_be_noticed(changes: dict[str, object]) -> None:
    assert answer_problems("POST", PATH, 201, resource()) == []
    assert answer_problems("POST", PATH, 201, resource(**changes))
    assert answer_problems("GET", PATH, 200, page(resource(**changes)))
    assert answer_problems("POST", PATH, 200, resource())
