"""The SQS queues of agents, named by ARN, behind `shared.ports.MessageQueue`; they may be FIFO queues or not."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from shared.aws.errors import unavailable_or_refused
from shared.aws.fifo_queue import body_of

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

_SUFFIXES = {"aws-cn": "amazonaws.com.cn"}


class AgentQueue:
    """One queue that somebody else reads.

    Args:
        sqs: a client for the region that the ARN names.
        arn: checked when the backend was chosen.
    """

    def __init__(self, sqs: "SQSClient", arn: str) -> None:
        self._sqs = sqs
        self._arn = arn

    def send(self, event: Mapping[str, object], *, group: str, deduplication: str) -> None:
        """Returns when SQS holds the event; a standard queue knows neither group nor deduplication.

        Raises Unavailable, Refused when the queue does not exist or may not be used, Malformed when the event is larger
        than 256 KiB.
        """
        body = body_of(event)
        with unavailable_or_refused("the event could not be put on the backend's queue"):
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
    """The queue's URL, made of its ARN: asking SQS for it would take a call and a right more (SQS docs)."""
    _, partition, _, region, account, name = arn.split(":")
    return f"https://sqs.{region}.{_SUFFIXES.get(partition, 'amazonaws.com')}/{account}/{name}"
