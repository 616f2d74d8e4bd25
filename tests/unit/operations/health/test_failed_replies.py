"""What the doctor says of messages that failed in the last day."""

import json
from datetime import timedelta

import pytest

from operations.stage.deployed_stack import LogLine
from operations.twilio.message_errors import EXPLAINED
from tests.fakes import NOW
from tests.unit.cli.doctor.stage import Found, examined, healthy

HOUR = timedelta(hours=1)


def line(
    code: str,
    number: int = 1,
    *,
    tenant: str = "acme",
    metric: str = "ReplyFailed",
    ago: timedelta = timedelta(hours=1),
) -> LogLine:
    told = {"message": "NotDelivered", "tenant": tenant, "correlation_id": f"SM{number}", "reply": "1", metric: 1}
    return LogLine(f"{code} {number}", "receiver", NOW - ago, json.dumps(told | ({"error_code": code} if code else {})))


def replies(*lines: LogLine) -> tuple[str, str, str]:
    command = healthy()
    command.logs["receiver"] = list(lines)
    found: Found = examined(command, "--look-only", code=0)
    return found["replies"]


def test_a_number_that_is_not_registered_is_named_with_what_to_do() -> None:
    verdict, seen, do = replies(line("30034", 1), line("30034", 2))
    assert (verdict, do) == ("warning", EXPLAINED[30034].do)
    assert seen == f"2 in the last day failed with error 30034: {EXPLAINED[30034].meaning}"


@pytest.mark.parametrize(
    ("code", "do"), [("99999", "https://www.twilio.com/docs/api/errors/99999"), ("", "why NUMBER")]
)
def test_an_error_that_nobody_has_explained_leads_to_its_page(code: str, do: str) -> None:
    verdict, seen, told = replies(line(code))
    assert verdict == "warning"
    assert (code or "unknown") in seen
    assert do in told


@pytest.mark.parametrize(
    "other",
    [
        line("30034", tenant="other"),
        line("30034", ago=timedelta(days=2)),
        line("30003", metric="ReplyUnreachable"),
    ],
)
def test_all_else_is_none_of_it(other: LogLine) -> None:
    assert replies(other)[0] == "good"
