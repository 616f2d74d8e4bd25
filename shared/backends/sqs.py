"""A backend behind an SQS queue: it reads the events there and answers later. Keeps `shared.ports.Backend`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from shared.backends import validation
from shared.errors import Malformed, Refused
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
    """Raises InvalidValue unless the target is a queue's ARN."""
    require(
        _ARN.fullmatch(settings.target),
        "backend: a queue is named by its ARN, such as arn:aws:sqs:us-east-1:123456789012:desk.fifo",
    )
    validation.takes_no_secrets(settings)
    validation.takes_no_locale(settings)


class QueueBackend:
    """Puts each event on the queue and answers nothing; the answer comes through the API or the outbound queue."""

    def __init__(self, queue: MessageQueue) -> None:
        self._queue = queue

    def ask(self, event: Mapping[str, Any]) -> Answer:
        """Returns when the queue holds the event. Raises Unavailable, Refused."""
        try:
            self._queue.send(event, group=events.conversation_group(event), deduplication=event["id"])
        except Malformed as error:
            reason = Reason.BACKEND_TOO_LARGE
            raise Refused(reason, f"the backend's queue cannot take this event: {error}") from error
        return Answer()
