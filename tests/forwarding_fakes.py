"""Stand-ins for what the forwarder needs of the world, and a world that is made of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from shared.errors import SmsReceiverError
from shared.forwarding.backend_call import BackendCaller
from shared.forwarding.failure_reply import FailureReplies
from shared.forwarding.forwarder import Forwarder, ForwarderPolicy
from shared.forwarding.late_answers import LateAnswers
from shared.forwarding.reminders import Reminders
from shared.forwarding.session_timeouts import SessionTimeouts
from shared.forwarding.text_journal import TextJournal
from shared.journal import Journal
from shared.messages import events
from shared.messages.inbound import InboundMessage
from shared.messages.outbound import Answer, AnswerMessage, Reply
from shared.messages.status import ProviderStatus, StatusReport
from shared.outbound_queue import Outbound
from shared.ports import Backend
from shared.retry import Again, Done
from shared.telemetry import Measurements
from shared.tenants.agent import Agent, AgentKind, BackendSettings
from tests.fakes import (
    ACCOUNT,
    NOW,
    OUR_NUMBER,
    PERSON,
    PROVIDER,
    FakeAgents,
    FakeClaims,
    FakeParking,
    FakeQueue,
    tenant,
)
from tests.opt_out_fakes import FakeOptOuts
from tests.promises_fake import FakePromises, FakeReminders
from tests.provider import RULES
from tests.sessions_fake import FakeSessions
from tests.usage_fake import FakeUsage

TEXT_ID = "SM" + "5" * 32
FIRST, SECOND = BackendSettings("first", statuses=True), BackendSettings("second")
AGENT = Agent("Desk0001", "desk", AgentKind.SMS, "south", backend=FIRST)
BOTH = replace(AGENT, second_backend=SECOND)
MESSAGES_MAX = 40
DELAYS, STATUS_DELAYS = (5.0, 20.0, 80.0, 120.0), (7.0, 9.0)


@dataclass
class FakeLimits:
    """`shared.ports.Limits` over a dict; tests/integration/test_limits.py holds it to the port.

    Attributes:
        clock: gives seconds, from any start; without one, no period ends.
        counted: the ids in the latest period, by limit and conversation.
        periods: how long the periods of each limit are.
    """

    failing: SmsReceiverError | None = None
    clock: Callable[[], float] = float
    counted: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    periods: dict[str, timedelta] = field(default_factory=dict)
    _until: dict[tuple[str, str], float] = field(default_factory=dict, init=False)

    def within(self, name: str, conversation: str, message_id: str, *, most: int, per: timedelta) -> bool:
        if self.failing:
            raise self.failing
        self.periods[name] = per
        key, now = (name, conversation), self.clock()
        if self._until.get(key, now) <= now:
            self.counted[key], self._until[key] = set(), now + per.total_seconds()
        ids = self.counted[key]
        if message_id not in ids and len(ids) >= most:
            return False
        ids.add(message_id)
        return True


@dataclass
class FakeBackend:
    """`shared.ports.Backend` that says or raises one thing after the other, and the last for ever."""

    says: Sequence[Answer | BaseException]
    asked: list[Mapping[str, Any]] = field(default_factory=list)

    def answer(self, event: Mapping[str, Any]) -> Answer:
        self.asked.append(event)
        said = self.says[min(len(self.asked), len(self.says)) - 1]
        if isinstance(said, BaseException):
            raise said
        return said


def answer(*texts: str, end_session: bool = False) -> Answer:
    """An answer of these texts."""
    return Answer(tuple(AnswerMessage(text) for text in texts), end_session)


def text(body: str = "Where is my order?", *, message_id: str = TEXT_ID, **fields: str) -> dict[str, Any]:
    """A text from PERSON to OUR_NUMBER, as it stands on the inbound queue; From and To may be others."""
    values = {"From": PERSON, "To": OUR_NUMBER, "Body": body} | fields
    message = InboundMessage(
        provider=PROVIDER,
        message_id=message_id,
        account=ACCOUNT,
        sender=values["From"],
        recipient=values["To"],
        text=body,
        media=(),
        fields={name: (value,) for name, value in values.items()},
    )
    return events.received(tenant(), message, stage="east", now=NOW)


def status(word: str = "delivered", *, error_code: int | None = None) -> dict[str, Any]:
    """What became of the first reply to the text, as it stands on the inbound queue."""
    conversation = events.conversation_id(tenant().salt, ours=OUR_NUMBER, person=PERSON)
    reply = Reply("acme", f"{TEXT_ID}-1", "desk", conversation, TEXT_ID)
    report = StatusReport(
        "SM" + "6" * 32,
        ACCOUNT,
        OUR_NUMBER,
        PERSON,
        ProviderStatus(word, 4, is_final=False),
        is_known=True,
        outcome=None,
        error_code=error_code,
    )
    return events.status(reply, report, source=f"/sms-receiver/east/{PROVIDER}", provider=PROVIDER, now=NOW)


class World:
    """A forwarder, and all that it touches.

    Args:
        says: what the agent's first backend says, or raises.
        second: the same of the second.
        agent: who has OUR_NUMBER.
        agents: replaces all agents.
        open_fails: what opening any backend raises.
    """

    def __init__(  # noqa: PLR0913 - each of them is the point of some test
        self,
        *says: Answer | BaseException,
        second: Sequence[Answer | BaseException] = (),
        agent: Agent = AGENT,
        agents: FakeAgents | None = None,
        queue: FakeQueue | None = None,
        limit_texts: int = 40,
        open_fails: SmsReceiverError | None = None,
    ) -> None:
        self.backend, self.second = FakeBackend(says or (answer("It is on its way."),)), FakeBackend(second)
        self.claims, self.usage, self.queue = FakeClaims(), FakeUsage(), queue or FakeQueue()
        self.parking = FakeParking(usage=self.usage)
        self.sessions, self.limits, self.opt_outs = FakeSessions(), FakeLimits(), FakeOptOuts()
        self.agents = agents or FakeAgents({OUR_NUMBER: agent})
        self.open_fails = open_fails
        self.measurements = Measurements()
        self.promises, self.reminders, self.journal = FakePromises(), FakeReminders(), FakeReminders()
        self.time = NOW
        outbound = Outbound(self.queue, RULES, messages_max=MESSAGES_MAX)
        failure_replies = FailureReplies(
            agents=self.agents,
            limits=self.limits,
            opt_outs=self.opt_outs,
            rules=RULES,
            outbound=outbound,
            every=timedelta(hours=1),
            now=self.now,
        )
        self.text_journal = TextJournal(Journal(self.journal, "east", self.now), self.agents, self.sessions)
        self.late_answers = LateAnswers(
            promises=self.promises,
            reminders=self.reminders,
            agents=self.agents,
            failure_replies=failure_replies,
            text_journal=self.text_journal,
            now=self.now,
        )
        self.session_timeouts = SessionTimeouts(
            sessions=self.sessions,
            reminders=self.reminders,
            agents=self.agents,
            opt_outs=self.opt_outs,
            rules=RULES,
            outbound=outbound,
            text_journal=self.text_journal,
            meter=self.measurements,
            stage="east",
            now=self.now,
        )
        self.reminded = Reminders(self.late_answers, self.session_timeouts)
        self.forwarder = Forwarder(
            agents=self.agents,
            backends=BackendCaller(self.claims, self._open, self.measurements, lambda: 0),
            sessions=self.sessions,
            limits=self.limits,
            opt_outs=self.opt_outs,
            rules=RULES,
            parking=self.parking,
            usage=self.usage,
            outbound=outbound,
            failure_replies=failure_replies,
            late_answers=self.late_answers,
            session_timeouts=self.session_timeouts,
            text_journal=self.text_journal,
            policy=ForwarderPolicy(
                retry_delays=DELAYS,
                status_retry_delays=STATUS_DELAYS,
                limit_texts=limit_texts,
                limit_per=timedelta(minutes=10),
            ),
            meter=self.measurements,
            stage="east",
            now=self.now,
        )

    def now(self) -> datetime:
        """The time, which stands still until a test changes `time`."""
        return self.time

    def forward(self, event: Mapping[str, Any], receives: int = 1) -> Done | Again:
        return self.forwarder.forward(event, receives)

    def exhaust(self, event: Mapping[str, Any]) -> Done | Again:
        """Delivers the event as often as the queue would, and gives what the forwarder says last."""
        receives, said = 1, self.forward(event)
        while isinstance(said, Again):
            receives += 1
            said = self.forward(event, receives)
        return said

    @property
    def replies(self) -> list[tuple[str, str]]:
        """Id and text of what stands on the outbound queue."""
        return [(sent.deduplication, sent.event["data"]["text"]) for sent in self.queue.sent]

    @property
    def reasons(self) -> list[str]:
        """Why each of the parked events was parked."""
        return [parked.reason for parked in self.parking.kept.values()]

    def _open(self, place: BackendSettings) -> Backend:
        if self.open_fails:
            raise self.open_fails
        return {FIRST.kind: self.backend, SECOND.kind: self.second}[place.kind]
