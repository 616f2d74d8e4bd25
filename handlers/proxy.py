"""API Gateway's proxy format: what a REST API hands to a Lambda, and what it wants back.

Source: AWS docs, "Lambda proxy integrations in API Gateway".
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from handlers.aws_events import AuthorizerRequest, ProxyRequest, ProxyResponse
    from handlers.responses import HttpAnswer


def headers(event: ProxyRequest | AuthorizerRequest) -> dict[str, str]:
    """The request's headers, names in lower case; of a header that came twice, the last."""
    return {name.lower(): value for name, value in (event.get("headers") or {}).items()}


def body(event: ProxyRequest) -> bytes:
    """The request's body as it was sent."""
    text = event.get("body") or ""
    return base64.b64decode(text) if event.get("isBase64Encoded") else text.encode()


def response(answer: HttpAnswer) -> ProxyResponse:
    """The answer for the gateway."""
    return {
        "statusCode": answer.status,
        "headers": answer.headers,
        "body": answer.body,
        "isBase64Encoded": False,
    }
