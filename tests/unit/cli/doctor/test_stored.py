"""`sms doctor` about what is stored of tenants: the directory, the copies in each region, and the secrets' limits."""

import json
from dataclasses import replace

import pytest

from operations.health.checkup import check_up
from operations.stage.inspection import DirectoryTable
from operations.stage.tenant_copy import SecretCopy, TenantCopy
from shared.errors import Unavailable
from shared.tenants.record import TenantRecord
from tests.unit.cli.command import Command
from tests.unit.cli.doctor.stage import OUTPUTS, examined, healthy
from tests.unit.cli.doctor_fakes import copy
from tests.unit.operations.operators import operator

HOME, OTHER = "us-east-1", "us-east-2"
ACTIVE = DirectoryTable("ACTIVE", {OTHER: "ACTIVE"})


def test_says_where_the_directory_is_written() -> None:
    assert examined(healthy(), code=0)["directory"][1] == f"can be used in {HOME}, {OTHER}; it is written in {HOME}"


@pytest.mark.parametrize(
    ("tables", "verdict", "seen", "do"),
    [
        ({HOME: None, OTHER: None}, "wrong", f"region {HOME} has none", "deploy the home stage"),
        ({HOME: ACTIVE, OTHER: None}, "wrong", f"region {OTHER} has none", "deploy the home stage"),
        ({HOME: DirectoryTable("ACTIVE", {}), OTHER: ACTIVE}, "wrong", "no replica", "Global tables"),
        ({HOME: DirectoryTable("ACTIVE", {OTHER: "CREATING"}), OTHER: ACTIVE}, "warning", "CREATING", "wait until"),
        (
            {HOME: DirectoryTable("ACTIVE", {OTHER: "REGION_DISABLED"}), OTHER: ACTIVE},
            "wrong",
            "REGION_DISABLED",
            "console",
        ),
        ({HOME: ACTIVE, OTHER: DirectoryTable("UPDATING", {})}, "warning", f"UPDATING in region {OTHER}", "wait until"),
        ({HOME: DirectoryTable("DELETING", {OTHER: "ACTIVE"}), OTHER: ACTIVE}, "wrong", "DELETING", "console"),
    ],
)
def test_a_directory_that_is_not_in_each_region_is_told(
    tables: dict[str, DirectoryTable | None], verdict: str, seen: str, do: str
) -> None:
    command = healthy()
    command.inspected.tables = tables
    finding = examined(command, code=3 if verdict == "wrong" else 0)["directory"]
    assert finding[0] == verdict
    assert seen in finding[1]
    assert do in finding[2]


@pytest.mark.parametrize("region", [HOME, OTHER])
def test_a_secret_that_is_missing_is_told_with_the_command_that_brings_it_back(region: str) -> None:
    command = healthy()
    command.inspected.stored[region] = copy(signing=None)
    verdict, seen, do = examined(command, code=3)["tenant"]
    assert (verdict, seen) == ("wrong", f"region {region} has no secret sms-receiver/acme/signing")
    brings_back = "restore-secret" if region == HOME else "replicate-secret-to-regions"
    assert do.startswith(f"aws secretsmanager {brings_back} --region {HOME} --secret-id sms-receiver/acme/signing")
    assert command.store.settled == []


def test_a_region_whose_directory_lacks_the_tenant_is_told() -> None:
    command = healthy()
    command.inspected.stored[OTHER] = TenantCopy(None, copy().secrets)
    verdict, seen, do = examined(command, code=3)["tenant"]
    assert (verdict, seen) == ("wrong", f"the directory in region {OTHER} has no tenant acme")
    assert "AWS copies it by itself" in do


@pytest.mark.parametrize(
    "other",
    [copy(access=SecretCopy("v2", "another digest", 1000)), replace(copy(), record=TenantRecord("acme"))],
    ids=["text", "record"],
)
def test_a_region_with_an_older_copy_is_a_warning(other: TenantCopy) -> None:
    command = healthy()
    command.inspected.stored[OTHER] = other
    verdict, seen, do = examined(command, code=0)["tenant"]
    assert (verdict, seen) == ("warning", f"acme is not the same in {OTHER} as in {HOME}")
    assert "right after a change that is usual" in do


def test_a_region_that_has_the_same_text_under_another_version_is_a_warning() -> None:
    command = healthy()
    command.inspected.stored[OTHER] = copy(access=SecretCopy("v2", "digest of access", 1000))
    verdict, seen, do = examined(command, code=0)["tenant"]
    assert verdict == "warning"
    assert "under other version ids" in seen
    assert "texts are not affected" in do


def test_a_change_that_was_interrupted_is_finished() -> None:
    command = healthy()
    command.inspected.stored = {HOME: copy(announced="v2"), OTHER: copy(announced="v2")}
    findings = [finding for finding in command.json("doctor") if finding["check"] == "tenant"]
    assert [finding["verdict"] for finding in findings] == ["good", "good"]
    assert "a change of the access secret was interrupted" in findings[1]["seen"]
    assert command.store.settled == ["acme"]


def test_a_repair_that_fails_is_a_warning() -> None:
    command = healthy()
    command.inspected.stored = {HOME: copy(announced="v2"), OTHER: copy(announced="v2")}
    command.store.settling = Unavailable("DynamoDB does not answer")
    assert examined(command, code=0)["tenant"][1] == "could not be checked, because: DynamoDB does not answer"


def test_looking_only_repairs_nothing_and_names_what_would() -> None:
    command = healthy()
    command.inspected.stored = {HOME: copy(announced="v2"), OTHER: copy(announced="v2")}
    verdict, seen, do = examined(command, "--look-only", code=0)["tenant"]
    assert verdict == "warning"
    assert "was interrupted" in seen
    assert "doctor" in do
    assert command.store.settled == []


def test_tells_the_size_of_each_secret_and_how_often_they_were_changed() -> None:
    assert examined(healthy(), code=0)["secrets"][:2] == (
        "good",
        "access 1000, accounts 1000, signing 1000 of 65536 bytes; at most 3 of 100 changes in a day",
    )


def test_a_secret_is_told_before_it_is_full() -> None:
    command = healthy()
    command.inspected.stored[HOME] = copy(accounts=SecretCopy("v1", "digest of accounts", 32769))
    verdict, seen, _ = examined(command, code=0)["secrets"]
    assert (verdict, seen) == ("warning", "accounts: 32769 of the 65536 bytes of a secret")


def test_many_changes_in_a_day_are_told_and_the_doctor_adds_none() -> None:
    command = healthy()
    command.inspected.changes = 80
    before = command.store.stored()
    found = examined(command, code=0)
    assert found["secrets"][0] == "warning"
    assert "80 of 100 changes in a day" in found["secrets"][1]
    assert found["key"][0] == "warning"
    assert "80 of 100 were made in the last day" in found["key"][1]
    assert command.store.stored() == before
    assert command.audit.kept == []


def test_a_home_region_that_does_not_answer_is_named_and_the_rest_is_looked_at() -> None:
    command = without_home()
    result = command.run("doctor", "--stage", "south", "--json")
    assert result.exit_code == 3
    found = [(one["check"], one["verdict"], one["seen"]) for one in json.loads(result.stdout)]
    assert ("directory", "warning", "could not be checked, because: no answer of us-east-1") in found
    assert ("directory", "good", f"can be used in {OTHER}; it is written in {HOME}") in found
    assert [seen for check, verdict, seen in found if (check, verdict) == ("tenant", "wrong")] == [
        f"it cannot be read in the home region {HOME}, nor changed: no answer of us-east-1"
    ]
    assert ("tenant", "good", f"region {OTHER} has all of acme, which is what this stage goes on with") in found
    assert {"challenge", "queue inbound", "alarms"} <= {check for check, _, _ in found}
    assert "key" not in {check for check, _, _ in found}


def test_a_copy_that_is_not_whole_is_wrong_when_the_home_region_does_not_answer() -> None:
    command = without_home()
    command.inspected.stored[OTHER] = copy(signing=None)
    _, seen, do = found_last(command, "tenant")
    assert seen == f"region {OTHER} does not have all of acme"
    assert "may be refused or parked" in do


def test_a_tenant_that_was_not_named_cannot_be_known_without_the_home_region() -> None:
    findings = check_up(operator(without_home(), tenant=None, stage="south"), look_only=True)
    [last] = [finding for finding in findings if finding.check == "tenant"][1:]
    assert (last.verdict, last.do) == ("warning", "name it: --tenant")


def test_a_copy_that_cannot_be_read_either_is_told() -> None:
    command = without_home()
    command.inspected.failing[f"copies {OTHER}"] = Unavailable("AWS answered AccessDenied")
    verdict, seen, _ = found_last(command, "tenant")
    assert (verdict, seen) == ("warning", "could not be checked, because: AWS answered AccessDenied")


def without_home() -> Command:
    """Both stages are deployed, and the home region does not answer."""
    command = healthy()
    command.stacks["south"] = OUTPUTS.copy()
    away = Unavailable("no answer of us-east-1")
    command.store.failing = away
    command.inspected.failing = {f"tables {HOME}": away, f"copies {HOME}": away}
    return command


def found_last(command: Command, check: str) -> tuple[str, str, str]:
    """The last of a check's findings from the stage that is not the home stage."""
    result = command.run("doctor", "--stage", "south", "--json")
    return [(one["verdict"], one["seen"], one["do"]) for one in json.loads(result.stdout) if one["check"] == check][-1]
