"""The gateway's REQUEST authorizer: is this API key good, whatever its role?

For a bad key it raises the exception that API Gateway turns into its UNAUTHORIZED response, with the challenge (AWS
docs, "Use API Gateway Lambda authorizers"). That response is not cached, so a new key works at once. Any other
exception becomes AUTHORIZER_FAILURE, which our gateway answers with 503.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers import proxy, telemetry
from handlers.basic import api_key
from handlers.starting import ready
from shared.errors import Configuration, InvalidKey, Unavailable
from shared.telemetry import LogEvent
from shared.tenants import api_keys
from shared.wiring import authorizer as wiring

if TYPE_CHECKING:
    from handlers.aws_events import AuthorizerRequest, AuthorizerResponse


def lambda_handler(event: AuthorizerRequest, _context: object) -> AuthorizerResponse:
    """An IAM policy that allows every method of the stage. Raises Exception("Unauthorized") for a bad key."""
    request_id = event["requestContext"].get("requestId", "")  # the local AWS gives none
    try:
        tenant, credential = api_keys.authenticate(wiring.tenants(), api_key(proxy.headers(event).get("authorization")))
    except InvalidKey as error:
        telemetry.record(LogEvent.REFUSED, level="WARN", reason=error.reason, request_id=request_id)
        raise Exception("Unauthorized") from None  # noqa: TRY002, EM101 - API Gateway asks for exactly this text
    except (Unavailable, Configuration) as error:
        telemetry.failed(error, request_id=request_id)
        raise
    api, stage = event["methodArn"].split("/")[:2]
    return {
        "principalId": f"{tenant.id}.{credential.id}",
        "policyDocument": {
            "Version": "2012-10-17",
            # The whole stage: the gateway keeps this answer for the key and asks nothing about other methods.
            "Statement": [{"Action": "execute-api:Invoke", "Effect": "Allow", "Resource": f"{api}/{stage}/*"}],
        },
    }


ready(wiring.tenants)
