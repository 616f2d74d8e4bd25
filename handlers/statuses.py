"""The provider's webhook for what became of replies: `POST /sms.receiver/SmsStatus/<tenant>/<reply id>`.

It comes without an API key, so anybody can call it. It has a function of its own, so that a flood of it takes nothing
from the texts (decision 0041).
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING

from handlers import proxy, telemetry
from handlers.responses import HttpAnswer, not_accepted
from handlers.starting import ready
from handlers.webhook import webhook_request
from shared import public_paths
from shared.errors import Configuration, RequestRefused, Unavailable
from shared.messages.status import DeliveryOutcome
from shared.telemetry import LogEvent, Metric
from shared.wiring import statuses as wiring

if TYPE_CHECKING:
    from handlers.aws_events import ProxyRequest, ProxyResponse


_FAILURES: Mapping[DeliveryOutcome | None, Metric] = {
    DeliveryOutcome.FAILED: Metric.REPLY_FAILED,
    DeliveryOutcome.UNREACHABLE: Metric.REPLY_UNREACHABLE,
}


def lambda_handler(event: ProxyRequest, _context: object) -> ProxyResponse:
    """Answers one webhook, in API Gateway's proxy format."""
    return proxy.response(_receive(event))


def _receive(event: ProxyRequest) -> HttpAnswer:
    """204 when the status is kept. No API key: the signature alone shows whose status it is."""
    request_id = event["requestContext"]["requestId"]
    tenant_id, _, reply_id = event["path"].removeprefix(f"{public_paths.STATUS}/").partition("/")
    try:
        webhook = webhook_request(event, wiring.settings().public_base_url)
        receipt = wiring.status_receiver().receive(tenant_id, reply_id, webhook)
    except (RequestRefused, Unavailable, Configuration) as error:
        return not_accepted(error, request_id)
    if receipt.uncounted:
        ids = telemetry.reply(receipt.tenant_id, receipt.correlation_id, receipt.reply_id)
        telemetry.failed(receipt.uncounted, measured={}, **ids)
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


ready(wiring.status_receiver)
