"""Six things that go wrong one day: which alarm rings, what the commands say, and that the documented cure works.

The alarms are the stage's own, as deployed; the local CloudWatch decides them on what the stage measured meanwhile.
"""

import json
import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from devstack.alarms import Alarms
from devstack.aws import LocalAws
from devstack.backend import CannedAnswer, parrot
from devstack.phones import Phones
from operations.numbers.webhook_url import webhook_url
from tests.e2e.lines import Line, Lines, fresh_number
from tests.e2e.operators import done, sms
from tests.e2e.talks import Talk, Talks
from tests.e2e.waiting import until

ENOUGH = 6  # refusals, for an alarm that rings at more than four
FLOOD = 40


@dataclass(frozen=True)
class Scene:
    """A talk during which something goes wrong."""

    talk: Talk
    alarms: Alarms

    @property
    def here(self) -> tuple[str, ...]:
        return ("--stage", self.talk.line.stage, "--tenant", self.talk.line.tenant)

    def rings(self, name: str) -> bool:
        return until(lambda: self.alarms.rings(name), within_seconds=15)

    def doctor(self, check: str) -> list[dict[str, Any]]:
        """What the doctor finds of a check, without a probe."""
        ran = sms("doctor", "--look-only", *self.here)
        assert ran.returncode in {0, 3}, ran.stderr
        return [found for found in json.loads(ran.stdout) if found["check"] == check]

    def verdict(self, message_sid: str) -> str:
        found = until(lambda: _found(sms("trace", message_sid, *self.here).stdout), within_seconds=30)
        verdict: str = found[0]["verdict"]
        return verdict


def _found(printed: str) -> list[dict[str, Any]]:
    told = json.loads(printed)
    return told if isinstance(told, list) else []


@pytest.fixture
def scene(talks: Talks, aws: LocalAws) -> Scene:
    begun = datetime.now(UTC)
    return Scene(talks.begin("east"), Alarms("east", aws, since=begun))


def test_a_wrong_token_was_pasted(scene: Scene, phones: Phones, lines: Lines) -> None:
    line, person = scene.talk.line, scene.talk.person
    right = secrets.token_hex(16)
    lines.secret.add(right)
    phones.set_account(line.account, auth_token=right)

    texts = [phones.text(sender=person.address, to=line.number, body="hello?") for _ in range(ENOUGH)]

    assert {text["status"] for text in texts} == {403}
    assert scene.rings("forged")
    assert scene.verdict(texts[0]["message_sid"]).startswith(
        "It was refused: invalid_signature. None of the account's auth tokens signed this request for this URL."
    )
    assert [found["verdict"] for found in scene.doctor("auth token")] == ["wrong"]
    assert done("parked", "list", *scene.here) == []

    done("twilio", "set-account", line.account, "--add-token", *scene.here, typed=right + "\n")
    person.text("and now?")
    assert person.sees(1) == ["You said: and now?"]
    assert [found["verdict"] for found in scene.doctor("auth token")].count("good") == 1


def test_the_backend_is_down_for_a_while(scene: Scene, talks: Talks) -> None:
    line, person = scene.talk.line, scene.talk.person
    talks.backend.on(line.tenant, lambda _: CannedAnswer(status=503))

    sid = person.text("is anybody there?")
    assert talks.lines.parked(line, sid).reason == "backend_unavailable"

    assert scene.rings("backend-failing")
    assert scene.rings("parked")
    verdict = scene.verdict(sid)
    assert verdict.startswith("The text is parked: backend_unavailable: ")
    assert "See: docs/parking.md" in verdict
    [parked] = scene.doctor("parked")
    assert (parked["verdict"], parked["seen"]) == ("warning", "1 backend_unavailable")
    assert [one["reason"] for one in done("parked", "list", *scene.here)] == ["backend_unavailable"]

    talks.backend.on(line.tenant, parrot)
    assert done("parked", "replay", "--reason", "backend_unavailable", *scene.here)["replayed"] == 1
    assert "You said: is anybody there?" in person.sees(2)
    assert until(lambda: scene.verdict(sid) == "It was answered, and the answer arrived.", within_seconds=30)


def test_the_number_was_given_to_somebody_else_in_twilios_console(scene: Scene, phones: Phones, lines: Lines) -> None:
    line, person = scene.talk.line, scene.talk.person
    phones.set_number(line.number, account=line.account, webhook="https://third.example.com/texts")

    sid = phones.text(sender=person.address, to=line.number, body="hello?")["message_sid"]

    assert not scene.alarms.rings("forged")  # what does not come rings nothing: let cron run the check
    asked = sms("why", sid, *scene.here)
    assert (asked.returncode, json.loads(asked.stdout)["state"]) == (3, "unreached")
    checked = sms("number", "check", *scene.here)
    assert checked.returncode == 3
    assert next(found["what"] for found in json.loads(checked.stdout)[0]["differences"]) == "webhook"

    done("number", "connect", line.number, "--yes", *scene.here)
    person.text("and now?")
    assert person.sees(1) == ["You said: and now?"]
    assert done("number", "check", *scene.here)[0]["ok"]
    assert lines.target.numbers_directory.connection(line.tenant, line.number)


def test_a_flood_of_forged_requests_with_a_key_that_leaked(scene: Scene, phones: Phones, lines: Lines) -> None:
    line, person = scene.talk.line, scene.talk.person
    forms = [line.form(Body="forged") for _ in range(FLOOD)]

    with ThreadPoolExecutor(max_workers=4) as pool:
        flood = pool.map(lambda form: _forged(line, form), forms)
        person.text("do I get through?")
        statuses = set(flood)

    assert statuses == {403}
    assert person.sees(1) == ["You said: do I get through?"]
    assert [one.event["data"]["text"] for one in person.heard()] == ["do I get through?"]
    assert scene.rings("forged")
    assert not scene.alarms.rings("parked")
    assert scene.verdict(forms[0]["MessageSid"]).startswith("It was refused: invalid_signature")

    key = lines.issue(line, "after the leak")
    webhook = webhook_url(line.base_url, key)
    assert webhook
    phones.set_number(line.number, account=line.account, webhook=webhook)
    assert sms("credential", "revoke", "phone", *scene.here).returncode == 1, "it is in use, so it asks"
    done("credential", "revoke", "phone", "--yes", *scene.here)
    assert until(lambda: _forged(line, line.form()) == 401, within_seconds=30)
    person.text("and now?")
    assert person.sees(2)[-1] == "You said: and now?"


def test_a_poison_message_that_nobody_can_read(scene: Scene, aws: LocalAws) -> None:
    stage, sqs = scene.talk.queues.stage, aws.sqs(scene.talk.queues.stage.region)
    unique = secrets.token_hex(8)
    sqs.send_message(
        QueueUrl=stage.queues["inbound"],
        MessageBody="this is no event",
        MessageGroupId=unique,
        MessageDeduplicationId=unique,
    )

    scene.talk.person.text("is the way free?")
    assert scene.talk.person.sees(1) == ["You said: is the way free?"]
    assert not scene.talk.queues.holds("inbound_crashed", 1, within_seconds=1)


def test_what_could_not_even_be_parked(scene: Scene, aws: LocalAws) -> None:
    stage, sqs = scene.talk.queues.stage, aws.sqs(scene.talk.queues.stage.region)
    unique = secrets.token_hex(8)
    sqs.send_message(  # as SQS does after an outage of more than half a day
        QueueUrl=stage.queues["inbound_crashed"],
        MessageBody="{}",
        MessageGroupId=unique,
        MessageDeduplicationId=unique,
    )
    assert scene.talk.queues.holds("inbound_crashed", 1)
    assert scene.rings("crashed")
    assert "About 1 messages of the inbound queue" in sms("parked", "list", *scene.here).stderr
    assert next((found["verdict"], found["seen"]) for found in scene.doctor("crashed")) == (
        "wrong",
        "1 of queue inbound",
    )

    sqs.purge_queue(QueueUrl=stage.queues["inbound_crashed"])
    assert not scene.alarms.rings("crashed")
    assert {found["verdict"] for found in scene.doctor("crashed")} == {"good"}


def _forged(line: Line, form: dict[str, str]) -> int:
    return line.post({**form, "From": fresh_number()}, signature="forged").status_code
