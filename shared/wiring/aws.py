"""The AWS clients, which all Lambdas share.

The clients come from botocore. boto3 would make the same ones and lengthen a cold start by a tenth (decision 0024).
"""

from functools import cache
from typing import TYPE_CHECKING, Any

from botocore.config import Config
from botocore.session import Session, get_session

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_sqs import SQSClient

USER_AGENT = "sms-receiver"
"""The user agent of our calls, also in CloudTrail. botocore would build its own for each call: a fifth of its time."""

# At most two tries of three seconds: the webhook's Lambda has ten seconds, and can still report a failed call.
CONFIG = Config(
    user_agent=USER_AGENT, connect_timeout=1, read_timeout=2, retries={"mode": "standard", "total_max_attempts": 2}
)

# For an answer that a request can do without: the home region's, and which version of a secret is announced. The
# authorizer and the receiver may both wait for it, and Twilio, which waits 15 seconds for both, must not give up a text
# that is queued: it would bring it to the other stage, too.
OPTIONAL_CONFIG = Config(
    user_agent=USER_AGENT, connect_timeout=1, read_timeout=1, retries={"mode": "standard", "total_max_attempts": 1}
)


@cache
def session() -> Session:
    """The session that makes the clients."""
    return get_session()


def own_region() -> str:
    """The Lambda's AWS region."""
    region: str = session().get_config_variable("region")
    return region


def client(service: str, region: str | None = None, config: Config = CONFIG) -> Any:  # noqa: ANN401 - no type knows each service
    """A client of an AWS service, by default in the Lambda's AWS region."""
    return session().create_client(service, region, config=config)


@cache
def sqs() -> "SQSClient":
    """The client for SQS."""
    sqs: SQSClient = client("sqs")
    return sqs


@cache
def dynamodb() -> "DynamoDBClient":
    """The client for DynamoDB."""
    dynamodb: DynamoDBClient = client("dynamodb")
    return dynamodb
