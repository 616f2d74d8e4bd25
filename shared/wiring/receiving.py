"""The receiver's wiring."""

import os
from datetime import UTC, datetime
from functools import cache, partial

from shared.aws.queues import FifoQueue
from shared.providers import PROVIDERS
from shared.receiving import Receiver
from shared.settings import ReceiverSettings, read
from shared.wiring import aws


@cache
def settings() -> ReceiverSettings:
    """The receiver's settings. Raises Configuration."""
    return read(ReceiverSettings, os.environ)


@cache
def receiver() -> Receiver:
    """What the receiver's handler calls. Raises Configuration."""
    return Receiver(
        tenants=aws.tenants(settings()),
        providers=PROVIDERS,
        queue=FifoQueue(aws.sqs(), settings().inbound_queue_url),
        stage=settings().stage,
        now=partial(datetime.now, UTC),
    )
