"""Starlette behind Mangum.

After Mangum's docs, "Introduction" and "Lifespan"; Starlette's docs, "Requests" (form data, which wants
python-multipart) and "Exceptions"; Twilio docs, "Security" (HTTP Basic) and the Python library's `RequestValidator`.

boto3 blocks, and is called on the event loop all the same: a Lambda environment has one request at a time, so a thread
would gain nothing.
"""

import base64
import binascii
import functools
import hmac
import json
import os

import boto3
from mangum import Mangum
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from twilio.request_validator import RequestValidator

TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response></Response>'

sqs = boto3.client("sqs")
secrets_manager = boto3.client("secretsmanager")


@functools.cache
def get_secret() -> dict[str, str]:
    """The API key and the auth token."""
    found = secrets_manager.get_secret_value(SecretId=os.environ["SECRET_ID"])
    secret: dict[str, str] = json.loads(found["SecretString"])
    return secret


def knows(authorization: str, api_key: str) -> bool:
    """Whether these are the credentials of HTTP Basic."""
    try:
        given = base64.b64decode(authorization.removeprefix("Basic "), validate=True)
    except binascii.Error:
        return False
    return hmac.compare_digest(given, f"apikey:{api_key}".encode())


async def receive(request: Request) -> Response:
    """Queues a text and answers Twilio with no message."""
    secret = get_secret()
    if not knows(request.headers.get("Authorization", ""), secret["api_key"]):
        raise HTTPException(status_code=401)

    async with request.form() as form:
        signature = request.headers.get("X-Twilio-Signature", "")
        if not RequestValidator(secret["auth_token"]).validate(str(request.url), form, signature):
            raise HTTPException(status_code=403)

        sqs.send_message(
            QueueUrl=os.environ["QUEUE_URL"],
            MessageBody=json.dumps(dict(form)),
            MessageGroupId=form["From"],
            MessageDeduplicationId=form["MessageSid"],
        )
    return Response(TWIML, media_type="text/xml")


app = Starlette(routes=[Route("/sms.receiver/SmsRecv", receive, methods=["POST"])])
lambda_handler = Mangum(app, lifespan="off")
