"""The adapter for SQS FIFO queues. Implements `shared.ports.MessageQueue`."""

import json
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from shared.aws.botocore_errors import unavailable
from shared.errors import Malformed

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

BYTES_MAX = 256 * 1024
"""The size limit of our queues, which every SQS queue allows (AWS docs, SQS message quotas)."""


def body_of(event: Mapping[str, object]) -> str:
    """The message body of an event. Raises Malformed when it is larger than 256 KiB.

    The JSON is ASCII, because SQS rejects some Unicode characters (SQS API, SendMessage).
    """
    body = json.dumps(event, separators=(",", ":"))
    if len(body) > BYTES_MAX:
        message = f"the event has {len(body)} bytes on the queue, where no more than {BYTES_MAX} are allowed"
        raise Malformed(message)
    return body


class FifoQueue:
    """One SQS FIFO queue."""

    def __init__(self, sqs: "SQSClient", url: str) -> None:
        self._sqs = sqs
        self._url = url

    def send(self, event: Mapping[str, object], *, group: str, deduplication: str) -> None:
        """Returns when SQS has the event. Raises Unavailable, or Malformed when it is larger than 256 KiB."""
        body = body_of(event)
        with unavailable("the message could not be queued"):
            self._sqs.send_message(
                QueueUrl=self._url,
                MessageBody=body,
                MessageGroupId=group,
                MessageDeduplicationId=deduplication,
            )

    def postpone(self, receipt_handle: str, seconds: float) -> None:
        """Makes a received message visible again after `seconds`, rounded up. Raises Unavailable."""
        with unavailable("the message could not be postponed"):
            self._sqs.change_message_visibility(
                QueueUrl=self._url, ReceiptHandle=receipt_handle, VisibilityTimeout=math.ceil(seconds)
            )
