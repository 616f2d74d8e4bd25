"""The tutorial way: Flask, a decorator around Twilio's validator, and boto3, behind serverless-wsgi.

After Twilio docs, "Secure your Flask App by Validating Incoming Twilio Requests" (the decorator, and the answer by
MessagingResponse) and "Security" (HTTP Basic); Flask docs, "API", `Request.authorization`; serverless-wsgi's README;
AWS docs, "Best practices for working with AWS Lambda functions" (clients are made outside of the handler).

With SECRET_CACHED=yes the secret is kept for the life of the environment, with no it is fetched for each request.
"""

import functools
import hmac
import json
import os
from collections.abc import Callable
from typing import Any

import boto3
import serverless_wsgi
from flask import Flask, Response, abort, request
from twilio.request_validator import RequestValidator
from twilio.twiml.messaging_response import MessagingResponse

app = Flask(__name__)
sqs = boto3.client("sqs")
secrets_manager = boto3.client("secretsmanager")


def fetch_secret() -> dict[str, str]:
    """The API key and the auth token."""
    found = secrets_manager.get_secret_value(SecretId=os.environ["SECRET_ID"])
    secret: dict[str, str] = json.loads(found["SecretString"])
    return secret


get_secret = functools.cache(fetch_secret) if os.environ["SECRET_CACHED"] == "yes" else fetch_secret  # noqa: S105


def require_twilio(view: Callable[[], Response]) -> Callable[[], Response]:
    """Answers 401 without the right key and 403 when Twilio did not sign the request."""

    @functools.wraps(view)
    def checked() -> Response:
        secret = get_secret()

        given = request.authorization
        if (
            given is None
            or given.type != "basic"
            or given.username != "apikey"
            or not hmac.compare_digest((given.password or "").encode(), secret["api_key"].encode())
        ):
            abort(401)

        validator = RequestValidator(secret["auth_token"])
        if not validator.validate(request.url, request.form, request.headers.get("X-TWILIO-SIGNATURE", "")):
            abort(403)

        return view()

    return checked


@app.route("/sms.receiver/SmsRecv", methods=["POST"])
@require_twilio
def incoming_message() -> Response:
    """Queues a text and answers Twilio with no message."""
    sqs.send_message(
        QueueUrl=os.environ["QUEUE_URL"],
        MessageBody=json.dumps(request.form),
        MessageGroupId=request.form["From"],
        MessageDeduplicationId=request.form["MessageSid"],
    )
    return Response(str(MessagingResponse()), mimetype="text/xml")


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Answers one webhook, in API Gateway's proxy format."""
    answer: dict[str, Any] = serverless_wsgi.handle_request(app, event, context)
    return answer
