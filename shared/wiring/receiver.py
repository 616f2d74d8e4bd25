"""The receiver's wiring."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, partial
from typing import TYPE_CHECKING

from shared.aws.fifo_queue import FifoQueue
from shared.providers.webhooks import PROVIDERS
from shared.receiving.receiver import Receiver
from shared.settings import AuthorizerSettings, read
from shared.tenants.lookup import AccountLookup
from shared.wiring import aws
from shared.wiring import tenants as wiring

if TYPE_CHECKING:
    from shared.receiving.status_callbacks import StatusReceiver


@dataclass(frozen=True)
class ReceiverSettings(AuthorizerSettings):
    """The settings of the receiver."""

    inbound_queue_url: str
    outbound_queue_url: str
    public_base_url: str
    state_table: str
    claim_life_seconds: float


@cache
def settings() -> ReceiverSettings:
    """The receiver's settings. Raises Configuration."""
    return read(ReceiverSettings, os.environ)


@cache
def accounts() -> AccountLookup:
    """The tenants' accounts, for texts and statuses. Raises Configuration."""
    return wiring.accounts(settings())


@cache
def inbound() -> FifoQueue:
    """The inbound queue, for texts and statuses. Raises Configuration."""
    return FifoQueue(aws.sqs(), settings().inbound_queue_url)


@cache
def receiver() -> Receiver:
    """The object that the receiver's handler calls for a text. Raises Configuration."""
    return Receiver(
        tenants=wiring.tenants(settings()),
        accounts=accounts(),
        providers=PROVIDERS,
        queue=inbound(),
        stage=settings().stage,
        now=partial(datetime.now, UTC),
    )


@cache
def status_receiver() -> "StatusReceiver":
    """The object that the receiver's handler calls for a status. Raises Configuration."""
    from shared.aws.reply_records import DynamoReplies  # noqa: PLC0415 - a cold start for a text needs no statuses
    from shared.receiving.status_callbacks import StatusReceiver  # noqa: PLC0415 - the same

    configured = settings()
    return StatusReceiver(
        accounts=accounts(),
        agents=wiring.agents(configured, wiring.records(configured)),
        providers=PROVIDERS,
        replies=DynamoReplies(aws.dynamodb(), configured.state_table, life_seconds=configured.claim_life_seconds),
        queue=inbound(),
        outbound=FifoQueue(aws.sqs(), configured.outbound_queue_url),
        stage=configured.stage,
        now=partial(datetime.now, UTC),
    )
