"""`sms audit`: who changed what, for people and for programs."""

from datetime import timedelta

import pytest

from shared.errors import NotFound
from tests.fakes import NOW
from tests.unit.cli.test_audit import MEMBER, prepared, run


def test_shows_who_changed_what() -> None:
    command = prepared()
    run(command, "credential revoke")
    run(command, "number assign")
    shown = command.run("audit").stdout
    assert "assumed-role/Operator/jane" in shown
    assert f"credential=twilio id={MEMBER.id} role=Writer" in shown
    assert "number=…0188 agent=desk" in shown


def test_gives_the_records_as_they_are_as_json() -> None:
    command = prepared()
    run(command, "agent update")
    assert command.json("audit") == command.audit.kept
    assert command.audit.kept[0]["fields"] == ["failure_reply"]


@pytest.mark.parametrize(("options", "count"), [([], 2), (["--since", "40d"], 3), (["--tenant", "zeta"], 1)])
def test_shows_the_time_and_the_tenant_that_are_meant(options: list[str], count: int) -> None:
    command = prepared()
    run(command, "agent update")
    [record] = command.audit.kept
    old = (NOW - timedelta(days=31)).isoformat()
    command.audit.kept += [record | {"tenant": "zeta"}, record | {"time": old}]
    assert len(command.json("audit", *options)) == count


def test_says_so_when_nothing_was_changed() -> None:
    result = prepared().run("audit")
    assert (result.stdout, result.exit_code) == ("", 0)
    assert result.stderr == "Nothing was changed on stage east in that time.\n"


def test_declines_a_time_that_makes_no_sense() -> None:
    assert "a number and a unit" in prepared().declined("audit", "--since", "yesterday")


def test_does_not_take_a_log_that_is_not_there_for_an_empty_one() -> None:
    command = prepared()
    command.audit.failing = NotFound("stage east has no audit log")
    assert command.declined("audit") == "stage east has no audit log"
