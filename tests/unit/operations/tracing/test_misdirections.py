"""What operators are told of webhooks that came to the URL for texts and are none: what they are, and where to act."""

import json
from datetime import timedelta

import pytest

from operations.stage.deployed_stack import LogLine
from operations.tracing.misdirections import MISDIRECTIONS
from shared.messages.inbound import Misdirection
from tests import fakes
from tests.fakes import NOW
from tests.unit.cli.command import Command
from tests.unit.cli.doctor.stage import examined, healthy

SID = "SM" + "5" * 32


def line(reason: str, *, tenant: str = "acme", ago: timedelta = timedelta(hours=1)) -> LogLine:
    told = {"message": "Misdirected", "reason": reason, "tenant": tenant, "correlation_id": SID, "request_id": "r1"}
    return LogLine(f"{reason} {ago}", "receiver", NOW - ago, json.dumps(told))


def test_each_kind_is_explained() -> None:
    assert set(MISDIRECTIONS) == set(Misdirection)


@pytest.mark.parametrize("kind", Misdirection)
def test_the_doctor_names_the_slip_and_where_to_take_the_url_out(kind: Misdirection) -> None:
    command = healthy()
    command.logs["receiver"] = [line(kind), line(kind, ago=timedelta(hours=2))]
    verdict, seen, do = examined(command, "--look-only", code=0)["other webhooks"]
    assert (verdict, seen) == ("warning", f"2 in the last day: {kind}")
    assert do == MISDIRECTIONS[kind].cure


def test_the_doctor_tells_of_its_own_tenant_and_of_the_last_day_only() -> None:
    command = healthy()
    command.logs["receiver"] = [line("status_webhook", tenant="other"), line("voice_webhook", ago=timedelta(days=2))]
    assert examined(command, "--look-only", code=0)["other webhooks"][0] == "good"


@pytest.mark.parametrize("kind", Misdirection)
def test_trace_says_that_it_is_no_text(kind: Misdirection) -> None:
    command = Command.on(fakes.managed_tenant())
    command.logs["receiver"] = [line(kind)]
    [found] = command.json("trace", SID)
    assert found["verdict"] == f"{MISDIRECTIONS[kind].happened} {MISDIRECTIONS[kind].cure}"


def test_the_log_explains_it_by_the_requests_id() -> None:
    command = Command.on(fakes.managed_tenant())
    command.logs["receiver"] = [line("status_webhook")]
    result = command.run("doctor", "signature", "--request-id", "r1", "--json")
    assert result.exit_code == 3
    [told] = json.loads(result.stdout)
    assert (told["event"], told["reason"]) == ("Misdirected", "status_webhook")
    assert told["means"] == MISDIRECTIONS[Misdirection.STATUS].happened
