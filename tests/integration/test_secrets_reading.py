"""Reading tenants from Secrets Manager: the Lambdas' one call, and the operator's two."""

from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from mypy_boto3_secretsmanager import SecretsManagerClient

from operations.tenants.store import SecretsTenantStore
from shared.aws.tenants import read_tenant
from shared.errors import Configuration, NotFound, Unavailable
from shared.tenants import document
from tests.fakes import TOKEN, tenant

ACME = tenant()
NAME, VERSION = "sms-receiver/acme", "v" * 32
STORED = {"Name": NAME, "VersionId": VERSION, "SecretString": document.dumps(ACME)}


def client(region: str = "us-east-1") -> tuple[SecretsManagerClient, Stubber]:
    secrets = boto3.client("secretsmanager", region, aws_access_key_id="testing", aws_secret_access_key="testing")
    stub = Stubber(secrets)
    stub.activate()
    return secrets, stub


def test_a_lambda_reads_a_tenant_with_one_call() -> None:
    secrets, stub = client()
    stub.add_response("get_secret_value", STORED, {"SecretId": NAME})
    assert read_tenant(secrets, "acme") == ACME
    stub.assert_no_pending_responses()


@pytest.mark.parametrize("code", ["ResourceNotFoundException", "InvalidRequestException"])
def test_a_tenant_that_is_missing_or_marked_for_deletion_is_none(code: str) -> None:
    secrets, stub = client()
    stub.add_client_error("get_secret_value", code)
    assert read_tenant(secrets, "acme") is None


@pytest.mark.parametrize(
    "code", ["AccessDeniedException", "DecryptionFailure", "InternalServiceError", "ThrottlingException", "Unheard"]
)
def test_every_other_answer_is_unavailable_and_never_a_missing_tenant(code: str) -> None:
    secrets, stub = client()
    stub.add_client_error("get_secret_value", code, f"quotes {TOKEN}")
    with pytest.raises(Unavailable) as failed:
        read_tenant(secrets, "acme")
    assert str(failed.value) == f"the document of tenant 'acme' could not be read: AWS answered {code}"


@pytest.mark.parametrize("stored", [{"SecretString": "{}"}, {"SecretString": TOKEN}, {"SecretBinary": b"binary"}, {}])
def test_a_secret_that_is_not_a_tenant_is_a_configuration_error(stored: dict[str, Any]) -> None:
    secrets, stub = client()
    stub.add_response("get_secret_value", {"Name": NAME, "VersionId": VERSION} | stored)
    with pytest.raises(Configuration, match="tenant 'acme'") as failed:
        read_tenant(secrets, "acme")
    assert TOKEN not in str(failed.value)


class Regions:
    """A stubbed client for each region."""

    def __init__(self) -> None:
        self.clients: dict[str, SecretsManagerClient] = {}
        self.stubs: dict[str, Stubber] = {}
        for region in ("us-east-1", "us-east-2"):
            self.clients[region], self.stubs[region] = client(region)

    def __call__(self, region: str) -> SecretsManagerClient:
        return self.clients[region]


def store(regions: Regions, region: str = "us-east-2") -> SecretsTenantStore:
    return SecretsTenantStore(regions, region=region, replicas=["us-east-1", "us-east-2"])


def test_the_operator_reads_from_the_primary_region_not_from_a_copy() -> None:
    regions = Regions()
    regions.stubs["us-east-2"].add_response(
        "describe_secret", {"Name": NAME, "PrimaryRegion": "us-east-1"}, {"SecretId": NAME}
    )
    regions.stubs["us-east-1"].add_response("get_secret_value", STORED, {"SecretId": NAME})
    assert store(regions).read("acme") == (ACME, VERSION)
    for stub in regions.stubs.values():
        stub.assert_no_pending_responses()


def test_a_secret_without_copies_is_read_where_it_is() -> None:
    regions = Regions()
    regions.stubs["us-east-2"].add_response("describe_secret", {"Name": NAME})
    regions.stubs["us-east-2"].add_response("get_secret_value", STORED)
    assert store(regions).read("acme") == (ACME, VERSION)


def test_a_tenant_that_does_not_exist_is_not_found() -> None:
    regions = Regions()
    regions.stubs["us-east-2"].add_client_error("describe_secret", "ResourceNotFoundException")
    with pytest.raises(NotFound, match="there is no tenant 'acme'; see: sms tenant list"):
        store(regions).read("acme")


def test_a_tenant_marked_for_deletion_is_not_found() -> None:
    regions = Regions()
    regions.stubs["us-east-2"].add_response("describe_secret", {"Name": NAME, "DeletedDate": "2026-11-23"})
    with pytest.raises(NotFound):
        store(regions).read("acme")


def test_a_tenant_that_vanishes_between_two_calls_is_not_found() -> None:
    regions = Regions()
    regions.stubs["us-east-2"].add_response("describe_secret", {"Name": NAME})
    regions.stubs["us-east-2"].add_client_error("get_secret_value", "ResourceNotFoundException")
    with pytest.raises(NotFound):
        store(regions).read("acme")


def test_lists_every_page_of_tenants_sorted_by_id() -> None:
    regions = Regions()
    stub = regions.stubs["us-east-2"]
    asked = {"Filters": [{"Key": "name", "Values": ["sms-receiver/"]}]}
    stub.add_response("list_secrets", {"SecretList": [{"Name": "sms-receiver/zeta"}], "NextToken": "more"}, asked)
    stub.add_response("list_secrets", {"SecretList": [{"Name": NAME}]}, asked | {"NextToken": "more"})
    assert list(store(regions).ids()) == ["acme", "zeta"]


@pytest.mark.parametrize("operation", ["describe_secret", "list_secrets"])
def test_a_failing_aws_is_unavailable(operation: str) -> None:
    regions = Regions()
    regions.stubs["us-east-2"].add_client_error(operation, "InternalServiceError")
    with pytest.raises(Unavailable, match="AWS answered InternalServiceError"):
        _ = store(regions).read("acme") if operation == "describe_secret" else store(regions).ids()
