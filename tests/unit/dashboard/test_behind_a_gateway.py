"""The page is a WSGI app: it answers API Gateway's events as well. docs/decisions/0045 says why it is not deployed."""

import json
from typing import Any

import pytest
import serverless_wsgi

from dashboard.app import create_app
from dashboard.desk import Desk
from tests.dashboard_site import KEY, busy
from tests.fakes import SAMPLES

HOST = "page.example.com"


@pytest.fixture
def event() -> dict[str, Any]:
    """API Gateway's own event (version 1), for the page."""
    sample: dict[str, Any] = json.loads((SAMPLES / "apigateway_proxy.json").read_text(encoding="utf-8"))
    headers = {"Host": HOST, "X-Forwarded-Proto": "https", "Cookie": f"sms_dashboard_={KEY}"}
    return {
        **sample,
        "path": "/credentials/",
        "httpMethod": "GET",
        "body": None,
        "isBase64Encoded": False,
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
    }


def answered(event: dict[str, Any]) -> dict[str, Any]:
    desk = Desk(busy().world(), "east", local=False, tenant=None, key=KEY, hosts=frozenset({HOST}))
    answer: dict[str, Any] = serverless_wsgi.handle_request(create_app(desk), event, None)
    return answer


def test_answers_an_event_of_the_gateway(event: dict[str, Any]) -> None:
    answer = answered(event)
    assert answer["statusCode"] == 200
    assert "<h1>Credentials</h1>" in answer["body"]


def test_is_closed_there_too(event: dict[str, Any]) -> None:
    event["multiValueHeaders"]["Cookie"] = event["headers"]["Cookie"] = ["sms_dashboard_=wrong"]
    assert answered(event)["statusCode"] == 403


def test_takes_its_forms_there_too(event: dict[str, Any]) -> None:
    headers = {"Origin": [f"https://{HOST}"], "Content-Type": ["application/x-www-form-urlencoded"]}
    event |= {"httpMethod": "POST", "path": "/reveal", "body": "back=/credentials/"}
    event["multiValueHeaders"] |= headers
    assert answered(event)["statusCode"] == 303
    event["multiValueHeaders"]["Origin"] = ["https://evil.example"]
    assert answered(event)["statusCode"] == 403
