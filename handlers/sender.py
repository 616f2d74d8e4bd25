"""The outbound queue: gives replies to the provider."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from handlers.sqs_consumer import Consumer, consume
from handlers.starting import ready
from shared.wiring import sender as sending


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, object]:
    """Works on one message of the queue; names it in the answer when it is to come again."""
    sending.claims().begin(context)
    sender = sending.sender()
    consumer = Consumer(
        queue=sending.outbound(),
        act=sender.send,
        crashed=sender.crashed,
        tries=sending.tries(),
        outage_delays=sending.settings().outage_delays_seconds,
        measures=sending.measures(),
    )
    return consume(event, consumer)


ready(sending.sender)
