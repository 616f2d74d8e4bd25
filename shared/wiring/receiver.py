"""The receiver's wiring."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, partial

from shared.aws.fifo_queue import FifoQueue
from shared.providers.webhooks import PROVIDERS
from shared.receiving.receiver import Receiver
from shared.settings import AuthorizerSettings, read
from shared.wiring import aws
from shared.wiring import tenants as wiring


@dataclass(frozen=True)
class ReceiverSettings(AuthorizerSettings):
    """The settings of the receiver."""

    inbound_queue_url: str
    public_base_url: str


@cache
def settings() -> ReceiverSettings:
    """The receiver's settings. Raises Configuration."""
    return read(ReceiverSettings, os.environ)


@cache
def receiver() -> Receiver:
    """The object that the receiver's handler calls. Raises Configuration."""
    configured = settings()
    return Receiver(
        tenants=wiring.tenants(configured),
        accounts=wiring.accounts(configured),
        providers=PROVIDERS,
        queue=FifoQueue(aws.sqs(), configured.inbound_queue_url),
        stage=configured.stage,
        now=partial(datetime.now, UTC),
    )
