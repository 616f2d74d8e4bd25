"""What is in the zip of botocore's data suffices for all that a role allows, wherever the stack may be deployed."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import botocore
import pytest

from tests.integration.packages import Package

PROBE = Path(__file__).with_name("endpoints.py")
INSTALLED = Path(botocore.__file__).parents[1]
SERVICES = {
    "dynamodb": "dynamodb",
    "lex": "lexv2-runtime",
    "secretsmanager": "secretsmanager",
    "sns": "sns",
    "sqs": "sqs",
}
NOT_IN_THE_TEMPLATE = {
    "lex:RecognizeText",  # infra/backends.js allows it once there are bots
    "sns:Publish",  # infra/journal.js allows it once there are topics
    "dynamodb:TransactWriteItems",  # allowed with its writes (DynamoDB guide, "Using IAM with transactions")
}


def statements(made: Package) -> list[dict[str, Any]]:
    policies = [
        policy for role in made.resources("IAM::Role").values() for policy in role["Properties"].get("Policies", [])
    ]
    return [statement for policy in policies for statement in policy["PolicyDocument"]["Statement"]]


def test_the_zip_knows_each_operation_that_a_role_allows_and_no_other(package: Package) -> None:
    actions = [statement["Action"] for statement in statements(package)]
    allowed = {action for some in actions for action in ([some] if isinstance(some, str) else some)}
    with zipfile.ZipFile(package.zip) as archive:
        models = {name.split("/")[2]: name for name in archive.namelist() if name.endswith("/service-2.json")}
        known = {
            f"{action}:{operation}"
            for action, service in SERVICES.items()
            for operation in json.loads(archive.read(models[service]))["operations"]
        }
    assert known == {action for action in allowed if action.split(":")[0] in SERVICES} | NOT_IN_THE_TEMPLATE


def endpoints(path: Path, regions: list[str]) -> dict[str, list[str]]:
    done = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, "-S", PROBE],
        input=json.dumps(regions),
        env={"PYTHONPATH": str(path), "AWS_EC2_METADATA_DISABLED": "true"},
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, list[str]] = json.loads(done.stdout)
    return found


@pytest.fixture
def regions() -> list[str]:
    """Every region that botocore knows, with the pseudo-regions of its services, and one that is yet to come."""
    known = json.loads((INSTALLED / "botocore" / "data" / "endpoints.json").read_text())["partitions"]
    named = {name for partition in known for name in partition["regions"]}
    return sorted(named | {"aws-global", "aws-us-gov-global", "fips-us-gov-west-1", "local", "eu-moon-1"})


def test_each_service_is_where_the_whole_of_botocore_says_in_every_region_of_every_partition(
    packages: dict[str, Package], regions: list[str], tmp_path: Path
) -> None:
    with zipfile.ZipFile(packages["east"].zip) as contents:
        contents.extractall(tmp_path)
    ours, whole = endpoints(tmp_path, regions), endpoints(INSTALLED, regions)
    assert ours == whole
    assert ours["sqs us-gov-west-1 usual"][0] == "https://sqs.us-gov-west-1.amazonaws.com"
    assert ours["secretsmanager cn-north-1 usual"][0] == "https://secretsmanager.cn-north-1.amazonaws.com.cn"
    assert ours["dynamodb us-east-2 fips"][0] == "https://dynamodb-fips.us-east-2.amazonaws.com"
    assert {"aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-eusc"} <= {one[2] for one in ours.values() if len(one) == 3}
