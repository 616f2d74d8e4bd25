"""An agent behind a queue: it reads its texts there, and answers through SmsSend or the outbound queue."""

import itertools
import json
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from devstack.aws import LocalAws
from devstack.backend import CannedAnswer, Event
from devstack.deployment import DESKS
from operations.stage.names import REGIONS
from shared.messages.events import RECEIVED, STATUS
from tests.e2e.contract import Contract
from tests.e2e.desks import Desk
from tests.e2e.programs import send
from tests.e2e.talks import Talk, Talks


@pytest.fixture(scope="module")
def names() -> Iterator[str]:
    """A name of its own for each test that a stage runs, and again for the next stage's."""
    return itertools.cycle(DESKS)


@pytest.fixture
def desk(stage: str, aws: LocalAws, contract: Contract, names: Iterator[str]) -> Iterator[Desk]:
    desk = Desk.open(aws, REGIONS[stage], next(names), contract)
    yield desk
    desk.close()


def reply_to(event: Event, text: str) -> Event:
    """A message as docs/asyncapi.yaml asks of those who write to the outbound queue, with an id of the desk's own."""
    data, answer_id = event["data"], "desk-" + secrets.token_hex(8)
    return {
        "specversion": "1.0",
        "type": "sms.message.send.v1",
        "source": event["source"],
        "id": f"{answer_id}-1",
        "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "subject": event["subject"],
        "datacontenttype": "application/json",
        "tenant": event["tenant"],
        "data": {
            "reply_id": f"{answer_id}-1",
            "answer_id": answer_id,
            "part": 1,
            "parts": 1,
            "in_reply_to": event["id"],
            "agent": data["agent"],
            "provider": data["provider"],
            "account": data["account"],
            "conversation": data["conversation"],
            "from": data["to"],
            "to": data["from"],
            "text": text,
            "media_urls": [],
        },
    }


def put_outbound(talk: Talk, contract: Contract, event: Event) -> None:
    """Writes to the stage's outbound queue, as a backend that may."""
    group = f"{event['tenant']}.{event['subject']}"
    contract.queued("outbound", event, group=group, deduplication=event["id"])
    talk.queues.aws.sqs(talk.queues.stage.region).send_message(
        QueueUrl=talk.queues.stage.queues["outbound"],
        MessageBody=json.dumps(event),
        MessageGroupId=group,
        MessageDeduplicationId=event["id"],
    )


def test_an_agent_on_a_queue_answers_through_smssend(talks: Talks, stage: str, desk: Desk) -> None:
    talk = talks.begin(stage, backend=desk.settings(statuses=True))

    sid = talk.person.text("are you open?")
    event = desk.take()
    answer = send(talk.line, to=event["data"]["from"], text="until eight", idempotency_key=event["id"])

    assert (event["id"], event["type"], event["data"]["text"]) == (sid, RECEIVED, "are you open?")
    assert answer.status_code == 202
    assert talk.person.sees(1) == ["until eight"]
    news = desk.take()
    assert (news["type"], news["data"]["reply_id"]) == (STATUS, answer.json()["reply_ids"][0])


def test_an_agent_on_a_queue_answers_on_the_outbound_queue(
    talks: Talks, stage: str, desk: Desk, contract: Contract
) -> None:
    talk = talks.begin(stage, backend=desk.settings())

    talk.person.text("are you open?")
    put_outbound(talk, contract, reply_to(desk.take(), "until nine"))

    assert talk.person.sees(1) == ["until nine"]


def test_what_nobody_may_send_is_parked_though_it_stands_on_the_outbound_queue(
    talks: Talks, desk: Desk, contract: Contract, stage: str
) -> None:
    talk, other = talks.begin(stage, backend=desk.settings()), talks.begin(stage)
    talk.person.text("are you open?")
    event = reply_to(desk.take(), "from a number of somebody else's")
    event["data"]["from"] = other.line.number

    put_outbound(talk, contract, event)

    assert talks.lines.parked(talk.line, event["id"]).reason == "not_our_number"
    assert talk.person.sees(1, within_seconds=0.5) == []


def test_an_agent_on_the_web_that_answers_202_answers_later(talks: Talks, stage: str) -> None:
    talk = talks.begin(stage, lambda _: CannedAnswer(status=202))

    sid = talk.person.text("think about it")
    assert talks.backend.wait(lambda _: bool(talk.person.heard()))
    answer = send(talk.line, to=talk.person.address, text="I did", idempotency_key=sid)

    assert answer.status_code == 202
    assert talk.person.sees(1) == ["I did"]
    assert len(talk.person.heard()) == 1
