"""The contract on real traffic: what the run's other tests hear is checked as they hear it; here is the rest."""

import json
from typing import Any

import httpx
import pytest

from devstack.backend import CannedAnswer
from devstack.queues import Queued, Queues
from shared.messages.events import RECEIVED, SEND, STATUS
from tests.e2e.contract import Contract
from tests.e2e.programs import send
from tests.e2e.talks import Talks


def seen(queues: Queues, name: str, contract: Contract) -> list[Queued]:
    """What stands on a queue, held to the contract."""
    found = queues.peek(name)
    for one in found:
        contract.queued(name, one.event, group=one.group, deduplication=one.deduplication)
    return found


def test_the_queues_hold_what_is_described(stage: str, talks: Talks, contract: Contract) -> None:
    talk = talks.begin(stage, lambda _: CannedAnswer(("one", "two")), statuses=True)
    assert talk.queues.settle()

    with talk.faults.stopped("sender"):
        with talk.faults.stopped("forwarder"):
            sid = talk.person.text("what stands there?")
            [text] = seen(talk.queues, "inbound", contract)
        assert talks.backend.wait(lambda _: bool(talk.person.heard()))
        assert talk.queues.holds("outbound", 2)
        replies = seen(talk.queues, "outbound", contract)
    with talk.faults.stopped("forwarder"):
        assert talk.person.sees(2) == ["one", "two"]
        statuses = seen(talk.queues, "inbound", contract)

    assert (text.event["id"], text.event["type"]) == (sid, RECEIVED)
    assert [(one.event["id"], one.event["type"]) for one in replies] == [(f"{sid}-1", SEND), (f"{sid}-2", SEND)]
    assert {one.event["type"] for one in statuses} == {STATUS}
    assert talks.backend.wait(lambda _: talk.person.statuses().count("delivered") == 2)


def test_everything_is_looked_at(talks: Talks, contract: Contract) -> None:
    talk = talks.begin("east", statuses=True)
    talk.person.text("hello")
    assert talks.backend.wait(lambda _: "delivered" in talk.person.statuses())
    before = contract.seen.copy()

    talk.person.text("hello again")
    send(talk.line, to=talk.person.address, text="first")
    talk.line.post(talk.line.form(), signature="forged")
    assert talks.backend.wait(lambda _: talk.person.statuses().count("delivered") == 3)

    added = contract.seen - before
    assert {
        f"asked {RECEIVED}",
        f"asked {STATUS}",
        "POST /sms.sender/SmsSend 202",
        "POST /sms.receiver/SmsRecv 403",
    } <= added.keys()
    assert not contract.problems


def test_a_further_field_would_be_noticed(talks: Talks) -> None:
    """As would any other change: tests/unit/docs/test_descriptions.py has them."""
    talk = talks.begin("east")
    talk.person.text("hello")
    assert talks.backend.wait(lambda _: bool(talk.person.heard()))
    event: dict[str, Any] = talk.person.heard()[0].event
    headers = {
        "content-type": "application/cloudevents+json",
        "webhook-id": event["id"],
        "webhook-timestamp": "1763899200",
        "webhook-signature": "v1,aGVsbG8=",
    }
    good, changed = Contract(), Contract()

    for contract, body in ((good, event), (changed, {**event, "data": {**event["data"], "further": 1}})):
        contract.asked(headers, json.dumps(body).encode(), CannedAnswer(("yes",)))
        contract.queued("backend", body, group=f"{event['tenant']}.{event['subject']}")

    assert good.problems == []
    assert [problem.partition(":")[0] for problem in changed.problems] == ["a backend was asked", "on backend"]


@pytest.mark.parametrize(
    ("method", "path", "answer"),
    [
        ("POST", "/sms.sender/SmsSend", httpx.Response(202, json={})),
        ("POST", "/sms.sender/SmsSend", httpx.Response(429, json={"reason": "THROTTLED", "message": "slowly"})),
        ("POST", "/sms.sender/SmsSend", httpx.Response(502, text="no JSON")),
        ("GET", "/sms.sender/SmsSend", httpx.Response(403, json={"reason": "x", "message": "no"})),
        ("POST", "/nowhere", httpx.Response(404, text="no JSON")),
    ],
)
def test_an_answer_that_is_not_described_would_be_noticed(method: str, path: str, answer: httpx.Response) -> None:
    contract = Contract()

    contract.answered(method, path, answer)

    assert len(contract.problems) == 1
