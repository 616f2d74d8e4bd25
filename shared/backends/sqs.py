"""A backend that reads the events from an SQS queue and answers later. Implements `shared.ports.Backend`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from shared.backends import settings_checks
from shared.errors import Malformed, UpstreamRefused
from shared.messages import events
from shared.messages.outbound import Answer
from shared.reasons import Reason
from shared.tenants.agent import BackendSettings
from shared.tenants.validation import require

if TYPE_CHECKING:
    from shared.ports import MessageQueue

# Names: letters, digits, - and _, at most 80 with the .fifo of a FIFO queue (SQS API, CreateQueue).
_ARN = re.compile(r"arn:aws[a-z-]*:sqs:[a-z0-9-]{1,32}:[0-9]{12}:(?=.{1,80}\Z)[0-9A-Za-z_-]+(\.fifo)?")


def check(settings: BackendSettings) -> None:
    """Raises InvalidValue unless the target is the ARN of a queue."""
    require(
        _ARN.fullmatch(settings.target),
        "backend: the target of a queue is its ARN, such as arn:aws:sqs:us-east-1:123456789012:desk.fifo",
    )
    settings_checks.takes_no_secrets(settings)
    settings_checks.takes_no_locale(settings)


class QueueBackend:
    """A backend whose answers come later, through the API or the outbound queue."""

    def __init__(self, queue: MessageQueue) -> None:
        self._queue = queue

    def answer(self, event: Mapping[str, Any]) -> Answer:
        """The promise of a later answer, as soon as the event is on the queue; a status needs no answer.

        Raises Unavailable, UpstreamRefused.
        """
        try:
            self._queue.send(event, group=events.conversation_group(event), deduplication=event["id"])
        except Malformed as error:
            reason = Reason.BACKEND_TOO_LARGE
            raise UpstreamRefused(reason, f"the backend's queue cannot take this event: {error}") from error
        return Answer(later=event["type"] == events.RECEIVED)
