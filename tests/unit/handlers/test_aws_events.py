"""The types of AWS's events: a recorded event has each key that they promise."""

import pytest

from handlers.aws_events import AuthorizerRequest, ProxyRequest, RequestContext, SqsAttributes, SqsEvent, SqsRecord
from tests.fakes import sample
from tests.integration.events import delivered

PROXY, AUTHORIZER = sample("apigateway_proxy.json"), sample("apigateway_request_authorizer.json")
SQS = delivered("{}")


@pytest.mark.parametrize(
    ("kind", "recorded"),
    [
        (ProxyRequest, PROXY),
        (RequestContext, PROXY["requestContext"]),
        (AuthorizerRequest, AUTHORIZER),
        (RequestContext, AUTHORIZER["requestContext"]),
        (SqsEvent, SQS),
        (SqsRecord, SQS["Records"][0]),
        (SqsAttributes, SQS["Records"][0]["attributes"]),
    ],
)
def test_a_recorded_event_has_every_key_of_its_type(kind: type, recorded: dict[str, object]) -> None:
    assert set(kind.__annotations__) <= set(recorded)
