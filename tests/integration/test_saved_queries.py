"""The saved queries, run on real lines: those that our functions write, and those that Lambda itself writes."""

import json
import subprocess
import sys
from typing import Any

import pytest

from handlers import telemetry
from shared.errors import Configuration
from shared.telemetry import LogEvent, Metric
from tests.fakes import sample
from tests.insights import Query, discovered
from tests.integration.packages import Package

LAMBDAS_OWN = sample("lambda_log_lines.json")
CRASHES = {name for name, one in LAMBDAS_OWN.items() if one["crash"]}
IDS: dict[str, Any] = {"tenant": "acme", "correlation_id": "SM1", "agent": "0a1b2c3d"}


def lambda_line(name: str) -> str:
    line = LAMBDAS_OWN[name]["line"]
    return line if isinstance(line, str) else json.dumps(line)


def queries(package: Package) -> dict[str, Query]:
    found = package.resources("Logs::QueryDefinition").values()
    return {
        one["Properties"]["Name"].partition("/")[2]: Query(one["Properties"]["QueryString"].replace("SM…", "SM1"))
        for one in found
    }


@pytest.fixture
def ours(capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    """A line of each kind that the queries look for, as the functions write it."""
    telemetry.record(LogEvent.ACCEPTED, tenant="acme", correlation_id="SM1", conversation="c0ffee")
    telemetry.record(LogEvent.REFUSED, level="WARN", reason="invalid_key")
    telemetry.record(LogEvent.ANSWERED, measured={Metric.BACKEND_MS: 20, Metric.BACKEND_FAILED: 0}, **IDS)
    telemetry.record(LogEvent.UNANSWERED, reason="no_message", **IDS)
    telemetry.record(LogEvent.PARKED, reason="no_backend", **IDS)
    telemetry.record(LogEvent.SENT, **IDS, reply="1", message_id="SM2")
    telemetry.record(LogEvent.DELIVERED, **IDS, reply="1")
    failed: dict[str, Any] = {"reply": "1", "error_code": "30003"}
    telemetry.record(LogEvent.NOT_DELIVERED, measured={Metric.REPLY_FAILED: 1}, **IDS, **failed)
    telemetry.failed(Configuration("LIMIT_TEXTS is not set"), correlation_id="SM1")
    lines = capsys.readouterr().out.splitlines()
    return {json.loads(line)["message"]: line for line in lines}


TAKEN = {
    "what became of a text": {
        *("Accepted", "Answered", "Unanswered", "Parked", "Sent", "Delivered", "NotDelivered", "Failed"),
    },
    "what was parked, and why": {"Parked"},
    "what was refused, and why": {"Refused"},
    "what failed": {"Failed"},
    "how long backends take": {"Answered"},
    "replies that Twilio did not deliver": {"NotDelivered"},
    "who texts most": {"Accepted"},
    "figures by agent": {"Answered", "Unanswered", "Parked", "Sent", "Delivered", "NotDelivered"},
    "what crashed a function": CRASHES,
}


def test_each_query_takes_the_lines_that_it_is_for_and_no_others(package: Package, ours: dict[str, str]) -> None:
    lines = ours | {name: lambda_line(name) for name in LAMBDAS_OWN}
    taken = {
        name: {kind for kind, line in lines.items() if query.takes(line)} for name, query in queries(package).items()
    }
    assert taken == TAKEN


def test_each_query_names_only_fields_that_its_lines_have(package: Package, ours: dict[str, str]) -> None:
    lines = ours | {name: lambda_line(name) for name in LAMBDAS_OWN}
    for name, query in queries(package).items():
        there = {field for kind in TAKEN[name] for field in discovered(lines[kind])}
        assert query.fields <= there, f"{name}: no line has {query.fields - there}"


def test_a_list_is_a_field_for_each_item_and_none_as_a_whole() -> None:
    fields = discovered('{"a": [1, {"b": 2}], "c": {"d": []}, "e": null}')
    assert fields == {"a.0": 1, "a.1.b": 2, "e": None}
    assert not Query("filter ispresent(a)").takes('{"a": [1]}')
    assert Query("filter ispresent(a.0)").takes('{"a": [1]}')


@pytest.mark.parametrize("text", ["parse @message", 'filter a like "b"', "filter", ""])
def test_a_query_that_the_reader_does_not_understand_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match="know"):
        Query(text).takes("{}")


LOGGING = """
import awslambdaric.bootstrap as bootstrap
error = bootstrap.make_error("'Records'", "KeyError", ["  File ..."], "79b4f56e")
bootstrap.log_error(error, bootstrap.StandardLogSink())
"""


def test_the_runtime_client_writes_an_error_as_the_sample_has_it() -> None:
    environment = {"AWS_LAMBDA_LOG_FORMAT": "JSON"}
    ran = subprocess.run(  # noqa: S603 - this Python
        [sys.executable, "-c", LOGGING], env=environment, capture_output=True, text=True, check=True
    )
    written = json.loads(ran.stdout)
    known = LAMBDAS_OWN["function error"]["line"]
    assert list(written) == list(known)
    assert (written["level"], written["errorType"]) == (known["level"], known["errorType"])


@pytest.mark.parametrize("name", LAMBDAS_OWN)
def test_each_sample_of_a_line_names_its_source(name: str) -> None:
    assert LAMBDAS_OWN[name]["source"]
    assert isinstance(LAMBDAS_OWN[name]["crash"], bool)
