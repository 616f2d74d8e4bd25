"""The sender's wiring, the only one that imports the providers' REST APIs."""

import os
import random
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, partial

from shared.aws.delayed_queue import StandardQueue
from shared.aws.reply_records import DynamoReplies
from shared.journal import Journal
from shared.providers.apis import provider_apis
from shared.providers.rules import RULES
from shared.sending.provider_send import ProviderSender
from shared.sending.reply_journal import ReplyJournal
from shared.sending.sender import Sender
from shared.settings import read
from shared.wiring import aws
from shared.wiring import tenants as wiring
from shared.wiring.consumer import ConsumerAdapters, ConsumerSettings

_JITTER = (0.8, 1.2)


@dataclass(frozen=True)
class SenderSettings(ConsumerSettings):
    """The settings of the sender."""

    public_base_url: str
    twilio_url: str
    provider_timeout_seconds: float
    resend_delays_seconds: tuple[float, ...]
    journal_queue_url: str


@cache
def settings() -> SenderSettings:
    """The sender's settings. Raises Configuration."""
    return read(SenderSettings, os.environ)


@cache
def adapters() -> ConsumerAdapters:
    """What the sender has in common with the forwarder. Raises Configuration."""
    return ConsumerAdapters(settings())


@cache
def sender() -> Sender:
    """The object that the sender's handler calls. Raises Configuration."""
    configured, common = settings(), adapters()
    now = partial(datetime.now, UTC)
    accounts = wiring.accounts(configured)
    agents = wiring.agents(configured, wiring.records(configured))
    replies = DynamoReplies(aws.dynamodb(), configured.state_table, life_seconds=configured.claim_life_seconds)
    apis = provider_apis(twilio_url=configured.twilio_url, timeout_seconds=configured.provider_timeout_seconds)
    return Sender(
        accounts=accounts,
        agents=agents,
        provider=ProviderSender(accounts, apis, RULES, replies, common.opt_outs, now),
        claims=common.claims,
        replies=replies,
        promises=common.promises,
        parking=common.parking,
        usage=common.usage,
        inbound=common.inbound,
        reply_journal=ReplyJournal(
            Journal(StandardQueue(aws.sqs(), configured.journal_queue_url), configured.stage, now), agents
        ),
        public_base_url=configured.public_base_url,
        retry_delays=configured.retry_delays_seconds,
        resend_delays=configured.resend_delays_seconds,
        jitter=partial(random.uniform, *_JITTER),
        stage=configured.stage,
        meter=common.measurements,
        now=now,
    )
