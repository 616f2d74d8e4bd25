"""`./sms usage` on the deployed stack: its figures are those of the twin's ledger, whatever came twice or crashed."""

from dataclasses import dataclass
from typing import Any

import pytest

from devstack.backend import CannedAnswer, Event, parrot
from devstack.person import Person
from tests.e2e.operators import done
from tests.e2e.talks import Talk, Talks
from twin.segments import count_segments

LANDLINE, CARRIER = 21614, 30008
LONG = "A long answer. " * 20
"""300 characters of GSM-7: two segments."""


def answers(event: Event) -> CannedAnswer:
    text = event["data"]["text"]
    if text.startswith("refuse"):
        return CannedAnswer(status=404)
    return CannedAnswer((LONG, "文字")) if text.startswith("long") else parrot(event)


@dataclass(frozen=True)
class Ledger:
    """What the twin, which knows nothing of ours, has of a line: texts, messages, and the segments of all of them."""

    inbound: int
    outbound: int
    billable: int

    @classmethod
    def of(cls, talks: Talks, number: str) -> "Ledger":
        """The twin's messages from and to a number."""
        messages = [one for one in talks.phones.messages() if number in {one["to"], one["from"]}]
        return cls(
            inbound=sum(one["to"] == number for one in messages),
            outbound=sum(one["from"] == number for one in messages),
            billable=sum(count_segments(one["body"]) for one in messages),
        )


def figures(talk: Talk, *options: str) -> dict[str, Any]:
    """What the command shows of the last two days: a test may run at midnight."""
    shown: dict[str, Any] = done("--tenant", talk.line.tenant, "usage", "--since", "2d", *options)
    return shown


def counted(usage: dict[str, Any]) -> Ledger:
    return Ledger(*(usage[figure] for figure in ("inbound", "outbound", "billable")))


def other_person(talks: Talks, talk: Talk) -> Person:
    return talks.person(talk.line)


def test_figures_are_those_of_the_ledger_whatever_comes_twice_fails_or_is_replayed(stage: str, talks: Talks) -> None:
    talk = talks.begin(stage, answers, failure_reply=None)
    landline, carrier, in_doubt = (other_person(talks, talk) for _ in range(3))
    talks.phones.fail(status=400, code=LANDLINE, count=0, to=landline.address)
    talks.phones.fail(kind="fails_later", error_code=CARRIER, ends="undelivered", count=0, to=carrier.address)
    talks.phones.fail(kind="lost_answer", seconds=20, to=in_doubt.address)

    twice = talk.person.text("once, please")
    talk.person.text("long, please")
    refused = talk.person.text("refuse this")
    for person in (landline, carrier, in_doubt):
        person.text("can you reach me?")
    assert talk.person.sees(3)[1:] == [LONG, "文字"]
    talks.phones.deliver_again(twice)
    for _ in range(2):
        talk.queues.deliver_again(talk.person.heard()[0].event)
    assert talks.lines.parked(talk.line, refused).reason == "backend_refused"
    done("--tenant", talk.line.tenant, "--stage", stage, "parked", "replay", refused, "--yes")
    assert in_doubt.sees(1, within_seconds=60) == ["You said: can you reach me?"]
    assert talk.queues.settle(within_seconds=90)
    assert talks.lines.parked(talk.line, refused).reason == "backend_refused"
    talks.rest(stage)

    shown = figures(talk)

    assert counted(shown["total"]) == Ledger.of(talks, talk.line.number)
    assert {(one["reason"], one["failed"]) for one in shown["failures"]} == {
        ("backend_refused", 1),
        ("unreachable", 1),
        ("not_delivered", 1),
    }
    assert shown["stages"][stage] == shown["total"]
    assert [line["agent"] for line in shown["usage"]] == ["helper"]
    [by_number] = figures(talk, "--by", "number", "--number", talk.line.number, "--agent", "helper")["usage"]
    assert (by_number["number"], counted(by_number)) == (talk.line.number, counted(shown["total"]))
    days = figures(talk, "--by", "day")["usage"]
    assert sum(day["inbound"] for day in days) == shown["total"]["inbound"]


@pytest.mark.parametrize(("function", "service"), [("forwarder", "SQS"), ("sender", "DYNAMODB")])
def test_a_function_that_dies_counts_once(function: str, service: str, talks: Talks) -> None:
    talk = talks.begin("south")
    talks.rest("south")

    with talk.faults.crash_when_calling(function, service) as died:
        talk.person.text("do not lose count")
        assert died.wait(30), f"the {function} did not crash, so this shows nothing"

    assert talk.person.sees(1, within_seconds=60) == ["You said: do not lose count"]
    talks.rest("south")
    shown = figures(talk)
    assert counted(shown["total"]) == Ledger.of(talks, talk.line.number) == Ledger(1, 1, 2)
    assert shown["failures"] == []


def test_both_stages_are_added_up(talks: Talks) -> None:
    talk = talks.begin("east")
    elsewhere = talks.lines.on("south", talk.line)
    talk.person.text("through east")
    assert elsewhere.post(elsewhere.form(From=talk.person.address, Body="through south")).status_code == 200
    assert len(talk.person.sees(2)) == 2
    for stage in ("east", "south"):
        talks.rest(stage)

    shown = figures(talk)

    assert [shown["stages"][stage]["inbound"] for stage in ("east", "south")] == [1, 1]
    assert counted(shown["total"]) == Ledger(2, 2, 4)


def test_a_number_without_an_agent_is_in_the_figures_with_its_failures(talks: Talks) -> None:
    talk = talks.begin("east")
    done("--tenant", talk.line.tenant, "number", "release", talk.line.number, "--yes")
    sid = talk.person.text("anybody?")
    assert talks.lines.parked(talk.line, sid, within_seconds=60).reason == "no_agent"

    [line] = figures(talk, "--by", "number")["usage"]

    assert (line["agent"], line["number"], line["inbound"], line["failed"]) == (None, talk.line.number, 0, 1)
