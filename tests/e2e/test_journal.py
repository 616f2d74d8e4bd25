"""An agent's journal on a queue and on a topic: the whole life of texts, and nothing that may not leave."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from devstack.aws import LocalAws
from devstack.backend import CannedAnswer, Event, in_turn
from devstack.deployment import JOURNAL_TOPIC, JOURNALS
from operations.stage.names import REGIONS
from shared.messages.journal import ENTRY
from shared.tenants.agent import JournalSettings
from tests.e2e.contract import Contract
from tests.e2e.operators import done, sms
from tests.e2e.programs import begin_session, end_session, send
from tests.e2e.talks import Talk, Talks
from tests.e2e.waiting import until

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

WORDS, REPLY = "my most private words", "a most private reply"


@dataclass
class Reader:
    """An operator's system that reads a journal."""

    sqs: "SQSClient"
    url: str
    arn: str
    contract: Contract
    entries: list[dict[str, Any]] = field(default_factory=list)

    def read(self) -> list[dict[str, Any]]:
        """All entries so far, with repetitions."""
        while messages := self.sqs.receive_message(
            QueueUrl=self.url, MaxNumberOfMessages=10, MessageSystemAttributeNames=["All"]
        ).get("Messages", []):
            for message in messages:
                entry = json.loads(message["Body"])
                about = message["Attributes"]
                group = about.get("MessageGroupId", f"{entry['tenant']}.{entry['subject']}")
                self.contract.queued("journal", entry, group=group, deduplication=about.get("MessageDeduplicationId"))
                self.entries.append(entry)
                self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
        return self.entries

    def ids(self) -> set[str]:
        """The ids of all entries so far."""
        return {entry["id"] for entry in self.read()}

    def awaits(self, ids: set[str]) -> set[str]:
        """The ids of all entries, as soon as these are among them or the time is over."""
        until(lambda: self.ids() >= ids, within_seconds=30)
        return self.ids()


@pytest.fixture(params=JOURNALS)
def reader(request: pytest.FixtureRequest, stage: str, aws: LocalAws, contract: Contract) -> Iterator[Reader]:
    """A reader on a new queue."""
    sqs = aws.sqs(REGIONS[stage])
    name: str = request.param
    url = sqs.create_queue(QueueName=name, Attributes={"FifoQueue": "true"} if name.endswith(".fifo") else {})[
        "QueueUrl"
    ]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    yield Reader(sqs, url, arn, contract)
    sqs.delete_queue(QueueUrl=url)


def goodbye(_event: Event) -> CannedAnswer:
    return CannedAnswer((REPLY, "Bye."), end_session=True)


def silent(_event: Event) -> CannedAnswer:
    return CannedAnswer(status=204)


def refusing(_event: Event) -> CannedAnswer:
    return CannedAnswer(status=404)


def sent_ids(reader: Reader) -> dict[str, str]:
    """The provider's ids of the messages, by reply id."""
    return {
        entry["data"]["reply_id"]: entry["data"]["message_id"]
        for entry in reader.read()
        if entry["data"]["event"] == "sent"
    }


def statuses_of(reply_id: str, words: tuple[str, ...] = ("sent", "delivered")) -> set[str]:
    return {f"{reply_id}.{word}" for word in words}


def ledger(talk: Talk, reader: Reader, answered: str, silent_text: str, refused: str) -> set[str]:
    """What must be told of these three texts, by what the twin and the backend saw."""
    replies = (f"{answered}-1", f"{answered}-2", f"{refused}-f-1")
    until(lambda: sent_ids(reader).keys() >= set(replies), within_seconds=30)
    sessions = {heard.webhook_id: heard.event["data"]["session"]["id"] for heard in talk.person.heard()}
    provider_ids = sent_ids(reader)
    return {
        *(f"{text}.received" for text in (answered, silent_text, refused)),
        f"{answered}.answered",
        f"{silent_text}.unanswered",
        f"{refused}.parked",
        *(f"{reply}.sent.{provider_ids.get(reply)}" for reply in replies),
        f"{sessions[answered]}.begun",
        f"{sessions[answered]}.ended",
        f"{sessions[silent_text]}.begun",
    }


def test_the_whole_life_of_texts_is_told_and_nothing_of_what_they_say(talks: Talks, stage: str, reader: Reader) -> None:
    talk = talks.begin(stage, in_turn(goodbye, silent, refusing), journal=JournalSettings(reader.arn))

    answered = talk.person.text(WORDS)
    assert talk.person.sees(2) == [REPLY, "Bye."]
    silent_text, refused = talk.person.text("nothing to say"), talk.person.text("go away")
    assert len(talk.person.sees(3)) == 3

    expected = ledger(talk, reader, answered, silent_text, refused)
    delivered = {f"{reply}.delivered" for reply in (f"{answered}-1", f"{answered}-2", f"{refused}-f-1")}
    told = reader.awaits(expected | delivered)
    statuses = {entry["id"] for entry in reader.entries if entry["data"]["event"] == "status"}
    assert told - statuses == expected
    assert statuses >= delivered
    assert {entry["type"] for entry in reader.entries} == {ENTRY}
    known = json.dumps(reader.entries, ensure_ascii=False)
    for private in (WORDS, REPLY, talk.person.address, talk.line.number, "nothing to say"):
        assert private not in known
    assert {entry["data"]["person"] for entry in reader.entries} >= {f"…{talk.person.address[-4:]}"}


def test_with_leave_a_transcript_can_be_written(talks: Talks, stage: str, reader: Reader) -> None:
    talk = talks.begin(stage, goodbye, journal=JournalSettings(reader.arn, with_text=True))
    text_id = talk.person.text(WORDS)
    assert talk.person.sees(2) == [REPLY, "Bye."]
    until(lambda: len(sent_ids(reader)) == 2 and f"{text_id}.received" in reader.ids(), within_seconds=30)

    by_id = {entry["id"].partition(".sent.")[0]: entry["data"] for entry in reader.read()}
    received, reply = by_id[f"{text_id}.received"], by_id[f"{text_id}-1"]
    assert (received["text"], received["person"], received["number"]) == (WORDS, talk.person.address, talk.line.number)
    assert (reply["text"], reply["person"]) == (REPLY, talk.person.address)
    assert (reply["text_id"], reply["conversation"]) == (text_id, received["conversation"])


def test_programs_messages_and_sessions_are_told(talks: Talks, stage: str, reader: Reader) -> None:
    talk = talks.begin(stage, journal=JournalSettings(reader.arn))
    to = talk.person.address
    first = begin_session(talk.line, to=to, context={"secret": "hidden"}).json()["session_id"]
    second = begin_session(talk.line, to=to).json()["session_id"]
    assert end_session(talk.line, to=to).json()["ended"]
    message = send(talk.line, to=to, text="hello").json()["id"]
    expected = {f"{first}.begun", f"{first}.ended", f"{second}.begun", f"{second}.ended", f"{message}.submitted"}
    assert reader.awaits(expected) >= expected
    assert "hidden" not in json.dumps(reader.entries)


def test_a_session_that_times_out_is_told(talks: Talks, stage: str, reader: Reader) -> None:
    talk = talks.begin(stage, session_seconds=3.0, journal=JournalSettings(reader.arn))
    talk.person.text("hello")
    assert len(talk.person.sees(1)) == 1
    [heard] = {one.webhook_id: one for one in talk.person.heard()}.values()
    ended = f"{heard.event['data']['session']['id']}.ended"
    assert ended in reader.awaits({ended})
    assert [entry["data"]["reason"] for entry in reader.entries if entry["id"] == ended][:1] == ["timeout"]


def test_a_target_that_is_missing_holds_up_no_text_and_gets_all_when_it_is_there(
    talks: Talks, stage: str, aws: LocalAws, contract: Contract
) -> None:
    sqs, name = aws.sqs(REGIONS[stage]), JOURNALS[0]
    arn = f"arn:aws:sqs:{REGIONS[stage]}:000000000000:{name}"
    talk = talks.begin(stage, journal=JournalSettings(arn))
    here = ("--stage", stage, "--tenant", talk.line.tenant)
    texts = []
    for number in range(2):
        texts.append(talk.person.text(f"text {number}"))
        assert len(talk.person.sees(number + 1)) == number + 1

    def failures() -> str:
        tail = sms("tail", *here, "--reason", "journal_unavailable", "--since", "5m", "--once")
        return tail.stdout

    assert until(failures, within_seconds=30)
    assert "the event could not be put on" in failures()
    assert done("parked", "list", *here) == []
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    late = Reader(sqs, url, arn, contract)
    expected = {f"{text_id}.{what}" for text_id in texts for what in ("received", "answered")}
    assert late.awaits(expected) >= expected
    sqs.delete_queue(QueueUrl=url)


def test_an_operator_switches_it_on_tries_it_and_switches_it_off(talks: Talks, stage: str, reader: Reader) -> None:
    talk = talks.begin(stage)
    here = ("--stage", stage, "--tenant", talk.line.tenant)
    elsewhere = sms("events", "on", "helper", "--to", reader.arn.replace(reader.arn.split(":")[-1], "elsewhere"), *here)
    assert "SMS_RECEIVER_JOURNAL_TARGETS=" in elsewhere.stderr
    # Both stages must allow a target, and here each allows those of its own region.
    refused = sms("events", "on", "helper", "--to", reader.arn, *here)
    assert "may not use this queue" in refused.stderr
    talk = talks.begin(stage, journal=JournalSettings(reader.arn))
    here = ("--stage", stage, "--tenant", talk.line.tenant)
    assert done("events", "show", *here)[0]["events"] == "redacted"
    test_id = done("events", "test", "helper", *here)["id"]
    assert test_id in reader.awaits({test_id})
    assert done("events", "off", "helper", *here)["events"] == "off"


def test_a_topic_can_be_the_target(talks: Talks, stage: str, aws: LocalAws, contract: Contract) -> None:
    region = REGIONS[stage]
    sns, sqs = aws.session.client("sns", region_name=region, endpoint_url=aws.endpoint), aws.sqs(region)
    topic = sns.create_topic(Name=JOURNAL_TOPIC)["TopicArn"]
    url = sqs.create_queue(QueueName="journal-subscriber")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    policy = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": {
                "Effect": "Allow",
                "Principal": {"Service": "sns.amazonaws.com"},
                "Action": "sqs:SendMessage",
                "Resource": arn,
                "Condition": {"ArnEquals": {"aws:SourceArn": topic}},
            },
        }
    )
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})
    talk = talks.begin(stage, journal=JournalSettings(topic))
    text_id = talk.person.text("hello")
    subscriber = Reader(sqs, url, arn, contract)
    assert f"{text_id}.received" in subscriber.awaits({f"{text_id}.received"})
    sns.delete_topic(TopicArn=topic)
    sqs.delete_queue(QueueUrl=url)
