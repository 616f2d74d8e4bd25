"""Delivering entries of journals: every one, in order, and again as long as the target takes nothing."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from shared.errors import JournalUnavailable, Malformed, Unavailable, UpstreamRefused
from shared.forwarding.journal_delivery import JournalDelivery
from shared.messages.events import SEND
from shared.messages.journal import ENTRY
from shared.reasons import Reason
from shared.retry import Done
from tests.fakes import FakeQueue
from tests.forwarding_fakes import AGENT, World, answer, text
from tests.journal_entries import REDACTED, TARGET

CONVERSATION = text()["subject"]


def message() -> dict[str, Any]:
    """What a text that was answered leaves on the queue of journals."""
    world = World(answer("Yes."), agent=replace(AGENT, journal=REDACTED))
    world.forward(text())
    return dict(world.journal.sent[-1][0])


def delivery(queue: FakeQueue, opened: list[str] | None = None) -> JournalDelivery:
    def open_target(arn: str) -> FakeQueue:
        (opened if opened is not None else []).append(arn)
        return queue

    return JournalDelivery(open_target)


def test_delivers_every_entry_with_its_conversation_as_group_and_its_id() -> None:
    queue, opened = FakeQueue(), list[str]()
    told = message()
    assert delivery(queue, opened).deliver(told) == Done(None)
    assert opened == [TARGET]
    assert [(sent.event, sent.group, sent.deduplication) for sent in queue.sent] == [
        (entry, f"acme.{CONVERSATION}", entry["id"]) for entry in told["entries"]
    ]


@pytest.mark.parametrize(
    "failing",
    [Unavailable("AWS answered Throttling"), UpstreamRefused(Reason.BACKEND_REFUSED, "AWS answered AccessDenied")],
)
def test_a_target_that_takes_nothing_makes_all_of_it_come_again(failing: Unavailable | UpstreamRefused) -> None:
    queue = FakeQueue(failing=failing)
    for act in (delivery(queue).deliver, delivery(queue).crashed):
        with pytest.raises(JournalUnavailable, match="AWS answered") as raised:
            act(message())
        assert raised.value.reason == "journal_unavailable"


def test_what_came_in_part_comes_whole_again() -> None:
    queue = FakeQueue()
    send = queue.send

    def once(event: Mapping[str, object], *, group: str, deduplication: str) -> None:
        send(event, group=group, deduplication=deduplication)
        queue.send = send  # type: ignore[method-assign] # from now on
        lost = "the answer was lost"
        raise Unavailable(lost)

    queue.send = once  # type: ignore[method-assign] # the first time
    told = message()
    with pytest.raises(JournalUnavailable):
        delivery(queue).deliver(told)
    delivery(queue).deliver(told)
    assert [sent.deduplication for sent in queue.sent] == [entry["id"] for entry in told["entries"]]


@pytest.mark.parametrize(
    "broken",
    [
        {"tenant": None},
        {"tenant": "A"},
        {"target": 5},
        {"entries": "all"},
        {"entries": [5]},
        {"target": ""},
        {"target": "arn:aws:sqs"},
        {"target": "arn:aws:lambda:us-east-1:111122223333:function:x"},
        {"target": f"{TARGET}\n"},
        {"entries": [{"type": ENTRY, "id": "x"}]},
        {"entries": [{"id": "x", "subject": "x"}]},
        {"entries": [{"type": SEND, "id": "x", "subject": "x"}]},
        {"entries": None},
    ],
)
def test_what_is_none_of_ours_is_malformed(broken: dict[str, object]) -> None:
    queue = FakeQueue()
    with pytest.raises(Malformed, match="the queue of journals"):
        delivery(queue).deliver(message() | broken)
    assert queue.sent == []


@pytest.mark.parametrize("made_up", ["", "x" * 129, "größer", "a b", "\ud800", "x\n"])
def test_ids_and_conversations_that_no_queue_takes_are_replaced(made_up: str) -> None:
    queue, told = FakeQueue(), message()
    told["entries"] = [{**told["entries"][0], "id": made_up, "subject": made_up}]
    for _ in range(2):
        delivery(queue).deliver(told)
    [sent] = queue.sent
    assert (sent.group, len(sent.deduplication)) == (f"acme.{sent.deduplication}", 64)
    assert sent.deduplication.isalnum()


@pytest.mark.parametrize("length", [1, 122, 123, 128])
def test_an_entry_of_no_conversation_has_a_group_of_its_own(length: int) -> None:
    queue, told, entry_id = FakeQueue(), message(), "x" * length
    told["entries"] = [{**told["entries"][0], "id": entry_id, "subject": entry_id}]
    delivery(queue).deliver(told)
    assert (queue.sent[0].group, queue.sent[0].deduplication) == (f"acme.{entry_id}"[:128], entry_id)
