"""The outbound queue: gives replies to the provider."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from handlers.consuming import consume
from handlers.starting import ready
from shared.wiring import sending


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, object]:
    """Works on one message of the queue; names it in the answer when it is to come again."""
    sending.claims().begin(context)
    return consume(event, queue=sending.outbound(), act=sending.sender().send, measures=sending.measures())


ready(sending.sender)
