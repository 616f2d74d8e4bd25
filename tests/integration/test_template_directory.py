"""The directory's table: one for all stages, in the home stage's stack, with a copy in each region."""

import pytest

from shared.tenants.directory_items import TABLE
from tests.integration.packages import Package, osls

KIND = "DynamoDB::GlobalTable"


def printed(stage: str, **environment: str) -> str:
    """serverless.yml with every variable resolved."""
    done = osls("print", "--stage", stage, **environment)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_only_the_home_stages_stack_has_the_table(packages: dict[str, Package]) -> None:
    assert packages["east"].one(KIND)["TableName"] == TABLE
    assert not packages["south"].resources(KIND)


def test_each_region_has_a_copy_that_nobody_deletes_by_mistake_and_that_can_be_restored(
    packages: dict[str, Package],
) -> None:
    replicas = packages["east"].one(KIND)["Replicas"]
    assert [replica["Region"] for replica in replicas] == ["us-east-1", "us-east-2"]
    for replica in replicas:
        assert replica["DeletionProtectionEnabled"] is True
        assert replica["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}


def test_the_table_stays_when_the_stack_goes(packages: dict[str, Package]) -> None:
    (table,) = packages["east"].resources(KIND).values()
    assert (table["DeletionPolicy"], table["UpdateReplacePolicy"]) == ("Retain", "Retain")


def test_several_copies_need_a_stream_of_whole_items(packages: dict[str, Package]) -> None:
    """AWS docs, "AWS::DynamoDB::GlobalTable StreamSpecification"."""
    assert packages["east"].one(KIND)["StreamSpecification"] == {"StreamViewType": "NEW_AND_OLD_IMAGES"}


def test_every_function_knows_the_home_region(packages: dict[str, Package]) -> None:
    for package in packages.values():
        for function in package.resources("Lambda::Function").values():
            assert function["Properties"]["Environment"]["Variables"]["HOME_REGION"] == "us-east-1"


def test_another_stage_can_be_the_home_and_stages_of_one_region_share_a_copy() -> None:
    south = printed("south", SMS_RECEIVER_HOME="south", SMS_RECEIVER_EAST_REGION="us-east-2")
    assert f"AWS::{KIND}" in south
    assert "HOME_REGION: us-east-2" in south
    assert south.count("DeletionProtectionEnabled: true") == 1


def test_a_stage_that_is_not_the_home_has_no_table_and_knows_the_homes_region() -> None:
    east = printed("east", SMS_RECEIVER_HOME="south", SMS_RECEIVER_SOUTH_REGION="eu-west-1")
    assert f"AWS::{KIND}" not in east
    assert "HOME_REGION: eu-west-1" in east


def test_a_table_that_exists_already_is_left_alone() -> None:
    assert f"AWS::{KIND}" not in printed("east", SMS_RECEIVER_DIRECTORY="theirs")


@pytest.mark.parametrize(
    ("variable", "sentence"),
    [
        ("SMS_RECEIVER_HOME", "the home stage must be one of east, south: set SMS_RECEIVER_HOME"),
        ("SMS_RECEIVER_DIRECTORY", "SMS_RECEIVER_DIRECTORY must be 'ours' or 'theirs'"),
    ],
)
def test_another_word_is_refused_with_a_sentence(variable: str, sentence: str) -> None:
    done = osls("print", "--stage", "east", **{variable: "west"})
    assert done.returncode != 0
    assert sentence in done.stdout + done.stderr
