"""The inbound queue: brings texts and statuses to backends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.sqs_consumer import QueueConsumer, consume
from handlers.starting import ready
from shared.wiring import forwarder as wiring

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

    from handlers.aws_events import BatchResponse, SqsEvent


def lambda_handler(event: SqsEvent, context: LambdaContext) -> BatchResponse:
    """Forwards one message of the queue; names it in the answer when it must come again."""
    adapters = wiring.adapters()
    adapters.claims.begin(context)
    forwarder = wiring.forwarder()
    consumer = QueueConsumer(
        name="inbound",
        queue=adapters.inbound,
        act=forwarder.forward,
        crashed=forwarder.crashed,
        tries=adapters.tries,
        outage_delays=wiring.settings().outage_delays_seconds,
        measurements=adapters.measurements,
    )
    return consume(event, consumer)


ready(wiring.forwarder)
