"""boto3 for the local AWS."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import boto3
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

if TYPE_CHECKING:
    from mypy_boto3_apigateway import APIGatewayClient
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sqs import SQSClient


@dataclass(frozen=True)
class AccessKey:
    """An access key of the local AWS: who calls, and so what may be called."""

    id: str
    secret: str = field(repr=False)

    @property
    def environment(self) -> dict[str, str]:
        """The variables with which AWS's libraries call with it."""
        return {
            "AWS_ACCESS_KEY_ID": self.id,
            "AWS_SECRET_ACCESS_KEY": self.secret,
            "AWS_EC2_METADATA_DISABLED": "true",
        }


ADMINISTRATOR = AccessKey("test", "test")
"""The local account's own key. It may do everything."""


def _leave_out(**_: object) -> tuple[AWSResponse, dict[str, object]]:
    return AWSResponse("", 200, HTTPHeaders(), None), {}


class LocalAws:
    """Makes boto3 clients for the local AWS. Each method makes the client of a service for a region.

    Args:
        aws_endpoint: its URL.
        key: who calls; the account itself looks at everything, and puts things in order.
    """

    def __init__(self, aws_endpoint: str, key: AccessKey = ADMINISTRATOR) -> None:
        self.endpoint = aws_endpoint
        self.session = boto3.Session(
            aws_access_key_id=key.id,
            aws_secret_access_key=key.secret,
        )

    def iam(self) -> Any:  # noqa: ANN401 - boto3-stubs[iam] is large, and this is little
        """IAM, which has no region."""
        return self.session.client("iam", region_name="us-east-1", endpoint_url=self.endpoint)

    def apigateway(self, region: str) -> "APIGatewayClient":
        """API Gateway."""
        return self.session.client("apigateway", region_name=region, endpoint_url=self.endpoint)

    def cloudformation(self, region: str) -> "CloudFormationClient":
        """CloudFormation."""
        return self.session.client("cloudformation", region_name=region, endpoint_url=self.endpoint)

    def cloudwatch(self, region: str) -> "CloudWatchClient":
        """CloudWatch: metrics and alarms."""
        return self.session.client("cloudwatch", region_name=region, endpoint_url=self.endpoint)

    def sqs(self, region: str) -> "SQSClient":
        """SQS."""
        return self.session.client("sqs", region_name=region, endpoint_url=self.endpoint)

    def secrets(self, region: str) -> "SecretsManagerClient":
        """Secrets Manager."""
        secrets = self.session.client("secretsmanager", region_name=region, endpoint_url=self.endpoint)
        # ministack does not have this call; it deletes the copies together with the secret.
        event = "before-call.secretsmanager.RemoveRegionsFromReplication"
        secrets.meta.events.register(event, _leave_out)  # type: ignore[arg-type] # its return value replaces the answer
        return secrets

    def dynamodb(self, region: str) -> "DynamoDBClient":
        """DynamoDB."""
        return self.session.client("dynamodb", region_name=region, endpoint_url=self.endpoint)

    def logs(self, region: str) -> "CloudWatchLogsClient":
        """CloudWatch Logs."""
        return self.session.client("logs", region_name=region, endpoint_url=self.endpoint)

    def lambdas(self, region: str) -> "LambdaClient":
        """Lambda."""
        return self.session.client("lambda", region_name=region, endpoint_url=self.endpoint)
