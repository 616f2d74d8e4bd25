"""The outbound queue: sends replies through the provider."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.sqs_consumer import QueueConsumer, consume
from handlers.starting import ready
from shared.wiring import sender as wiring

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

    from handlers.aws_events import BatchResponse, SqsEvent


def lambda_handler(event: SqsEvent, context: LambdaContext) -> BatchResponse:
    """Sends one message of the queue; names it in the answer when it must come again."""
    adapters = wiring.adapters()
    adapters.claims.begin(context)
    sender = wiring.sender()
    consumer = QueueConsumer(
        name="outbound",
        queue=adapters.outbound,
        act=sender.send,
        crashed=sender.crashed,
        tries=adapters.tries,
        outage_delays=wiring.settings().outage_delays_seconds,
        measurements=adapters.measurements,
    )
    return consume(event, consumer)


ready(wiring.sender)
