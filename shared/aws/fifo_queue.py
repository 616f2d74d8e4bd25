"""SQS FIFO queues behind `shared.ports.MessageQueue`."""

import json
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from shared.aws.errors import unavailable
from shared.errors import Malformed

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

BYTES_MAX = 256 * 1024
"""What every SQS queue takes, whatever it may be raised to (AWS docs, SQS message quotas); ours take no more."""


def body_of(event: Mapping[str, object]) -> str:
    """The event as SQS takes it. Raises Malformed when it is larger than 256 KiB.

    The JSON is ASCII: SQS refuses some Unicode characters as they are (SQS API, SendMessage).
    """
    body = json.dumps(event, separators=(",", ":"))
    if len(body) > BYTES_MAX:
        message = f"the event takes {len(body)} bytes on the queue, which holds no more than {BYTES_MAX}"
        raise Malformed(message)
    return body


class FifoQueue:
    """One SQS FIFO queue."""

    def __init__(self, sqs: "SQSClient", url: str) -> None:
        self._sqs = sqs
        self._url = url

    def send(self, event: Mapping[str, object], *, group: str, deduplication: str) -> None:
        """Returns when SQS holds the event. Raises Unavailable, or Malformed when it is larger than 256 KiB."""
        body = body_of(event)
        with unavailable("the message could not be queued"):
            self._sqs.send_message(
                QueueUrl=self._url,
                MessageBody=body,
                MessageGroupId=group,
                MessageDeduplicationId=deduplication,
            )

    def postpone(self, receipt_handle: str, seconds: float) -> None:
        """Lets a message that was received come again after so many seconds, rounded up. Raises Unavailable."""
        with unavailable("the message could not be postponed"):
            self._sqs.change_message_visibility(
                QueueUrl=self._url, ReceiptHandle=receipt_handle, VisibilityTimeout=math.ceil(seconds)
            )
