"""A number from connected to disconnected, with somebody who changes it behind our back, and a Messaging Service."""

import json
import secrets

import httpx

from devstack.backend import LocalBackend
from devstack.person import Person
from devstack.phones import Phones
from operations.numbers.webhook_url import key_in
from tests.e2e.lines import Line, Lines, fresh_number
from tests.e2e.operators import done, sms

FORMER = "https://user:f0rmer@other.example.com/texts#rc=1"
THIRD = "https://third.example.com/texts"


def at_twilio(phones: Phones, line: Line) -> dict[str, str]:
    """The number as Twilio's REST API shows it."""
    path = f"/2010-04-01/Accounts/{line.account}/IncomingPhoneNumbers.json"
    answer = httpx.get(phones.url + path, auth=(line.account, line.token), trust_env=False).raise_for_status()
    [number] = answer.json()["incoming_phone_numbers"]
    shown: dict[str, str] = number
    return shown


def differences(*command: str) -> dict[str, tuple[str, str]]:
    """What `number check` finds, and that its exit code says so."""
    ran = sms("number", "check", *command)
    assert ran.returncode == 3, ran.stderr
    [number] = json.loads(ran.stdout)
    return {found["what"]: (found["is"], found["should_be"]) for found in number["differences"]}


def test_a_number_is_connected_checked_mended_and_disconnected(
    lines: Lines, phones: Phones, backend: LocalBackend
) -> None:
    line = lines.open("east")
    here = ("--stage", "east", "--tenant", line.tenant)
    phones.set_number(line.number, account=line.account, webhook=FORMER)
    person = Person(fresh_number(), line.number, phones, backend)
    connect = ("number", "connect", line.number, "--yes", *here)

    assert done(*connect)["connected"]
    key = key_in(at_twilio(phones, line)["sms_url"])
    assert key
    lines.secret.add(key)
    person.text("is anybody there?")
    assert person.sees(1) == ["You said: is anybody there?"]
    assert [number["ok"] for number in done("number", "check", *here)] == [True]

    phones.set_number(line.number, account=line.account, webhook=THIRD)
    assert differences(*here)["webhook"][0] == THIRD
    assert done(*connect)["connected"]
    key = key_in(at_twilio(phones, line)["sms_url"])
    assert key
    lines.secret.add(key)

    service = "MG" + secrets.token_hex(16)
    url = at_twilio(phones, line)
    for path, body in {
        f"/services/{service}": {"account_sid": line.account},
        f"/numbers/{line.number}": {
            "account_sid": line.account,
            "sms_url": url["sms_url"],
            "sms_fallback_url": url["sms_fallback_url"],
            "messaging_service_sid": service,
        },
    }.items():
        httpx.put(phones.url + path, json=body, trust_env=False).raise_for_status()
    assert phones.text(sender=person.address, to=line.number, body="lost")["outcome"] == "no_webhook"
    assert differences(*here)["Messaging Service"] == (f"{service} takes the texts", "leaves them to its numbers")
    stopped = sms(*connect)
    assert stopped.returncode == 1
    assert "--take-over" in stopped.stderr
    assert done(*connect, "--take-over")["connected"]
    person.text("and now?")
    assert person.sees(2)[-1] == "You said: and now?"

    assert not done("number", "disconnect", line.number, "--yes", *here)["connected"]
    assert at_twilio(phones, line)["sms_url"] == FORMER
    assert phones.text(sender=person.address, to=line.number, body="lost")["outcome"] == "no_webhook"
    names = [credential["name"] for credential in done("credential", "list", *here)]
    assert names == ["phone", "agent helper", "agent helper (2)"]  # the first key was lost with the webhook
