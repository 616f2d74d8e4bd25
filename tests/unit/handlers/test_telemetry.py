"""The names of what is logged and counted, and what an act measures on its way."""

import json
from typing import Any

import pytest

from handlers import telemetry
from shared.telemetry import BY, BY_AGENT, LogEvent, Measurements, Metric

AGENT, OTHER = "0a1b2c3d", "Other001"


def test_every_name_is_one_thing_only() -> None:
    names = [*LogEvent, *Metric]
    assert len({name.value for name in names}) == len(names)
    assert BY.keys() <= {name.value for name in names}
    assert set(Metric) <= BY.keys(), "a metric without its dimensions cannot be recorded"


def test_dimensions_are_few_and_none_names_a_tenant_or_a_person() -> None:
    assert {by for by in BY.values() if by} == {"reason", "would_refuse", "error_code", "queue"}


def test_measures_add_up_until_they_are_taken() -> None:
    measurements = Measurements()
    measurements.add(Metric.BACKEND_MS, 100)
    measurements.add(Metric.BACKEND_MS, 20)
    measurements.add(Metric.DUPLICATE)
    assert measurements.take() == {Metric.BACKEND_MS: 120, Metric.DUPLICATE: 1}
    assert measurements.take() == {}


def test_the_agent_is_forgotten_with_what_was_measured() -> None:
    measurements = Measurements()
    measurements.names_agent(AGENT)
    assert measurements.agent_id == AGENT
    measurements.take()
    assert measurements.agent_id is None


def recorded(capsys: pytest.CaptureFixture[str], event: LogEvent, **fields: Any) -> dict[str, Any]:  # noqa: ANN401 - any field
    telemetry.record(LogEvent.TOLD)  # the first line of a process counts its cold start
    capsys.readouterr()
    telemetry.record(event, **fields)
    line: dict[str, Any] = json.loads(capsys.readouterr().out)
    return line


def dimensions(line: dict[str, Any]) -> dict[str, list[list[str]]]:
    """The dimensions of each metric in a line."""
    directives = line.get("_aws", {"CloudWatchMetrics": []})["CloudWatchMetrics"]
    return {metric["Name"]: directive["Dimensions"] for directive in directives for metric in directive["Metrics"]}


def test_every_metric_of_an_agent_is_a_metric() -> None:
    assert BY.keys() >= BY_AGENT
    assert len(BY_AGENT) == 6, "then the price in docs/cost.md and docs/configuration.md is another one"


@pytest.mark.parametrize("named", ["none", "", OTHER, f"{AGENT}x", AGENT.upper()])
def test_an_agent_that_was_not_named_has_no_metrics_of_its_own(
    named: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("METRICS_AGENTS", named)
    line = recorded(capsys, LogEvent.ANSWERED, agent=AGENT)
    assert line["agent"] == AGENT
    assert dimensions(line) == {"Answered": [["stage"]]}


@pytest.mark.parametrize("named", [AGENT, f"{OTHER},{AGENT}"])
def test_an_agent_that_was_named_has_metrics_of_its_own(
    named: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("METRICS_AGENTS", named)
    measured = {Metric.BACKEND_MS: 5, Metric.BACKEND_FAILED: 0}
    assert dimensions(recorded(capsys, LogEvent.ANSWERED, agent=AGENT, measured=measured)) == {
        "Answered": [["stage"], ["stage", "agent"]],
        "BackendFailed": [["stage"], ["stage", "agent"]],
        "BackendMs": [["stage"]],
    }
    assert dimensions(recorded(capsys, LogEvent.PARKED, agent=AGENT, reason="no_backend")) == {
        "Parked": [["stage"], ["stage", "reason"], ["stage", "agent"]]
    }


@pytest.mark.parametrize("named", ["none", AGENT])
def test_a_line_without_an_agent_is_counted_for_none(
    named: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("METRICS_AGENTS", named)
    assert dimensions(recorded(capsys, LogEvent.PARKED, reason="no_agent", agent=None)) == {
        "Parked": [["stage"], ["stage", "reason"]]
    }
