"""For each thing that is wrong `sms doctor` says what, and what to do."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from operations.health.own_key import NAME
from operations.health.web import WebAnswer
from operations.stage.inspection import Alarm, Listeners, Queue, Trigger
from operations.twilio.accounts import AccountState
from shared.errors import Unavailable
from tests.fakes import DESK, NOW, REST_SECRET, TOKEN
from tests.journal_entries import REDACTED, TARGET
from tests.unit.cli.command import Command
from tests.unit.cli.doctor.stage import examined, healthy
from tests.unit.cli.doctor_fakes import ALARMS, CHALLENGE, refusal


def broken(**told: Any) -> Callable[[Command], None]:  # noqa: ANN401 - whatever AWS tells
    return lambda command: command.inspected.__dict__.update(told)


def web(**told: Any) -> Callable[[Command], None]:  # noqa: ANN401 - whatever the web does
    return lambda command: command.outside.__dict__.update(told)


def twilio(**told: Any) -> Callable[[Command], None]:  # noqa: ANN401 - whatever Twilio says
    return lambda command: command.accounts.__dict__.update(told)


def late_log(command: Command) -> None:
    """The forwarder takes the probe off the queue, and its log does not show it."""
    web(arrived=lambda _: None)(command)
    broken(queues=dict.fromkeys(("in", "out"), Queue(0, 0, redrives=True)))(command)


RINGING = [Alarm(name, "ALARM" if name.endswith("stuck") else "OK") for name in sorted(ALARMS)]
EVERY, STATUS = "*/*", "/sms.receiver/SmsStatus/{tenant}/{reply}/POST"
LIMITS = {EVERY: (200.0, 400), STATUS: (100.0, 200)}
LATE = NOW - timedelta(minutes=6)
SLOW = NOW - timedelta(seconds=30)


@pytest.mark.parametrize(
    ("breaks", "check", "verdict", "seen", "do"),
    [
        (broken(status="UPDATE_ROLLBACK_FAILED"), "stack", "wrong", "UPDATE_ROLLBACK_FAILED", "make deploy STAGE=east"),
        (broken(status="UPDATE_IN_PROGRESS"), "stack", "warning", "UPDATE_IN_PROGRESS", "wait"),
        (broken(queues={"in": Queue(0, 0, redrives=True)}), "queue outbound", "wrong", "does not exist", "make deploy"),
        (broken(queues={"in": Queue(0, 0, redrives=False)}), "queue inbound", "wrong", "no dead-letter", "make deploy"),
        (broken(oldest=3600.0), "queue inbound", "wrong", "1 wait, the oldest for 1h", "./sms tail"),
        (broken(made={*ALARMS, "x"}), "alarms", "wrong", "missing: x", "make deploy"),
        (broken(made=set()), "alarms", "wrong", "all of them", "make deploy"),
        (broken(told=RINGING), "alarms", "wrong", "sms-receiver-east-stuck rings", "docs/operations.md"),
        (broken(heard_by=Listeners(0, 0)), "listeners", "warning", "nobody hears", "SMS_RECEIVER_ALARM_EMAIL"),
        (broken(heard_by=Listeners(0, 1)), "listeners", "warning", "1 did not confirm", "open the e-mail"),
        (broken(limit=9), "concurrency", "wrong", "too few are left for webhooks", "Service Quotas"),
        (broken(consumers={"outbound": Trigger(3, enabled=True)}), "triggers", "wrong", "the forwarder", "make deploy"),
        (
            broken(consumers={"inbound": Trigger(4, enabled=True), "outbound": Trigger(3, enabled=False)}),
            "triggers",
            "wrong",
            "the sender",
            "make deploy",
        ),
        (broken(limits={}), "throttles", "wrong", "none instead of", "make deploy"),
        (
            broken(limits={EVERY: (200.0, 400)}),
            "throttles",
            "wrong",
            "SmsStatus/{tenant}/{reply}/POST: none",
            "make deploy",
        ),
        (
            broken(limits={EVERY: (200.0, 400), STATUS: (1000.0, 200)}),
            "throttles",
            "wrong",
            "1000 a second",
            "make deploy",
        ),
        (
            broken(limits={EVERY: (10000.0, 5000), STATUS: (100.0, 200)}),
            "throttles",
            "wrong",
            "5000 at once",
            "make deploy",
        ),
        (broken(limits={**LIMITS, "/a/POST": (1.0, 1)}), "throttles", "warning", "/a/POST has settings", "remove them"),
        (broken(role=None), "log role", "warning", "no role", "SMS_RECEIVER_GATEWAY_ACCOUNT"),
        (web(bare=Unavailable("no answer: ConnectError")), "challenge", "wrong", "ConnectError", "CNAME"),
        (web(bare=WebAnswer(403, CHALLENGE, "")), "challenge", "wrong", "403 instead of 401", "make deploy"),
        (
            web(bare=WebAnswer(401, {"x-amzn-remapped-www-authenticate": "Basic"}, "")),
            "challenge",
            "wrong",
            "comes from a Lambda",
            "the gateway itself must answer",
        ),
        (web(bare=WebAnswer(401, {}, "")), "challenge", "wrong", "without WWW-Authenticate", "new deployment"),
        (
            web(bare=WebAnswer(401, {"www-authenticate": "Bearer"}, "")),
            "challenge",
            "wrong",
            "without WWW-Auth",
            "deploy",
        ),
        (
            web(bare=WebAnswer(401, {**CHALLENGE, "date": format_datetime(LATE)}, "")),
            "clock",
            "wrong",
            "360 seconds",
            "set it",
        ),
        (
            web(bare=WebAnswer(401, {**CHALLENGE, "date": format_datetime(SLOW)}, "")),
            "clock",
            "warning",
            "30 seconds",
            "set",
        ),
        (web(bare=WebAnswer(401, {**CHALLENGE, "date": "x"}, "")), "clock", "warning", "no date", "compare"),
        (web(stranger=WebAnswer(200, {}, "")), "wrong key", "wrong", "answered 200 instead of 401", "authorizer"),
        (web(keyed=[WebAnswer(401, {}, "")]), "key", "wrong", "refused with 401", "copy of the tenant"),
        (web(keyed=[refusal(500, "configuration")]), "key", "wrong", "500 configuration", "./sms tail"),
        (web(keyed=[WebAnswer(502, {}, "<html>")]), "key", "wrong", "502 without a reason", "./sms tail"),
        (web(keyed=[refusal(400, "malformed")]), "unsigned request", "wrong", "400 malformed", "Wait a minute"),
        (
            web(signed=refusal(403, "invalid_signature")),
            "signed probe",
            "wrong",
            "403 invalid_signature",
            "another URL",
        ),
        (web(signed=refusal(503, "unavailable")), "signed probe", "wrong", "503 unavailable", "./sms tail"),
        (web(arrived=lambda _: None), "arrival", "wrong", "nothing of the probe after 60 seconds", "trigger"),
        (
            late_log,
            "arrival",
            "warning",
            "nothing of the probe after 60 seconds, although the queue is empty",
            "CloudWatch can be minutes late. Look again: ./sms",
        ),
        (twilio(unknown={TOKEN}), "auth token", "wrong", f"does not know …{TOKEN[-4:]}", "--add-token"),
        (twilio(unknown={REST_SECRET}), "REST key", "wrong", "does not accept SK", "--rest-key"),
        (twilio(told=AccountState("suspended", "Full")), "account", "wrong", "is suspended", "console"),
        (twilio(told=AccountState("active", "Trial")), "account", "warning", "a trial account", "verified numbers"),
    ],
)
def test_says_what_is_wrong_and_what_to_do(
    breaks: Callable[[Command], None], check: str, verdict: str, seen: str, do: str
) -> None:
    command = healthy()
    breaks(command)
    found = examined(command, code=3 if verdict == "wrong" else 0)
    assert found[check][0] == verdict
    assert seen in found[check][1]
    assert do in found[check][2]
    assert not [one for one in command.store.stored().credentials if one.name.startswith(NAME)]


def test_an_agent_with_a_journal_needs_the_trigger_of_the_queue_of_journals() -> None:
    command = healthy(agents=(replace(DESK, journal=REDACTED),))
    verdict, seen, do = examined(command, code=3)["triggers"]
    assert (verdict, seen) == ("wrong", "nothing brings queue journal to the forwarder")
    assert "SMS_RECEIVER_JOURNAL_TARGETS" in do
    command.stacks["east"]["JournalTargets"] = TARGET
    command.inspected.consumers["journal"] = Trigger(2, enabled=True)
    assert examined(command, code=0)["triggers"][0] == "good"
