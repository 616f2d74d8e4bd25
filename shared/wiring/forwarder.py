"""The forwarder's wiring."""

import os
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, partial

from shared.aws.backend_states import DynamoBackendStates
from shared.aws.delayed_queue import StandardQueue
from shared.aws.rate_limits import DynamoLimits
from shared.aws.sessions import DynamoSessions
from shared.forwarding.backend_call import BackendCaller
from shared.forwarding.failure_reply import FailureReplies
from shared.forwarding.forwarder import Forwarder, ForwarderPolicy
from shared.forwarding.journal_delivery import JournalDelivery
from shared.forwarding.late_answers import LateAnswers
from shared.forwarding.reminders import Reminders
from shared.forwarding.session_timeouts import SessionTimeouts
from shared.forwarding.text_journal import TextJournal
from shared.journal import Journal
from shared.outbound_queue import Outbound
from shared.providers.rules import RULES
from shared.settings import read
from shared.tenants.agents import AgentsByNumber
from shared.wiring import aws
from shared.wiring import tenants as wiring
from shared.wiring.backends import journal_target, opener
from shared.wiring.consumer import ConsumerAdapters, ConsumerSettings


@dataclass(frozen=True)
class ForwarderSettings(ConsumerSettings):
    """The settings of the forwarder."""

    status_retry_delays_seconds: tuple[float, ...]
    failure_reply_seconds: float
    reminder_queue_url: str
    journal_queue_url: str
    limit_texts: int
    limit_seconds: float
    backend_addresses: str
    answer_messages_max: int


@cache
def settings() -> ForwarderSettings:
    """The forwarder's settings. Raises Configuration."""
    return read(ForwarderSettings, os.environ)


@cache
def adapters() -> ConsumerAdapters:
    """What the forwarder has in common with the sender. Raises Configuration."""
    return ConsumerAdapters(settings())


@cache
def reminder_queue() -> StandardQueue:
    """The queue of reminders, which the forwarder consumes too. Raises Configuration."""
    return StandardQueue(aws.sqs(), settings().reminder_queue_url)


@cache
def _agents() -> AgentsByNumber:
    return wiring.agents(settings(), wiring.records(settings()), wiring.signing(settings()))


@cache
def _failure_replies() -> FailureReplies:
    configured, common = settings(), adapters()
    return FailureReplies(
        agents=_agents(),
        limits=DynamoLimits(aws.dynamodb(), configured.state_table),
        opt_outs=common.opt_outs,
        rules=RULES,
        outbound=Outbound(common.outbound, RULES, configured.answer_messages_max),
        every=timedelta(seconds=configured.failure_reply_seconds),
        now=partial(datetime.now, UTC),
    )


@cache
def journal_queue() -> StandardQueue:
    """The queue of journals, which the forwarder consumes too. Raises Configuration."""
    return StandardQueue(aws.sqs(), settings().journal_queue_url)


@cache
def journal_delivery() -> JournalDelivery:
    """The object that the forwarder's handler calls for a message of the queue of journals."""
    return JournalDelivery(journal_target)


@cache
def _text_journal() -> TextJournal:
    journal = Journal(journal_queue(), settings().stage, partial(datetime.now, UTC))
    return TextJournal(journal, _agents(), _sessions())


@cache
def _sessions() -> DynamoSessions:
    return DynamoSessions(aws.dynamodb(), settings().state_table)


@cache
def reminders() -> Reminders:
    """The object that the forwarder's handler calls for a reminder. Raises Configuration."""
    configured, common = settings(), adapters()
    return Reminders(
        late_answers=LateAnswers(
            promises=common.promises,
            reminders=reminder_queue(),
            agents=_agents(),
            failure_replies=_failure_replies(),
            text_journal=_text_journal(),
            now=partial(datetime.now, UTC),
        ),
        session_timeouts=SessionTimeouts(
            sessions=_sessions(),
            reminders=reminder_queue(),
            agents=_agents(),
            opt_outs=common.opt_outs,
            rules=RULES,
            outbound=Outbound(common.outbound, RULES, configured.answer_messages_max),
            text_journal=_text_journal(),
            meter=common.measurements,
            stage=configured.stage,
            now=partial(datetime.now, UTC),
        ),
    )


def _states() -> DynamoBackendStates:
    return DynamoBackendStates(aws.dynamodb(), settings().state_table, partial(datetime.now, UTC))


@cache
def forwarder() -> Forwarder:
    """The object that the forwarder's handler calls for a text or a status. Raises Configuration."""
    configured, common = settings(), adapters()
    return Forwarder(
        agents=_agents(),
        backends=BackendCaller(
            common.claims, opener(configured.backend_addresses, _states()), common.measurements, time.monotonic
        ),
        sessions=_sessions(),
        limits=DynamoLimits(aws.dynamodb(), configured.state_table),
        opt_outs=common.opt_outs,
        rules=RULES,
        parking=common.parking,
        usage=common.usage,
        outbound=Outbound(common.outbound, RULES, configured.answer_messages_max),
        failure_replies=_failure_replies(),
        late_answers=reminders().late_answers,
        session_timeouts=reminders().session_timeouts,
        text_journal=_text_journal(),
        policy=ForwarderPolicy(
            retry_delays=configured.retry_delays_seconds,
            status_retry_delays=configured.status_retry_delays_seconds,
            limit_texts=configured.limit_texts,
            limit_per=timedelta(seconds=configured.limit_seconds),
        ),
        meter=common.measurements,
        stage=configured.stage,
        now=partial(datetime.now, UTC),
    )
