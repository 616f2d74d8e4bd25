import base64
import json
import re
import secrets
from collections import defaultdict

from devstack import logs
from devstack.aws import LocalAws
from devstack.backend import CannedAnswer
from devstack.state import FOLDER
from operations.stage.names import REGIONS
from shared.messages.outbound import Reply
from shared.telemetry import LogEvent
from shared.tenants.account import RestKey
from shared.tenants.tenant import Role
from tests.e2e.callbacks import call_back, fields
from tests.e2e.programs import send
from tests.e2e.talks import Talks

PRIVATE, ANSWER, FIRST, FORGED = "a most private text", "a most private answer", "a most private start", "forged"
FULL_NUMBER_DIGITS = 8
PHONE_NUMBER = re.compile(r"(?<![\w.-])\+[1-9]\d{7,14}(?!\d)")
# What each function said of this test's own texts at the least, on each stage: so that nothing passes by emptiness.
OUTCOMES = {
    "authorizer": {"Refused"},
    "receiver": {"Accepted", "Refused"},
    "statuses": {"Refused", "Delivered"},
    "forwarder": {"Answered", "Parked", "Postponed", "Told"},
    "sender": {"Sent", "NotSent", "Parked"},
    "api": {"Submitted", "Refused"},
}


def test_no_log_of_this_whole_run_holds_a_key_a_token_a_text_or_a_number(talks: Talks, aws: LocalAws) -> None:
    """Runs last, after every acceptance, refusal and outage of the other tests."""
    lines = talks.lines
    tenants = {stage: _everything_that_a_function_can_say(talks, stage) for stage in REGIONS}
    lines.secret.update({PRIVATE, ANSWER, FIRST})

    said: dict[str, set[str]] = defaultdict(set)
    messages = []
    for stage, region in REGIONS.items():
        region_logs = aws.logs(region)
        for name in logs.groups(region_logs):
            for message in logs.messages(region_logs, name):
                messages.append(message)
                said[name.removeprefix("/aws/lambda/")] |= _outcomes(message, tenants[stage])
    messages += (FOLDER / "twin.log").read_text().splitlines()

    for stage in REGIONS:
        for function, outcomes in OUTCOMES.items():
            assert said[f"sms-receiver-{stage}-{function}"] >= outcomes, f"{function} on {stage}"
    assert len(lines.secret) > len(REGIONS) * 10
    shown = {secret for secret in lines.secret for message in messages if _is_in(secret, message)}
    assert not shown
    assert not [message for message in messages if "Authorization" in message or PHONE_NUMBER.search(message)]


def _is_in(secret: str, message: str) -> bool:
    """Whether a message holds it. The digits of a short code count where they stand alone: ids and times have any."""
    if secret.isdigit() and len(secret) < FULL_NUMBER_DIGITS:
        return re.search(rf"(?<![\w.-]){secret}(?![\w.-])", message) is not None
    return secret in message


def _everything_that_a_function_can_say(talks: Talks, stage: str) -> str:
    """Texts and messages that come to each end that there is; gives the tenant."""
    rest_key = RestKey("SK" + secrets.token_hex(16), secrets.token_hex(16))
    failing = iter(
        (CannedAnswer((ANSWER,)), CannedAnswer(status=503), CannedAnswer((ANSWER,)), CannedAnswer(status=400))
    )
    talk = talks.begin(stage, lambda _: next(failing), statuses=True, rest_key=rest_key)
    line, person = talk.line, talk.person
    talks.lines.secret.add(base64.b64encode(f"apikey:{line.key}".encode()).decode())

    person.text(PRIVATE)
    assert person.sees(1) == [ANSWER]
    person.text(PRIVATE)
    assert person.sees(2) == [ANSWER, ANSWER]
    talks.lines.parked(line, person.text(PRIVATE))
    assert send(line, to=person.address, text=FIRST, idempotency_key="first").status_code == 202
    assert FIRST in person.sees(4)
    assert talks.backend.wait(lambda _: "delivered" in person.statuses())

    talks.phones.fail(status=400, code=21408, to=person.address)
    unsent = send(line, to=person.address, text=FIRST).json()["reply_ids"][0]
    assert talks.lines.parked(line, unsent).reason == "provider_refused"
    person.text("STOP")
    send(line, to=person.address, text=FIRST)
    assert talks.backend.wait(lambda _: person.statuses().count("failed") == 2)

    reader = talks.lines.issue(line, "reader", Role.READER)
    assert send(line, key=reader, to=person.address, text=FIRST).status_code == 403
    assert line.post(line.form(Body=PRIVATE), signature=FORGED).status_code == 403
    assert line.post(line.form(Body=PRIVATE), key=line.key[:-1]).status_code == 401
    reply = Reply(line.tenant, unsent, "", "", None, message_id="SM" + secrets.token_hex(16))
    assert call_back(line, unsent, fields(line, reply, "read"), signature=FORGED).status_code == 403
    return line.tenant


def _outcomes(message: str, tenant: str) -> set[str]:
    """The outcome that a log line tells, when it is of this tenant, or of nobody that is known."""
    try:
        told = json.loads(message)
    except ValueError:
        return set()
    known = isinstance(told, dict) and told.get("message") in set(LogEvent) and told.get("tenant", tenant) == tenant
    return {told["message"]} if known else set()
