"""The inbound queue: brings texts and statuses to backends. And the queue of reminders: late answers, and sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.sqs_consumer import QueueConsumer, consume
from handlers.starting import ready
from shared.wiring import forwarder as wiring

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

    from handlers.aws_events import BatchResponse, SqsEvent


def lambda_handler(event: SqsEvent, context: LambdaContext) -> BatchResponse:
    """Works on one message of either queue; names it in the answer when it must come again."""
    wiring.adapters().claims.begin(context)
    is_reminder = any(wiring.reminder_queue().is_source_of(record["eventSourceARN"]) for record in event["Records"])
    return consume(event, _reminders() if is_reminder else _inbound())


def _inbound() -> QueueConsumer:
    adapters, forwarder = wiring.adapters(), wiring.forwarder()
    return QueueConsumer(
        name="inbound",
        queue=adapters.inbound,
        act=forwarder.forward,
        crashed=forwarder.crashed,
        tries=adapters.tries,
        outage_delays=wiring.settings().outage_delays_seconds,
        measurements=adapters.measurements,
    )


def _reminders() -> QueueConsumer:
    adapters, reminders = wiring.adapters(), wiring.reminders()
    return QueueConsumer(
        name="reminders",
        queue=wiring.reminder_queue(),
        act=reminders.remind,
        crashed=reminders.crashed,
        tries=adapters.tries,
        outage_delays=wiring.settings().outage_delays_seconds,
        measurements=adapters.measurements,
    )


ready(wiring.forwarder)
