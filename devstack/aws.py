"""boto3 for the local AWS."""

from typing import TYPE_CHECKING

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

CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_EC2_METADATA_DISABLED": "true"}


def _leave_out(**_: object) -> tuple[AWSResponse, dict[str, object]]:
    return AWSResponse("", 200, HTTPHeaders(), None), {}


class LocalAws:
    """Makes boto3 clients for the local AWS. Each method makes the client of a service for a region."""

    def __init__(self, aws_endpoint: str) -> None:
        self._endpoint = aws_endpoint
        self.session = boto3.Session(
            aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        )

    def apigateway(self, region: str) -> "APIGatewayClient":
        """API Gateway."""
        return self.session.client("apigateway", region_name=region, endpoint_url=self._endpoint)

    def cloudformation(self, region: str) -> "CloudFormationClient":
        """CloudFormation."""
        return self.session.client("cloudformation", region_name=region, endpoint_url=self._endpoint)

    def cloudwatch(self, region: str) -> "CloudWatchClient":
        """CloudWatch: metrics and alarms."""
        return self.session.client("cloudwatch", region_name=region, endpoint_url=self._endpoint)

    def sqs(self, region: str) -> "SQSClient":
        """SQS."""
        return self.session.client("sqs", region_name=region, endpoint_url=self._endpoint)

    def secrets(self, region: str) -> "SecretsManagerClient":
        """Secrets Manager."""
        secrets = self.session.client("secretsmanager", region_name=region, endpoint_url=self._endpoint)
        # ministack does not have this call; it deletes the copies together with the secret.
        event = "before-call.secretsmanager.RemoveRegionsFromReplication"
        secrets.meta.events.register(event, _leave_out)  # type: ignore[arg-type] # its return value replaces the answer
        return secrets

    def dynamodb(self, region: str) -> "DynamoDBClient":
        """DynamoDB."""
        return self.session.client("dynamodb", region_name=region, endpoint_url=self._endpoint)

    def logs(self, region: str) -> "CloudWatchLogsClient":
        """CloudWatch Logs."""
        return self.session.client("logs", region_name=region, endpoint_url=self._endpoint)

    def lambdas(self, region: str) -> "LambdaClient":
        """Lambda."""
        return self.session.client("lambda", region_name=region, endpoint_url=self._endpoint)
