"""What is stored of a text, read back from what the Lambdas' own adapters write; on DynamoDB, and from the fake."""

from dataclasses import replace

import pytest

from operations.stage.text_records import DynamoTextRecords
from operations.tracing.text_record import TextRecord
from shared.aws.claims import DynamoClaims
from shared.aws.parking import DynamoParking
from shared.aws.reply_records import DynamoReplies
from shared.errors import Unavailable
from shared.messages.outbound import Parked, Reply
from shared.providers.twilio import statuses
from tests.fakes import NOW, OUR_NUMBER
from tests.integration.tables import Tables
from tests.integration.test_claims import claims_of
from tests.unit.operations.tracing.fakes import FakeTextRecords

TEXT, OTHER = "SM" + "1" * 32, "SM" + "2" * 32
LIFE = 3600.0


class Stage:
    """The Lambdas' adapters, and the operator's."""

    def __init__(self, tables: Tables) -> None:
        self.claims: DynamoClaims = claims_of(tables)
        self.replies = DynamoReplies(tables.dynamodb, tables.state, life_seconds=LIFE)
        self.parking = DynamoParking(tables.dynamodb, tables.state, life_seconds=LIFE)
        self.records = DynamoTextRecords(tables.dynamodb, claims=tables.claims, state=tables.state)

    def answer(self, messages: int, text: str = TEXT) -> None:
        document = {"messages": [{"text": "hello", "media_urls": []}] * messages, "end_session": False}
        self.claims.once("ask", f"acme.{text}", lambda: document, stage="east")

    def reply(self, name: str, text: str = TEXT, status: str = "delivered") -> Reply:
        reply = Reply("acme", f"{text}-{name}", "desk", "c", text)
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
