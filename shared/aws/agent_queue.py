"""The adapter for the SQS queues of agents, FIFO or standard. Implements `shared.ports.MessageQueue`."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from shared.aws.botocore_errors import unavailable_or_refused
from shared.aws.fifo_queue import body_of

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

_SUFFIXES = {"aws-cn": "amazonaws.com.cn"}


class AgentQueue:
    """A queue that an agent's backend reads.

    Args:
        sqs: a client for the AWS region in the ARN.
        arn: the queue's ARN; it was checked when the backend was configured.
    """

    def __init__(self, sqs: "SQSClient", arn: str) -> None:
        self._sqs = sqs
        self._arn = arn

    def send(self, event: Mapping[str, object], *, group: str, deduplication: str) -> None:
        """Returns when SQS has the event. A standard queue ignores `group` and `deduplication`.

        Raises Unavailable, UpstreamRefused when the queue is missing or forbidden, or Malformed when the event is
        larger than 256 KiB.
        """
        body = body_of(event)
        with unavailable_or_refused("the event could not be put on the queue"):
            if self._arn.endswith(".fifo"):
                self._sqs.send_message(
                    QueueUrl=queue_url(self._arn),
                    MessageBody=body,
                    MessageGroupId=group,
                    MessageDeduplicationId=deduplication,
                )
            else:
                self._sqs.send_message(QueueUrl=queue_url(self._arn), MessageBody=body)


def queue_url(arn: str) -> str:
    """The URL of the queue with this ARN. Asking SQS for it would take one more call and permission (SQS docs)."""
    _, partition, _, region, account, name = arn.split(":")
    return f"https://sqs.{region}.{_SUFFIXES.get(partition, 'amazonaws.com')}/{account}/{name}"
