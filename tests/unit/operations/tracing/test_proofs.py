"""What records prove, whatever the log has: every state, in every order of its lines, and also without any line."""

import itertools
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operations.stage.names import Stage
from operations.tracing.hop import Hop
from operations.tracing.outcomes import TraceState
from operations.tracing.proofs import weigh
from operations.tracing.text_record import TextRecord
from operations.tracing.verdicts import Verdict, verdict
from shared.messages.outbound import PARKED, Parked, Reply
from shared.messages.promises import Promise, PromiseState
from tests.fakes import NOW, OUR_NUMBER
from tests.promises_of_texts import promise
from tests.unit.operations.tracing.hops_of_texts import (
    accepted,
    answered,
    delivered,
    hop,
    parked,
    postponed,
    reply_parked,
    sent,
    status_parked,
)
from tests.unit.operations.tracing.ways_of_texts import (
    ARRIVED,
    LATER,
    MESSAGE,
    OVERDUE,
    SMS,
    TEXT,
    WAYS,
    WITH_PROVIDER,
    later,
    overdue,
)

FIRST_TRY = "SM" + "4" * 32
DETAIL = "the backend answered 500"


def reply(name: str = "1", status: str = "delivered", rank: int = 5, **more: Any) -> Reply:  # noqa: ANN401 - any attribute
    known: dict[str, Any] = {"attempted_at": NOW, "message_id": "SM" + "5" * 32} | more
    return Reply("acme", f"{TEXT}-{name}", "desk", "c", TEXT, status=status, rank=rank, **known)


def late_reply(name: str = "1", status: str = "delivered", rank: int = 5, **more: Any) -> Reply:  # noqa: ANN401 - any attribute
    return replace(reply(name, status, rank, **more), reply_id=f"{MESSAGE}-{name}")


def promised(due_in: float = 300, state: PromiseState = PromiseState.WAITING) -> Promise:
    return replace(promise(TEXT, due_at=NOW + timedelta(seconds=due_in)), state=state)


def answered_late() -> Promise:
    return replace(promised(state=PromiseState.ANSWERED), answer_id=MESSAGE)


def set_aside(event_id: str = TEXT, queue: str = "inbound", reason: str = "backend_refused") -> Parked:
    return Parked("acme", event_id, queue, "g", reason, DETAIL, OUR_NUMBER, NOW, {})


def record(*replies: Reply, messages: int | None = None, parked: Sequence[Parked] = (), **more: Any) -> TextRecord:  # noqa: ANN401 - any attribute
    by_name = {each.reply_id.removeprefix(f"{TEXT}-"): each for each in replies}
    return TextRecord(messages=messages, replies=by_name, parked=parked, **more)


def judged(hops: Sequence[Hop], *records: TextRecord) -> Verdict:
    stages: tuple[Stage, ...] = ("east", "south")
    evidence = weigh("acme", TEXT, hops, dict(zip(stages, records, strict=False)), now=NOW)
    return verdict(TEXT, evidence.hops, evidence.taken_out)


PROVEN: list[tuple[TextRecord, TraceState, str]] = [
    (record(is_asking=True), TraceState.WAITING, "It waits for the forwarder."),
    (record(messages=0), TraceState.UNANSWERED, "The backend did not answer: no_message."),
    (record(messages=1), TraceState.WAITING, "It was answered; the answer waits for the sender."),
    (record(reply(), messages=1), TraceState.ARRIVED, ARRIVED),
    (record(reply(status="read", rank=6), messages=1), TraceState.ARRIVED, ARRIVED),
    (record(reply(status="queued", rank=2), messages=1), TraceState.SENT, WITH_PROVIDER),
    (record(reply(status="", rank=0), messages=1), TraceState.SENT, WITH_PROVIDER),
    (
        record(reply(status="", rank=0, message_id=None), messages=1),
        TraceState.RETRYING,
        "It was answered; sending the answer is tried again: in_doubt.",
    ),
    (
        record(reply(status="", rank=0, message_id=None, attempted_at=None), messages=1),
        TraceState.RETRYING,
        "sending the answer is tried again: provider_unavailable.",
    ),
    (
        record(reply(status="undelivered", error_code=99998), messages=1),
        TraceState.FAILED,
        "but the provider could not deliver the answer: error 99998.",
    ),
    (
        record(reply(status="failed", error_code=21610, message_id=None), messages=1),
        TraceState.FAILED,
        "but the answer was not sent, because the person wrote STOP: opted_out, error 21610: the person has opted out",
    ),
    (
        record(reply(status="failed", error_code=21614, message_id=None), messages=1),
        TraceState.FAILED,
        "but the answer was not sent: unreachable, error 21614: the person's number is no mobile number; nothing can",
    ),
    (
        record(reply(status="failed", error_code=30001), messages=1),
        TraceState.RETRYING,
        "error 30001: Twilio's queue for the number was full or too slow; nothing: it is sent again by itself",
    ),
    (
        record(reply(status="", rank=0, message_id=None, attempted_at=None, superseded=frozenset({FIRST_TRY}))),
        TraceState.RETRYING,
        "provider_unavailable, the provider could not send it for now, and it is being sent again.",
    ),
    (
        record(reply(status="queued", rank=2, superseded=frozenset({FIRST_TRY})), messages=1),
        TraceState.SENT,
        WITH_PROVIDER,
    ),
    (
        record(messages=0, is_outside_session=True),
        TraceState.UNANSWERED,
        "The backend was not asked: its agent answers",
    ),
    # answers that a backend promised for later
    (record(is_later=True), TraceState.WAITING, LATER),
    (record(is_later=True, promise=promised()), TraceState.WAITING, f"{LATER[:-1]}: due at 2026-11-23 12:05:00 UTC."),
    (record(promise=promised(due_in=0)), TraceState.OVERDUE, f"{OVERDUE[:-1]}, which was over at 2026-11-23 12:00"),
    (record(promise=promised(state=PromiseState.OVERDUE)), TraceState.OVERDUE, "was over at 2026-11-23 12:05:00 UTC."),
    (
        record(reply("f-1"), is_later=True, promise=promised(state=PromiseState.OVERDUE)),
        TraceState.OVERDUE,
        "2026-11-23 12:05:00 UTC. The failure reply arrived.",
    ),
    (
        record(is_later=True, promise=answered_late()),
        TraceState.WAITING,
        "It was answered; the answer waits for the sender.",
    ),
    (record(late_reply(), is_later=True, promise=answered_late()), TraceState.ARRIVED, ARRIVED),
    (record(late_reply(), reply("f-1"), is_later=True, promise=answered_late()), TraceState.ARRIVED, ARRIVED),
    (
        record(late_reply("1"), late_reply("2", status="sent", rank=4), promise=answered_late()),
        TraceState.SENT,
        "It was answered with 2 messages: 1 arrived, 1 is with the provider.",
    ),
    (
        record(
            late_reply(status=PARKED, rank=-1, message_id=None),
            promise=answered_late(),
            parked=[set_aside(f"{MESSAGE}-1", "outbound", "provider_refused")],
        ),
        TraceState.PARKED,
        f"but the answer is parked: provider_refused, {DETAIL}.",
    ),
    (record(parked=[set_aside()]), TraceState.PARKED, f"The text is parked: backend_refused: {DETAIL}."),
    (
        record(reply("f-1"), parked=[set_aside()]),
        TraceState.PARKED,
        f"The text is parked: backend_refused: {DETAIL}. The failure reply arrived.",
    ),
    (record(messages=1, parked=[set_aside()]), TraceState.PARKED, f"parked: backend_refused: {DETAIL}."),
    (
        record(
            reply(status=PARKED, rank=-1, error_code=99998, message_id=None),
            messages=1,
            parked=[set_aside(f"{TEXT}-1", "outbound", "provider_refused")],
        ),
        TraceState.PARKED,
        f"but the answer is parked: provider_refused, error 99998, {DETAIL}.",
    ),
    (
        record(reply(status=PARKED, rank=-1, message_id=None), messages=1),
        TraceState.TAKEN_OUT,
        "but the answer was parked: it did not say why; since then an operator replayed it",
    ),
    (
        record(reply(), messages=1, parked=[set_aside(f"{TEXT}-1.delivered")]),
        TraceState.ARRIVED,
        f"{ARRIVED} A status of message 1 for the backend was parked, on stage east: backend_refused.",
    ),
    (
        record(reply("1"), reply("2", status="sent", rank=4), messages=1),
        TraceState.SENT,
        "It was answered with 2 messages: 1 arrived, 1 is with the provider.",
    ),
]
IDS = [f"{number}: {state}" for number, (_, state, _) in enumerate(PROVEN)]


@pytest.mark.parametrize(("stored", "state", "sentence"), PROVEN, ids=IDS)
def test_records_show_the_state_without_any_line(stored: TextRecord, state: TraceState, sentence: str) -> None:
    became = judged([], stored)
    assert became.state is state
    assert sentence in became.sentence
    assert judged([accepted()], stored) == became, "the line that says that it was accepted adds nothing"


@pytest.mark.parametrize(
    ("hops", "stored", "state"),
    [
        ([accepted(), answered(), sent()], record(reply(), messages=1), TraceState.ARRIVED),
        ([accepted(), postponed(), postponed(2)], record(messages=0), TraceState.UNANSWERED),
        ([accepted(), parked(), postponed(60)], record(parked=[set_aside()]), TraceState.RETRYING),
        ([accepted(), parked()], record(), TraceState.TAKEN_OUT),
        ([accepted(), parked(), parked(60, reason="no_agent")], record(parked=[set_aside()]), TraceState.PARKED),
        ([accepted(), parked()], record(reply(), messages=1), TraceState.ARRIVED),
        ([accepted(), answered(), reply_parked()], record(messages=1), TraceState.TAKEN_OUT),
        ([accepted(), answered(), reply_parked(), sent(at=60)], record(reply(), messages=1), TraceState.ARRIVED),
        ([accepted(), answered(), sent(), delivered(), status_parked()], record(reply()), TraceState.ARRIVED),
        (
            [accepted(), hop("forwarder", "Unanswered", at=1, reason="opt_out")],
            record(messages=1),
            TraceState.UNANSWERED,
        ),
        ([accepted(), later()], record(is_later=True, promise=promised()), TraceState.WAITING),
        ([accepted(), later()], record(is_later=True, promise=promised(due_in=-1)), TraceState.OVERDUE),
        ([accepted(), later(), overdue()], record(late_reply(), promise=answered_late()), TraceState.ARRIVED),
        (
            [accepted(), answered(), hop("sender", "Sent", "1", at=2, message_id=FIRST_TRY)],
            record(reply(status="", rank=0, message_id=None, attempted_at=None, superseded=frozenset({FIRST_TRY}))),
            TraceState.RETRYING,
        ),
        (
            [accepted(), answered(), hop("sender", "Sent", "1", at=2, message_id="SM" + "5" * 32)],
            record(reply(status="failed", error_code=30001)),
            TraceState.RETRYING,
        ),
    ],
)
def test_lines_and_records_show_the_same_state_in_every_order(
    hops: Sequence[Hop], stored: TextRecord, state: TraceState
) -> None:
    orders = {judged(order, stored) for order in itertools.permutations(hops)}
    assert len(orders) == 1
    assert orders.pop().state is state


def test_a_reason_in_the_log_is_told_rather_than_what_a_record_implies() -> None:
    silent = hop("forwarder", "Unanswered", at=1, reason="opt_out")
    assert judged([accepted(), silent], record(messages=0)).sentence == "It was deliberately not answered: opt_out."


@pytest.mark.parametrize("hops", [[], [accepted(), later()], [accepted(), later(), overdue()]])
def test_when_an_answer_was_due_is_said_also_when_the_log_has_the_promise(hops: Sequence[Hop]) -> None:
    became = judged(hops, record(is_later=True, promise=promised(state=PromiseState.OVERDUE)))
    assert became.sentence == f"{OVERDUE[:-1]}, which was over at 2026-11-23 12:05:00 UTC."
    assert became.see == (f"{SMS} waiting",)


def test_what_is_not_parked_any_more_is_not_told_of_as_parked() -> None:
    became = judged([accepted(), parked()], record())
    assert became.sentence.startswith("The text was parked: backend_refused; since then an operator replayed it")
    assert became.see == (f"{SMS} audit",)
    way = [accepted(), answered(), sent(), delivered(), status_parked()]
    assert judged(way, record(reply())).sentence == ARRIVED


def test_of_a_stage_that_could_not_be_read_the_log_decides() -> None:
    assert judged([accepted(), parked()]).state is TraceState.PARKED
    on_south = replace(parked(), stage="south")
    assert judged([accepted(), on_south], record()).state is TraceState.PARKED


def test_what_one_stage_parked_is_named_when_the_other_one_answered() -> None:
    became = judged([], record(parked=[set_aside()]), record(reply(), messages=1))
    assert became.state is TraceState.ARRIVED
    assert became.sentence == f"{ARRIVED} The text was parked, on stage east: backend_refused."


@given(
    st.sampled_from([hops for hops, *_ in WAYS]),
    st.sampled_from([stored for stored, *_ in PROVEN]),
    st.randoms(use_true_random=False),
)
def test_no_mixture_of_lines_and_records_depends_on_an_order(
    hops: Sequence[Hop],
    stored: TextRecord,
    dice: Any,  # noqa: ANN401 - a random.Random
) -> None:
    assert judged(dice.sample(hops, len(hops)), stored) == judged(hops, stored)
