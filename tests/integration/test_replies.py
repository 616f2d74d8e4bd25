"""The records of replies on a DynamoDB, and the fake of the unit tests.

Statuses in any order, ids that come before or after, and expired records.
"""

import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import boto3
import pytest
from botocore.config import Config
from botocore.stub import Stubber
from mypy_boto3_dynamodb import DynamoDBClient

from shared.aws.reply_records import DynamoReplies, item_key
from shared.errors import NotFound, Unavailable
from shared.messages.outbound import PARKED, Reply
from shared.messages.status import ProviderStatus, StatusOrder
from shared.ports import Replies
from tests.fakes import NOW, FakeClock
from tests.replies_fake import FakeReplies

REPLY = Reply("acme", "SM42-1", "desk", "c0ffee", "SM42")
RANKS = {"queued": 2, "sent": 4, "delivered": 5}
FINAL = {"delivered", "failed"}


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def adapter(dynamodb: DynamoDBClient, state_table: str, clock: FakeClock) -> DynamoReplies:
    return DynamoReplies(dynamodb, state_table, life_seconds=60, clock=clock)


@pytest.fixture(params=["the adapter", "the fake"])
def replies(request: pytest.FixtureRequest, clock: FakeClock) -> Replies:
    if request.param == "the fake":
        return FakeReplies(life_seconds=60, clock=clock)
    adapter: DynamoReplies = request.getfixturevalue("adapter")
    return adapter


def status(word: str) -> ProviderStatus:
    return ProviderStatus(word, RANKS.get(word, 0), is_final=word in FINAL)


def advance(
    replies: Replies, word: str, *, message_id: str = "SM1", error_code: int | None = None
) -> tuple[Reply, StatusOrder]:
    return replies.advance("acme", "SM42-1", status(word), message_id=message_id, error_code=error_code)


def test_there_is_no_record_before_the_first_attempt(replies: Replies) -> None:
    assert replies.find("acme", "SM42-1") is None
    with pytest.raises(NotFound, match=r"^tenant 'acme' has no reply 'SM42-1'$"):
        advance(replies, "sent")
    replies.withdraw("acme", "SM42-1")
    assert replies.find("acme", "SM42-1") is None
    assert replies.owner("acme", "SM1") is None


@pytest.mark.parametrize("in_reply_to", ["SM42", None])
def test_stores_the_attempt_and_the_fields_of_the_message(in_reply_to: str | None, replies: Replies) -> None:
    reply = replace(REPLY, in_reply_to=in_reply_to)
    replies.attempt(reply, at=NOW)
    assert replies.find("acme", "SM42-1") == replace(reply, attempted_at=NOW)


def test_the_first_attempt_that_may_have_got_through_is_the_one_that_counts(replies: Replies) -> None:
    replies.attempt(REPLY, at=NOW)
    replies.attempt(REPLY, at=NOW + timedelta(seconds=5))
    assert replies.find("acme", "SM42-1") == replace(REPLY, attempted_at=NOW)
    replies.withdraw("acme", "SM42-1")
    assert replies.find("acme", "SM42-1") == REPLY
    replies.attempt(REPLY, at=NOW + timedelta(seconds=20))
    assert replies.find("acme", "SM42-1") == replace(REPLY, attempted_at=NOW + timedelta(seconds=20))


@pytest.mark.parametrize("order", list(permutations(RANKS)), ids="-".join)
def test_the_highest_rank_wins_in_whatever_order_they_come(order: tuple[str, ...], replies: Replies) -> None:
    replies.attempt(REPLY, at=NOW)
    highest = -1
    for word in order:
        highest = max(highest, RANKS[word])
        reply, relation = advance(replies, word)
        expected = StatusOrder.NEW if RANKS[word] == highest else StatusOrder.STALE
        assert (reply.rank, relation) == (highest, expected)
    assert replies.find("acme", "SM42-1") == replace(
        REPLY, attempted_at=NOW, message_id="SM1", status="delivered", rank=5
    )


def test_a_duplicate_changes_nothing_and_is_still_the_status(replies: Replies) -> None:
    replies.attempt(REPLY, at=NOW)
    first = advance(replies, "sent", error_code=30003)
    assert first[1] is StatusOrder.NEW
    assert advance(replies, "sent") == (first[0], StatusOrder.REPEATED)


def test_another_status_of_the_same_rank_does_not_win(replies: Replies) -> None:
    replies.attempt(REPLY, at=NOW)
    advance(replies, "delivered")
    failed = ProviderStatus("failed", 5, is_final=True)
    reply, order = replies.advance("acme", "SM42-1", failed, message_id="SM1", error_code=30008)
    assert (reply.status, reply.error_code, order) == ("delivered", None, StatusOrder.STALE)


def test_an_unknown_word_is_a_status_when_there_is_no_other(replies: Replies) -> None:
    replies.attempt(REPLY, at=NOW)
    assert advance(replies, "wondrous")[1] is StatusOrder.NEW
    assert advance(replies, "queued")[1] is StatusOrder.NEW
    assert advance(replies, "wondrous")[1] is StatusOrder.STALE


def test_an_error_code_comes_and_goes_with_its_status(replies: Replies) -> None:
    replies.attempt(REPLY, at=NOW)
    assert advance(replies, "sent", error_code=30001)[0].error_code == 30001
    assert advance(replies, "delivered")[0].error_code is None


def test_an_id_is_kept_even_when_a_higher_rank_came_without_it(replies: Replies) -> None:
    replies.attempt(REPLY, at=NOW)
    replies.refuse(REPLY, status("delivered"))
    reply, order = advance(replies, "queued")
    assert (reply.message_id, reply.status, order) == ("SM1", "delivered", StatusOrder.STALE)
    assert advance(replies, "queued", message_id="SM2") == (reply, StatusOrder.OTHER)


def test_every_status_of_the_provider_replaces_parked(replies: Replies) -> None:
    replies.park(replace(REPLY, error_code=21211))
    parked = replies.find("acme", "SM42-1")
    assert parked == replace(REPLY, status=PARKED, rank=-1, error_code=21211)
    replies.park(REPLY)
    assert replies.find("acme", "SM42-1") == replace(REPLY, status=PARKED, rank=-1)
    assert advance(replies, "wondrous")[1] is StatusOrder.NEW
    replies.park(REPLY)
    record = replies.find("acme", "SM42-1")
    assert record
    assert (record.status, record.rank) == ("wondrous", 0)


def test_a_refused_message_has_a_record_and_its_status_is_final(replies: Replies) -> None:
    failed = ProviderStatus("failed", 5, is_final=True)
    replies.refuse(replace(REPLY, error_code=21614), failed)
    assert replies.find("acme", "SM42-1") == replace(REPLY, status="failed", rank=5, error_code=21614)
    replies.refuse(replace(REPLY, error_code=21211), failed)
    replies.park(REPLY)
    advance(replies, "queued")
    record = replies.find("acme", "SM42-1")
    assert record
    assert (record.status, record.error_code) == ("failed", 21614)


def test_what_was_delivered_cannot_be_refused(replies: Replies) -> None:
    replies.attempt(REPLY, at=NOW)
    delivered, _ = advance(replies, "delivered")
    replies.refuse(replace(REPLY, error_code=21614), status("failed")._replace(rank=5))
    assert replies.find("acme", "SM42-1") == delivered


def test_of_the_same_step_the_latest_word_is_kept_unless_it_is_final(replies: Replies) -> None:
    replies.attempt(REPLY, at=NOW)
    for word in ("wondrous", "marvellous", "wondrous"):
        reply, order = advance(replies, word)
        assert (reply.status, order) == (word, StatusOrder.NEW)
    assert advance(replies, "wondrous")[1] is StatusOrder.REPEATED


@pytest.mark.parametrize("word", ["queued", "sent", "delivered", "wondrous"])
def test_a_status_of_another_message_changes_nothing(word: str, replies: Replies) -> None:
    replies.attempt(REPLY, at=NOW)
    before, _ = advance(replies, "queued")
    assert advance(replies, word, message_id="SM2") == (before, StatusOrder.OTHER)
    assert replies.find("acme", "SM42-1") == before


def test_what_failed_for_now_begins_anew_and_hears_no_more_of_the_old_message(replies: Replies) -> None:
    replies.attempt(REPLY, at=NOW)
    advance(replies, "sent", error_code=30001)
    begun = replace(REPLY, superseded=frozenset({"SM1"}))
    for _ in range(2):  # as after a crash
        assert replies.supersede("acme", "SM42-1", "SM1") == begun
        assert replies.find("acme", "SM42-1") == begun
    assert replies.owner("acme", "SM1") is None
    for word in ("queued", "delivered"):
        assert advance(replies, word) == (begun, StatusOrder.OTHER)

    replies.attempt(REPLY, at=NOW + timedelta(seconds=60))
    second, order = advance(replies, "queued", message_id="SM2")
    assert (second.message_id, order) == ("SM2", StatusOrder.NEW)
    assert advance(replies, "delivered") == (second, StatusOrder.OTHER)
    assert replies.supersede("acme", "SM42-1", "SM1") == second
    assert replies.supersede("acme", "SM42-1", "SM3") == second
    assert replies.supersede("acme", "SM42-1", "SM2").superseded == {"SM1", "SM2"}


def test_a_reply_that_there_is_not_cannot_be_begun_anew(replies: Replies, clock: FakeClock) -> None:
    with pytest.raises(NotFound):
        replies.supersede("acme", "SM42-1", "SM1")
    replies.attempt(REPLY, at=NOW)
    clock.now += 60
    with pytest.raises(NotFound):
        replies.supersede("acme", "SM42-1", "SM1")


def test_parking_leaves_an_attempt_in_doubt(replies: Replies) -> None:
    replies.attempt(REPLY, at=NOW)
    replies.park(REPLY)
    assert replies.find("acme", "SM42-1") == replace(REPLY, attempted_at=NOW, status=PARKED, rank=-1)


def test_parking_begins_a_record_without_an_attempt(replies: Replies) -> None:
    replies.park(replace(REPLY, attempted_at=NOW, message_id="SM1", rank=5))
    assert replies.find("acme", "SM42-1") == replace(REPLY, status=PARKED, rank=-1)


@pytest.mark.parametrize("note", ["attempt", "park"])
def test_a_later_try_says_whose_the_message_is_now(note: str, replies: Replies) -> None:
    replies.attempt(REPLY, at=NOW)
    moved = replace(REPLY, agent="other", conversation="decaf", in_reply_to=None, error_code=21211)
    if note == "attempt":
        replies.attempt(moved, at=NOW + timedelta(seconds=5))
        assert replies.find("acme", "SM42-1") == replace(moved, attempted_at=NOW, error_code=None)
    else:
        replies.park(moved)
        assert replies.find("acme", "SM42-1") == replace(moved, attempted_at=NOW, status=PARKED, rank=-1)


def test_what_the_provider_said_stays_when_its_reply_is_tried_or_parked_again(replies: Replies) -> None:
    replies.attempt(REPLY, at=NOW)
    record, _ = advance(replies, "sent", error_code=30001)
    replies.attempt(REPLY, at=NOW + timedelta(seconds=5))
    replies.park(replace(REPLY, agent="other", error_code=21211))
    assert replies.find("acme", "SM42-1") == record
    replies.withdraw("acme", "SM42-1")
    assert replies.find("acme", "SM42-1") == replace(record, attempted_at=None)


def test_finds_the_reply_of_a_providers_message_within_its_tenant(replies: Replies) -> None:
    for tenant, reply_id in (("acme", "SM42-1"), ("other", "SM42-9")):
        replies.attempt(replace(REPLY, tenant=tenant, reply_id=reply_id), at=NOW)
        replies.advance(tenant, reply_id, status("sent"), message_id="SM1", error_code=None)
    assert replies.owner("acme", "SM1") == "SM42-1"
    assert replies.owner("other", "SM1") == "SM42-9"
    assert replies.owner("third", "SM1") is None
    assert replies.owner("acme", "SM2") is None


def test_an_expired_record_counts_as_gone(replies: Replies, clock: FakeClock) -> None:
    replies.attempt(REPLY, at=NOW)
    advance(replies, "queued")
    clock.now += 60
    assert replies.find("acme", "SM42-1") is None
    replies.withdraw("acme", "SM42-1")
    with pytest.raises(NotFound):
        advance(replies, "delivered")
    with pytest.raises(NotFound):
        advance(replies, "queued")


def test_a_record_lives_from_its_latest_try(replies: Replies, clock: FakeClock) -> None:
    replies.attempt(REPLY, at=NOW)
    clock.now += 59
    replies.attempt(REPLY, at=NOW + timedelta(seconds=59))
    clock.now += 59
    assert replies.find("acme", "SM42-1") == replace(REPLY, attempted_at=NOW)


@pytest.mark.parametrize("word", ["delivered", PARKED])
def test_nothing_of_an_expired_record_is_in_the_next_one(word: str, replies: Replies, clock: FakeClock) -> None:
    later = NOW + timedelta(seconds=120)
    for _ in range(2):
        replies.attempt(REPLY, at=NOW)
        if word == PARKED:
            replies.park(replace(REPLY, error_code=21211))
        else:
            advance(replies, word, error_code=30001)
            replies.supersede("acme", "SM42-1", "SM1")
        clock.now += 60
        replies.attempt(REPLY, at=later)
        assert replies.find("acme", "SM42-1") == replace(REPLY, attempted_at=later)
        assert replies.owner("acme", "SM1") is None
        assert advance(replies, "queued", message_id="SM2")[1] is StatusOrder.NEW
        clock.now += 60
        replies.park(REPLY)
        assert replies.find("acme", "SM42-1") == replace(REPLY, status=PARKED, rank=-1)
        clock.now += 60


def test_tenants_do_not_see_each_others_replies(replies: Replies) -> None:
    replies.attempt(REPLY, at=NOW)
    assert replies.find("other", "SM42-1") is None
    with pytest.raises(NotFound):
        replies.advance("other", "SM42-1", status("sent"), message_id="SM1", error_code=None)


def test_a_dynamodb_that_fails_is_unavailable_and_no_answer_is_too() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        client = boto3.client(
            "dynamodb",
            "us-east-1",
            endpoint_url=f"http://127.0.0.1:{closed.getsockname()[1]}",
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
            config=Config(retries={"total_max_attempts": 1}),
        )
        replies = DynamoReplies(client, "state", life_seconds=60)
        asked: list[Callable[[], object]] = [
            lambda: replies.find("acme", "SM42-1"),
            lambda: replies.attempt(REPLY, at=NOW),
            lambda: replies.withdraw("acme", "SM42-1"),
            lambda: replies.park(REPLY),
            lambda: replies.refuse(REPLY, status("failed")),
            lambda: replies.supersede("acme", "SM42-1", "SM1"),
            lambda: advance(replies, "sent"),
            lambda: replies.owner("acme", "SM1"),
        ]
        for ask in asked:
            with pytest.raises(Unavailable, match=r"EndpointConnectionError$"):
                ask()
        with Stubber(client) as stub:
            stub.add_client_error("update_item", "ProvisionedThroughputExceededException", "said by AWS", 400)
            with pytest.raises(Unavailable, match=r"AWS answered ProvisionedThroughputExceededException$"):
                advance(replies, "sent")
    client.close()


def test_the_highest_of_many_at_once_wins_and_one_id_is_kept(adapter: DynamoReplies) -> None:
    adapter.attempt(REPLY, at=NOW)
    with ThreadPoolExecutor(8) as pool:
        statuses = [*RANKS, "wondrous"] * 6
        answers = list(pool.map(lambda word: advance(adapter, word), statuses))
    record = adapter.find("acme", "SM42-1")
    assert record
    assert (record.status, record.message_id) == ("delivered", "SM1")
    delivered = [order for (_, order), word in zip(answers, statuses, strict=True) if word == "delivered"]
    assert delivered.count(StatusOrder.NEW) == 1
    assert StatusOrder.STALE not in delivered


def test_a_record_that_an_operator_keeps_for_ever_does_not_expire(
    adapter: DynamoReplies, dynamodb: DynamoDBClient, state_table: str, clock: FakeClock
) -> None:
    adapter.attempt(REPLY, at=NOW)
    dynamodb.update_item(
        TableName=state_table,
        Key=item_key("acme", "SM42-1"),
        UpdateExpression="REMOVE #ttl",
        ExpressionAttributeNames={"#ttl": "ttl"},
    )
    clock.now += 1e9
    assert adapter.find("acme", "SM42-1") == replace(REPLY, attempted_at=NOW)
    assert advance(adapter, "sent")[1] is StatusOrder.NEW
    assert adapter.supersede("acme", "SM42-1", "SM1").superseded == {"SM1"}
    adapter.park(REPLY)
    found = adapter.find("acme", "SM42-1")
    assert found
    assert (found.status, found.superseded) == (PARKED, frozenset({"SM1"}))
