"""Agents that answer later: behind a queue, or on the web with 202. A promise that is not kept is seen."""

import itertools
import json
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest

from devstack.alarms import Alarms
from devstack.aws import LocalAws
from devstack.backend import Answers, CannedAnswer, Event
from devstack.deployment import DESKS
from devstack.state import StackState
from operations.stage.names import REGIONS
from shared.aws.promises import DynamoPromises
from shared.messages.events import RECEIVED, STATUS
from shared.messages.promises import Promise
from shared.tenants.agent import FAILURE_REPLY
from tests.e2e.contract import Contract
from tests.e2e.desks import Desk
from tests.e2e.lines import Line
from tests.e2e.operators import done, sms
from tests.e2e.programs import send
from tests.e2e.talks import Talk, Talks
from tests.e2e.waiting import until

ACCEPTED = CannedAnswer(status=202)
SOON = 1.0
"""So many seconds an agent may take in these tests that is too late on purpose, or would be."""


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

    text_id = talk.person.text("are you open?")
    put_outbound(talk, contract, reply_to(desk.take(), "until nine"))

    assert talk.person.sees(1) == ["until nine"]
    assert until(lambda: state(talks, talk.line, text_id) == "answered", within_seconds=30)


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


def promising(_event: Event) -> CannedAnswer:
    return ACCEPTED


def asked(talks: Talks, talk: Talk, body: str) -> str:
    """The id of a text that the backend has taken."""
    text_id = talk.person.text(body)
    assert talks.backend.wait(lambda heard: any(one.webhook_id == text_id for one in heard), tenant=talk.line.tenant)
    return text_id


def promise(talks: Talks, line: Line, text_id: str) -> Promise | None:
    stage = talks.lines.present.stages[line.stage]
    promises = DynamoPromises(talks.aws.dynamodb(stage.region), stage.tables["state"], life_seconds=0)
    return promises.find(line.tenant, text_id)


def state(talks: Talks, line: Line, text_id: str) -> str | None:
    found = promise(talks, line, text_id)
    return found.state.value if found else None


def traced(line: Line, text_id: str) -> dict[str, object]:
    found: dict[str, object]
    [found] = done("trace", text_id, "--stage", line.stage, "--tenant", line.tenant)
    return found


def test_a_late_answer_belongs_to_its_text(talks: Talks, stage: str) -> None:
    talk = talks.begin(stage, promising)
    here = ("--stage", stage, "--tenant", talk.line.tenant)
    text_id = asked(talks, talk, "think about it")

    assert until(lambda: traced(talk.line, text_id)["state"] == "waiting", within_seconds=30)
    assert [text["id"] for text in done("waiting", *here)] == [text_id]
    answer = send(talk.line, to=talk.person.address, text="I did", in_reply_to=text_id)

    assert answer.status_code == 202
    assert talk.person.sees(1) == ["I did"]
    assert done("waiting", *here) == []
    assert until(lambda: traced(talk.line, text_id)["state"] == "arrived", within_seconds=30)
    hops = traced(talk.line, text_id)["hops"]
    assert isinstance(hops, list)
    outcomes = [(hop["outcome"], hop["reason"]) for hop in hops if hop["function"] in {"forwarder", "api", "sender"}]
    assert outcomes == [("Unanswered", "later"), ("Submitted", None), ("Sent", None)]
    [measured] = [hop["EndToEndMs"] for hop in hops if hop["outcome"] == "Sent"]
    assert measured > 0


def test_a_late_answer_may_end_the_session_of_its_text(talks: Talks, stage: str) -> None:
    talk = talks.begin(stage, promising)
    for number, ends in enumerate((False, True, False), start=1):
        text_id = asked(talks, talk, f"text {number}")
        answer = send(talk.line, to=talk.person.address, text="yes", in_reply_to=text_id, end_session=ends)
        assert answer.status_code == 202
        assert len(talk.person.sees(number)) == number
    sessions = [one.event["data"]["session"] for one in talks.backend.heard(talk.line.tenant)]
    assert [session["turn"] for session in sessions] == [1, 2, 1]
    assert sessions[0]["id"] == sessions[1]["id"] != sessions[2]["id"]


def test_the_next_text_is_asked_at_once_though_an_answer_is_awaited(talks: Talks, stage: str) -> None:
    talk = talks.begin(stage, promising)
    first, second = asked(talks, talk, "first"), asked(talks, talk, "second")

    for text_id in (second, first):
        assert send(talk.line, to=talk.person.address, text=f"to {text_id}", in_reply_to=text_id).status_code == 202

    assert talk.person.sees(2) == [f"to {second}", f"to {first}"]


def answering_first(talk: list[Talk]) -> Answers:
    """A backend so fast that its answer is queued before it has said that it will answer later."""

    def answer(event: Event) -> CannedAnswer:
        data = event["data"]
        assert send(talk[0].line, to=data["from"], text="at once", in_reply_to=event["id"]).status_code == 202
        return ACCEPTED

    return answer


def test_an_answer_that_is_faster_than_its_promise_is_the_answer(talks: Talks, stage: str) -> None:
    known: list[Talk] = []
    talk = talks.begin(stage, answering_first(known), answer_within_seconds=SOON)
    known.append(talk)

    text_id = asked(talks, talk, "quick!")

    assert talk.person.sees(1) == ["at once"]
    assert until(lambda: state(talks, talk.line, text_id) == "answered", within_seconds=30)
    assert talk.queues.settle()
    assert talk.person.sees(2, within_seconds=2 * SOON) == ["at once"]


def test_a_promise_that_is_not_kept_is_seen_by_everybody_and_an_answer_is_welcome_still(
    talks: Talks, aws: LocalAws, stage: str
) -> None:
    begun = datetime.now(UTC)
    talk = talks.begin(stage, promising, answer_within_seconds=SOON)
    here = ("--stage", stage, "--tenant", talk.line.tenant)
    text_id = asked(talks, talk, "anybody?")

    assert talk.person.sees(1) == [FAILURE_REPLY]
    assert [(text["id"], text["state"]) for text in done("waiting", *here)] == [(text_id, "overdue")]
    assert until(lambda: traced(talk.line, text_id)["state"] == "overdue", within_seconds=30)
    assert until(lambda: Alarms(stage, aws, begun).rings("overdue"), within_seconds=30)

    numbers = ("--from", talk.line.number, "--to", talk.person.address)
    sent = done("send", *numbers, "--in-reply-to", text_id, "Me!", *here, typed=talk.line.key)

    assert talk.person.sees(2) == [FAILURE_REPLY, "Me!"]
    assert len(sent["reply_ids"]) == 1
    assert until(lambda: state(talks, talk.line, text_id) == "answered", within_seconds=30)
    assert done("waiting", *here) == []


def test_a_promise_that_is_kept_in_time_is_not_overdue(talks: Talks, stage: str) -> None:
    talk = talks.begin(stage, promising, answer_within_seconds=8)
    text_id = asked(talks, talk, "in time?")
    assert send(talk.line, to=talk.person.address, text="yes", in_reply_to=text_id).status_code == 202
    assert talk.person.sees(2, within_seconds=10) == ["yes"]
    assert state(talks, talk.line, text_id) == "answered"


def test_an_answer_to_somebody_elses_text_is_refused(talks: Talks, stage: str) -> None:
    talk = talks.begin(stage, promising)
    text_id = asked(talks, talk, "mine")
    assert until(lambda: promise(talks, talk.line, text_id), within_seconds=30)
    other = talks.person(talk.line)

    answer = send(talk.line, to=other.address, text="yours", in_reply_to=text_id)

    assert (answer.status_code, answer.json()["reason"]) == (409, "other_conversation")
    assert state(talks, talk.line, text_id) == "waiting"
    assert other.sees(1, within_seconds=0.5) == []


def test_any_client_reaches_smssend_by_the_url_that_is_shown(talks: Talks, present: StackState, stage: str) -> None:
    """No name must be resolved, and no header set: the host is an address."""
    talk = talks.begin(stage)
    shown = done("url", "--stage", stage, "--tenant", talk.line.tenant)["send_url"]
    assert shown == present.stages[stage].send_url(present.aws_endpoint)
    message = {"from": talk.line.number, "to": talk.person.address, "text": "by the URL"}

    answer = httpx.post(shown, json=message, auth=("apikey", talk.line.key), trust_env=False, timeout=30)

    assert answer.status_code == 202, answer.text
    assert talk.person.sees(1) == ["by the URL"]


@pytest.mark.parametrize("key", ["nonsense", ""])
def test_nobody_sends_by_the_command_without_a_key(talks: Talks, key: str) -> None:
    talk = talks.begin("east")
    ran = sms("send", "--from", talk.line.number, "--to", talk.person.address, "no", typed=key)
    assert ran.returncode == 1
    assert "API key" in ran.stderr
    assert talk.person.sees(1, within_seconds=0.5) == []
