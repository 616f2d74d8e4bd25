"""API Gateway's events, from the samples, with a request of the test's own in them."""

import base64
from typing import Any
from urllib.parse import urlencode

from handlers.aws_events import ProxyResponse
from tests.descriptions import check_answer
from tests.fakes import FORM, TOKEN, URL, Fields, sample, twilio_signature

API_PATH = "/sms.sender/SmsSend"
AwsEvent = Any
"""What AWS hands to a handler, such as `handlers.aws_events.ProxyRequest`; a test may put anything into it."""


def basic(key: str, username: str = "apikey") -> str:
    """What a client sends for `https://username:key@…`."""
    return "Basic " + base64.b64encode(f"{username}:{key}".encode()).decode()


def with_headers(event: AwsEvent, **headers: str | None) -> AwsEvent:
    """The event with these headers; _ stands for -, None takes one away."""
    for name, value in headers.items():
        name = name.replace("_", "-")  # noqa: PLW2901 - the same name, as HTTP writes it
        for place in ("headers", "multiValueHeaders"):
            for known in [known for known in event[place] if known.lower() == name.lower()]:
                del event[place][known]
        if value is not None:
            event["headers"][name] = value
            event["multiValueHeaders"][name] = [value]
    return event


def webhook_event(key: str, fields: Fields, *, token: str = TOKEN, signed: str = URL) -> AwsEvent:
    """What the receiver gets for a text: a REST API's proxy event, payload version 1.0."""
    fields = list(fields)
    event: dict[str, Any] = sample("apigateway_proxy.json")
    event["body"] = urlencode(fields)
    return with_headers(
        event,
        Authorization=basic(key),
        Content_Type=FORM,
        X_Twilio_Signature=twilio_signature(signed, fields, token),
    )


def api_event(key: str, body: str, **headers: str | None) -> AwsEvent:
    """What the API gets for a request; headers are given with _ for -, None takes one away."""
    event: dict[str, Any] = sample("apigateway_proxy.json")
    event |= {"resource": API_PATH, "path": API_PATH, "body": body}
    given = {"Authorization": basic(key), "Content_Type": "application/json", "X_Twilio_Signature": None}
    return with_headers(event, **(given | headers))


class LambdaContext:
    """What AWS tells a Lambda of its invocation, as far as the handlers ask."""

    def get_remaining_time_in_millis(self) -> int:
        return 10_000


def status_event(
    fields: Fields, *, path: str = "/sms.receiver/SmsStatus/acme/SM42-1", token: str = TOKEN, signed: str = ""
) -> AwsEvent:
    """What the receiver gets for a status: no Authorization, for the gateway asks for none."""
    event = webhook_event("", fields, token=token, signed=signed or f"https://sms-east.example.com{path}")
    event |= {"path": path, "resource": "/sms.receiver/SmsStatus/{tenant}/{reply}"}
    event["requestContext"] |= {"path": f"/east{path}"}
    return with_headers(event, Authorization=None)


def authorizer_event(authorization: str | None) -> AwsEvent:
    """What a REQUEST authorizer gets."""
    return with_headers(sample("apigateway_request_authorizer.json"), Authorization=authorization)


def delivered(*bodies: str, receives: int = 1) -> AwsEvent:
    """What Lambda gets from an SQS FIFO queue: messages m1, m2 and so on."""
    event = sample("sqs_fifo.json")
    [record] = event["Records"]
    attributes = record["attributes"] | {"ApproximateReceiveCount": str(receives)}
    event["Records"] = [
        record | {"messageId": f"m{number}", "receiptHandle": f"r{number}", "body": body, "attributes": {**attributes}}
        for number, body in enumerate(bodies, start=1)
    ]
    return event


def as_described(response: ProxyResponse, path: str) -> dict[str, Any]:
    """The answer to a POST, when docs/openapi.yaml describes it. Raises AssertionError."""
    answer: dict[str, Any] = {**response}
    headers = answer.get("headers") or {name: values[-1] for name, values in answer["multiValueHeaders"].items()}
    check_answer("POST", path, answer["statusCode"], headers, answer["body"])
    return answer
