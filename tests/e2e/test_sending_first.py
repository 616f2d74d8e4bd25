"""`POST /sms.sender/SmsSend` on the deployed stages: what the caller hears, and what the person's phone shows."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from cli.local.backend import Says
from shared.events import SEND, STATUS, conversation_group
from shared.tenant import Role
from tests.descriptions import check_answer
from tests.e2e.lines import Lines
from tests.e2e.talks import Talk, Talks

PATH = "/sms.sender/SmsSend"


@dataclass(frozen=True)
class Api:
    """The API of a talk's stage, called with the tenant's key."""

    talk: Talk

    def send(self, body: object, *, key: str | None = None, idempotency_key: str | None = None) -> httpx.Response:
        """One request; its answer is one that docs/openapi.yaml describes."""
        line = self.talk.line
        headers = {"Host": urlsplit(line.base_url).netloc, "Content-Type": "application/json"}
        if idempotency_key:
            headers["Idempotency-Key"] = idempotency_key
        answer = httpx.post(
            line.aws_endpoint + urlsplit(line.base_url).path + PATH,
            headers=headers,
            content=body if isinstance(body, str) else json.dumps(body),
            auth=None if key == "" else ("apikey", key or line.key),
            trust_env=False,
            timeout=30,
        )
        check_answer("POST", PATH, answer.status_code, answer.headers, answer.text)
        return answer

    def text(self, body: str, **more: object) -> dict[str, Any]:
        """A message from the line's number to the talk's person."""
        return {"from": self.talk.line.number, "to": self.talk.person.address, "text": body, **more}


@pytest.fixture
def api(stage: str, talks: Talks) -> Api:
    return Api(talks.begin(stage))


def test_a_person_is_texted_first(api: Api) -> None:
    answer = api.send(api.text("Your table is ready"))

    assert answer.status_code == 202
    assert answer.json()["reply_ids"] == [answer.json()["id"] + "-1"]
    assert api.talk.person.sees(1) == ["Your table is ready"]


def test_a_long_text_comes_in_parts_and_in_order(api: Api) -> None:
    story = " ".join(f"Sentence number {number}." for number in range(200))

    answer = api.send(api.text(story))

    assert len(answer.json()["reply_ids"]) == 3
    assert "".join(api.talk.person.sees(3)) == story


def test_a_repeated_idempotency_key_sends_once(api: Api) -> None:
    answers = [api.send(api.text("once"), idempotency_key="order-17") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [202] * 3
    assert len({answer.text for answer in answers}) == 1
    assert api.talk.person.sees(1) == ["once"]
    assert api.talk.queues.settle()
    assert api.talk.person.sees(2, within_seconds=1) == ["once"]


def test_an_idempotency_key_with_another_body_is_a_conflict(api: Api) -> None:
    assert api.send(api.text("once"), idempotency_key="order-18").status_code == 202

    answer = api.send(api.text("twice"), idempotency_key="order-18")

    assert (answer.status_code, answer.json()["reason"]) == (409, "idempotency_mismatch")
    assert api.talk.queues.settle()
    assert api.talk.person.sees(2, within_seconds=1) == ["once"]


@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"from": "+12025550111"}, 403, "from"),
        ({"to": ""}, 400, "to"),
        ({"text": 7}, 400, "text"),
        ({"text": "", "media_urls": []}, 400, "text"),
        ({"media_urls": ["ftp://x"]}, 400, "media_urls"),
        ({"colour": "red"}, 400, "colour"),
    ],
)
def test_a_refusal_names_the_field(talks: Talks, change: dict[str, object], status: int, field: str) -> None:
    api = Api(talks.begin("east"))

    answer = api.send(api.text("hello") | change)

    assert (answer.status_code, answer.json()["field"]) == (status, field)
    assert api.talk.queues.settle()
    assert api.talk.person.sees(1, within_seconds=0.5) == []


def test_only_the_tenants_own_keys_of_the_right_role_may_send(stage: str, talks: Talks, lines: Lines) -> None:
    api, stranger = Api(talks.begin(stage)), talks.begin(stage)
    reader = lines.issue(api.talk.line, "reader", Role.READER)

    assert api.send(api.text("no key"), key="").status_code == 401
    assert api.send(api.text("bad key"), key=api.talk.line.key[:-1]).status_code == 401
    assert api.send(api.text("reader"), key=reader).status_code == 403
    assert api.send(api.text("another tenant's key"), key=stranger.line.key).status_code == 403
    assert api.talk.queues.settle()
    assert api.talk.person.sees(1, within_seconds=0.5) == []


def test_a_backend_may_answer_later_through_the_api(talks: Talks) -> None:
    api = Api(talks.begin("east", lambda _: Says(status=202)))

    api.talk.person.text("take your time")
    assert talks.backend.wait(lambda _: bool(api.talk.person.heard()))
    assert api.send(api.text("here it is")).status_code == 202

    assert api.talk.person.sees(1) == ["here it is"]


def test_who_opted_out_is_not_texted_and_the_backend_hears_why(talks: Talks) -> None:
    api = Api(talks.begin("east", statuses=True))
    api.talk.person.text("STOP")

    sent = api.send(api.text("an offer")).json()

    assert talks.backend.wait(lambda _: "failed" in api.talk.person.statuses())
    [status] = [one.event["data"] for one in talks.backend.heard(api.talk.line.tenant) if one.event["type"] == STATUS]
    assert (status["reply_id"], status["error_code"]) == (sent["reply_ids"][0], 21610)


def test_a_backend_may_have_a_queue_and_answer_by_the_outbound_queue(talks: Talks) -> None:
    sqs = talks.aws.sqs("us-east-1")
    url = sqs.create_queue(QueueName="an-agents-own")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    talk = talks.begin("east", backend=talks.queue_backend(arn))

    sid = talk.person.text("by the queue")
    [message] = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=15)["Messages"]
    event = json.loads(message["Body"])
    assert (event["id"], event["data"]["text"]) == (sid, "by the queue")
    data = event["data"]
    reply = {
        **{name: data[name] for name in ("provider", "account", "conversation", "agent")},
        "reply_id": f"{sid}-1",
        "answer_id": sid,
        "part": 1,
        "parts": 1,
        "in_reply_to": sid,
        "from": data["to"],
        "to": data["from"],
        "text": "and back",
        "media_urls": [],
    }
    answer = {**event, "type": SEND, "id": f"{sid}-1", "data": reply}
    sqs.send_message(
        QueueUrl=talk.queues.stage.queues["outbound"],
        MessageBody=json.dumps(answer),
        MessageGroupId=conversation_group(answer),
        MessageDeduplicationId=f"{sid}-1",
    )

    assert talk.person.sees(1) == ["and back"]
