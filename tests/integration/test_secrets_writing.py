"""Writing tenants: one version a command, made current by compare-and-swap, copied to the other region."""

from typing import Any

import pytest
from botocore.stub import ANY

from shared.errors import Conflict, InvalidValue, NotFound, SmsReceiverError, Unavailable
from shared.tenants import document
from shared.tenants.tenant import Account
from tests.fakes import TOKEN, tenant
from tests.integration.test_secrets_reading import NAME, VERSION, Regions, store

ACME = tenant()  # its primary region is us-east-1
DOCUMENT = document.dumps(ACME)
TOO_LARGE = tenant(accounts=(Account("AC1", "twilio", tuple(f"{number:064}" for number in range(1000))),))


def finished(regions: Regions) -> bool:
    """Whether every call that was expected was made."""
    for stub in regions.stubs.values():
        stub.assert_no_pending_responses()
    return True


def test_creates_in_the_primary_region_and_copies_to_the_others_only() -> None:
    regions = Regions()
    stub = regions.stubs["us-east-1"]
    stub.add_response("create_secret", {"Name": NAME}, {"Name": NAME, "Description": ANY, "SecretString": DOCUMENT})
    stub.add_response(
        "replicate_secret_to_regions", {}, {"SecretId": NAME, "AddReplicaRegions": [{"Region": "us-east-2"}]}
    )
    store(regions).create(ACME)
    assert finished(regions)


@pytest.mark.parametrize(
    ("code", "error", "sentence"),
    [
        ("ResourceExistsException", Conflict, "tenant 'acme' exists already"),
        ("InvalidRequestException", Conflict, "was deleted less than 7 days ago; choose another id"),
        ("AccessDeniedException", Unavailable, "could not be created: AWS answered AccessDeniedException"),
    ],
)
def test_says_why_a_tenant_could_not_be_created(code: str, error: type[SmsReceiverError], sentence: str) -> None:
    regions = Regions()
    regions.stubs["us-east-1"].add_client_error("create_secret", code, f"quotes {TOKEN}")
    with pytest.raises(error, match=sentence) as failed:
        store(regions).create(ACME)
    assert TOKEN not in str(failed.value)


def expect_proposal(regions: Regions) -> dict[str, Any]:
    """Expects a new version under a label of its own; what was proposed is filled in as the calls are made."""
    proposed: dict[str, Any] = {}

    def keep(params: dict[str, Any], **_: object) -> None:
        proposed.update(params)

    regions.clients["us-east-1"].meta.events.register("provide-client-params.secrets-manager.PutSecretValue", keep)
    regions.stubs["us-east-1"].add_response("put_secret_value", {"Name": NAME, "VersionId": "f" * 32})
    return proposed


def test_replaces_by_compare_and_swap_on_the_version_that_was_read() -> None:
    regions = Regions()
    proposed = expect_proposal(regions)
    calls: list[dict[str, Any]] = []

    def keep(params: dict[str, Any], **_: object) -> None:
        calls.append(params)

    event = "provide-client-params.secrets-manager.UpdateSecretVersionStage"
    regions.clients["us-east-1"].meta.events.register(event, keep)
    for _ in range(2):
        regions.stubs["us-east-1"].add_response("update_secret_version_stage", {"Name": NAME})
    store(regions).replace(ACME, VERSION)
    assert finished(regions)
    fresh, label = proposed["ClientRequestToken"], proposed["VersionStages"][0]
    assert proposed["SecretString"] == DOCUMENT
    assert len(proposed["VersionStages"]) == 1
    assert label not in {"AWSCURRENT", "AWSPENDING", "AWSPREVIOUS"}
    assert calls == [
        {"SecretId": NAME, "VersionStage": "AWSCURRENT", "MoveToVersionId": fresh, "RemoveFromVersionId": VERSION},
        {"SecretId": NAME, "VersionStage": label, "RemoveFromVersionId": fresh},
    ]


def test_every_proposal_has_a_version_and_a_label_of_its_own() -> None:
    seen = set()
    for _ in range(3):
        regions = Regions()
        proposed = expect_proposal(regions)
        for _ in range(2):
            regions.stubs["us-east-1"].add_response("update_secret_version_stage", {"Name": NAME})
        store(regions).replace(ACME, VERSION)
        seen |= {proposed["ClientRequestToken"], proposed["VersionStages"][0]}
    assert len(seen) == 6


def test_somebody_elses_change_in_between_is_a_conflict_and_leaves_no_label() -> None:
    regions = Regions()
    expect_proposal(regions)
    stub = regions.stubs["us-east-1"]
    stub.add_client_error("update_secret_version_stage", "InvalidParameterException", f"quotes {TOKEN}")
    stub.add_response("update_secret_version_stage", {"Name": NAME})
    with pytest.raises(Conflict, match=r"^tenant 'acme' was changed by somebody else meanwhile$"):
        store(regions).replace(ACME, VERSION)
    assert finished(regions)


@pytest.mark.parametrize("code", ["InternalServiceError", "AccessDeniedException", "LimitExceededException"])
def test_a_swap_that_aws_could_not_make_is_no_conflict(code: str) -> None:
    regions = Regions()
    expect_proposal(regions)
    regions.stubs["us-east-1"].add_client_error("update_secret_version_stage", code)
    regions.stubs["us-east-1"].add_response("update_secret_version_stage", {"Name": NAME})
    with pytest.raises(Unavailable, match=f"could not be changed: AWS answered {code}"):
        store(regions).replace(ACME, VERSION)


def test_a_label_that_cannot_be_removed_does_not_undo_a_change() -> None:
    regions = Regions()
    expect_proposal(regions)
    regions.stubs["us-east-1"].add_response("update_secret_version_stage", {"Name": NAME})
    regions.stubs["us-east-1"].add_client_error("update_secret_version_stage", "InternalServiceError")
    store(regions).replace(ACME, VERSION)
    assert finished(regions)


def test_a_tenant_that_cannot_be_copied_to_the_other_region_is_not_made_at_all() -> None:
    regions = Regions()
    stub = regions.stubs["us-east-1"]
    stub.add_response("create_secret", {"Name": NAME})
    stub.add_client_error("replicate_secret_to_regions", "InternalServiceError")
    stub.add_response("delete_secret", {"Name": NAME}, {"SecretId": NAME, "ForceDeleteWithoutRecovery": True})
    with pytest.raises(Unavailable, match="could not be created"):
        store(regions).create(ACME)
    assert finished(regions)


def test_a_proposal_that_aws_did_not_take_changes_nothing() -> None:
    regions = Regions()
    regions.stubs["us-east-1"].add_client_error("put_secret_value", "InternalServiceError")
    with pytest.raises(Unavailable):
        store(regions).replace(ACME, VERSION)
    assert finished(regions)


def test_a_document_too_large_is_refused_before_aws_is_asked() -> None:
    regions = Regions()
    with pytest.raises(InvalidValue, match="make a second tenant"):
        store(regions).create(TOO_LARGE)
    with pytest.raises(InvalidValue, match="make a second tenant"):
        store(regions).replace(TOO_LARGE, VERSION)


def test_deletes_the_copies_first_and_leaves_seven_days_to_repent() -> None:
    regions = Regions()
    regions.stubs["us-east-2"].add_response("describe_secret", {"Name": NAME, "PrimaryRegion": "us-east-1"})
    stub = regions.stubs["us-east-1"]
    stub.add_response("describe_secret", {"Name": NAME, "ReplicationStatus": [{"Region": "us-east-2"}]})
    stub.add_response("remove_regions_from_replication", {}, {"SecretId": NAME, "RemoveReplicaRegions": ["us-east-2"]})
    stub.add_response("delete_secret", {"Name": NAME}, {"SecretId": NAME, "RecoveryWindowInDays": 7})
    store(regions).delete("acme")
    assert finished(regions)


def test_deletes_a_tenant_that_has_no_copies() -> None:
    regions = Regions()
    stub = regions.stubs["us-east-2"]
    stub.add_response("describe_secret", {"Name": NAME})
    stub.add_response("describe_secret", {"Name": NAME})
    stub.add_response("delete_secret", {"Name": NAME}, {"SecretId": NAME, "RecoveryWindowInDays": 7})
    store(regions).delete("acme")
    assert finished(regions)


def test_a_tenant_that_does_not_exist_cannot_be_deleted() -> None:
    regions = Regions()
    regions.stubs["us-east-2"].add_client_error("describe_secret", "ResourceNotFoundException")
    with pytest.raises(NotFound):
        store(regions).delete("acme")


def test_a_deletion_that_fails_half_way_is_unavailable() -> None:
    regions = Regions()
    stub = regions.stubs["us-east-2"]
    stub.add_response("describe_secret", {"Name": NAME})
    stub.add_response("describe_secret", {"Name": NAME})
    stub.add_client_error("delete_secret", "InternalServiceError")
    with pytest.raises(Unavailable, match="could not be deleted"):
        store(regions).delete("acme")
