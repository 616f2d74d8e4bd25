"""The adapter for a standard SQS queue whose messages come after a delay. Implements `shared.ports.DelayedQueue`."""

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from shared.aws.botocore_errors import unavailable
from shared.aws.fifo_queue import body_of

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

DELAY_SECONDS_MAX = 900
"""The longest delay of a message (SQS API, SendMessage)."""
POSTPONE_SECONDS_MAX = 12 * 3600 - 300
"""The longest that a received message can be put off: 12 hours from when it was received (SQS API,
ChangeMessageVisibility), less five minutes for whoever received it."""


class StandardQueue:
    """One standard SQS queue."""

    def __init__(self, sqs: "SQSClient", url: str) -> None:
        self._sqs = sqs
        self._url = url

    def send(self, event: Mapping[str, object], *, after_seconds: float) -> None:
        """Returns when SQS has the event, which may come earlier than asked: see DELAY_SECONDS_MAX.

        Raises Unavailable, or Malformed when it is larger than 256 KiB.
        """
        body = body_of(event)
        delay = min(DELAY_SECONDS_MAX, math.ceil(max(0, after_seconds)))
        with unavailable("the message could not be queued"):
            self._sqs.send_message(QueueUrl=self._url, MessageBody=body, DelaySeconds=delay)

    def postpone(self, receipt_handle: str, seconds: float) -> None:
        """Makes a received message visible again after `seconds`, rounded up, or earlier. Raises Unavailable."""
        with unavailable("the message could not be postponed"):
            self._sqs.change_message_visibility(
                QueueUrl=self._url,
                ReceiptHandle=receipt_handle,
                VisibilityTimeout=min(POSTPONE_SECONDS_MAX, math.ceil(seconds)),
            )

    def is_source_of(self, arn: str) -> bool:
        """Whether a received message with this ARN as its source is from this queue."""
        return arn.rpartition(":")[2] == self._url.rpartition("/")[2]
