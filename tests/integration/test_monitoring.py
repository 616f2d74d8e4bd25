"""Alarms and dashboard against the metrics that the code records: none missing, none invented, dimensions equal."""

import json
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest

from shared.telemetry import BY, BY_AGENT, NAMESPACE, LogEvent
from tests.integration.packages import ROOT, Package, osls
from tests.unit.docs.test_docs import rows

Seen = tuple[str, dict[str, Any]]
"""A metric's name and its dimensions; an asterisk stands for each value that there is."""

_SEARCH = re.compile(r"SEARCH\('\{(\w+),(\w+),(\w+)\} MetricName=\"(\w+)\" stage=\"(\w+)\"', 'Sum', 300\)")
STAGES = ["east", "south"]


def alarms(package: Package) -> dict[str, dict[str, Any]]:
    found = package.resources("CloudWatch::Alarm")
    return {resource["Properties"]["AlarmName"]: resource["Properties"] for resource in found.values()}


def widgets(package: Package) -> list[dict[str, Any]]:
    body: str = package.one("CloudWatch::Dashboard")["DashboardBody"]["Fn::Sub"]
    found: list[dict[str, Any]] = json.loads(body)["widgets"]
    return found


def ours_in_alarms(package: Package) -> Iterator[Seen]:
    for alarm in alarms(package).values():
        if alarm.get("Namespace") == NAMESPACE:
            yield alarm["MetricName"], {one["Name"]: one["Value"] for one in alarm["Dimensions"]}


def ours_on_dashboard(package: Package) -> Iterator[Seen]:
    for metric in (one for widget in widgets(package) for one in widget["properties"].get("metrics", [])):
        if "expression" in metric[0]:
            found = _SEARCH.fullmatch(metric[0]["expression"])
            assert found, metric
            namespace, first, second, name, stage = found.groups()
            assert namespace == NAMESPACE
            yield name, {first: stage, second: "*"}
        elif metric[0] == NAMESPACE:
            _, name, *dimensions = (part for part in metric if isinstance(part, str))
            yield name, dict(zip(dimensions[::2], dimensions[1::2], strict=True))


@pytest.mark.parametrize("name", STAGES)
def test_every_metric_that_is_looked_at_is_recorded_with_these_dimensions(
    name: str, packages: dict[str, Package]
) -> None:
    for metric, dimensions in [*ours_in_alarms(packages[name]), *ours_on_dashboard(packages[name])]:
        assert metric in BY, f"nothing records {metric}"
        assert dimensions["stage"] == name
        assert dimensions.keys() - {"stage"} <= {BY[metric]}, f"{metric} is recorded by {BY[metric]}, not {dimensions}"


def test_every_metric_that_is_recorded_is_on_the_dashboard(package: Package) -> None:
    assert {name for name, _ in ours_on_dashboard(package)} == set(BY)


def test_what_is_wrong_is_shown_with_its_reason(package: Package) -> None:
    by_reason = {(name, *dimensions.keys() - {"stage"}) for name, dimensions in ours_on_dashboard(package)}
    assert {("Parked", "reason"), ("Refused", "reason"), ("ReplyFailed", "error_code")} <= by_reason
    assert LogEvent.PARKED in {name for name, _ in ours_in_alarms(package)}


def test_what_is_slow_to_be_measured_by_the_queue_is_measured_by_the_functions_too(package: Package) -> None:
    watched = [(name, of.get("queue")) for name, of in ours_in_alarms(package)]
    assert {("LastTry", None), ("WaitedMs", "inbound"), ("WaitedMs", "outbound")} <= set(watched)


@pytest.mark.parametrize(("name", "worker"), [("stuck", "forwarder"), ("reply-stuck", "sender")])
def test_between_two_receives_of_what_is_stuck_its_alarm_does_not_stop(
    name: str, worker: str, package: Package
) -> None:
    found = next(alarm for full, alarm in alarms(package).items() if full.endswith(f"-{name}"))
    assert found["AlarmName"].split("-", 3)[3] == name
    parameters = package.service["functions"][worker]
    longest = max(float(delay) for delay in parameters["environment"]["OUTAGE_DELAYS_SECONDS"].split(","))
    assert found["Period"] > longest + parameters["timeout"]
    late = next(alarm for full, alarm in alarms(package).items() if full.endswith("-late"))
    assert found["Threshold"] == 1000 * late["Threshold"]


def deployed_with(**environment: str) -> dict[str, Any]:
    """The resources of serverless.yml on stage east."""
    done = osls("print", "--stage", "east", "--format", "json", **environment)
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[str, Any] = json.loads(done.stdout)["resources"]["Resources"]
    return found


def test_who_hears_the_alarms_by_mail_hears_only_what_rings_or_stops() -> None:
    """A new alarm tells that it is OK (CloudWatch: it goes there from INSUFFICIENT_DATA)."""
    mail = deployed_with(SMS_RECEIVER_ALARM_EMAIL="ops@example.com")["AlarmEmail"]["Properties"]
    assert (mail["Protocol"], mail["FilterPolicyScope"]) == ("email", "MessageBody")
    either = mail["FilterPolicy"]["$or"]

    def passes(old: str, new: str) -> bool:
        message = {"AlarmName": "x", "OldStateValue": old, "NewStateValue": new}
        return any(all(message[name] in values for name, values in one.items()) for one in either)

    states = ("OK", "ALARM", "INSUFFICIENT_DATA")
    heard = {(old, new) for old in states for new in states if old != new and passes(old, new)}
    assert heard == {
        ("OK", "ALARM"),
        ("INSUFFICIENT_DATA", "ALARM"),
        ("ALARM", "OK"),
        ("ALARM", "INSUFFICIENT_DATA"),
    }


def test_agents_that_are_named_have_metrics_on_the_dashboard_and_no_others() -> None:
    resources = deployed_with(SMS_RECEIVER_METRICS_AGENTS="0a1b2c3d, Other001,0a1b2c3d")
    shown = [
        (metric[1], metric[5])
        for widget in json.loads(resources["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"])["widgets"]
        for metric in widget["properties"].get("metrics", [])
        if "agent" in metric
    ]
    assert sorted(shown) == sorted((name, agent) for name in BY_AGENT for agent in ("0a1b2c3d", "Other001"))


def test_without_a_name_no_agent_has_metrics(package: Package) -> None:
    assert not any("agent" in metric for one in widgets(package) for metric in one["properties"].get("metrics", []))
    functions = package.resources("Lambda::Function").values()
    assert {one["Properties"]["Environment"]["Variables"]["METRICS_AGENTS"] for one in functions} == {"none"}


@pytest.mark.parametrize(
    ("given", "word"), [("helper", "helper"), ("0a1b2c3d,", "''"), (",".join(map("{:08}".format, range(51))), "50")]
)
def test_what_is_no_list_of_agents_is_not_deployed(given: str, word: str) -> None:
    done = osls("print", "--stage", "east", SMS_RECEIVER_METRICS_AGENTS=given)
    assert done.returncode != 0
    assert "metricsAgents" in done.stdout + done.stderr
    assert word in done.stdout + done.stderr


def test_each_alarm_tells_somebody_both_ways_and_says_what_to_do(package: Package) -> None:
    for name, alarm in alarms(package).items():
        assert alarm["AlarmActions"] == alarm["OKActions"] == [{"Ref": "AlarmTopic"}], name
        assert alarm["TreatMissingData"] == "notBreaching", name
        short = name.removeprefix("sms-receiver-").partition("-")[2]
        assert alarm["AlarmDescription"].endswith(f'See docs/operations.md, "{short}".')
        assert len(alarm["AlarmDescription"]) <= 1024


def test_the_dashboard_shows_every_alarm_first(package: Package) -> None:
    first = widgets(package)[0]
    shown = {name.strip("${}").removesuffix(".Arn") for name in first["properties"]["alarms"]}
    assert (first["type"], first["y"]) == ("alarm", 0)
    assert shown == set(package.resources("CloudWatch::Alarm"))


def test_no_widget_lies_on_another(package: Package) -> None:
    places = sorted((one["y"], one["x"], one["width"], one["height"]) for one in widgets(package))
    for (y, x, width, height), (below, right, *_) in pairwise(places):
        assert right == x + width if below == y else (x + width, right, below) == (24, 0, y + height)


def test_functions_queues_and_the_api_are_called_what_they_are_watched_by(package: Package) -> None:
    functions = {one["Properties"]["FunctionName"] for one in package.resources("Lambda::Function").values()}
    watched = {
        one["MetricStat"]["Metric"]["Dimensions"][0]["Value"]
        for alarm in alarms(package).values()
        for one in alarm.get("Metrics", [])
        if "MetricStat" in one
    }
    assert watched == functions
    crashing = json.dumps(next(alarm for name, alarm in alarms(package).items() if name.endswith("-crashing")))
    assert "authorizer" not in crashing  # each refused key is an error of the authorizer's
    gateway = next(alarm for alarm in alarms(package).values() if alarm.get("Namespace") == "AWS/ApiGateway")
    api = next(one["Value"] for one in gateway["Dimensions"] if one["Name"] == "ApiName")
    assert api == package.one("ApiGateway::RestApi")["Name"]


def test_only_cloudwatch_of_this_account_may_ring(package: Package) -> None:
    [statement] = package.one("SNS::TopicPolicy")["PolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
    assert package.resources("SNS::Subscription") == {}


def test_saved_queries_ask_for_events_that_are_logged(package: Package) -> None:
    queries = package.resources("Logs::QueryDefinition").values()
    assert queries
    for query in queries:
        for event in re.findall(r'message = "(\w+)"', query["Properties"]["QueryString"]):
            assert event in set(LogEvent)
        assert len(query["Properties"]["LogGroupNames"]) == len(package.resources("Lambda::Function"))


def test_every_saved_query_is_explained(package: Package) -> None:
    names = {one["Properties"]["Name"].partition("/")[2] for one in package.resources("Logs::QueryDefinition").values()}
    assert set(rows(ROOT / "docs" / "operations.md", "saved query")) == names


def test_every_alarm_is_explained(package: Package) -> None:
    names = {name.removeprefix("sms-receiver-").partition("-")[2] for name in alarms(package)}
    told = rows(ROOT / "docs" / "operations.md", "alarm")
    assert set(told) == names
    assert all(sentence.endswith((".", "?")) for cells in told.values() for sentence in cells)
