"""Stand-ins for the ports of sending, which can crash at any step."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from shared.errors import InDoubt, SmsReceiverError, Unavailable, UpstreamRefused
from shared.journal import Journal
from shared.messages.outbound import OutboundMessage, Reply, SentMessage, StoredMessage
from shared.messages.status import DeliveryOutcome, ProviderStatus
from shared.reasons import Reason
from shared.retry import Again, Done
from shared.sending.provider_send import ProviderSender
from shared.sending.reply_journal import ReplyJournal
from shared.sending.sender import Sender
from shared.telemetry import Measurements
from shared.tenants.account import Account
from tests.fakes import (
    ACCOUNTS,
    LISTENING,
    NOW,
    OUR_NUMBER,
    PROVIDER,
    Crash,
    FakeAccounts,
    FakeAgents,
    FakeClaims,
    FakeParking,
    FakeQueue,
)
from tests.opt_out_fakes import FakeOptOuts
from tests.promises_fake import FakePromises, FakeReminders
from tests.provider import ITS_RULES, RULES
from tests.replies_fake import FakeReplies
from tests.usage_fake import FakeUsage

FAILED, CODE = ITS_RULES.failed_status.word, ITS_RULES.opted_out_code
QUEUED, SENT = ProviderStatus("queued", 2, is_final=False), ProviderStatus("sent", 4, is_final=False)
DELIVERED = ProviderStatus("delivered", 6, is_final=True)
TAKEN, TAKEN_BUT_LOST, LOST = "taken", "taken but lost", "lost"
Behaviour = str | SmsReceiverError
LATER = Unavailable("Twilio answered 429, error 20429")
OPTED_OUT = UpstreamRefused(Reason.OPTED_OUT, "the provider answered 400: the person has opted out", code=CODE)
REFUSED = UpstreamRefused(Reason.PROVIDER_REFUSED, "Twilio answered 400, error 21408", code=21408)
LANDLINE = UpstreamRefused(Reason.UNREACHABLE, "Twilio answered 400, error 21614", code=21614)


@dataclass
class Phone:
    """What a person got."""

    message: OutboundMessage
    message_id: str
    at: datetime


@dataclass
class FakeProviderApi:
    """`shared.ports.ProviderApi`; `behaviours` are what it does to the next sends, then it takes them all.

    `segments` is what it tells of each message.

    tests/integration/test_twilio_rest_twin.py holds it to the port.
    """

    now: Callable[[], datetime]
    behaviours: list[Behaviour] = field(default_factory=list)
    finding: SmsReceiverError | None = None
    segments: int | None = None
    got: list[Phone] = field(default_factory=list)
    accounts: list[Account] = field(default_factory=list)
    status_urls: list[str] = field(default_factory=list)
    fates: dict[str, tuple[DeliveryOutcome | None, int | None]] = field(default_factory=dict)

    def send(self, message: OutboundMessage, account: Account, *, status_url: str) -> SentMessage:
        self.accounts.append(account)
        self.status_urls.append(status_url)
        behaviour = self.behaviours.pop(0) if self.behaviours else TAKEN
        if isinstance(behaviour, SmsReceiverError):
            raise behaviour
        if behaviour != LOST:
            self.got.append(Phone(message, f"SM{len(self.got) + 1}", self.now()))
        if behaviour != TAKEN:
            lost = "the answer was lost"
            raise InDoubt(lost)
        return SentMessage(self.got[-1].message_id, QUEUED, self.segments)

    def find(self, message: OutboundMessage, account: Account, *, since: datetime) -> Sequence[SentMessage]:
        self.accounts.append(account)
        if self.finding:
            raise self.finding
        alike = (one for one in self.got if replace(one.message, reply_id="") == replace(message, reply_id=""))
        return [SentMessage(one.message_id, SENT, self.segments) for one in alike if one.at >= since]

    def read(self, message_id: str, account: Account) -> StoredMessage:
        self.accounts.append(account)
        if self.finding:
            raise self.finding
        message = next(one.message for one in self.got if one.message_id == message_id)
        outcome, code = self.fates.get(message_id, (None, None))
        return StoredMessage(message.sender, message.recipient, message.text, outcome, code)


class Crashing:
    """A port whose calls count as two steps each, before and after; at one of them the Lambda ends."""

    def __init__(self, port: object, step: Callable[[], None]) -> None:
        self._port = port
        self._step = step

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - any method of any port
        method = getattr(self._port, name)

        def call(*args: object, **options: object) -> object:
            self._step()
            result = method(*args, **options)
            self._step()
            return result

        return call if callable(method) else method


@dataclass
class World:
    """Everything around one sender; `crash_at` is the step at which it ends, once."""

    crash_at: int | None = None
    steps: int = 0
    seconds: float = 0
    accounts: FakeAccounts = field(default_factory=lambda: FakeAccounts(*ACCOUNTS))
    agents: FakeAgents = field(default_factory=lambda: FakeAgents({OUR_NUMBER: LISTENING}))
    claims: FakeClaims = field(default_factory=FakeClaims)
    replies: FakeReplies = field(default_factory=FakeReplies)
    opt_outs: FakeOptOuts = field(default_factory=FakeOptOuts)
    promises: FakePromises = field(default_factory=FakePromises)
    parking: FakeParking = field(default_factory=FakeParking)
    usage: FakeUsage = field(default_factory=FakeUsage)
    measurements: Measurements = field(default_factory=Measurements)
    journal: FakeReminders = field(default_factory=FakeReminders)

    def __post_init__(self) -> None:
        self.api = FakeProviderApi(self.now)
        self.parking.usage = self.usage
        self.inbound = FakeQueue(clock=lambda: self.seconds)

    def now(self) -> datetime:
        return NOW + timedelta(seconds=self.seconds)

    def sender(self) -> Sender:
        accounts, replies = self._crashing(self.accounts), self._crashing(self.replies)
        return Sender(
            accounts=accounts,
            agents=self._crashing(self.agents),
            provider=ProviderSender(
                accounts=accounts,
                apis={PROVIDER: self._crashing(self.api)},
                rules=RULES,
                replies=replies,
                opt_outs=self._crashing(self.opt_outs),
                now=self.now,
            ),
            claims=self._crashing(self.claims),
            replies=replies,
            promises=self._crashing(self.promises),
            parking=self._crashing(self.parking),
            usage=self._crashing(self.usage),
            inbound=self._crashing(self.inbound),
            reply_journal=ReplyJournal(Journal(self._crashing(self.journal), "east", self.now), self.agents),
            public_base_url="https://sms-east.example.com",
            retry_delays=(5, 20, 80, 120),
            resend_delays=(60, 300),
            jitter=lambda: 1.25,
            stage="east",
            meter=self.measurements,
            now=self.now,
        )

    def deliver(self, event: dict[str, Any], *, receives: int = 1) -> Done | Again:
        """As the queue does it, until the sender is done or has not crashed."""
        while True:
            try:
                return self.sender().send(event, receives)
            except Crash:
                self.claims.expire()
                self.seconds += 60
                receives += 1

    def run(self, event: dict[str, Any]) -> Done:
        """Until the queue may forget the event."""
        for receives in range(1, 20):
            said = self.deliver(event, receives=receives)
            if isinstance(said, Done):
                return said
            self.seconds += said.after_seconds
        message = "it never ends"
        raise AssertionError(message)

    def discard(self, reply_id: str) -> None:
        """As an operator does it."""
        found = self.parking.find("acme", reply_id)
        assert found
        self.parking.remove(found)

    def texts(self) -> list[str]:
        """What the person got, in order."""
        return [one.message.text for one in self.api.got]

    def _crashing(self, port: object) -> Any:  # noqa: ANN401 - stands for each port
        return Crashing(port, self._step)

    def _step(self) -> None:
        self.steps += 1
        if self.steps == self.crash_at:
            raise Crash


def record(world: World, reply_id: str = "SM42-1") -> Reply:
    found = world.replies.find("acme", reply_id)
    assert found
    return found


def parked(world: World) -> dict[str, str]:
    """The reasons of what is parked, by id."""
    return {one.id: one.reason for one in world.parking.parked("acme")}
