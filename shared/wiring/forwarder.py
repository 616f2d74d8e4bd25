"""The forwarder's wiring."""

import os
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, partial

from shared.aws.rate_limits import DynamoLimits
from shared.aws.sessions import DynamoSessions
from shared.forwarding.backend_call import BackendCaller
from shared.forwarding.forwarder import Forwarder, ForwarderPolicy
from shared.outbound_queue import Outbound
from shared.providers.rules import RULES
from shared.settings import read
from shared.wiring import aws
from shared.wiring import tenants as wiring
from shared.wiring.backends import opener
from shared.wiring.consumer import ConsumerAdapters, ConsumerSettings


@dataclass(frozen=True)
class ForwarderSettings(ConsumerSettings):
    """The settings of the forwarder."""

    status_retry_delays_seconds: tuple[float, ...]
    failure_reply_seconds: float
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
def forwarder() -> Forwarder:
    """The object that the forwarder's handler calls. Raises Configuration."""
    configured, common = settings(), adapters()
    return Forwarder(
        agents=wiring.agents(configured, wiring.records(configured), wiring.signing(configured)),
        backends=BackendCaller(
            common.claims, opener(configured.backend_addresses), common.measurements, time.monotonic
        ),
        sessions=DynamoSessions(aws.dynamodb(), configured.state_table),
        limits=DynamoLimits(aws.dynamodb(), configured.state_table),
        opt_outs=common.opt_outs,
        rules=RULES,
        parking=common.parking,
        outbound=Outbound(common.outbound, RULES, configured.answer_messages_max),
        policy=ForwarderPolicy(
            retry_delays=configured.retry_delays_seconds,
            status_retry_delays=configured.status_retry_delays_seconds,
            failure_reply_every=timedelta(seconds=configured.failure_reply_seconds),
            limit_texts=configured.limit_texts,
            limit_per=timedelta(seconds=configured.limit_seconds),
        ),
        meter=common.measurements,
        stage=configured.stage,
        now=partial(datetime.now, UTC),
    )
