"""What the functions counted and measured in a whole run, out of their logs: just what shared/telemetry.py lists."""

import json
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from devstack import metrics
from devstack.alarms import Alarms
from devstack.aws import LocalAws
from devstack.backend import CannedAnswer, in_turn, parrot
from operations.stage.names import REGIONS, part_name
from shared.retry import RECEIVES_MAX
from shared.telemetry import BY, NAMESPACE
from shared.tenants.tenant import SignatureMode
from tests.e2e.lines import Lines, message_id
from tests.e2e.programs import send
from tests.e2e.talks import Talks
from tests.e2e.waiting import until

SAMPLES = Path(__file__).parents[1] / "samples"
EVERYTHING = {(name, "stage") for name in BY} | {(name, "stage", by) for name, by in BY.items() if by}


def test_all_that_is_listed_is_emitted_with_its_dimensions_and_nothing_else(talks: Talks, aws: LocalAws) -> None:
    """Runs when only the search for secrets is left, so that it sees what every other test made the functions emit."""
    begun = datetime.now(UTC)
    _something_of_everything(talks)

    def emitted(stage: str) -> set[tuple[str, ...]]:
        points = metrics.of_stage(aws, stage)
        assert {point.namespace for point in points} <= {NAMESPACE}
        assert {point.dimensions["stage"] for point in points} <= {stage}
        return {(point.name, *point.dimensions) for point in points}

    assert until(lambda: emitted("east") >= EVERYTHING, within_seconds=30), EVERYTHING - emitted("east")
    for stage in REGIONS:
        assert not emitted(stage) - EVERYTHING
    alarms = Alarms("east", aws, begun)
    rings = {name for name in ("parked", "overdue", "forged", "last-try", "stuck", "reply-stuck") if alarms.rings(name)}
    assert rings == {"parked", "overdue", "last-try"}


def _something_of_everything(talks: Talks) -> None:
    answers = in_turn(parrot, CannedAnswer(status=503), CannedAnswer(status=204), CannedAnswer(status=400), parrot)
    talk = talks.begin("east", answers)
    line, person, lines = talk.line, talk.person, talks.lines

    person.text("hello")
    assert len(person.sees(1)) == 1
    talk.queues.deliver_again(person.heard()[0].event)  # Duplicate
    person.text("later, then nothing")  # Postponed, Unanswered
    lines.parked(line, person.text("no"))
    assert line.post(line.form(), signature="forged").status_code == 403
    assert line.post(line.form(SmsStatus="delivered", MessageStatus="delivered")).status_code == 200  # Misdirected

    assert send(line, to=person.address, text="first").status_code == 202
    assert talk.queues.settle()  # else the failure that is planned next may meet this message
    talks.phones.fail(status=400, code=21408, to=person.address)
    unsent = send(line, to=person.address, text="fails").json()["reply_ids"][0]
    assert lines.parked(line, unsent).reason == "provider_refused"
    talks.phones.fail(status=400, code=21614, to=person.address)
    assert send(line, to=person.address, text="to a landline").status_code == 202  # ReplyUnreachable
    _would_be_refused(lines)
    _failed(lines)
    talks.begin("east", lambda _: CannedAnswer(status=202), answer_within_seconds=1).person.text("Overdue")
    _tried_for_the_last_time(talks)


def _tried_for_the_last_time(talks: Talks) -> None:
    """A delivery after which the queue would move the text away; its backend fails."""
    talk = talks.begin("east", in_turn(parrot, CannedAnswer(status=503)))
    talk.person.text("hello")
    assert talk.person.sees(1)
    sqs_event = json.loads((SAMPLES / "sqs_fifo.json").read_text(encoding="utf-8"))
    record = sqs_event["Records"][0]
    record |= {"messageId": str(uuid4()), "body": json.dumps(talk.person.heard()[0].event | {"id": message_id()})}
    just_now = str(int(datetime.now(UTC).timestamp() * 1000))
    record["attributes"] |= {"ApproximateReceiveCount": str(RECEIVES_MAX), "SentTimestamp": just_now}
    answer = talks.aws.lambdas(REGIONS["east"]).invoke(
        FunctionName=part_name("east", "forwarder"), Payload=json.dumps(sqs_event)
    )
    failed = {"batchItemFailures": [{"itemIdentifier": record["messageId"]}]}
    assert json.loads(answer["Payload"].read()) == failed


def _would_be_refused(lines: Lines) -> None:
    line = lines.open("east", mode=SignatureMode.OBSERVE)
    assert line.post(line.form(), signature="forged").status_code == 200


def _failed(lines: Lines) -> None:
    """A tenant whose document is none."""
    line = lines.open("east")
    access = f"sms-receiver/{line.tenant}/access"
    lines.aws.secrets(REGIONS["east"]).put_secret_value(SecretId=access, SecretString="{}")
    assert line.post(line.form()).status_code == 503
