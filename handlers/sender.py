"""The outbound queue: gives replies to the provider."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from handlers.sqs_consumer import Consumer, consume
from handlers.starting import ready
from shared.wiring import sender as wiring


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, object]:
    """Works on one message of the queue; names it in the answer when it is to come again."""
    wiring.claims().begin(context)
    sender = wiring.sender()
    consumer = Consumer(
        queue=wiring.outbound(),
        act=sender.send,
        crashed=sender.crashed,
        tries=wiring.tries(),
        outage_delays=wiring.settings().outage_delays_seconds,
        measures=wiring.measures(),
    )
    return consume(event, consumer)


ready(wiring.sender)
