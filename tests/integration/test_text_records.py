"""What is stored of a text, read back from what the Lambdas' own adapters write; on DynamoDB, and from the fake."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from operations.stage.text_records import DynamoTextRecords
from operations.tracing.text_record import TextRecord
from shared.aws.claims import DynamoClaims
from shared.aws.opt_outs import DynamoOptOuts
from shared.aws.parking import DynamoParking
from shared.aws.promises import DynamoPromises
from shared.aws.reply_records import DynamoReplies
from shared.errors import Unavailable
from shared.messages.outbound import Parked, Reply, StoppedConversation
from shared.providers.twilio import statuses
from tests.fakes import NOW, OUR_NUMBER, PERSON
from tests.integration.tables import Tables
from tests.integration.test_claims import claims_of
from tests.promises_of_texts import promise
from tests.unit.operations.tracing.fakes import FakeTextRecords

LATE = "AP" + "7" * 32
TEXT, OTHER = "SM" + "1" * 32, "SM" + "2" * 32
LIFE = 3600.0


class Stage:
    """The Lambdas' adapters, and the operator's."""

    def __init__(self, tables: Tables) -> None:
        self.claims: DynamoClaims = claims_of(tables)
        self.replies = DynamoReplies(tables.dynamodb, tables.state, life_seconds=LIFE)
        self.parking = DynamoParking(tables.dynamodb, tables.state, life_seconds=LIFE)
        self.records = DynamoTextRecords(tables.dynamodb, claims=tables.claims, state=tables.state)

        self.promises = DynamoPromises(tables.dynamodb, tables.state, life_seconds=LIFE)
        self.opt_outs = DynamoOptOuts(tables.dynamodb, tables.state, life_seconds=LIFE)

    def answer(self, messages: int, text: str = TEXT, *, later: bool = False, no_session: bool = False) -> None:
        parts = [{"text": "hello", "media_urls": []}] * messages
        document = {"messages": parts, "end_session": False, "later": later, "no_session": no_session}
        self.claims.once("ask", f"acme.{text}", lambda: document, stage="east")

    def reply(self, name: str, text: str = TEXT, status: str = "delivered", in_reply_to: str | None = None) -> Reply:
        reply = Reply("acme", f"{text}-{name}", "desk", "c", in_reply_to or text)
        self.replies.attempt(reply, at=NOW)
        message_id = f"SM{name:>032}"
        word = statuses.status(status, None, message_id)
        self.replies.advance("acme", reply.reply_id, message_id=message_id, status=word, error_code=None)
        return reply

    def park(self, event_id: str, queue: str = "inbound") -> None:
        self.parking.park(Parked("acme", event_id, queue, "g", "no_agent", "no agent", OUR_NUMBER, NOW, {"a": 1}))


@pytest.fixture
def stage(tables: Tables) -> Stage:
    return Stage(tables)


def test_of_a_text_that_nobody_knows_the_record_is_empty(stage: Stage) -> None:
    stage.answer(1, OTHER)
    stage.reply("1", OTHER)
    stage.park(OTHER)
    assert stage.records.find("acme", TEXT) == TextRecord()
    assert stage.records.find("acme", TEXT).is_empty


def test_counts_the_messages_of_the_backends_answer(stage: Stage) -> None:
    stage.answer(2)
    assert stage.records.find("acme", TEXT).messages == 2
    assert stage.records.find("other", TEXT).messages is None


def test_an_answer_without_messages_is_an_answer(stage: Stage) -> None:
    stage.answer(0)
    record = stage.records.find("acme", TEXT)
    assert (record.messages, record.is_asking, record.is_empty) == (0, False, False)


def test_sees_that_the_backend_is_being_asked(stage: Stage) -> None:
    seen: list[TextRecord] = []

    def action() -> dict[str, object]:
        seen.append(stage.records.find("acme", TEXT))
        return {}

    stage.claims.once("ask", f"acme.{TEXT}", action, stage="east")
    assert [(record.messages, record.is_asking) for record in seen] == [(None, True)]


def test_a_promise_is_no_answer(stage: Stage) -> None:
    stage.answer(0, later=True)
    record = stage.records.find("acme", TEXT)
    assert (record.messages, record.is_later, record.promise) == (None, True, None)
    stage.promises.make(promise(TEXT))
    assert stage.records.find("acme", TEXT).promise == promise(TEXT)
    assert stage.records.find("other", TEXT).is_empty


def test_finds_that_nobody_was_asked_outside_a_session(stage: Stage) -> None:
    stage.answer(0, no_session=True)
    record = stage.records.find("acme", TEXT)
    assert (record.messages, record.is_outside_session, record.is_later) == (0, True, False)


@pytest.mark.parametrize("count", [1, 10, 12])
def test_finds_the_messages_of_a_late_answer_and_what_of_it_is_parked(stage: Stage, count: int) -> None:
    stage.answer(0, later=True)
    stage.promises.make(promise(TEXT))
    for number in range(1, count + 1):
        stage.reply(str(number), LATE, in_reply_to=TEXT)
    stage.park(f"{LATE}-1", "outbound")
    stage.park(f"{LATE}0-1", "outbound")
    stage.promises.fulfil(replace(promise(TEXT), answer_id=LATE))
    record = stage.records.find("acme", TEXT)
    assert set(record.replies) == {f"{LATE}-{number}" for number in range(1, count + 1)}
    assert [one.id for one in record.parked] == [f"{LATE}-1"]


@pytest.mark.parametrize("count", [1, 10, 11, 25])
def test_finds_all_messages_of_a_long_answer_and_the_failure_reply(stage: Stage, count: int) -> None:
    for number in range(1, count + 1):
        stage.reply(str(number))
    stage.reply("f-1", status="undelivered")
    replies = stage.records.find("acme", TEXT).replies
    assert set(replies) == {*map(str, range(1, count + 1)), "f-1"}
    assert (replies["f-1"].status, replies["1"].attempted_at) == ("undelivered", NOW)


def test_finds_what_is_parked_of_the_text_of_its_messages_and_of_their_statuses(stage: Stage) -> None:
    for event_id, queue in ((TEXT, "inbound"), (f"{TEXT}-1", "outbound"), (f"{TEXT}-1.delivered", "inbound")):
        stage.park(event_id, queue)
    parked = stage.records.find("acme", TEXT).parked
    assert [(one.id, one.queue, one.detail) for one in parked] == [
        (TEXT, "inbound", "no agent"),
        (f"{TEXT}-1", "outbound", "no agent"),
        (f"{TEXT}-1.delivered", "inbound", "no agent"),
    ]


def test_passes_over_what_has_expired(tables: Tables, stage: Stage) -> None:
    stage.answer(1)
    stage.reply("1")
    stage.park(TEXT)
    later = DynamoTextRecords(tables.dynamodb, claims=tables.claims, state=tables.state, clock=lambda: 4_000_000_000.0)
    assert later.find("acme", TEXT).is_empty


def test_finds_a_reply_by_its_id_at_the_provider(stage: Stage) -> None:
    reply = stage.reply("1")
    found = stage.records.owner("acme", f"SM{'1':>032}")
    assert found is not None
    assert (found.reply_id, found.in_reply_to) == (reply.reply_id, TEXT)
    assert stage.records.owner("acme", "SM" + "9" * 32) is None
    assert stage.records.owner("other", f"SM{'1':>032}") is None


def test_tells_in_which_of_many_conversations_nothing_is_sent(stage: Stage) -> None:
    ours, person = f"whatsapp:{OUR_NUMBER}", f"whatsapp:{PERSON}"
    stopped = [StoppedConversation("acme", f"{number:064}", ours, person, NOW) for number in range(4)]
    for each in stopped:
        stage.opt_outs.stop(each)
    stage.opt_outs.start(f"acme.{3:064}", at=datetime.now(UTC))
    asked = [f"{number:064}" for number in range(1, 250)]
    for records in (stage.records, FakeTextRecords(opted_out=stopped[:3])):
        found = records.stopped("acme", asked)
        assert sorted(found, key=lambda each: each.conversation) == stopped[1:3]
        assert list(records.stopped("other", asked)) == []
        assert list(records.stopped("acme", [])) == []


def test_the_fake_keeps_the_same_promises() -> None:
    reply = replace(Reply("acme", f"{TEXT}-1", "desk", "c", TEXT), message_id="SM5")
    fake = FakeTextRecords({("acme", TEXT): TextRecord(replies={"1": reply})})
    assert fake.find("acme", OTHER).is_empty
    assert fake.find("other", TEXT).is_empty
    assert fake.owner("acme", "SM5") == reply
    assert fake.owner("other", "SM5") is None
    assert fake.owner("acme", "SM6") is None


def test_without_a_table_it_is_unavailable(tables: Tables) -> None:
    nowhere = DynamoTextRecords(tables.dynamodb, claims=tables.claims, state="nowhere")
    with pytest.raises(Unavailable, match=f"what is stored of {TEXT} could not be read"):
        nowhere.find("acme", TEXT)
