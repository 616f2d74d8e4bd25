"""Sending first: what stands on the outbound queue, who may ask for it, and what a repeat does."""

import json
import re

import pytest

from shared.errors import (
    Malformed,
    Mismatch,
    Unavailable,
)
from shared.messages import events
from shared.submission.body import RawRequest
from tests.fakes import (
    ACCOUNT,
    OUR_NUMBER,
    PERSON,
    PROVIDER,
    SALT,
    SUBACCOUNT,
    FakeClaims,
    FakeQueue,
    record,
)
from tests.unit.submission.fakes import (
    ACME,
    BODY,
    JSON,
    KEY,
    MANAGER_KEY,
    OTHER_KEY,
    TEXT,
    THEIR_NUMBER,
    both_agents,
    request,
    submitter,
)


@pytest.mark.parametrize("key", [KEY, MANAGER_KEY])
def test_queues_one_event_that_names_all_the_sender_needs(key: str) -> None:
    queue = FakeQueue()
    done = submitter(queue).submit(key, request(media_urls=["https://files.example.com/a.jpg"]))
    conversation = events.conversation_id(ACME.salt, ours=OUR_NUMBER, person=PERSON)
    [sent] = queue.sent
    assert (sent.group, sent.deduplication) == (f"acme.{conversation}", f"{done.answer_id}-1")
    assert (done.tenant_id, done.conversation, done.reply_ids) == ("acme", conversation, (f"{done.answer_id}-1",))
    assert {name: sent.event[name] for name in ("type", "source", "id", "tenant")} == {
        "type": events.SEND,
        "source": f"/sms-receiver/east/{PROVIDER}",
        "id": f"{done.answer_id}-1",
        "tenant": "acme",
    }
    assert sent.event["data"] == {
        "reply_id": f"{done.answer_id}-1",
        "answer_id": done.answer_id,
        "part": 1,
        "parts": 1,
        "in_reply_to": None,
        "received_at": None,
        "agent": "desk",
        "provider": PROVIDER,
        "account": ACCOUNT,
        "conversation": conversation,
        "from": OUR_NUMBER,
        "to": PERSON,
        "text": TEXT,
        "media_urls": ["https://files.example.com/a.jpg"],
    }


def test_a_long_text_has_a_reply_id_for_each_part() -> None:
    queue = FakeQueue()
    done = submitter(queue).submit(KEY, request(text="word " * 2000))
    assert len(done.reply_ids) > 1
    assert list(done.reply_ids) == [sent.deduplication for sent in queue.sent]
    assert len({sent.group for sent in queue.sent}) == 1


def test_a_channel_keeps_the_conversation_of_the_texts_that_come_by_it() -> None:
    queue = FakeQueue()
    done = submitter(queue).submit(KEY, request(to=f"whatsapp:{PERSON}"))
    assert queue.sent[0].event["data"]["from"] == f"whatsapp:{OUR_NUMBER}"
    ours, person = f"whatsapp:{OUR_NUMBER}", f"whatsapp:{PERSON}"
    assert done.conversation == events.conversation_id(ACME.salt, ours=ours, person=person)


def test_without_an_idempotency_key_every_request_is_a_message_of_its_own() -> None:
    queue, claims = FakeQueue(), FakeClaims(failing=Unavailable("not asked"))
    ids = {submitter(queue, claims=claims).submit(KEY, request()).answer_id for _ in range(3)}
    assert len(ids) == len(queue.sent) == 3
    assert all(re.fullmatch(r"AP[0-9a-f]{32}", answer_id) for answer_id in ids)


def test_the_same_key_and_body_give_the_same_ids_and_queue_nothing_more() -> None:
    queue = FakeQueue()
    api = submitter(queue)
    first = api.submit(KEY, request("order 7"))
    as_another_would_write_it = RawRequest(JSON, json.dumps(dict(reversed(BODY.items())), indent=2).encode(), "order 7")
    assert api.submit(KEY, request("order 7")) == first
    assert api.submit(MANAGER_KEY, as_another_would_write_it).reply_ids == first.reply_ids
    assert len(queue.sent) == 1
    assert re.fullmatch(r"AP[0-9a-f]{32}", first.answer_id)


@pytest.mark.parametrize(
    "change", [{"text": "No."}, {"to": "+12025550124"}, {"media_urls": ["https://a.example/"]}, {"account": ACCOUNT}]
)
def test_the_same_key_with_another_body_is_a_mismatch(change: dict[str, object]) -> None:
    queue = FakeQueue()
    api = submitter(queue)
    api.submit(KEY, request("order 7"))
    with pytest.raises(Mismatch):
        api.submit(KEY, request("order 7", **change))
    assert len(queue.sent) == 1


def test_a_repeat_after_half_of_the_parts_names_each_part_as_before() -> None:
    class HalfQueue(FakeQueue):
        def send(self, event: object, *, group: str, deduplication: str) -> None:
            super().send(event, group=group, deduplication=deduplication)  # type: ignore[arg-type] # as it came
            self.failing = Unavailable("the queue is down")

    queue, claims = HalfQueue(), FakeClaims()
    with pytest.raises(Unavailable):
        submitter(queue, claims=claims).submit(KEY, request("order 7", text="word " * 500))
    [half] = queue.sent
    whole = FakeQueue()
    done = submitter(whole, claims=claims).submit(KEY, request("order 7", text="word " * 500))
    assert done.reply_ids[0] == half.deduplication
    assert whole.sent[0].event == half.event
    # Another text with the same key, after a first one that was queued in part, must not be completed by its parts.
    other = submitter(FakeQueue()).submit(KEY, request("order 7", text="sword " * 500))
    assert other.answer_id != done.answer_id


def test_idempotency_keys_of_different_tenants_are_independent() -> None:
    queue, claims = FakeQueue(), FakeClaims()
    api = submitter(queue, claims=claims)
    ours, theirs = api.submit(KEY, request("order 7")), api.submit(OTHER_KEY, request("order 7", from_=THEIR_NUMBER))
    assert ours.answer_id != theirs.answer_id
    assert len(queue.sent) == len(claims.kept) == 2


def test_the_claim_is_kept_at_the_agents_stage_and_holds_nothing_personal() -> None:
    claims = FakeClaims()
    submitter(FakeQueue(), agents=both_agents(stage="south"), claims=claims).submit(KEY, request("order +12025550123"))
    assert claims.stages == ["south"]
    for personal in (PERSON[1:], OUR_NUMBER[1:], TEXT, "order", SALT):
        assert personal not in repr(claims.kept)


def test_the_request_chooses_one_of_several_accounts() -> None:
    queue = FakeQueue()
    submitter(queue, accounts=record().accounts).submit(KEY, request(account=SUBACCOUNT))
    assert queue.sent[0].event["data"]["account"] == SUBACCOUNT


def test_with_several_accounts_one_must_be_named_and_the_refusal_names_none() -> None:
    with pytest.raises(Malformed, match="several; name the one that owns the number") as refused:
        submitter(FakeQueue(), accounts=record().accounts).submit(KEY, request())
    assert refused.value.field == "account"
    assert not any(sid in str(refused.value) for sid in (ACCOUNT, SUBACCOUNT))
