"""The adapter for SNS topics, FIFO or standard. Implements `shared.ports.MessageQueue`."""

from collections.abc import Mapping
from typing import Any, Protocol

from shared.aws.botocore_errors import unavailable_or_refused
from shared.aws.fifo_queue import body_of


class SnsClient(Protocol):
    """What is needed of boto3's client."""

    def publish(self, **request: str) -> Any:  # noqa: ANN401 - boto3's answer, which nobody reads
        """Publishes a message (SNS API, Publish)."""


class Topic:
    """An SNS topic of an operator's.

    Args:
        sns: a client for the AWS region in the ARN.
        arn: the topic's ARN; it was checked when it was set.
    """

    def __init__(self, sns: SnsClient, arn: str) -> None:
        self._sns = sns
        self._arn = arn

    def send(self, event: Mapping[str, object], *, group: str, deduplication: str) -> None:
        """Returns when SNS has the event. A standard topic ignores `group` and `deduplication`.

        Raises Unavailable, UpstreamRefused when the topic is missing or forbidden, or Malformed when the event is
        larger than 256 KiB.
        """
        body = body_of(event)
        with unavailable_or_refused("the event could not be published to the topic"):
            if self._arn.endswith(".fifo"):
                self._sns.publish(
                    TopicArn=self._arn, Message=body, MessageGroupId=group, MessageDeduplicationId=deduplication
                )
            else:
                self._sns.publish(TopicArn=self._arn, Message=body)
