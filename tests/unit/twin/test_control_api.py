"""The control API: what it refuses, and which secrets it never returns."""

from typing import Any

import pytest

from tests.unit.twin.webhook_receiver import (
    ACCOUNT,
    CHALLENGE,
    NUMBER,
    PERSON,
    TOKEN,
    CannedResponse,
    RecordingReceiver,
    TwinOperator,
)
from twin.accounts import Hook, Number, TwinAccount
from twin.exchange import HookRequest
from twin.message import Signing, Text
from twin.signing import signature
from twin.webhook_try import HookSender
from twin.webhook_url import WebhookUrl

TEXT = {"from": PERSON, "to": NUMBER, "body": "Hello"}


def test_reports_its_health(operator: TwinOperator) -> None:
    assert operator.api.get("/health").get_json() == {"status": "ok"}


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        (f"/accounts/{ACCOUNT}", None, "body"),
        (f"/accounts/{ACCOUNT}", [], "body"),
        (f"/accounts/{ACCOUNT}", {}, "auth_token"),
        (f"/accounts/{ACCOUNT}", {"auth_token": ""}, "auth_token"),
        (f"/accounts/{ACCOUNT}", {"auth_token": 5}, "auth_token"),
        (f"/accounts/{ACCOUNT}", {"auth_token": "\ud800"}, "auth_token"),
        (f"/accounts/{ACCOUNT}", {"auth_token": "t", "secondary_auth_token": []}, "secondary_auth_token"),
        (f"/accounts/{ACCOUNT}", {"auth_tokn": "t"}, "auth_tokn"),
        ("/accounts/SK1", {"auth_token": "t"}, "account_sid"),
        (f"/numbers/{NUMBER}", {"sms_url": "https://h/"}, "account_sid"),
        (f"/numbers/{NUMBER}", {"account_sid": ACCOUNT, "sms_url": "h"}, "sms_url"),
        (f"/numbers/{NUMBER}", {"account_sid": ACCOUNT, "sms_url": 1}, "sms_url"),
        (f"/numbers/{NUMBER}", {"account_sid": ACCOUNT, "sms_url": "https://h/", "sms_method": "PUT"}, "sms_method"),
        (
            f"/numbers/{NUMBER}",
            {"account_sid": ACCOUNT, "sms_url": "https://h/", "sms_fallback_url": "x"},
            "sms_fallback_url",
        ),
        (f"/numbers/{NUMBER}", {"account_sid": ACCOUNT, "sms_fallback_url": "https://h/"}, "sms_fallback_url"),
        (f"/numbers/{NUMBER}", {"account_sid": ACCOUNT, "voice_url": "https://h/"}, "voice_url"),
        ("/numbers/hello", {"account_sid": ACCOUNT, "sms_url": "https://h/"}, "number"),
        ("/numbers/+0", {"account_sid": ACCOUNT, "sms_url": "https://h/"}, "number"),
    ],
)
def test_refuses_a_wrong_set_up_and_names_the_field(
    operator: TwinOperator, path: str, body: object, field: str
) -> None:
    operator.set_up("http://127.0.0.1:1")
    before = operator.api.get("/numbers").get_json()
    answer = operator.api.put(path, json=body)
    assert answer.status_code == 400
    assert answer.get_json()["error"].startswith(f"{field}: ")
    assert operator.api.get("/numbers").get_json() == before


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"from": None}, "from"),
        ({"to": ""}, "to"),
        ({"body": 5}, "body"),
        ({"body": "\ud83d"}, "body"),
        ({"media": {"url": "x"}}, "media"),
        ({"media": [{"url": "x"}]}, "content_type"),
        ({"media": ["x"]}, "body"),
        ({"fields": ["x"]}, "body"),
        ({"fields": {"X": 5}}, "fields.X"),
        ({"fields": {"X": ["a", 5]}}, "fields.X"),
        ({"message_sid": "XX1"}, "message_sid"),
        ({"signature": "a\r\nX-Injected: 1"}, "signature"),
        ({"signature": "ü"}, "signature"),
        ({"sign_with": 5}, "sign_with"),
        ({"text": "Hello"}, "text"),
    ],
)
def test_refuses_a_wrong_text_and_names_the_field(
    receiver: RecordingReceiver, operator: TwinOperator, changes: dict[str, Any], field: str
) -> None:
    operator.set_up(receiver.url)
    answer = operator.api.post("/texts", json={**TEXT, **changes})
    assert answer.status_code == 400
    assert answer.get_json()["error"].startswith(f"{field}: ")
    assert receiver.received == []


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/texts", {**TEXT, "to": "+15550009999"}),
        ("POST", "/texts", {**TEXT, "to": "whatsapp:+15550009999"}),
        ("POST", "/texts/SM1/again", {}),
        ("DELETE", "/numbers/+15550009999", None),
        ("POST", "/accounts/AC9/promote", None),
        ("POST", f"/accounts/{ACCOUNT}/promote", None),
        ("PUT", "/numbers/+15550009999", {"account_sid": "AC9", "sms_url": "https://h/"}),
        ("GET", "/nowhere", None),
    ],
)
def test_answers_404_to_unknown_names(operator: TwinOperator, method: str, path: str, body: object) -> None:
    operator.set_up("http://127.0.0.1:1")
    answer = operator.api.open(path, method=method, json=body)
    assert answer.status_code == 404
    assert list(answer.get_json()) == ["error"]


def test_answers_in_json_even_to_a_wrong_method(operator: TwinOperator) -> None:
    answer = operator.api.get("/texts")
    assert (answer.status_code, list(answer.get_json())) == (405, ["error"])


@pytest.mark.parametrize("host", ["attacker.example", "127.0.0.1.attacker.example"])
def test_answers_only_requests_for_a_loopback_host(operator: TwinOperator, host: str) -> None:
    assert operator.api.get("/numbers", headers={"Host": host}).status_code == 400


def test_a_web_page_cannot_send_texts_with_a_simple_form(receiver: RecordingReceiver, operator: TwinOperator) -> None:
    operator.set_up(receiver.url)
    answer = operator.api.post("/texts", data='{"from":"+15550002222","to":"+15550001111"}', content_type="text/plain")
    assert answer.status_code == 400
    assert receiver.received == []


def test_shows_numbers_without_their_passwords(operator: TwinOperator) -> None:
    fallback = "https://bob:secret@h/west"
    operator.set_up("https://ann:secret@h:8443/east?x=1#rc=2", sms_fallback_url=fallback, sms_fallback_method="GET")
    assert operator.api.get("/numbers").get_json() == [
        {
            "number": NUMBER,
            "account_sid": ACCOUNT,
            "sms_url": "https://ann:***@h:8443/east?x=1#rc=2",
            "sms_method": "POST",
            "sms_fallback_url": "https://bob:***@h/west",
            "sms_fallback_method": "GET",
            "sms_application_sid": None,
            "messaging_service_sid": None,
        }
    ]


def test_a_deleted_number_gets_no_more_texts(receiver: RecordingReceiver, operator: TwinOperator) -> None:
    operator.set_up(receiver.url)
    sid = operator.text()["message_sid"]
    assert operator.api.delete(f"/numbers/{NUMBER}").status_code == 200
    assert operator.api.get("/numbers").get_json() == []
    assert operator.api.post("/texts", json=TEXT).status_code == 404
    assert operator.api.post(f"/texts/{sid}/again").status_code == 404
    assert len(receiver.received) == 1


def test_the_primary_token_signs_until_the_secondary_is_promoted(
    receiver: RecordingReceiver, operator: TwinOperator
) -> None:
    operator.set_up(receiver.url)
    operator.api.put(f"/accounts/{ACCOUNT}", json={"auth_token": "old", "secondary_auth_token": "new"})
    operator.text()
    assert operator.api.post(f"/accounts/{ACCOUNT}/promote").status_code == 200
    operator.text()
    assert operator.api.post(f"/accounts/{ACCOUNT}/promote").status_code == 404
    for request, token in zip(receiver.received, ["old", "new"], strict=True):
        assert request.headers["x-twilio-signature"] == signature(receiver.url, request.form, token)


def test_the_account_of_the_number_signs(receiver: RecordingReceiver, operator: TwinOperator) -> None:
    operator.set_up(receiver.url)
    operator.api.put("/accounts/AC2", json={"auth_token": "of-the-subaccount"})
    operator.api.put("/numbers/+15550003333", json={"account_sid": "AC2", "sms_url": receiver.url})
    operator.text(to="+15550003333")
    [request] = receiver.received
    assert request.value("AccountSid") == "AC2"
    assert request.headers["x-twilio-signature"] == signature(receiver.url, request.form, "of-the-subaccount")


def test_no_response_contains_a_secret(
    receiver: RecordingReceiver,
    operator: TwinOperator,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    receiver.answers(CannedResponse(401, CHALLENGE))
    url = f"http://user:open-sesame@127.0.0.1:{receiver.port}/#rc=2"
    fallback = "https://user:open-sesame@127.0.0.1:1/#rp=nonsense"
    operator.set_up(url, sms_fallback_url=fallback)
    secrets = {"auth_token": TOKEN, "secondary_auth_token": "token-to-come"}
    output = [operator.api.put(f"/accounts/{ACCOUNT}", json=secrets).text]
    output.append(str(operator.text(sign_with="token-to-sign-with")))
    output += [operator.api.get(path).text for path in ("/numbers", "/debugger")]
    output.append(operator.api.put(f"/numbers/{NUMBER}", json={"account_sid": ACCOUNT, "sms_url": url}).text)
    output.append(operator.api.put(f"/numbers/{NUMBER}", json={"account_sid": "AC9", "sms_url": url + " "}).text)
    output += [caplog.text, *capfd.readouterr()]
    everything = " ".join(output)
    assert "user:***@127.0.0.1" in everything
    for secret in ("open-sesame", TOKEN, "token-to-come", "token-to-sign-with", "b3Blbi1zZXNhbWU"):
        assert secret not in everything
    for alert in operator.debugger():
        assert "@" not in alert["url"]
        assert "#" not in alert["url"]


def test_no_value_shows_a_secret_when_it_is_printed() -> None:
    url = WebhookUrl.parse("https://user:secret@h/")
    values = [
        url,
        Hook(url, "POST"),
        Number(NUMBER, ACCOUNT, Hook(url, "POST"), Hook(url, "GET")),
        TwinAccount(ACCOUNT, "secret", "secret"),
        Signing("secret", "secret"),
        Text("SM1", NUMBER, (), signing=Signing("secret", "secret")),
        HookSender("secret", "secret", "token", {"h": url}),
        HookRequest("POST", url, {"Authorization": "secret"}, None),
    ]
    assert "secret" not in repr(values)
