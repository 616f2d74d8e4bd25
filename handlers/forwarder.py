"""The inbound queue: brings texts and statuses to backends. And the queues of reminders and of journals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.sqs_consumer import QueueConsumer, UncountedTries, consume
from handlers.starting import ready
from shared.wiring import forwarder as wiring

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

    from handlers.aws_events import BatchResponse, SqsEvent


def lambda_handler(event: SqsEvent, context: LambdaContext) -> BatchResponse:
    """Works on one message of a queue; names it in the answer when it must come again."""
    wiring.adapters().claims.begin(context)
    consumers = ((wiring.reminder_queue(), _reminders), (wiring.journal_queue(), _journal))
    sources = {record["eventSourceARN"] for record in event["Records"]}  # at most one; an event may be empty
    consumer = next((make() for queue, make in consumers if any(map(queue.is_source_of, sources))), None)
    return consume(event, consumer or _inbound())


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
        is_set_aside=False,
    )


def _journal() -> QueueConsumer:
    delivery = wiring.journal_delivery()
    return QueueConsumer(
        name="journal",
        queue=wiring.journal_queue(),
        act=delivery.deliver,
        crashed=delivery.crashed,
        tries=UncountedTries(),
        outage_delays=wiring.settings().outage_delays_seconds,
        measurements=wiring.adapters().measurements,
        is_set_aside=False,
    )


ready(wiring.forwarder)
