"""The provider's webhooks: `POST /sms.receiver/SmsRecv` and `POST /sms.receiver/SmsStatus/<tenant>/<reply id>`."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING

from handlers import proxy, telemetry
from handlers.basic import api_key
from handlers.responses import HttpAnswer, not_accepted
from handlers.starting import ready
from shared import public_paths
from shared.errors import Configuration, RequestRefused, Unavailable
from shared.messages.inbound import WebhookRequest, rewritten_query
from shared.messages.status import DeliveryOutcome
from shared.telemetry import LogEvent, Metric
from shared.wiring import receiver as wiring

if TYPE_CHECKING:
    from handlers.aws_events import ProxyRequest, ProxyResponse


_FAILURES: Mapping[DeliveryOutcome | None, Metric] = {
    DeliveryOutcome.FAILED: Metric.REPLY_FAILED,
    DeliveryOutcome.UNREACHABLE: Metric.REPLY_UNREACHABLE,
}


def lambda_handler(event: ProxyRequest, _context: object) -> ProxyResponse:
    """Answers one webhook, in API Gateway's proxy format: a new text, or what became of a reply."""
    receive = _receive_status if event["path"].startswith(f"{public_paths.STATUS}/") else _receive_text
    return proxy.response(receive(event))


def _receive_status(event: ProxyRequest) -> HttpAnswer:
    """204 when the status is kept. No API key: the signature alone shows whose status it is."""
    request_id = event["requestContext"]["requestId"]
    tenant_id, _, reply_id = event["path"].removeprefix(f"{public_paths.STATUS}/").partition("/")
    try:
        receipt = wiring.status_receiver().receive(tenant_id, reply_id, _webhook(event))
    except (RequestRefused, Unavailable, Configuration) as error:
        return not_accepted(error, request_id)
    if receipt.event:
        metric = _FAILURES.get(receipt.report.outcome) if receipt.event is LogEvent.NOT_DELIVERED else None
        telemetry.record(
            receipt.event,
            measured={metric: 1} if metric else {},
            **telemetry.reply(receipt.tenant_id, receipt.correlation_id, receipt.reply_id),
            agent=receipt.agent_id,
            reason=receipt.reason,
            error_code=str(receipt.report.error_code or ""),
            status=receipt.report.status.word if receipt.event is LogEvent.NEW_STATUS else None,
        )
    return HttpAnswer(HTTPStatus.NO_CONTENT, {}, "")


def _receive_text(event: ProxyRequest) -> HttpAnswer:
    """200 with the provider's acknowledgement for a text that is on the queue, and for a webhook that is no text.

    Otherwise a status that says why.
    """
    request_id = event["requestContext"]["requestId"]
    try:
        webhook = _webhook(event)
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


def _webhook(event: ProxyRequest) -> WebhookRequest:
    """The request with the URLs that may have been signed.

    They come from our settings and from API Gateway, never from Host or X-Forwarded-*, which a caller chooses.
    """
    gateway = event["requestContext"]
    query = rewritten_query(event.get("multiValueQueryStringParameters") or {})
    urls = [wiring.settings().public_base_url + event["path"] + query]
    if gateway.get("domainName"):
        urls.append(f"https://{gateway['domainName']}{gateway['path']}{query}")
    return WebhookRequest(urls=tuple(dict.fromkeys(urls)), headers=proxy.headers(event), body=proxy.body(event))


ready(wiring.receiver)
