"""`sms doctor`: a healthy stage is healthy, and what cannot be looked at is no failure."""

from datetime import timedelta

import pytest

from shared.errors import Unavailable
from shared.messages.outbound import Parked
from tests import fakes
from tests.fakes import NOW, REST_SECRET, SECOND_TOKEN, TOKEN
from tests.unit.cli.command import Command
from tests.unit.cli.doctor.stage import OUTPUTS, examined, healthy


def test_a_healthy_stage_is_good_in_every_respect() -> None:
    found = examined(healthy(), code=0)
    assert {verdict for verdict, _, _ in found.values()} == {"good"}, found
    assert set(found) == {
        "stack", "directory", "tenant", "secrets", "auth token", "REST key", "account",
        "challenge", "clock", "wrong key", "domain",
        "queue inbound", "queue outbound", "crashed", "parked", "alarms",
        "listeners", "triggers", "concurrency", "log role", "throttles", "other webhooks", "replies", "numbers", "key",
        "unsigned request", "signed probe", "arrival",
    }  # fmt: skip


def test_each_verdict_is_a_line_for_people_and_shows_no_secret() -> None:
    command = healthy()
    command.inspected.role = None
    result = command.run("doctor")
    assert result.exit_code == 0
    assert result.stdout.startswith("✔ stack: UPDATE_COMPLETE\n")
    assert "‼ log role: " in result.stdout
    assert "\n    → deploy again" in result.stdout
    for secret in (TOKEN, SECOND_TOKEN, REST_SECRET, "smsr_"):
        assert secret not in result.output


@pytest.mark.parametrize(
    "name", ["status", "queues", "oldest", "made", "told", "limit", "consumers", "role", "limits", "tables", "changes"]
)
def test_what_cannot_be_looked_at_is_no_failure(name: str) -> None:
    command = healthy()
    command.inspected.failing = {name: Unavailable("AWS answered AccessDenied")}
    found = examined(command, code=0)
    unchecked = [finding for finding in found.values() if finding[0] != "good"]
    assert unchecked
    for verdict, seen, do in unchecked:
        assert (verdict, seen) == ("warning", "could not be checked, because: AWS answered AccessDenied")
        assert do


def test_what_crashed_and_what_is_parked() -> None:
    command = healthy()
    command.dead["outbound"] = 2
    command.parking.park(Parked("acme", "SM1", "inbound", "g", "no_agent", "", "+1", NOW, {}))
    found = examined(command, code=3)
    assert found["crashed"][:2] == ("wrong", "2 of queue outbound")
    assert found["parked"][:2] == ("warning", "1 no_agent")


def test_a_stage_that_is_not_deployed_is_not_looked_at_any_further() -> None:
    command = healthy()
    command.inspected.status = None
    command.stacks.clear()
    found = examined(command, code=3)
    assert "make deploy STAGE=east" in found["stack"][2]
    assert "challenge" not in found
    assert found["auth token"][0] == "good"


def test_without_a_tenant_the_stage_is_looked_at_and_setup_is_named() -> None:
    command = Command.on()
    command.stacks["east"] = OUTPUTS.copy()
    found = examined(command, code=0)
    assert found["tenant"] == ("warning", "there is none yet", "./sms setup")
    assert found["key"][0] == "warning"
    assert found["challenge"][0] == "good"


def test_a_tenant_that_cannot_be_read_is_wrong_and_the_rest_is_looked_at() -> None:
    command = healthy()
    command.store.failing = Unavailable("Secrets Manager does not answer")
    found = examined(command, code=3)
    assert found["tenant"][:2] == ("wrong", "Secrets Manager does not answer")
    assert found["challenge"][0] == "good"
    assert "key" not in found


def test_several_tenants_must_be_told_apart() -> None:
    command = Command.on(fakes.managed_tenant(), fakes.managed_tenant(id="other"))
    assert "choose one with --tenant" in command.run("doctor").stderr


def test_a_domain_of_ones_own() -> None:
    command = healthy()
    command.stacks["east"]["DomainTarget"] = "d-1.execute-api.us-east-1.amazonaws.com"
    assert examined(command, code=0)["domain"][0] == "warning"
    command.outside.leads_to = {"d-1.execute-api.us-east-1.amazonaws.com"}
    found = examined(command, code=0)
    assert (found["domain"][0], found["certificate"][1]) == ("good", "is valid for 60 days")
    command.outside.certificate = NOW + timedelta(days=5)
    assert examined(command, code=0)["certificate"][:2] == ("warning", "ends in 5 days")
    command.outside.certificate = Unavailable("certificate has expired")
    assert examined(command, code=3)["certificate"][:2] == ("wrong", "certificate has expired")
    command.outside.leads_to = Unavailable("the name does not exist")
    assert examined(command, code=3)["domain"][0] == "wrong"


def test_twilio_that_does_not_answer_is_no_failure() -> None:
    command = healthy()
    command.accounts.failing = Unavailable("Twilio took longer than 15 seconds")
    assert examined(command, code=0)["account"][0] == "warning"


def test_the_other_commands_of_the_doctor_do_not_examine() -> None:
    command = healthy()
    command.declined("doctor", "signature", "--message-id", "SM1")
    assert not command.outside.asked


def test_the_help_shows_the_global_options_too() -> None:
    shown = healthy().run("doctor", "--help").stdout
    assert "Global options" in shown
    assert "--look-only" in shown
