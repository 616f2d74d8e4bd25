"""A provider's webhook, as the receivers of texts and of statuses get it from API Gateway."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers import proxy
from shared.messages.inbound import WebhookRequest, rewritten_query

if TYPE_CHECKING:
    from handlers.aws_events import ProxyRequest


def webhook_request(event: ProxyRequest, public_base_url: str) -> WebhookRequest:
    """The request with the URLs that may have been signed.

    They come from our settings and from API Gateway, never from Host or X-Forwarded-*, which a caller chooses.
    """
    gateway = event["requestContext"]
    query = rewritten_query(event.get("multiValueQueryStringParameters") or {})
    urls = [public_base_url + event["path"] + query]
    if gateway.get("domainName"):
        urls.append(f"https://{gateway['domainName']}{gateway['path']}{query}")
    return WebhookRequest(urls=tuple(dict.fromkeys(urls)), headers=proxy.headers(event), body=proxy.body(event))
