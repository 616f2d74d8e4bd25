"""Writing several items of DynamoDB in one transaction, all of them or none."""

import random
import time
import uuid
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from shared.aws.botocore_errors import code, unavailable
from shared.errors import Unavailable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

_TRIES = 10
_PAUSE_SECONDS, _PAUSE_SECONDS_MAX = 0.05, 1.0
_IN_PROGRESS = "TransactionInProgressException"
_REFUSED = "ConditionalCheckFailed"
_AGAIN = {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}
"""Why a transaction was cancelled that may succeed in a moment (DynamoDB API, TransactWriteItems)."""


class Transactions:
    """Writes transactions.

    Args:
        dynamodb: boto3's client.
        sleep: waits for a number of seconds.
    """

    def __init__(self, dynamodb: "DynamoDBClient", sleep: Callable[[float], None] = time.sleep) -> None:
        self._dynamodb = dynamodb
        self._sleep = sleep

    def write(self, writes: "Sequence[TransactWriteItemTypeDef]", what: str) -> set[int]:
        """The indices of the writes whose conditions did not hold; empty when all were made, else none was.

        Args:
            writes: no more than 100 (DynamoDB API, TransactWriteItems).
            what: the beginning of an error's message.

        Raises Unavailable.
        """
        return self.write_anew(lambda _conflicts: writes, what)

    def write_anew(self, make: "Callable[[int], Sequence[TransactWriteItemTypeDef]]", what: str) -> set[int]:
        """As `write`, for a transaction that can give way to others.

        A transaction that is still in progress is asked for again with its own token, so that what it writes is not in
        its own way (DynamoDB API, TransactWriteItems, `ClientRequestToken`).

        Args:
            make: the writes, which may be others each time; gets how often others were in the way so far.
            what: the beginning of an error's message.

        Raises Unavailable.
        """
        conflicts = 0
        writes, token = make(conflicts), _new_token()
        for attempt in range(_TRIES):
            with unavailable(what):
                try:
                    self._dynamodb.transact_write_items(TransactItems=writes, ClientRequestToken=token)
                except ClientError as error:
                    reasons = _cancellations(error)
                    refused = {index for index, reason in enumerate(reasons) if reason == _REFUSED}
                    if not _AGAIN.intersection(reasons):
                        if not refused:
                            raise
                        return refused
                    if code(error) != _IN_PROGRESS:  # it was cancelled
                        conflicts += 1
                        writes, token = make(conflicts), _new_token()
                else:
                    return set()
            self._sleep(random.uniform(0, min(_PAUSE_SECONDS * 2**attempt, _PAUSE_SECONDS_MAX)))  # noqa: S311 -- jitter
        message = f"{what}: others are changing the same thing all the time; try again in a minute"
        raise Unavailable(message)


def _new_token() -> str:
    return uuid.uuid4().hex


def _cancellations(error: ClientError) -> list[str]:
    """Why each write of a transaction was cancelled; a code that means `again` when another one is in its way."""
    if code(error) in {_IN_PROGRESS, "TransactionConflictException"}:
        return ["TransactionConflict"]
    reasons: list[dict[str, str]] = error.response.get("CancellationReasons", [])  # type: ignore[assignment] # not in botocore's type
    return [reason.get("Code", "None") for reason in reasons]
