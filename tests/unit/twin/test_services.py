"""Messaging Services and TwiML applications: who takes a number's texts, and how the REST API shows and changes it."""

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.rest.messaging.v1.service import ServiceContext

from tests.unit.twin.rest_client import Rest
from tests.unit.twin.webhook_receiver import ACCOUNT, NUMBER, RecordingReceiver, TwinOperator

SERVICE, OTHER_SERVICE = "MG" + "5" * 32, "MG" + "6" * 32
APPLICATION = "AP" + "7" * 32
OTHER_NUMBER = "+15550003333"


def set_up(operator: TwinOperator, receiver: RecordingReceiver, **service: object) -> None:
    """A number with a webhook of its own, in a service."""
    operator.set_up(f"{receiver.url}/number")
    put_service(operator, SERVICE, **service)
    operator.set_up(f"{receiver.url}/number", messaging_service_sid=SERVICE)


def put_service(operator: TwinOperator, sid: str, **service: object) -> None:
    answer = operator.api.put(f"/services/{sid}", json={"account_sid": ACCOUNT, **service})
    assert answer.status_code == 200, answer.json


def test_a_services_webhook_gets_the_texts_of_its_numbers(operator: TwinOperator, receiver: RecordingReceiver) -> None:
    set_up(operator, receiver, inbound_request_url=f"{receiver.url}/service")
    assert operator.text()["outcome"] == "delivered"
    [request] = receiver.received
    assert request.target == "/service"
    assert request.value("MessagingServiceSid") == SERVICE


def test_a_service_may_leave_texts_to_the_numbers_own_webhook(
    operator: TwinOperator, receiver: RecordingReceiver
) -> None:
    set_up(operator, receiver, inbound_request_url=f"{receiver.url}/service", use_inbound_webhook_on_number=True)
    operator.text()
    [request] = receiver.received
    assert (request.target, request.value("MessagingServiceSid")) == ("/number", SERVICE)


def test_a_service_without_a_webhook_drops_texts_silently(
    rest: Rest, operator: TwinOperator, receiver: RecordingReceiver
) -> None:
    set_up(operator, receiver)
    assert operator.text()["outcome"] == "no_webhook"
    assert (receiver.received, operator.debugger(), rest.client().messages.list()) == ([], [], [])


def test_a_services_fallback_is_called_and_not_the_numbers(
    operator: TwinOperator, receiver: RecordingReceiver, other_receiver: RecordingReceiver
) -> None:
    set_up(
        operator,
        receiver,
        inbound_request_url="http://127.0.0.1:1/",
        fallback_url=f"{other_receiver.url}/service",
        fallback_method="GET",
    )
    operator.text()
    assert receiver.received == []
    assert [request.method for request in other_receiver.received] == ["GET"]


def test_a_number_with_an_application_ignores_its_own_webhook_until_that_is_taken_away(
    rest: Rest, operator: TwinOperator, receiver: RecordingReceiver
) -> None:
    operator.set_up(receiver.url, sms_application_sid=APPLICATION)
    assert operator.text()["outcome"] == "no_webhook"
    [number] = rest.client().incoming_phone_numbers.list()
    assert number.sms_application_sid == APPLICATION
    assert number.update(sms_method="POST").sms_application_sid == APPLICATION
    assert number.update(sms_application_sid="").sms_application_sid == ""
    assert operator.text()["outcome"] == "delivered"


def test_a_text_without_a_service_names_none(operator: TwinOperator, receiver: RecordingReceiver) -> None:
    operator.set_up(receiver.url)
    operator.text()
    assert "MessagingServiceSid" not in dict(receiver.received[0].form)


def test_the_rest_api_lists_services_and_their_numbers_page_by_page(
    rest: Rest, operator: TwinOperator, receiver: RecordingReceiver
) -> None:
    set_up(operator, receiver, friendly_name="Notices")
    put_service(operator, OTHER_SERVICE)
    operator.api.put(f"/numbers/{OTHER_NUMBER}", json={"account_sid": ACCOUNT, "messaging_service_sid": SERVICE})
    services = rest.client().messaging.v1.services
    assert [(s.sid, s.friendly_name) for s in services.list(page_size=1)] == [
        (SERVICE, "Notices"),
        (OTHER_SERVICE, "Service"),
    ]
    listed = services(SERVICE).phone_numbers.list(page_size=1)
    assert [number.phone_number for number in listed] == [NUMBER, OTHER_NUMBER]
    assert services(OTHER_SERVICE).phone_numbers.list() == []
    assert services(SERVICE).phone_numbers(listed[0].sid).fetch().service_sid == SERVICE
    with pytest.raises(TwilioRestException) as missing:
        services(OTHER_SERVICE).phone_numbers(listed[0].sid).fetch()
    assert (missing.value.status, missing.value.code) == (404, 20404)


def service(rest: Rest, sid: str = SERVICE) -> ServiceContext:
    context: ServiceContext = rest.client().messaging.v1.services(sid)
    return context


def test_a_service_is_changed_and_the_rest_of_it_stays(
    rest: Rest, operator: TwinOperator, receiver: RecordingReceiver
) -> None:
    set_up(operator, receiver, inbound_request_url="https://user:password@h/texts#rc=2")
    changed = service(rest).update(use_inbound_webhook_on_number=True)
    assert changed.use_inbound_webhook_on_number is True
    assert changed.inbound_request_url == "https://user:password@h/texts#rc=2"
    operator.text()
    assert [request.target for request in receiver.received] == ["/number"]
    changed = service(rest).update(
        inbound_request_url="",
        fallback_url="https://h/b",
        fallback_method="GET",
        use_inbound_webhook_on_number=False,
    )
    fetched = service(rest).fetch()
    assert (fetched.inbound_request_url, fetched.fallback_url, fetched.fallback_method) == (None, "https://h/b", "GET")
    assert fetched.use_inbound_webhook_on_number is False
    assert changed.sid == fetched.sid


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"inbound_request_url": "h"}, 21402), ({"inbound_method": "PUT"}, 21403), ({"sticky_sender": True}, 20001)],
)
def test_a_wrong_change_of_a_service_changes_nothing(
    rest: Rest, operator: TwinOperator, receiver: RecordingReceiver, changes: dict[str, object], code: int
) -> None:
    set_up(operator, receiver, inbound_request_url="https://h/texts")
    with pytest.raises(TwilioRestException) as refused:
        service(rest).update(use_inbound_webhook_on_number=True, **changes)
    assert (refused.value.status, refused.value.code) == (400, code)
    assert service(rest).fetch().use_inbound_webhook_on_number is False


def test_a_service_belongs_to_its_own_account_only(
    rest: Rest, operator: TwinOperator, receiver: RecordingReceiver
) -> None:
    set_up(operator, receiver)
    operator.api.put("/accounts/AC2", json={"auth_token": "of-the-other", "rest_keys": {"SK2": "secret"}})
    for credentials in (("AC2", "of-the-other"), ("SK2", "secret")):
        other_services = rest.client(*credentials, "AC2").messaging.v1.services
        assert other_services.list() == []
        with pytest.raises(TwilioRestException) as refused:
            other_services(SERVICE).update(use_inbound_webhook_on_number=True)
        assert refused.value.status == 404
    with pytest.raises(TwilioRestException) as refused:
        rest.client(password="wrong").messaging.v1.services(SERVICE).fetch()
    assert (refused.value.status, refused.value.code) == (401, 20003)


@pytest.mark.parametrize(
    ("path", "body", "why"),
    [
        ("/services/MG1", {"account_sid": ACCOUNT}, "service_sid"),
        (f"/services/{SERVICE}", {"account_sid": "AC9"}, "account_sid"),
        (f"/services/{SERVICE}", {"account_sid": ACCOUNT, "inbound_request_url": "h"}, "inbound_request_url"),
        (f"/services/{SERVICE}", {"account_sid": ACCOUNT, "sms_url": "https://h/"}, "sms_url"),
        (f"/numbers/{NUMBER}", {"account_sid": ACCOUNT, "messaging_service_sid": SERVICE}, "messaging_service_sid"),
    ],
)
def test_says_what_is_wrong_with_a_service(operator: TwinOperator, path: str, body: dict[str, str], why: str) -> None:
    operator.set_up("https://h/texts")
    answer = operator.api.put(path, json=body)
    assert answer.status_code in {400, 404}
    assert answer.json
    assert answer.json["error"].startswith(why)
