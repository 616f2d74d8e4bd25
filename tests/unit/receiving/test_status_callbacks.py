"""From a status webhook to the reply's record and the backend: which webhooks are genuine, and which status wins."""

from dataclasses import replace

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from shared.errors import Configuration, InvalidSignature, Malformed, Unavailable
from shared.messages.inbound import WebhookRequest
from shared.messages.outbound import Reply
from shared.messages.status import ProviderStatus
from shared.receiving.status_callbacks import BODY_BYTES_MAX, StatusReceiver
from shared.sending import resend_command
from shared.telemetry import LogEvent
from shared.tenants.agent import Agent, BackendSettings
from tests.fakes import (
    ACCOUNT,
    ACCOUNTS,
    LISTENING,
    NOW,
    OUR_NUMBER,
    PERSON,
    PROVIDER,
    SECOND_TOKEN,
    STRANGER,
    SUBACCOUNT,
    SUBACCOUNT_TOKEN,
    TOKEN,
    FakeAccounts,
    FakeAgents,
    FakeQueue,
    schema,
)
from tests.provider import DELIVERED, IS_TOY, ITS_RULES, PROVIDERS, QUEUED, SENT, UNDELIVERED, status, webhook
from tests.replies_fake import FakeReplies
from tests.toy_provider.statuses import BUSY, GONE
from tests.unit.messages.outbound_events import CONVERSATION
from tests.usage_fake import FakeUsage

URL = "https://sms-east.example.com/sms.receiver/SmsStatus/acme/SM42-1"
SID = "SM" + "5" * 32
RANK = ITS_RULES.failed_status.rank


ECHO = BackendSettings("echo")
WORD, CODE = (GONE, BUSY) if IS_TOY else ("failed", 30001)
FOR_NOW = {"MessageStatus": WORD, "ErrorCode": str(CODE)}
"""What the provider says of a message that it could not deliver now."""


class World:
    """A StatusReceiver with fakes around it."""

    def __init__(self, agent: Agent = LISTENING) -> None:
        self.accounts = FakeAccounts(*ACCOUNTS)
        self.agents = FakeAgents({OUR_NUMBER: agent})
        self.replies, self.usage = FakeReplies(), FakeUsage()
        self.queue, self.outbound = FakeQueue(), FakeQueue()
        self.uncounted: list[Exception] = []
        self.replies.attempt(Reply("acme", "SM42-1", "desk", CONVERSATION, "SM42"), at=NOW)

    def receive(self, request: WebhookRequest, *, tenant_id: str = "acme", reply_id: str = "SM42-1") -> LogEvent | None:
        """The log event of the receipt."""
        statuses = StatusReceiver(
            accounts=self.accounts,
            agents=self.agents,
            providers=PROVIDERS,
            replies=self.replies,
            usage=self.usage,
            queue=self.queue,
            outbound=self.outbound,
            stage="east",
            now=lambda: NOW,
        )
        receipt = statuses.receive(tenant_id, reply_id, request)
        self.uncounted += [receipt.uncounted] if receipt.uncounted else []
        assert (receipt.tenant_id, receipt.reply_id) == (tenant_id, reply_id)
        assert receipt.correlation_id == reply_id.split("-", maxsplit=1)[0]
        return receipt.event

    def record(self) -> Reply:
        reply = self.replies.find("acme", "SM42-1")
        assert reply
        return reply

    def queued(self) -> list[str]:
        return [sent.deduplication for sent in self.queue.sent]


@pytest.fixture
def world() -> World:
    return World()


def test_keeps_the_status_and_queues_it_in_a_group_of_the_replys_own(world: World) -> None:
    request = webhook(status(MessageStatus=UNDELIVERED, ErrorCode="30003"), url=URL)
    assert world.receive(request) is LogEvent.NOT_DELIVERED
    known = world.record()
    assert (known.message_id, known.status, known.rank, known.error_code) == (SID, UNDELIVERED, RANK, 30003)
    (sent,) = world.queue.sent
    assert (sent.group, sent.deduplication) == ("acme.SM42-1", f"SM42-1.{UNDELIVERED}.30003")
    assert sent.event["source"] == f"/sms-receiver/east/{PROVIDER}"
    assert sent.event["data"] == {
        "reply_id": "SM42-1",
        "in_reply_to": "SM42",
        "agent": "desk",
        "provider": PROVIDER,
        "account": ACCOUNT,
        "conversation": CONVERSATION,
        "message_id": SID,
        "from": OUR_NUMBER,
        "to": PERSON,
        "status": UNDELIVERED,
        "error_code": 30003,
    }


def test_what_is_queued_fits_the_published_schema(world: World) -> None:
    world.receive(webhook(status(), url=URL))
    try:
        published = schema("sms.message.status.v1")
    except FileNotFoundError:
        return
    Draft202012Validator(published, format_checker=FormatChecker()).validate(dict(world.queue.sent[0].event))


def test_a_late_status_changes_nothing_and_is_not_queued(world: World) -> None:
    events = [world.receive(webhook(status(MessageStatus=word), url=URL)) for word in (DELIVERED, SENT, QUEUED)]
    assert events == [LogEvent.DELIVERED, None, None]
    assert world.record().status == DELIVERED
    assert world.queued() == [f"SM42-1.{DELIVERED}"]


def test_a_duplicate_changes_nothing_and_has_the_same_id(world: World) -> None:
    new_events = [world.receive(webhook(status(), url=URL)) for _ in range(3)]
    assert new_events == [LogEvent.DELIVERED, None, None]
    assert set(world.queued()) == {f"SM42-1.{DELIVERED}"}


def test_a_status_whose_event_could_not_be_queued_is_queued_by_its_repetition(world: World) -> None:
    world.queue.failing = Unavailable("SQS is away")
    with pytest.raises(Unavailable):
        world.receive(webhook(status(), url=URL))
    world.queue.failing = None
    world.receive(webhook(status(), url=URL))
    assert world.queued() == [f"SM42-1.{DELIVERED}"]


def test_a_status_of_an_unknown_reply_is_accepted_and_ignored(world: World) -> None:
    request = webhook(status(), url=URL)
    assert world.receive(request, reply_id="SM43-1") is LogEvent.UNKNOWN_STATUS
    assert world.queue.sent == []


def test_a_status_of_another_message_than_the_replys_is_neither_kept_nor_queued(world: World) -> None:
    queued = ProviderStatus(QUEUED, 1, is_final=False)
    world.replies.advance("acme", "SM42-1", queued, message_id="SM" + "6" * 32, error_code=None)
    before = world.record()
    assert world.receive(webhook(status(), url=URL)) is LogEvent.UNKNOWN_STATUS
    assert world.queue.sent == []
    assert world.record() == before


@pytest.mark.parametrize(
    ("account", "token"), [(ACCOUNT, TOKEN), (ACCOUNT, SECOND_TOKEN), (SUBACCOUNT, SUBACCOUNT_TOKEN)]
)
def test_accepts_each_token_of_the_tenant(account: str, token: str, world: World) -> None:
    assert world.receive(webhook(status(AccountSid=account), url=URL, token=token)) is LogEvent.DELIVERED


@pytest.mark.parametrize(
    ("word", "event"),
    [
        *((word, None) for word in (QUEUED, SENT)),
        ("wondrous", LogEvent.NEW_STATUS),
        (DELIVERED, LogEvent.DELIVERED),
        (UNDELIVERED, LogEvent.NOT_DELIVERED),
    ],
)
def test_only_final_and_unknown_statuses_are_logged(word: str, event: LogEvent | None, world: World) -> None:
    assert world.receive(webhook(status(MessageStatus=word), url=URL)) is event


@pytest.mark.parametrize(
    ("first", "second", "queued"), [(ECHO, None, 0), (None, None, 0), (ECHO, LISTENING.backend, 1)]
)
def test_a_status_that_no_backend_wants_is_stored_and_not_queued(
    first: BackendSettings | None, second: BackendSettings | None, queued: int
) -> None:
    world = World(replace(LISTENING, backend=first, second_backend=second))
    assert world.receive(webhook(status(), url=URL)) is LogEvent.DELIVERED
    assert world.record().status == DELIVERED
    assert len(world.queue.sent) == queued


def test_a_word_that_nobody_knows_is_kept_and_told_as_it_is(world: World) -> None:
    for word in (SENT, "wondrous", "marvellous"):
        world.receive(webhook(status(MessageStatus=word), url=URL))
    assert world.record().status == "marvellous"
    assert world.queued() == [f"SM42-1.{SENT}", "SM42-1.wondrous", "SM42-1.marvellous"]
    assert world.queue.sent[1].event["data"]["status"] == "wondrous"


def test_a_status_of_another_message_than_the_replys_is_not_its_status(world: World) -> None:
    world.receive(webhook(status(MessageStatus=SENT), url=URL))
    foreign = status(MessageSid="SM" + "6" * 32)
    assert world.receive(webhook(foreign, url=URL)) is LogEvent.UNKNOWN_STATUS
    assert world.record().status == SENT
    assert len(world.queue.sent) == 1


def test_what_failed_for_now_is_queued_to_be_sent_again_and_told_to_nobody(world: World) -> None:
    assert world.receive(webhook(status(**FOR_NOW), url=URL)) is LogEvent.POSTPONED
    assert world.queue.sent == []
    (sent,) = world.outbound.sent
    assert (sent.group, sent.deduplication) == (f"acme.{CONVERSATION}", f"SM42-1.{SID}")
    assert (sent.event["type"], sent.event["id"], sent.event["subject"]) == (
        "sms.message.resend.v1",
        "SM42-1",
        CONVERSATION,
    )
    assert sent.event["data"] == {
        "reply_id": "SM42-1",
        "in_reply_to": "SM42",
        "agent": "desk",
        "provider": PROVIDER,
        "account": ACCOUNT,
        "conversation": CONVERSATION,
        "message_id": SID,
        "from": OUR_NUMBER,
        "to": PERSON,
        "error_code": CODE,
    }
    assert resend_command.read(sent.event).message_id == SID
    assert (world.record().status, world.record().error_code) == (WORD, CODE)


def test_told_twice_it_is_queued_with_the_same_id_and_logged_once(world: World) -> None:
    logged = [world.receive(webhook(status(**FOR_NOW), url=URL)) for _ in range(3)]
    assert logged == [LogEvent.POSTPONED, None, None]
    assert {sent.deduplication for sent in world.outbound.sent} == {f"SM42-1.{SID}"}


def test_what_is_queued_to_be_sent_again_fits_the_published_schema(world: World) -> None:
    world.receive(webhook(status(**FOR_NOW), url=URL))
    published = schema("sms.message.resend.v1")
    Draft202012Validator(published, format_checker=FormatChecker()).validate(dict(world.outbound.sent[0].event))


@pytest.mark.parametrize("before", [DELIVERED, UNDELIVERED])
def test_what_has_its_last_word_is_not_sent_again(before: str, world: World) -> None:
    world.receive(webhook(status(MessageStatus=before), url=URL))
    assert world.receive(webhook(status(**FOR_NOW), url=URL)) is None
    assert world.outbound.sent == []


def test_after_it_is_sent_again_the_old_message_is_nobodys(world: World) -> None:
    world.receive(webhook(status(**FOR_NOW), url=URL))
    world.replies.supersede("acme", "SM42-1", SID)
    for changes in (FOR_NOW, {"MessageStatus": SENT}, {}):
        assert world.receive(webhook(status(**changes), url=URL)) is LogEvent.UNKNOWN_STATUS
    assert len(world.outbound.sent) == 1
    assert world.queue.sent == []
    assert world.receive(webhook(status(MessageSid="SM" + "6" * 32), url=URL)) is LogEvent.DELIVERED


def test_a_resend_that_cannot_be_queued_is_not_acknowledged(world: World) -> None:
    world.outbound.failing = Unavailable("SQS is away")
    with pytest.raises(Unavailable):
        world.receive(webhook(status(**FOR_NOW), url=URL))
    world.outbound.failing = None
    world.receive(webhook(status(**FOR_NOW), url=URL))
    assert len(world.outbound.sent) == 1


@pytest.mark.parametrize("error", [Unavailable("away"), Configuration("not readable")])
def test_a_message_is_sent_again_though_its_agent_cannot_be_looked_up(
    error: Unavailable | Configuration, world: World
) -> None:
    world.agents.failing = error
    with pytest.raises(type(error)):
        world.receive(webhook(status(**FOR_NOW), url=URL))
    assert [sent.deduplication for sent in world.outbound.sent] == [f"SM42-1.{SID}"]


NOT_EVEN_LOOKED_UP = [
    ({"signature": ""}, status(), {}),
    ({}, status(AccountSid=""), {}),
    ({}, [("MessageSid", SID)], {}),
    ({}, status(), {"tenant_id": ""}),
    ({}, status(), {"tenant_id": "ACME"}),
    ({}, status(), {"tenant_id": "a" * 33}),
    ({}, status(), {"tenant_id": "../etc"}),
    ({}, status(), {"reply_id": ""}),
    ({}, status(), {"reply_id": "x" * 81}),
    ({}, status(), {"reply_id": "SM42-1/x"}),
    ({}, status(), {"reply_id": "SM42_1"}),
    ({}, status(), {"reply_id": "SM42-1\n"}),
    ({}, status(Padding="x" * BODY_BYTES_MAX), {}),
]
LOOKED_UP = [
    ({"signature": "forged"}, status(), {}),
    ({}, status(AccountSid=STRANGER), {}),
    ({}, status(AccountSid=SUBACCOUNT), {}),
    ({}, status(), {"tenant_id": "nobody"}),
]


@pytest.mark.parametrize(("headers", "fields", "path"), [*NOT_EVEN_LOOKED_UP, *LOOKED_UP])
def test_every_forgery_gets_the_same_answer(
    headers: dict[str, str], fields: list[tuple[str, str]], path: dict[str, str], world: World
) -> None:
    with pytest.raises(InvalidSignature) as refused:
        world.receive(webhook(fields, url=URL, **headers), **path)
    assert refused.value.reason == "invalid_signature"
    assert str(refused.value) == "this status is not signed by an account of this tenant"
    assert world.queue.sent == []
    assert world.record().status == ""


@pytest.mark.parametrize(("headers", "fields", "path"), NOT_EVEN_LOOKED_UP)
def test_a_request_that_cannot_be_genuine_reads_no_tenant(
    headers: dict[str, str], fields: list[tuple[str, str]], path: dict[str, str], world: World
) -> None:
    with pytest.raises(InvalidSignature):
        world.receive(webhook(fields, url=URL, **headers), **path)
    assert world.accounts.asked == []


def test_a_signature_for_another_reply_does_not_hold_for_this_one(world: World) -> None:
    other = webhook(status(), url=URL.replace("SM42-1", "SM43-1"))
    with pytest.raises(InvalidSignature):
        world.receive(WebhookRequest((URL,), other.headers, other.body))


@pytest.mark.parametrize("changes", [{"MessageSid": ""}, {"MessageStatus": ""}, {"MessageStatus": "No Status"}])
def test_a_signed_request_that_is_not_a_status_is_malformed(changes: dict[str, str], world: World) -> None:
    with pytest.raises(Malformed):
        world.receive(webhook(status(**changes), url=URL))
    assert world.queue.sent == []


@pytest.mark.parametrize("error", [Unavailable("away"), Configuration("not readable")])
def test_what_cannot_be_looked_up_is_not_refused(error: Unavailable | Configuration, world: World) -> None:
    for lookup in (world.agents, world.accounts):
        lookup.failing = error
        with pytest.raises(type(error)):
            world.receive(webhook(status(), url=URL))
    assert world.queue.sent == []


def test_a_status_that_cannot_be_stored_is_not_queued(world: World) -> None:
    world.replies.failing = Unavailable("DynamoDB is away")
    with pytest.raises(Unavailable):
        world.receive(webhook(status(), url=URL))
    assert world.queue.sent == []
