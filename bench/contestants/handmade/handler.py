"""The floor: the same work from the standard library alone. A limit, not a recommendation.

It leaves out what a contestant gets from its libraries and a production system needs: time-outs and second tries, other
credentials than two from the environment, errors that say what happened, logs and metrics.

Sources: AWS docs, "Create a signed AWS API request" and "Making query API requests using AWS JSON protocol in Amazon
SQS"; Twilio docs, "Security".
"""

import hashlib
import hmac
import http.client
import json
import os
import time
from binascii import Error as NotBase64
from binascii import a2b_base64, b2a_base64
from typing import Any
from urllib.parse import parse_qsl

Answer = dict[str, object]

_QUEUE_URL = os.environ["QUEUE_URL"]
_HOST = os.environ["AWS_ENDPOINT_URL"].removeprefix("http://")
_REGION = os.environ["AWS_REGION"]
_KEY_ID = os.environ["AWS_ACCESS_KEY_ID"]
_KEY = b"AWS4" + os.environ["AWS_SECRET_ACCESS_KEY"].encode()
_TYPE = "application/x-amz-json-1.0"
_SIGNED = "content-type;host;x-amz-date;x-amz-target"

_ACCEPTED: Answer = {
    "statusCode": 200,
    "headers": {"Content-Type": "text/xml"},
    "body": '<?xml version="1.0" encoding="UTF-8"?><Response></Response>',
}
_WRONG_KEY: Answer = {"statusCode": 401}
_FORGED: Answer = {"statusCode": 403}


class Aws:
    """One service over one connection that stays open, with a signing key that is derived once a day."""

    def __init__(self, service: str, connection: http.client.HTTPConnection) -> None:
        self._service = service
        self._connection = connection
        self._day = ""
        self._scope = ""
        self._key = b""

    def ask(self, operation: str, asked: dict[str, str]) -> bytes:
        """The answer's body. Raises RuntimeError when it is none."""
        body = json.dumps(asked).encode()
        now = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        if now[:8] != self._day:
            self._derive(now[:8])
        canonical = (
            f"POST\n/\n\ncontent-type:{_TYPE}\nhost:{_HOST}\nx-amz-date:{now}\nx-amz-target:{operation}\n\n"
            f"{_SIGNED}\n{hashlib.sha256(body).hexdigest()}"
        )
        signed = f"AWS4-HMAC-SHA256\n{now}\n{self._scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        signature = hmac.digest(self._key, signed.encode(), "sha256").hex()
        self._connection.request(
            "POST",
            "/",
            body,
            {
                "Content-Type": _TYPE,
                "X-Amz-Date": now,
                "X-Amz-Target": operation,
                "Authorization": f"AWS4-HMAC-SHA256 Credential={_KEY_ID}/{self._scope}, "
                f"SignedHeaders={_SIGNED}, Signature={signature}",
            },
        )
        answer = self._connection.getresponse()
        content = answer.read()
        if answer.status != http.client.OK:
            message = f"{operation} was answered with {answer.status}"
            raise RuntimeError(message)
        return content

    def _derive(self, day: str) -> None:
        self._day, self._scope, self._key = day, f"{day}/{_REGION}/{self._service}/aws4_request", _KEY
        for part in self._scope.split("/"):
            self._key = hmac.digest(self._key, part.encode(), "sha256")


_sqs = Aws("sqs", http.client.HTTPConnection(_HOST))
_secrets = Aws("secretsmanager", http.client.HTTPConnection(_HOST))
_secret: dict[str, bytes] = {}


def lambda_handler(event: dict[str, Any], _context: object) -> Answer:
    """Answers one webhook, in API Gateway's proxy format."""
    if not _secret:
        found = json.loads(_secrets.ask("secretsmanager.GetSecretValue", {"SecretId": os.environ["SECRET_ID"]}))
        _secret.update({name: value.encode() for name, value in json.loads(found["SecretString"]).items()})
    headers = event["headers"]

    try:
        user, _, key = a2b_base64(headers.get("Authorization", "").removeprefix("Basic ")).partition(b":")
    except NotBase64:
        return _WRONG_KEY
    if user != b"apikey" or not hmac.compare_digest(key, _secret["api_key"]):
        return _WRONG_KEY

    body = a2b_base64(event["body"]).decode() if event["isBase64Encoded"] else event["body"]
    fields = parse_qsl(body, keep_blank_values=True)
    pairs = "".join([name + value for name, value in sorted(set(fields))])
    signed = f"https://{headers['Host']}{event['path']}{pairs}".encode()
    signature = b2a_base64(hmac.digest(_secret["auth_token"], signed, "sha1"), newline=False)
    if not hmac.compare_digest(signature, headers.get("X-Twilio-Signature", "").encode()):
        return _FORGED

    text = dict(fields)
    _sqs.ask(
        "AmazonSQS.SendMessage",
        {
            "QueueUrl": _QUEUE_URL,
            "MessageBody": json.dumps(text),
            "MessageGroupId": text["From"],
            "MessageDeduplicationId": text["MessageSid"],
        },
    )
    return _ACCEPTED
