"""Messages that answer a text: they belong to it, on its conversation, and may end its session."""

from datetime import timedelta

import pytest

from shared.errors import Mismatch, OptedOut, OtherConversation, Unavailable
from shared.messages import events
from shared.messages.promises import PromiseState
from shared.messages.sessions import EndedBy, Parties, ReceivedText
from tests.fakes import ACCOUNT, DESK, NOW, OUR_NUMBER, PERSON, PROVIDER, FakeClaims, FakeQueue
from tests.opt_out_fakes import FakeOptOuts, stop
from tests.promises_fake import FakePromises
from tests.promises_of_texts import CONVERSATION, ENVELOPE, TEXT_ID, promise
from tests.sessions_fake import FakeSessions
from tests.unit.submission.fakes import ACME, KEY, OTHER_KEY, THEIR_NUMBER, request, submitter

GROUP = f"acme.{CONVERSATION}"
PARTIES = Parties(OUR_NUMBER, PERSON, PROVIDER, ACCOUNT)


def promised() -> FakePromises:
    promises = FakePromises()
    promises.make(promise())
    return promises


def state(promises: FakePromises) -> PromiseState:
    found = promises.find("acme", TEXT_ID)
    assert found
    return found.state


def test_the_answer_names_its_text_and_when_that_was_received() -> None:
    queue, promises = FakeQueue(), promised()
    done = submitter(queue, promises=promises).submit(KEY, request(in_reply_to=TEXT_ID))
    data = queue.sent[0].event["data"]
    assert (data["in_reply_to"], data["received_at"]) == (TEXT_ID, ENVELOPE.received_at)
    assert (done.in_reply_to, data["reply_id"]) == (TEXT_ID, f"{done.answer_id}-1")
    assert state(promises) is PromiseState.ANSWERED
    assert promises.kept["acme", TEXT_ID].answer_id == done.answer_id


def test_a_second_answer_is_sent_too_and_its_time_is_not_measured() -> None:
    queue, promises = FakeQueue(), promised()
    api = submitter(queue, promises=promises)
    ids = {api.submit(KEY, request(in_reply_to=TEXT_ID)).answer_id for _ in range(2)}
    assert [sent.event["data"]["received_at"] for sent in queue.sent] == [ENVELOPE.received_at, None]
    assert len(ids) == 2


def test_an_answer_after_its_time_is_welcome_and_measured() -> None:
    queue, promises = FakeQueue(), promised()
    promises.miss(promise())
    submitter(queue, promises=promises).submit(KEY, request(in_reply_to=TEXT_ID))
    assert queue.sent[0].event["data"]["received_at"] == ENVELOPE.received_at
    assert state(promises) is PromiseState.ANSWERED


def test_an_answer_that_comes_before_its_promise_is_noted_for_it() -> None:
    queue, promises = FakeQueue(), FakePromises()
    submitter(queue, promises=promises).submit(KEY, request(in_reply_to=TEXT_ID))
    assert len(queue.sent) == 1
    assert promises.make(promise()).state is PromiseState.ANSWERED


@pytest.mark.parametrize("change", [{"to": "+12025550124"}, {"to": f"whatsapp:{PERSON}"}])
def test_an_answer_on_another_conversation_is_refused_and_changes_nothing(change: dict[str, str]) -> None:
    queue, promises, sessions = FakeQueue(), promised(), FakeSessions()
    api = submitter(queue, promises=promises, sessions=sessions)
    with pytest.raises(OtherConversation) as refused:
        api.submit(KEY, request(in_reply_to=TEXT_ID, end_session=True, **change))
    assert (refused.value.field, refused.value.reason) == ("in_reply_to", "other_conversation")
    assert (refused.value.tenant_id, refused.value.message_id) == ("acme", TEXT_ID)
    assert (queue.sent, sessions.ended, state(promises)) == ([], [], PromiseState.WAITING)
    assert not any(number in str(refused.value) for number in (PERSON, OUR_NUMBER, "+12025550124"))


def test_a_text_of_another_tenant_is_nothing_to_ours() -> None:
    queue, promises = FakeQueue(), promised()
    submitter(queue, promises=promises).submit(OTHER_KEY, request(from_=THEIR_NUMBER, in_reply_to=TEXT_ID))
    assert queue.sent[0].event["data"]["received_at"] is None
    assert state(promises) is PromiseState.WAITING


def session() -> FakeSessions:
    sessions = FakeSessions()
    sessions.turn(GROUP, ReceivedText(TEXT_ID, NOW, PARTIES), DESK)
    return sessions


def test_it_may_end_the_session_of_its_text() -> None:
    sessions = session()
    submitter(FakeQueue(), promises=promised(), sessions=sessions).submit(
        KEY, request(in_reply_to=TEXT_ID, end_session=True)
    )
    assert [(group, ended_by) for group, _, ended_by in sessions.ended] == [(GROUP, EndedBy.BACKEND)]


def test_it_ends_no_session_unless_it_says_so_or_when_a_later_text_came() -> None:
    sessions = session()
    api = submitter(FakeQueue(), promises=promised(), sessions=sessions)
    api.submit(KEY, request(in_reply_to=TEXT_ID))
    api.submit(KEY, request(in_reply_to=TEXT_ID, end_session=False))
    sessions.turn(GROUP, ReceivedText("SM-later", NOW + timedelta(seconds=5), PARTIES), DESK)
    api.submit(KEY, request(in_reply_to=TEXT_ID, end_session=True))
    assert sessions.ended == []


@pytest.mark.parametrize("failing", ["promises", "sessions"])
def test_what_cannot_be_looked_up_or_ended_queues_nothing(failing: str) -> None:
    queue, promises, sessions = FakeQueue(), promised(), session()
    away = Unavailable("DynamoDB is away")
    if failing == "promises":
        promises.failing = away
    else:
        sessions.failing = away
    with pytest.raises(Unavailable):
        submitter(queue, promises=promises, sessions=sessions).submit(
            KEY, request(in_reply_to=TEXT_ID, end_session=True)
        )
    assert queue.sent == []


def test_an_answer_that_is_queued_but_cannot_be_noted_is_accepted() -> None:
    class Forgetful(FakePromises):
        def fulfil(self, _: object) -> None:
            message = "DynamoDB went away"
            raise Unavailable(message)

    queue = FakeQueue()
    assert submitter(queue, promises=Forgetful()).submit(KEY, request(in_reply_to=TEXT_ID)).reply_ids
    assert len(queue.sent) == 1


def test_nobody_waits_any_more_for_an_answer_to_a_person_who_said_stop_meanwhile() -> None:
    ours, theirs = f"whatsapp:{OUR_NUMBER}", f"whatsapp:{PERSON}"
    conversation = events.conversation_id(ACME.salt, ours=ours, person=theirs)
    opt_outs, promises, queue = FakeOptOuts(), FakePromises(), FakeQueue()
    promises.make(promise(conversation=conversation, sender=ours, recipient=theirs))
    opt_outs.stop(stop(f"acme.{conversation}", NOW))
    with pytest.raises(OptedOut):
        submitter(queue, promises=promises, opt_outs=opt_outs).submit(KEY, request(to=theirs, in_reply_to=TEXT_ID))
    assert queue.sent == []
    assert state(promises) is PromiseState.ANSWERED


def test_an_answer_that_cannot_be_queued_is_not_noted() -> None:
    promises = promised()
    with pytest.raises(Unavailable):
        submitter(FakeQueue(failing=Unavailable("SQS is away")), promises=promises).submit(
            KEY, request(in_reply_to=TEXT_ID)
        )
    assert state(promises) is PromiseState.WAITING


@pytest.mark.parametrize("change", [{"in_reply_to": "SM2"}, {"end_session": True}, {"in_reply_to": None}])
def test_the_same_key_for_another_answer_is_a_mismatch(change: dict[str, object]) -> None:
    api = submitter(FakeQueue(), promises=promised(), claims=FakeClaims())
    first = api.submit(KEY, request("order 7", in_reply_to=TEXT_ID))
    assert api.submit(KEY, request("order 7", in_reply_to=TEXT_ID)) == first
    with pytest.raises(Mismatch):
        api.submit(KEY, request("order 7", **{"in_reply_to": TEXT_ID, **change}))


def test_a_message_that_answers_no_text_looks_for_none() -> None:
    promises = FakePromises(failing=Unavailable("not asked"))
    assert submitter(FakeQueue(), promises=promises).submit(KEY, request()).in_reply_to is None
