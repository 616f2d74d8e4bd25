"""Powertools' REST resolver, with its Logger, Metrics and Parameters.

After Powertools for AWS Lambda (Python) docs, "REST API" (getting started, accessing request details, raising HTTP
errors, fine grained responses), "Logger", "Metrics" and "Parameters" (built-in provider class, adjusting cache TTL);
Twilio docs, "Security" (HTTP Basic) and the Python library's `RequestValidator`.
"""

import base64
import binascii
import hmac
import json
import os
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

import boto3
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.event_handler.exceptions import ForbiddenError, UnauthorizedError
from aws_lambda_powertools.logging import correlation_paths
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities import parameters
from aws_lambda_powertools.utilities.typing import LambdaContext
from twilio.request_validator import RequestValidator

SECRET_SECONDS = 3600
TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response></Response>'

logger = Logger(service="receiver")
metrics = Metrics(namespace="texts", service="receiver")
app = APIGatewayRestResolver()
sqs = boto3.client("sqs")
secrets_provider = parameters.SecretsProvider()


@app.post("/sms.receiver/SmsRecv")
def receive() -> Response[str]:
    """Queues a text and answers Twilio with no message."""
    event = app.current_event
    secret = secrets_provider.get(os.environ["SECRET_ID"], max_age=SECRET_SECONDS, transform="json")

    if not knows(event.headers.get("Authorization", ""), secret["api_key"]):
        refuse("key")
        raise UnauthorizedError("Unauthorized")  # noqa: EM101 - as the documentation does

    fields = dict(parse_qsl(event.decoded_body, keep_blank_values=True))
    url = f"https://{event.request_context.domain_name}{event.request_context.path}"
    signature = event.headers.get("X-Twilio-Signature", "")
    if not RequestValidator(secret["auth_token"]).validate(url, fields, signature):
        refuse("signature")
        raise ForbiddenError("Forbidden")  # noqa: EM101 - the same

    sqs.send_message(
        QueueUrl=os.environ["QUEUE_URL"],
        MessageBody=json.dumps(fields),
        MessageGroupId=fields["From"],
        MessageDeduplicationId=fields["MessageSid"],
    )
    logger.info("Accepted", message_sid=fields["MessageSid"])
    metrics.add_metric(name="Accepted", unit=MetricUnit.Count, value=1)
    return Response(status_code=HTTPStatus.OK, content_type="text/xml", body=TWIML)


def knows(authorization: str, api_key: str) -> bool:
    """Whether these are the credentials of HTTP Basic."""
    try:
        given = base64.b64decode(authorization.removeprefix("Basic "), validate=True)
    except binascii.Error:
        return False
    return hmac.compare_digest(given, f"apikey:{api_key}".encode())


def refuse(reason: str) -> None:
    """Says so and counts it."""
    logger.warning("Refused", reason=reason)
    metrics.add_metric(name="Refused", unit=MetricUnit.Count, value=1)


@logger.inject_lambda_context(correlation_id_path=correlation_paths.API_GATEWAY_REST)
@metrics.log_metrics(capture_cold_start_metric=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answers one webhook, in API Gateway's proxy format."""
    return app.resolve(event, context)
