"""What AWS hands to the Lambdas, and what it wants back, as types: only the keys that are read here.

For type checkers alone: no Lambda imports this module.
"""

from collections.abc import Mapping
from typing import NotRequired, TypedDict


class RequestContext(TypedDict):
    """Of one request (AWS docs, "Lambda proxy integrations in API Gateway", "Input format").

    Attributes:
        requestId: API Gateway's id of the request. The local AWS gives an authorizer none.
        domainName: the host that was called. Absent from events that were made by hand.
        path: the path as it was called: with its stage, as in `/east/sms.receiver/SmsRecv`; on a custom domain without.
    """

    requestId: NotRequired[str]
    domainName: NotRequired[str]
    path: str


class ProxyRequest(TypedDict):
    """A request to a REST API (AWS docs, "Lambda proxy integrations in API Gateway", "Input format").

    Attributes:
        resource: the path as the API declares it, whatever stands before it on a custom domain.
        path: the path without its stage.
        headers: names as they were sent; of a header that came twice, the last. None when there are none.
        multiValueQueryStringParameters: decoded; None when there are none.
        body: None when there is none.
        isBase64Encoded: whether the body is in base64.
    """

    resource: str
    path: str
    headers: dict[str, str] | None
    multiValueQueryStringParameters: dict[str, list[str]] | None
    requestContext: RequestContext
    body: str | None
    isBase64Encoded: bool


class ProxyResponse(TypedDict):
    """A Lambda's answer for the REST API (AWS docs, "Lambda proxy integrations in API Gateway", "Output format").

    Attributes:
        multiValueHeaders: may stand in place of `headers`, with a list of values for each name.
    """

    statusCode: int
    headers: NotRequired[Mapping[str, str]]
    multiValueHeaders: NotRequired[Mapping[str, list[str]]]
    body: str
    isBase64Encoded: bool


class AuthorizerRequest(TypedDict):
    """What a REQUEST authorizer gets (AWS docs, "Input to an API Gateway Lambda authorizer").

    Attributes:
        methodArn: the called method: `arn:…:<API id>/<stage>/<method>/<path>`.
        headers: as in a proxy request.
    """

    methodArn: str
    headers: dict[str, str] | None
    requestContext: RequestContext


class PolicyStatement(TypedDict):
    """A statement of an IAM policy (AWS docs, "IAM JSON policy elements reference")."""

    Action: str
    Effect: str
    Resource: str


class PolicyDocument(TypedDict):
    """An IAM policy (AWS docs, "IAM JSON policy elements reference")."""

    Version: str
    Statement: list[PolicyStatement]


class AuthorizerResponse(TypedDict):
    """What an authorizer answers (AWS docs, "Output from an API Gateway Lambda authorizer").

    Attributes:
        principalId: whose request it is, for the access log.
    """

    principalId: str
    policyDocument: PolicyDocument


class SqsAttributes(TypedDict):
    """What SQS knows of a message (Amazon SQS API reference, "ReceiveMessage"); times are milliseconds since 1970.

    Attributes:
        ApproximateReceiveCount: how often it was received.
        ApproximateFirstReceiveTimestamp: when it was first received.
        SentTimestamp: when it was put on the queue.
    """

    ApproximateReceiveCount: str
    ApproximateFirstReceiveTimestamp: str
    SentTimestamp: str


class SqsRecord(TypedDict):
    """A message of a queue (AWS docs, "Using Lambda with Amazon SQS").

    Attributes:
        eventSourceARN: the queue's ARN.
    """

    messageId: str
    eventSourceARN: str
    receiptHandle: str
    body: str
    attributes: SqsAttributes


class SqsEvent(TypedDict):
    """A batch of messages (AWS docs, "Using Lambda with Amazon SQS")."""

    Records: list[SqsRecord]


class BatchItemFailure(TypedDict):
    """A message that is to come again, by its id."""

    itemIdentifier: str


class BatchResponse(TypedDict):
    """What SQS is told (AWS docs, "Reporting batch item failures for Lambda functions with an SQS trigger")."""

    batchItemFailures: list[BatchItemFailure]
