"""Writes to DynamoDB that have a condition: whether it held, and the item that was in the way.

Source: DynamoDB API, PutItem, UpdateItem and DeleteItem, `ConditionExpression`.
"""

from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from shared.aws.botocore_errors import code, unavailable


def write(request: Callable[[], object], what: str) -> bool:
    """Whether the condition held; if not, nothing is written.

    Args:
        request: makes the request.
        what: what cannot be done, as the beginning of an error's message.

    Raises Unavailable.
    """
    with unavailable(what):
        try:
            request()
        except ClientError as error:
            if is_refused(error):
                return False
            raise
    return True


def is_refused(error: ClientError) -> bool:
    """Whether nothing was written because the condition did not hold."""
    return code(error) == "ConditionalCheckFailedException"


def item_in_the_way(error: ClientError) -> dict[str, Any]:
    """The item for which the condition did not hold; empty when there is none.

    Only for a request with `ReturnValuesOnConditionCheckFailure`.
    """
    response: dict[str, Any] = {**error.response}  # boto3's types lack the item
    item: dict[str, Any] = response.get("Item", {})
    return item
