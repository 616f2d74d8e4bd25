"""What happens to a tenant's secrets in Secrets Manager: who is warned, what is copied, and in which order it goes."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from shared.errors import CommandDeclined, Configuration, NotFound, Unavailable
from shared.tenants import secret_documents
from shared.tenants.record import SecretPart
from tests.fakes import TOKEN, credential, managed_tenant
from tests.integration.tenant_stores import HOME, OTHER, AwsRig, aws, before_each_write, directory_table
from tests.unit.operations.tenants.fakes import agent, signed_backend

__all__ = ["aws", "directory_table"]  # fixtures

LARGE = managed_tenant(
    *(credential(name=f"key {number}")[0] for number in range(100)),
    agents=(agent("signed", backend=signed_backend("whsec_" + "a" * 48)),),
)


def change(aws: AwsRig, **changes: object) -> list[str]:
    store = aws.store()
    before, version = store.read("acme")
    return list(store.replace(before, replace(before, **changes), version))  # type: ignore[arg-type] # any attributes


def test_each_part_has_only_what_its_readers_need(aws: AwsRig) -> None:
    aws.store().create(LARGE)
    texts = {part: current.text for part in SecretPart if (current := aws.version(part))}
    assert TOKEN in texts[SecretPart.ACCOUNTS]
    assert TOKEN not in texts[SecretPart.ACCESS] + texts[SecretPart.SIGNING]
    assert "whsec_" in texts[SecretPart.SIGNING]
    assert "whsec_" not in texts[SecretPart.ACCESS] + texts[SecretPart.ACCOUNTS]
    assert LARGE.salt in texts[SecretPart.ACCESS], (
        "for conversations of texts that come in, and of messages that are submitted"
    )
    assert LARGE.salt in texts[SecretPart.ACCOUNTS], "for the sender, which looks for a STOP"
    assert LARGE.salt not in texts[SecretPart.SIGNING]
    assert all(len(text) < 16 * 1024 for text in texts.values())


def test_nothing_secret_is_in_the_directory(aws: AwsRig) -> None:
    aws.store().create(LARGE)
    text = json.dumps(aws.dynamodb().scan(TableName="sms-receiver-directory")["Items"])
    for secret in (TOKEN, "whsec_", LARGE.salt, LARGE.credentials[0].sha256):
        assert secret not in text


def test_a_change_writes_only_the_part_that_it_changes(aws: AwsRig) -> None:
    aws.store().create(LARGE)
    before = {part: aws.version(part) for part in SecretPart}
    change(aws, agents=(replace(LARGE.agents[0], name="renamed"),))
    assert {part: aws.version(part) for part in SecretPart} == before
    change(aws, credentials=())
    after = {part: aws.version(part) for part in SecretPart}
    assert {part for part in SecretPart if after[part] != before[part]} == {SecretPart.ACCESS}


def test_a_change_leaves_no_label_behind(aws: AwsRig) -> None:
    aws.store().create(LARGE)
    change(aws, credentials=())
    versions = aws.secrets().list_secret_version_ids(SecretId="sms-receiver/acme/access", IncludeDeprecated=True)
    assert sorted(label for version in versions["Versions"] for label in version.get("VersionStages", [])) == [
        "AWSCURRENT",
        "AWSPREVIOUS",
    ]


def test_warns_from_eighty_versions_of_a_day(aws: AwsRig) -> None:
    aws.clock.now = datetime.now(UTC)
    aws.store().create(managed_tenant())
    secrets = aws.secrets()
    for number in range(77):
        secrets.put_secret_value(SecretId="sms-receiver/acme/access", SecretString="x", VersionStages=[f"v{number}"])
    assert change(aws, credentials=(credential()[0],)) == []
    [warning] = change(aws, credentials=())
    assert warning == (
        "The access secret of tenant 'acme' has 80 versions of the last 24 hours. Secrets Manager refuses further "
        "changes at 100; make the rest tomorrow."
    )
    assert change(aws, accounts=()) == []
    aws.clock.now += timedelta(days=1, minutes=1)
    assert change(aws, credentials=(credential()[0],)) == []


def failing(aws: AwsRig, operation: str, code: str) -> Callable[..., Any]:
    """A store whose client fails at an operation of Secrets Manager, or without a code cannot be reached."""
    secrets = aws.secrets()

    def fail(**_: object) -> None:
        raise ClientError({"Error": {"Code": code, "Message": f"quotes {TOKEN}"}}, operation)

    secrets.meta.events.register(f"before-call.secrets-manager.{operation}", fail)
    return lambda: aws.store(secrets=secrets)


def test_versions_that_cannot_be_counted_are_a_warning_and_no_failure(aws: AwsRig) -> None:
    aws.store().create(LARGE)
    store = failing(aws, "ListSecretVersionIds", "AccessDeniedException")()
    before, version = store.read("acme")
    [warning] = store.replace(before, replace(before, credentials=()), version)
    assert (
        warning == "How often the access secret of tenant 'acme' was changed could not be read: AccessDeniedException."
    )
    assert aws.store().read("acme")[0].credentials == ()


@pytest.mark.parametrize("operation", ["PutSecretValue", "UpdateSecretVersionStage"])
def test_a_failure_of_secrets_manager_is_no_conflict_and_quotes_nothing(aws: AwsRig, operation: str) -> None:
    aws.store().create(LARGE)
    store = failing(aws, operation, "InternalServiceError")()
    before, version = store.read("acme")
    with pytest.raises(Unavailable) as failed:
        store.replace(before, replace(before, credentials=()), version)
    assert "could not be changed: AWS answered InternalServiceError" in str(failed.value)
    assert TOKEN not in str(failed.value)
    assert aws.store().read("acme")[0] == LARGE


def test_copies_are_removed_before_a_secret_is_deleted_and_made_again_when_it_is_restored(aws: AwsRig) -> None:
    aws.store().create(LARGE)
    assert all(aws.version(part, OTHER) for part in SecretPart)
    secrets, calls = aws.secrets(), []
    before_each_write(secrets, lambda name: calls.append(name))  # noqa: PLW0108 -- append returns nothing
    aws.store(secrets=secrets).delete("acme")
    assert calls == ["RemoveRegionsFromReplication", "DeleteSecret"] * 3
    described = secrets.describe_secret(SecretId="sms-receiver/acme/access")
    assert timedelta(days=6, hours=23) < described["DeletedDate"] - datetime.now(UTC) <= timedelta(days=7)
    aws.store().restore("acme")
    assert all(aws.version(part, OTHER) == aws.version(part, HOME) is not None for part in SecretPart)


def test_a_secret_that_is_missing_is_told_by_its_name(aws: AwsRig) -> None:
    aws.store().create(LARGE)
    aws.secrets().delete_secret(SecretId="sms-receiver/acme/signing", ForceDeleteWithoutRecovery=True)
    with pytest.raises(Configuration, match="the signing secret of tenant 'acme' is missing"):
        aws.store().read("acme")


def test_a_tenant_whose_secrets_are_gone_cannot_be_restored(aws: AwsRig) -> None:
    aws.store().create(LARGE)
    aws.store().delete("acme")
    aws.secrets().delete_secret(SecretId="sms-receiver/acme/access", ForceDeleteWithoutRecovery=True)
    with pytest.raises(CommandDeclined, match="cannot be restored any more"):
        aws.store().restore("acme")
    aws.store().purge("acme")
    with pytest.raises(NotFound):
        aws.store().purge("acme")
    assert aws.everything() == []


def test_secrets_of_an_agent_that_somebody_is_adding_are_kept(aws: AwsRig) -> None:
    aws.store().create(LARGE)
    current = aws.version(SecretPart.SIGNING)
    assert current
    stored = dict(secret_documents.load_signing("acme", current.text))
    stored["coming00"] = secret_documents.SigningSecrets(("whsec_c",))
    text = secret_documents.dump_signing("acme", stored)
    aws.secrets().put_secret_value(SecretId="sms-receiver/acme/signing", SecretString=text)
    change(aws, agents=(replace(LARGE.agents[0], backend=signed_backend("whsec_new")),))
    change(aws, agents=())
    changed = aws.version(SecretPart.SIGNING)
    assert changed
    assert secret_documents.load_signing("acme", changed.text).keys() == {"coming00"}
