"""Sessions that programs create and end: what is stored, what is queued, who may, and what a repetition does."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from shared.errors import (
    Configuration,
    ForbiddenRole,
    InvalidKey,
    Malformed,
    Mismatch,
    NotOurs,
    OptedOut,
    RateLimited,
    SmsReceiverError,
    TooManyMessages,
    Unavailable,
    WrongContentType,
)
from shared.messages import events
from shared.messages.sessions import EndedBy, Parties, ReceivedText, Session, Turn, reminder
from shared.submission.body import RawRequest
from shared.tenants.account import AccountName
from tests.fakes import ACCOUNT, DESK, NOW, OUR_NUMBER, PERSON, PROVIDER, SUBACCOUNT, Crash, FakeClaims, FakeQueue
from tests.opt_out_fakes import FakeOptOuts, stop
from tests.promises_fake import FakeReminders
from tests.send_limits_fake import FakeSendLimits
from tests.sessions_fake import FakeSessions
from tests.unit.forwarding.test_crashes import Fuse
from tests.unit.submission.fakes import (
    ACME,
    JSON,
    KEY,
    MANAGER_KEY,
    OTHER_KEY,
    RATE,
    READER_KEY,
    THEIR_NUMBER,
    WRITER,
    both_agents,
    request,
    session_programs,
)

CONVERSATION = events.conversation_id(ACME.salt, ours=OUR_NUMBER, person=PERSON)
GROUP = f"acme.{CONVERSATION}"
PARTIES = Parties(OUR_NUMBER, PERSON, PROVIDER, ACCOUNT)
CONTEXT = {"order": 7, "name": "größer 文字 😀"}
NOTIFYING = both_agents(timeout_notice="Goodbye.", session_seconds=90)


def asking(key: str | None = None, **fields: object) -> RawRequest:
    """A request without a text, unless it names one."""
    return request(key, **{"text": None, **fields})


def ending(key: str | None = None, **fields: object) -> RawRequest:
    body = {"from": OUR_NUMBER, "to": PERSON, **{name.rstrip("_"): value for name, value in fields.items()}}
    return RawRequest(JSON, json.dumps(body).encode(), key)


def texted(sessions: FakeSessions, text_id: str = "SM1", *, seconds: float = 0) -> Turn:
    """The turn of a text of the person."""
    turn = sessions.turn(GROUP, ReceivedText(text_id, NOW + timedelta(seconds=seconds), PARTIES), DESK)
    assert turn
    return turn


def test_a_session_is_stored_with_its_context_and_nothing_is_sent() -> None:
    queue, sessions, reminders = FakeQueue(), FakeSessions(), FakeReminders()
    begun = session_programs(queue, sessions=sessions, reminders=reminders).begin(KEY, asking(context=CONTEXT))
    assert re.fullmatch("SE[0-9a-f]{32}", begun.session_id)
    assert (begun.answer_id, begun.reply_ids, queue.sent, reminders.sent) == (None, (), [], [])
    assert (begun.tenant_id, begun.conversation, begun.credential_id, begun.agent_id) == (
        "acme",
        CONVERSATION,
        WRITER.id,
        DESK.id,
    )
    assert sessions.kept[GROUP] == Session(
        tenant="acme",
        conversation=CONVERSATION,
        id=begun.session_id,
        agent=DESK.id,
        opened_at=NOW,
        latest_at=NOW,
        context=CONTEXT,
        parties=PARTIES,
        by_program=True,
    )


def test_the_persons_texts_belong_to_it() -> None:
    sessions = FakeSessions()
    begun = session_programs(FakeQueue(), sessions=sessions).begin(KEY, asking(context=CONTEXT))
    assert texted(sessions, seconds=30) == Turn(
        begun.session_id, 1, NOW + timedelta(seconds=30), None, CONTEXT, by_program=True
    )
    following = texted(sessions, "SM2", seconds=40)
    assert (following.number, following.last_text_at) == (2, NOW + timedelta(seconds=30))


def test_its_first_message_is_queued_after_it_is_stored() -> None:
    queue, sessions = FakeQueue(failing=Unavailable("SQS is away")), FakeSessions()
    with pytest.raises(Unavailable):
        session_programs(queue, sessions=sessions).begin(KEY, request(context=CONTEXT))
    assert sessions.kept, "a message without its session would lose its context"
    queue.failing = None
    begun = session_programs(queue, sessions=sessions).begin(KEY, request(context=CONTEXT))
    [sent] = queue.sent
    assert (sent.group, sent.deduplication, begun.reply_ids) == (GROUP, f"{begun.answer_id}-1", (sent.deduplication,))
    assert re.fullmatch("AP[0-9a-f]{32}", str(begun.answer_id))
    assert "context" not in json.dumps(sent.event)


def test_a_session_whose_agent_notifies_has_its_reminder_before_it_is_stored() -> None:
    sessions, reminders = FakeSessions(), FakeReminders(failing=Unavailable("SQS is away"))
    api = session_programs(FakeQueue(), agents=NOTIFYING, sessions=sessions, reminders=reminders)
    with pytest.raises(Unavailable):
        api.begin(KEY, asking())
    assert not sessions.kept
    reminders.failing = None
    begun = api.begin(KEY, asking())
    assert reminders.sent == [(reminder(begun.session_id, GROUP), 90)]


def test_a_session_that_is_open_is_replaced_and_a_text_that_is_tried_again_keeps_its_turn() -> None:
    sessions = FakeSessions()
    before = texted(sessions)
    begun = session_programs(FakeQueue(), sessions=sessions).begin(KEY, asking(context=CONTEXT))
    assert texted(sessions) == before
    following = texted(sessions, "SM2")
    assert (following.session_id, following.number) == (begun.session_id, 1)


def test_the_context_of_the_session_that_it_replaces_is_gone() -> None:
    sessions = FakeSessions()
    api = session_programs(FakeQueue(), sessions=sessions)
    api.begin(KEY, asking(context={"secret": "hidden"}))
    texted(sessions)
    api.begin(KEY, asking())
    kept = sessions.kept[GROUP]
    assert kept.earlier
    assert (kept.context, kept.earlier.turn.context) == (None, None)


def test_without_an_idempotency_key_each_request_is_a_session_of_its_own() -> None:
    queue = FakeQueue()
    api = session_programs(queue, claims=FakeClaims(failing=Unavailable("not asked")))
    ids = {api.begin(KEY, request(context=CONTEXT)).session_id for _ in range(3)}
    assert len(ids) == len(queue.sent) == 3


def test_the_same_key_and_body_are_the_same_session_and_message() -> None:
    queue, sessions = FakeQueue(), FakeSessions()
    api = session_programs(queue, sessions=sessions)
    first = api.begin(KEY, request("order 7", context=CONTEXT))
    turn = texted(sessions)
    assert api.begin(KEY, request("order 7", context=CONTEXT)) == first
    assert len(queue.sent) == 1
    assert texted(sessions) == turn


def test_the_same_key_is_another_request_for_another_thing() -> None:
    api = session_programs(FakeQueue())
    begun = api.begin(KEY, asking("order 7"))
    assert api.end(KEY, ending("order 7")).session_id == begun.session_id


@pytest.mark.parametrize("change", [{"context": {"order": 8}}, {"text": "No."}, {"to": "+12025550124"}])
def test_the_same_key_with_other_contents_is_a_mismatch(change: dict[str, object]) -> None:
    api = session_programs(FakeQueue())
    api.begin(KEY, asking("order 7", context=CONTEXT))
    with pytest.raises(Mismatch):
        api.begin(KEY, asking("order 7", **{"context": CONTEXT, **change}))


def test_the_order_of_the_contexts_fields_is_no_other_content() -> None:
    api = session_programs(FakeQueue())
    first = api.begin(KEY, asking("order 7", context={"a": 1, "b": 2}))
    assert api.begin(KEY, asking("order 7", context={"b": 2, "a": 1})) == first


def test_a_claim_holds_nothing_personal() -> None:
    claims = FakeClaims()
    session_programs(FakeQueue(), claims=claims).begin(KEY, request("order +12025550123", context=CONTEXT))
    kept = f"{claims.kept} {claims.payloads}"
    assert claims.kept
    for personal in (PERSON[1:], OUR_NUMBER[1:], "größer", "order"):
        assert personal not in kept


def crashing(act: Callable[[Any], object], step: int) -> tuple[FakeQueue, FakeSessions, FakeReminders, FakeClaims]:
    """The world after the Lambda ended at this step."""
    queue, sessions, reminders, claims, fuse = FakeQueue(), FakeSessions(), FakeReminders(), FakeClaims(), Fuse(step)
    api = session_programs(queue, agents=NOTIFYING, sessions=sessions, reminders=reminders, claims=claims)
    guarded: list[tuple[Any, str]] = [(queue, "send"), (sessions, "begin"), (reminders, "send"), (claims, "once")]
    plain = [getattr(port, name) for port, name in guarded]
    for port, name in guarded:
        setattr(port, name, fuse.around(getattr(port, name)))
    with pytest.raises(Crash):
        act(api)
    for (port, name), call in zip(guarded, plain, strict=True):
        setattr(port, name, call)
    claims.expire()
    return queue, sessions, reminders, claims


@pytest.mark.parametrize("step", range(1, 9))
def test_after_any_crash_a_repetition_creates_the_same_session_and_sends_its_message_once(step: int) -> None:
    wish = request("order 7", context=CONTEXT)
    queue, sessions, reminders, claims = crashing(lambda api: api.begin(KEY, wish), step)
    before = sessions.kept.get(GROUP)
    api = session_programs(queue, agents=NOTIFYING, sessions=sessions, reminders=reminders, claims=claims)
    begun = api.begin(KEY, wish)
    assert sessions.kept[GROUP].id == begun.session_id
    assert before is None or before == sessions.kept[GROUP]
    assert [sent.deduplication for sent in queue.sent] == list(begun.reply_ids)
    assert {str(event["id"]) for event, _ in reminders.sent} == {begun.session_id}


def test_a_repetition_leaves_what_became_of_the_session_alone() -> None:
    sessions, claims = FakeSessions(), FakeClaims()
    api = session_programs(FakeQueue(), sessions=sessions, claims=claims)
    api.begin(KEY, asking("order 7"))
    texted(sessions)
    sessions.end(GROUP, "SM1")
    claims.kept.clear()  # as after a crash before the claim was completed
    api.begin(KEY, asking("order 7"))
    assert sessions.kept[GROUP].ended_by is EndedBy.BACKEND


@pytest.mark.parametrize(
    ("key", "changes", "kind", "reason"),
    [
        ("nonsense", {}, InvalidKey, "invalid_key"),
        (READER_KEY, {}, ForbiddenRole, "forbidden_role"),
        (KEY, {"from_": THEIR_NUMBER}, NotOurs, "not_our_number"),
        (OTHER_KEY, {}, NotOurs, "not_our_number"),
        (KEY, {"account": SUBACCOUNT}, NotOurs, "not_our_account"),
        (KEY, {"text": "words " * 3000}, Malformed, "malformed"),
        (KEY, {"context": "order 7"}, Malformed, "malformed"),
        (KEY, {"in_reply_to": "SM1"}, Malformed, "malformed"),
    ],
)
def test_what_is_refused_changes_nothing(
    key: str, changes: dict[str, Any], kind: type[SmsReceiverError], reason: str
) -> None:
    queue, sessions, reminders = FakeQueue(), FakeSessions(), FakeReminders()
    api = session_programs(queue, agents=NOTIFYING, sessions=sessions, reminders=reminders)
    with pytest.raises(kind) as refused:
        api.begin(key, asking(**changes))
    assert refused.value.reason == reason
    assert (queue.sent, sessions.kept, reminders.sent) == ([], {}, [])


@pytest.mark.parametrize("act", ["begin", "end"])
def test_what_is_no_json_is_refused(act: str) -> None:
    with pytest.raises(WrongContentType):
        getattr(session_programs(FakeQueue()), act)(KEY, RawRequest("text/plain", b"{}"))


@pytest.mark.parametrize("act", ["begin", "end"])
def test_a_refusal_names_the_tenant_the_agent_and_the_conversation_and_quotes_nothing(act: str) -> None:
    api = session_programs(FakeQueue())
    for _ in range(RATE.most_of_key):
        api.begin(KEY, asking())
    wish = asking(context={"secret": "hidden"}) if act == "begin" else ending()
    with pytest.raises(RateLimited) as refused:
        getattr(api, act)(KEY, wish)
    error = refused.value
    assert (error.tenant_id, error.credential_id, error.agent_id, error.conversation) == (
        "acme",
        WRITER.id,
        DESK.id,
        CONVERSATION,
    )
    assert not any(word in f"{error} {error!r}" for word in (PERSON, OUR_NUMBER, "hidden"))


def test_what_cannot_be_counted_changes_nothing() -> None:
    sessions = FakeSessions()
    api = session_programs(
        FakeQueue(), sessions=sessions, limits=FakeSendLimits(failing=Unavailable("DynamoDB is away"))
    )
    with pytest.raises(Unavailable):
        api.begin(KEY, asking())
    assert not sessions.kept


def test_a_tenant_with_several_accounts_must_say_which_to_begin_and_not_to_end() -> None:
    accounts = (AccountName(ACCOUNT, PROVIDER), AccountName(SUBACCOUNT, PROVIDER))
    sessions = FakeSessions()
    api = session_programs(FakeQueue(), accounts=accounts, sessions=sessions)
    with pytest.raises(Malformed, match="account: it is required"):
        api.begin(KEY, asking())
    api.begin(KEY, asking(account=SUBACCOUNT))
    assert sessions.kept[GROUP].parties == replace(PARTIES, account=SUBACCOUNT)
    assert api.end(KEY, ending()).session_id


def test_without_an_account_it_is_an_operators_to_mend() -> None:
    with pytest.raises(Configuration):
        session_programs(FakeQueue(), accounts=()).begin(KEY, asking())


def test_a_person_who_said_stop_is_not_texted_and_their_session_is_not_created() -> None:
    ours, person = f"whatsapp:{OUR_NUMBER}", f"whatsapp:{PERSON}"
    group = f"acme.{events.conversation_id(ACME.salt, ours=ours, person=person)}"
    opt_outs, sessions = FakeOptOuts(), FakeSessions()
    opt_outs.stop(stop(group, NOW))
    api = session_programs(FakeQueue(), opt_outs=opt_outs, sessions=sessions)
    with pytest.raises(OptedOut):
        api.begin(KEY, request(to=person))
    assert not sessions.kept
    assert api.begin(KEY, asking(to=person)).reply_ids == (), "without a text, nobody is texted"


def test_each_request_counts_as_a_message_at_least() -> None:
    limits = FakeSendLimits()
    api = session_programs(FakeQueue(), limits=limits)
    api.begin(KEY, asking())
    api.begin(KEY, request(text="Hello"))
    api.end(KEY, ending())
    assert set(limits.counted.values()) == {3}


def test_a_first_message_of_too_many_parts_is_refused() -> None:
    sessions = FakeSessions()
    api = session_programs(FakeQueue(), sessions=sessions)
    api = replace(api, outbound=replace(api.outbound, messages_max=1))
    with pytest.raises(TooManyMessages):
        api.begin(KEY, request(text="word " * 1000))
    assert not sessions.kept


@pytest.mark.parametrize("key", [KEY, MANAGER_KEY])
def test_a_program_ends_the_session_that_is_open(key: str) -> None:
    sessions = FakeSessions()
    session_id = texted(sessions).session_id
    ended = session_programs(FakeQueue(), sessions=sessions).end(key, ending())
    assert (ended.session_id, ended.tenant_id, ended.conversation) == (session_id, "acme", CONVERSATION)
    assert sessions.ended == [(GROUP, session_id, EndedBy.PROGRAM)]
    assert texted(sessions, "SM2").session_id != session_id


def test_it_may_end_one_session_alone() -> None:
    api = session_programs(FakeQueue())
    first = api.begin(KEY, asking()).session_id
    second = api.begin(KEY, asking()).session_id
    assert api.end(KEY, ending(session_id=first)).session_id is None
    assert api.end(KEY, ending(session_id=second)).session_id == second


@pytest.mark.parametrize("seconds", [None, 3601])
def test_where_none_is_open_nothing_is_ended(seconds: float | None) -> None:
    sessions = FakeSessions()
    if seconds:
        texted(sessions, seconds=-seconds)
    api = session_programs(FakeQueue(), sessions=sessions)
    assert api.end(KEY, ending()).session_id is None
    assert not sessions.ended
    texted(sessions, "SM2")
    assert api.end(KEY, ending()).session_id
    assert api.end(KEY, ending()).session_id is None


def test_a_repeated_end_ends_no_later_session() -> None:
    sessions = FakeSessions()
    api = session_programs(FakeQueue(), sessions=sessions)
    first = api.begin(KEY, asking())
    assert api.end(KEY, ending("over")).session_id == first.session_id
    api.begin(KEY, asking())
    assert api.end(KEY, ending("over")).session_id == first.session_id
    assert sessions.kept[GROUP].ended_by is None


def test_an_end_whose_answer_from_the_table_was_lost_is_answered_as_an_end() -> None:
    sessions = FakeSessions()
    session_id = texted(sessions).session_id
    plain = sessions.end_at

    def end_at(session: Session, ended_by: EndedBy) -> bool:
        plain(session, ended_by)
        return False  # botocore asked again, and the condition did not hold any more

    sessions.end_at = end_at  # type: ignore[method-assign] # as a broken connection
    assert session_programs(FakeQueue(), sessions=sessions).end(KEY, ending()).session_id == session_id


def test_a_text_that_comes_while_it_is_ended_is_of_the_ended_session() -> None:
    sessions = FakeSessions()
    texted(sessions)
    plain = sessions.end_at

    def end_at(session: Session, ended_by: EndedBy) -> bool:
        sessions.end_at = plain  # type: ignore[method-assign] # once
        texted(sessions, "SM2")
        return plain(session, ended_by)

    sessions.end_at = end_at  # type: ignore[method-assign] # once
    assert session_programs(FakeQueue(), sessions=sessions).end(KEY, ending()).session_id
    latest = sessions.kept[GROUP].latest
    assert latest
    assert (latest.id, latest.turn.number) == ("SM2", 2)


def test_a_session_that_texts_keep_changing_is_unavailable() -> None:
    sessions = FakeSessions()
    texted(sessions)
    sessions.end_at = lambda *_: False  # type: ignore[method-assign] # always changed
    with pytest.raises(Unavailable, match="texts keep changing the session"):
        session_programs(FakeQueue(), sessions=sessions).end(KEY, ending())


@pytest.mark.parametrize(
    ("key", "changes", "reason"),
    [
        ("nonsense", {}, "invalid_key"),
        (READER_KEY, {}, "forbidden_role"),
        (OTHER_KEY, {}, "not_our_number"),
        (KEY, {"from_": THEIR_NUMBER}, "not_our_number"),
        (KEY, {"session_id": "SE-1"}, "malformed"),
        (KEY, {"account": ACCOUNT}, "malformed"),
    ],
)
def test_an_end_that_is_refused_ends_nothing(key: str, changes: dict[str, Any], reason: str) -> None:
    sessions = FakeSessions()
    texted(sessions)
    with pytest.raises(SmsReceiverError) as refused:
        session_programs(FakeQueue(), sessions=sessions).end(key, ending(**changes))
    assert refused.value.reason == reason
    assert not sessions.ended


def test_after_a_crash_between_the_end_and_its_answer_the_session_has_ended_and_a_repetition_finds_none() -> None:
    sessions, claims = FakeSessions(), FakeClaims()
    session_id = texted(sessions).session_id
    plain = sessions.end_at
    sessions.end_at = Fuse(2).around(plain)  # type: ignore[method-assign] # with the fuse
    api = session_programs(FakeQueue(), sessions=sessions, claims=claims)
    with pytest.raises(Crash):
        api.end(KEY, ending("over"))
    claims.expire()
    sessions.end_at = plain  # type: ignore[method-assign] # as it was
    assert api.end(KEY, ending("over")).session_id is None
    assert sessions.ended == [(GROUP, session_id, EndedBy.PROGRAM)]
