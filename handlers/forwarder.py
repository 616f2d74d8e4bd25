"""The inbound queue: brings texts and statuses to backends."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from handlers.sqs_consumer import Consumer, consume
from handlers.starting import ready
from shared.wiring import forwarder as forwarding


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, object]:
    """Works on one message of the queue; names it in the answer when it is to come again."""
    forwarding.claims().begin(context)
    forwarder = forwarding.forwarder()
    consumer = Consumer(
        queue=forwarding.inbound(),
        act=forwarder.forward,
        crashed=forwarder.crashed,
        tries=forwarding.tries(),
        outage_delays=forwarding.settings().outage_delays_seconds,
        measures=forwarding.measures(),
    )
    return consume(event, consumer)


ready(forwarding.forwarder)
