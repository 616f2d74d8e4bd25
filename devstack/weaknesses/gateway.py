"""What API Gateway does to requests and answers, and the local one does not.

- A `WWW-Authenticate` from a Lambda is renamed (AWS docs, "Amazon API Gateway important notes").
- An unknown path or method with an `Authorization` header is answered 403: the gateway takes it for an AWS signature,
  and its answer repeats the header. First-hand reports: svdgraaf/serverless-basic-authentication issue 3,
  HumanCellAtlas/data-store issue 328.
- A body may come in base64 (AWS docs, "Lambda proxy integrations in API Gateway", `isBase64Encoded`).
- `requestContext` names the host that was called, and on a custom domain its path has no stage.
"""

import base64
import json
from typing import Any

from ministack.core.responses import get_region
from ministack.services import apigateway_v1 as gateway

BASE64_REGION = "us-east-2"
"""The region whose bodies come in base64. In the other one they come as text, so that a test of both tries both."""

_CHALLENGE, _RENAMED = "www-authenticate", "x-amzn-Remapped-WWW-Authenticate"
_UNKNOWN = "MISSING_AUTHENTICATION_TOKEN"

_execute = gateway._execute_in_scope  # noqa: SLF001 - ministack has no other place for it, here and below
_invoke = gateway._invoke_lambda_proxy_v1  # noqa: SLF001
_event = gateway._build_lambda_event_v1  # noqa: SLF001


def install() -> None:
    """Makes the local API Gateway do the same."""
    gateway._execute_in_scope = _execute_strictly  # noqa: SLF001
    gateway._invoke_lambda_proxy_v1 = _invoke_and_rename  # noqa: SLF001
    gateway._build_lambda_event_v1 = _event_as_on_aws  # noqa: SLF001


async def _execute_strictly(request: dict[str, Any], *arguments: Any) -> Any:  # noqa: ANN401 - ministack has no types
    answer = await _execute(request, *arguments)
    credentials = next((value for name, value in request["headers"].items() if name.lower() == "authorization"), None)
    if credentials is None or getattr(answer, "response_type", None) != _UNKNOWN:
        return answer
    missing = " ".join(
        f"Authorization header requires '{name}' parameter." for name in ("Credential", "Signature", "SignedHeaders")
    )
    headers = {"Content-Type": "application/json", "x-amzn-ErrorType": "IncompleteSignatureException"}
    return 403, headers, json.dumps({"message": f"{missing} Authorization={credentials}"}).encode()


async def _invoke_and_rename(*arguments: Any, **more: Any) -> Any:  # noqa: ANN401
    answer = await _invoke(*arguments, **more)
    if not isinstance(answer, tuple):
        return answer
    status, headers, body = answer
    return status, {_RENAMED if name.lower() == _CHALLENGE else name: headers[name] for name in headers}, body


def _event_as_on_aws(*arguments: Any, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    event: dict[str, Any] = _event(*arguments, **more)
    host = next((value for name, value in event["headers"].items() if name.lower() == "host"), "").partition(":")[0]
    event["requestContext"]["domainName"] = host
    if gateway.find_domain_scope(host):
        event["requestContext"]["path"] = event["path"]
    if event["body"] and not event["isBase64Encoded"] and get_region() == BASE64_REGION:
        event["body"] = base64.b64encode(event["body"].encode()).decode()
        event["isBase64Encoded"] = True
    return event
