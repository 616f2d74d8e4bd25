"""The provider's webhook for texts: `POST /sms.receiver/SmsRecv`."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from handlers import proxy, telemetry
from handlers.basic import api_key
from handlers.responses import HttpAnswer, not_accepted
from handlers.starting import ready
from handlers.webhook import webhook_request
from shared.errors import Configuration, RequestRefused, Unavailable
from shared.telemetry import LogEvent, Metric
from shared.wiring import receiver as wiring

if TYPE_CHECKING:
    from handlers.aws_events import ProxyRequest, ProxyResponse


def lambda_handler(event: ProxyRequest, _context: object) -> ProxyResponse:
    """Answers one webhook, in API Gateway's proxy format."""
    return proxy.response(_receive(event))


def _receive(event: ProxyRequest) -> HttpAnswer:
    """200 with the provider's acknowledgement for a text that is on the queue, and for a webhook that is no text.

    Otherwise a status that says why.
    """
    request_id = event["requestContext"]["requestId"]
    try:
        webhook = webhook_request(event, wiring.settings().public_base_url)
        receipt = wiring.receiver().receive(api_key(webhook.headers.get("authorization")), webhook)
    except (RequestRefused, Unavailable, Configuration) as error:
        return not_accepted(error, request_id)
    telemetry.record(
        LogEvent.MISDIRECTED if receipt.misdirection else LogEvent.ACCEPTED,
        level="WARN" if receipt.would_refuse or receipt.misdirection else None,
        measured={Metric.WOULD_BE_REFUSED: 1} if receipt.would_refuse else {},
        reason=receipt.misdirection,
        tenant=receipt.tenant_id,
        correlation_id=receipt.message_id,
        conversation=telemetry.shortened(receipt.conversation or ""),
        credential=receipt.credential_id,
        would_refuse=receipt.would_refuse,
    )
    return HttpAnswer(
        HTTPStatus.OK, {"Content-Type": receipt.acknowledgement.content_type}, receipt.acknowledgement.body
    )


ready(wiring.receiver)
