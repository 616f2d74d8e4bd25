"""What the provider calls: `POST /sms.receiver/SmsRecv` and `POST /sms.receiver/SmsStatus/<tenant>/<reply id>`."""

from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode

import serverless_wsgi
from werkzeug import Request, Response

from handlers import telemetry
from handlers.basic import api_key
from handlers.responses import not_accepted
from shared.errors import Configuration, Rejected, Unavailable
from shared.model import WebhookRequest
from shared.statuses import PATH as STATUS_PATH
from shared.telemetry import LogEvent, Metric
from shared.wiring import receiving


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Answers one webhook, in API Gateway's proxy format."""
    answer: dict[str, Any] = serverless_wsgi.handle_request(app, event, context)
    return answer


@Request.application
def app(request: Request) -> Response:
    """What became of a reply, or a new text."""
    event = request.environ["serverless.event"]
    answer = _status if event["path"].startswith(f"{STATUS_PATH}/") else _text
    return answer(request, event)


def _status(request: Request, event: dict[str, Any]) -> Response:
    """204 when the status is kept. No API key: the signature alone says whose it is."""
    request_id = event["requestContext"]["requestId"]
    tenant_id, _, reply_id = event["path"].removeprefix(f"{STATUS_PATH}/").partition("/")
    try:
        receipt = receiving.statuses().receive(tenant_id, reply_id, _webhook(request, event))
    except (Rejected, Unavailable, Configuration) as error:
        return not_accepted(error, request_id)
    if receipt.event:
        telemetry.record(
            receipt.event,
            measured={Metric.REPLY_FAILED: 1} if receipt.event is LogEvent.NOT_DELIVERED else {},
            **telemetry.reply(receipt.tenant_id, receipt.correlation_id, receipt.reply_id),
            error_code=str(receipt.report.error_code or ""),
        )
    return Response(status=HTTPStatus.NO_CONTENT)


def _text(request: Request, event: dict[str, Any]) -> Response:
    """200 with the provider's acknowledgement when the text is durable; otherwise a status that says why not."""
    request_id = event["requestContext"]["requestId"]
    try:
        key = api_key(request.headers.get("Authorization"))
        receipt = receiving.receiver().receive(key, _webhook(request, event))
    except (Rejected, Unavailable, Configuration) as error:
        return not_accepted(error, request_id)
    telemetry.record(
        LogEvent.ACCEPTED,
        level="warning" if receipt.would_refuse else "info",
        measured={Metric.WOULD_BE_REFUSED: 1} if receipt.would_refuse else {},
        tenant=receipt.tenant_id,
        correlation_id=receipt.message_id,
        conversation=telemetry.shortened(receipt.conversation),
        credential=receipt.credential_id,
        would_refuse=receipt.would_refuse,
    )
    return Response(receipt.acknowledgement.body, content_type=receipt.acknowledgement.content_type)


def _webhook(request: Request, event: dict[str, Any]) -> WebhookRequest:
    """The request with the URLs that may have been signed.

    They come from our settings and from API Gateway, never from Host or X-Forwarded-*, which a caller chooses. The
    gateway hands on no raw query string, so a query is written anew: a webhook URL had better have none.
    """
    gateway = event["requestContext"]
    pairs = event.get("multiValueQueryStringParameters") or {}
    query = "?" + urlencode(pairs, doseq=True, quote_via=quote) if pairs else ""
    urls = [receiving.settings().public_base_url + event["path"] + query]
    if gateway.get("domainName"):
        urls.append(f"https://{gateway['domainName']}{gateway['path']}{query}")
    return WebhookRequest(
        urls=tuple(urls),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=request.get_data(cache=False),
    )
