"""API Gateway's proxy format: what a REST API hands to a Lambda, and what it wants back.

Source: AWS docs, "Lambda proxy integrations in API Gateway".
"""

import base64
from typing import Any

from handlers.responses import Answer


def headers(event: dict[str, Any]) -> dict[str, str]:
    """The request's headers, names in lower case; of a header that came twice, the last."""
    return {name.lower(): value for name, value in (event.get("headers") or {}).items()}


def body(event: dict[str, Any]) -> bytes:
    """The request's body as it was sent."""
    text: str = event.get("body") or ""
    return base64.b64decode(text) if event.get("isBase64Encoded") else text.encode()


def proxied(answer: Answer) -> dict[str, Any]:
    """The answer for the gateway."""
    return {
        "statusCode": answer.status,
        "headers": answer.headers,
        "body": answer.body,
        "isBase64Encoded": False,
    }
