"""docs/deploy-policy.json allows what CloudFormation does with each resource of ours, and names only what exists.

What CloudFormation calls stands in the resource types' schemas (AWS docs, "Resource type schema", `handlers` and
`tagging`), what can be allowed for which resources in the Service Authorization Reference. cfn-lint brings both.
"""

import json
from collections.abc import Iterator
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import Any

import cfnlint
import pytest

from tests.integration.packages import Package, make_package
from tests.unit.project.test_deploy_policy import POLICIES, actions

DATA = Path(cfnlint.__file__).parent / "data"
CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/11111111-2222-3333-4444-555555555555"

SCALING = (
    "dynamodb:UpdateTableReplicaAutoScaling",
    *(f"application-autoscaling:{name}" for name in ("Put*", "Delete*", "*egisterScalableTarget")),
)

# What is needed for a property that we do not set: by kind and property.
UNSET: dict[str, dict[str, tuple[str, ...]]] = {
    "DynamoDB::Table": {
        "ContributorInsightsSpecification": ("dynamodb:UpdateContributorInsights",),
        "ImportSourceSpecification": ("dynamodb:ImportTable", "logs:CreateLogStream", "logs:PutLogEvents"),
        "KinesisStreamSpecification": ("dynamodb:*KinesisStreamingDestination", "kinesis:*"),
        "ResourcePolicy": ("dynamodb:PutResourcePolicy", "dynamodb:DeleteResourcePolicy"),
        "SSESpecification": ("kms:*",),
    },
    "DynamoDB::GlobalTable": {
        "ReadProvisionedThroughputSettings": SCALING,
        "WriteProvisionedThroughputSettings": SCALING,
        "SSESpecification": ("kms:*",),
    },
    "IAM::Role": {
        "Description": ("iam:UpdateRoleDescription",),
        "PermissionsBoundary": ("iam:PutRolePermissionsBoundary", "iam:DeleteRolePermissionsBoundary"),
    },
    "IAM::Policy": {
        "Groups": ("iam:*GroupPolicy",),
        "Users": ("iam:*UserPolicy",),
    },
    "Lambda::Alias": {"ProvisionedConcurrencyConfig": ("lambda:*ProvisionedConcurrencyConfig",)},
    "Lambda::EventSourceMapping": {"KmsKeyArn": ("kms:*",)},
    "Lambda::Function": {
        "CapacityProviderConfig": ("lambda:PassCapacityProvider",),
        "CodeSigningConfigArn": ("lambda:*FunctionCodeSigningConfig",),
        "FileSystemConfigs": ("elasticfilesystem:*", "s3files:*"),
        "FunctionScalingConfig": ("lambda:PutFunctionScalingConfig",),
        "KmsKeyArn": ("kms:*",),
        "RecursiveLoop": ("lambda:PutFunctionRecursionConfig",),
        "ReservedConcurrentExecutions": ("lambda:*FunctionConcurrency",),
        "RuntimeManagementConfig": ("lambda:PutRuntimeManagementConfig",),
        "VpcConfig": ("ec2:*",),
    },
    "Lambda::Version": {
        "FunctionScalingConfig": ("lambda:PutFunctionScalingConfig",),
        "ProvisionedConcurrencyConfig": ("lambda:PutProvisionedConcurrencyConfig",),
        "RuntimePolicy": ("lambda:PutRuntimeManagementConfig",),
    },
    "Logs::LogGroup": {
        "BearerTokenAuthenticationEnabled": ("logs:PutBearerTokenAuthentication",),
        "DataProtectionPolicy": (
            "logs:PutDataProtectionPolicy",
            "logs:DeleteDataProtectionPolicy",
            "logs:CreateLogDelivery",
            "firehose:*",
        ),
        "DeletionProtectionEnabled": ("logs:PutLogGroupDeletionProtection",),
        "FieldIndexPolicies": ("logs:PutIndexPolicy", "logs:DeleteIndexPolicy"),
        "KmsKeyId": ("logs:*KmsKey",),
        "ResourcePolicyDocument": ("logs:PutResourcePolicy", "logs:DeleteResourcePolicy"),
    },
    "S3::Bucket": {
        "AbacStatus": ("s3:PutBucketAbac",),
        "AccelerateConfiguration": ("s3:PutAccelerateConfiguration",),
        "AccessControl": ("s3:PutBucketAcl", "s3:PutObjectAcl"),
        "AnalyticsConfigurations": ("s3:PutAnalyticsConfiguration",),
        "CorsConfiguration": ("s3:PutBucketCORS",),
        "IntelligentTieringConfigurations": ("s3:PutIntelligentTieringConfiguration",),
        "InventoryConfigurations": ("s3:PutInventoryConfiguration",),
        "LifecycleConfiguration": ("s3:PutLifecycleConfiguration",),
        "LoggingConfiguration": ("s3:PutBucketLogging",),
        "MetadataConfiguration": ("s3:UpdateBucketMetadata*",),
        "MetadataTableConfiguration": ("s3:*BucketMetadataTableConfiguration", "s3tables:*"),
        "MetricsConfigurations": ("s3:PutMetricsConfiguration",),
        "NotificationConfiguration": ("s3:PutBucketNotification",),
        "ObjectLockConfiguration": ("s3:PutBucketObjectLockConfiguration",),
        "OwnershipControls": ("s3:PutBucketOwnershipControls",),
        "PublicAccessBlockConfiguration": ("s3:PutBucketPublicAccessBlock",),
        "ReplicationConfiguration": ("s3:PutReplicationConfiguration",),
        "VersioningConfiguration": ("s3:PutBucketVersioning",),
        "WebsiteConfiguration": ("s3:*BucketWebsite",),
    },
    "SNS::Topic": {"DataProtectionPolicy": ("sns:PutDataProtectionPolicy",)},
}

# What is needed for something else that no template of ours has: by kind and what it is.
ELSEWHERE: dict[str, dict[str, tuple[str, ...]]] = {
    "DynamoDB::Table": {
        "replicas, which only a GlobalTable has": ("dynamodb:AssociateTableReplica",),
    },
    "DynamoDB::GlobalTable": {
        "a replica with settings of its own": (
            "dynamodb:UpdateContributorInsights",
            "dynamodb:*KinesisStreamingDestination",
            "kinesis:*",
            "dynamodb:PutResourcePolicy",
            "dynamodb:DeleteResourcePolicy",
        ),
        # AWS docs, "AWS::DynamoDB::GlobalTable", has the rights of who deploys
        "a metric that AWS's list of rights does not have": ("cloudwatch:PutMetricData",),
    },
    "Lambda::Alias": {"an UpdatePolicy with CodeDeploy": ("codedeploy:*",)},
}


def read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


@cache
def schemas() -> dict[str, dict[str, Any]]:
    """The resource types' schemas, by kind, such as `SQS::Queue`."""
    every = [read(path) for path in (DATA / "schemas" / "resources").rglob("*.json")]
    return {schema["typeName"].removeprefix("AWS::"): schema for schema in every}


@cache
def reference() -> dict[str, Any]:
    """The Service Authorization Reference: actions in lower case, by service."""
    return read(DATA / "AdditionalSpecs" / "Policies.json")


def exists(action: str) -> bool:
    service, _, name = action.partition(":")
    return name.lower() in reference().get(service, {"Actions": {}})["Actions"]


def permissions(kind: str) -> set[str]:
    """What CloudFormation calls for a kind. It lists only what somebody imports, which no deployment does."""
    schema = schemas()[kind]
    handlers = [handler for name, handler in schema.get("handlers", {}).items() if name != "list"]
    every = {
        permission for part in (*handlers, schema.get("tagging", {})) for permission in part.get("permissions", ())
    }
    return {permission for permission in every if exists(permission)}  # some schemas name actions that there are not


def refused(kind: str) -> set[str]:
    """What the policy does not allow, of what CloudFormation calls for a kind."""
    allowed = actions("deploy")
    return {one for one in permissions(kind) if not any(fnmatch(one, action) for action in allowed)}


def left_out(kind: str) -> Iterator[str]:
    """The patterns of what is left out for a kind, for whatever reason."""
    for reasons in (UNSET.get(kind, {}), ELSEWHERE.get(kind, {})):
        for patterns in reasons.values():
            yield from patterns


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Package:
    """A stage with all that an operator may choose."""
    return make_package(
        "east",
        tmp_path_factory.mktemp("everything"),
        "--param=snapStart=true",
        SMS_RECEIVER_DOMAIN="example.com",
        SMS_RECEIVER_EAST_CERTIFICATE_ARN=CERTIFICATE,
        SMS_RECEIVER_ALARM_EMAIL="somebody@example.com",
        SMS_RECEIVER_BACKEND_QUEUES="arn:aws:sqs:us-east-1:111111111111:orders",
    )


@pytest.fixture(scope="module")
def resources(everything: Package) -> list[dict[str, Any]]:
    """Each resource, with its kind as `Kind`."""
    every = everything.template["Resources"].values()
    return [resource | {"Kind": resource["Type"].removeprefix("AWS::")} for resource in every]


def test_the_policy_allows_what_cloudformation_does_with_each_resource(resources: list[dict[str, Any]]) -> None:
    kinds = {resource["Kind"] for resource in resources}
    assert kinds >= {"SNS::Subscription", "ApiGateway::DomainName", "Lambda::Alias", "IAM::Policy"}
    missing = {
        kind: sorted(one for one in refused(kind) if not any(fnmatch(one, pattern) for pattern in left_out(kind)))
        for kind in sorted(kinds)
    }
    assert not {kind: names for kind, names in missing.items() if names}


def test_no_template_sets_what_the_policy_has_no_rights_for(resources: list[dict[str, Any]]) -> None:
    for resource in resources:
        assert not UNSET.get(resource["Kind"], {}).keys() & resource.get("Properties", {}).keys()
        assert "UpdatePolicy" not in resource


def test_nothing_is_left_out_without_need(resources: list[dict[str, Any]]) -> None:
    assert UNSET.keys() | ELSEWHERE.keys() <= {resource["Kind"] for resource in resources}
    for kind in UNSET.keys() | ELSEWHERE.keys():
        assert UNSET.get(kind, {}).keys() <= schemas()[kind]["properties"].keys()
        for pattern in left_out(kind):
            assert any(fnmatch(one, pattern) for one in refused(kind)), f"{kind} does not need {pattern}"


@pytest.mark.parametrize("policy", POLICIES)
def test_the_policy_names_only_actions_that_there_are(policy: str) -> None:
    assert not {action for action in actions(policy) if "*" not in action and not exists(action)}


@pytest.mark.parametrize("policy", POLICIES)
def test_the_policy_limits_only_actions_that_can_be_limited(policy: str) -> None:
    """An action without resource types is allowed for `*` or not at all."""
    for statement in POLICIES[policy]["Statement"]:
        if statement["Resource"] == "*":
            continue
        every = [statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"]
        for service, name in (action.split(":") for action in every if "*" not in action):
            assert reference()[service]["Actions"][name.lower()].get("Resources"), f"{service}:{name}"
