"""Reading one part of a tenant's secrets from Secrets Manager: the Lambdas' one call, and what its errors mean."""

from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from mypy_boto3_secretsmanager import SecretsManagerClient

from shared.aws.tenant_secrets import read_part, read_secret
from shared.errors import BrokenDocument, Unavailable
from shared.tenants import secret_documents
from shared.tenants.copies import Copy
from shared.tenants.record import SecretPart
from tests.fakes import TOKEN, tenant

ACME = tenant()
NAME, VERSION = "sms-receiver/acme/access", "v" * 32
STORED = {"Name": NAME, "VersionId": VERSION, "SecretString": secret_documents.dump_access(ACME)}


def client() -> tuple[SecretsManagerClient, Stubber]:
    secrets = boto3.client("secretsmanager", "us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing")
    stub = Stubber(secrets)
    stub.activate()
    return secrets, stub


def test_a_lambda_reads_a_part_and_its_version_with_one_call() -> None:
    secrets, stub = client()
    stub.add_response("get_secret_value", STORED, {"SecretId": NAME})
    assert read_part(secrets, SecretPart.ACCESS, secret_documents.load_access, "acme") == Copy(ACME, VERSION)
    stub.assert_no_pending_responses()


@pytest.mark.parametrize("part", SecretPart)
def test_each_part_is_a_secret_of_its_own(part: SecretPart) -> None:
    secrets, stub = client()
    stub.add_response("get_secret_value", STORED, {"SecretId": f"sms-receiver/acme/{part.value}"})
    secret = read_secret(secrets, "acme", part)
    assert secret
    assert repr(secret) == f"SecretVersion(version={VERSION!r})"


@pytest.mark.parametrize("code", ["ResourceNotFoundException", "InvalidRequestException"])
def test_a_secret_that_is_missing_or_marked_for_deletion_is_none(code: str) -> None:
    secrets, stub = client()
    stub.add_client_error("get_secret_value", code)
    assert read_part(secrets, SecretPart.ACCESS, secret_documents.load_access, "acme") == Copy(None)


@pytest.mark.parametrize(
    "code", ["AccessDeniedException", "DecryptionFailure", "InternalServiceError", "ThrottlingException", "Unheard"]
)
def test_every_other_answer_is_unavailable_and_never_a_missing_tenant(code: str) -> None:
    secrets, stub = client()
    stub.add_client_error("get_secret_value", code, f"quotes {TOKEN}")
    with pytest.raises(Unavailable) as failed:
        read_secret(secrets, "acme", SecretPart.ACCOUNTS)
    assert str(failed.value) == f"the accounts secret of tenant 'acme' could not be read: AWS answered {code}"


@pytest.mark.parametrize("stored", [{"SecretString": "{}"}, {"SecretString": TOKEN}, {"SecretBinary": b"binary"}, {}])
def test_a_secret_that_is_no_document_is_a_configuration_error(stored: dict[str, Any]) -> None:
    secrets, stub = client()
    stub.add_response("get_secret_value", {"Name": NAME, "VersionId": VERSION} | stored)
    with pytest.raises(BrokenDocument, match="tenant 'acme'") as failed:
        read_part(secrets, SecretPart.ACCESS, secret_documents.load_access, "acme")
    assert TOKEN not in str(failed.value)
