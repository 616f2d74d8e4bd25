"""The parts of a packaged stage that cost something, from its CloudFormation template and its state file."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_SAMPLES = {
    "$context.requestId": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
    "$context.requestTime": "25/Nov/2026:12:00:00 +0000",
    "$context.httpMethod": "POST",
    "$context.resourcePath": "/sms.receiver/SmsStatus/{tenant}/{reply}",
    "$context.status": "200",
    "$context.error.responseType": "-",
    "$context.authorizer.principalId": "acme.Ab3dE6gH",
    "$context.authorizer.status": "200",
    "$context.responseLatency": "48",
    "$context.integrationLatency": "45",
    "$context.identity.sourceIp": "203.0.113.255",
}
"""A value of usual length for each of the gateway's variables in the access log."""


@dataclass(frozen=True)
class PackagedStage:
    """A packaged stage.

    Attributes:
        memory_mb: of each Lambda.
        arm: whether they run on arm64.
        traced: whether the gateway or a Lambda is traced.
        access_log_bytes: for one request; 0 without an access log.
        platform_lines: whether Lambda writes its own lines for each run.
        measured_methods: the gateway's methods with their own metrics.
        alarm_metrics: the number of metrics that alarms watch.
        dashboards: their number.
        polled: the number of queues that Lambda polls.
        restorable: whether the tables can be restored to a point in time.
        log_days: how long logs are kept.
        tenant_cache_seconds: how long a Lambda keeps a tenant's document.
    """

    memory_mb: int
    arm: bool
    traced: bool
    access_log_bytes: int
    platform_lines: bool
    measured_methods: int
    alarm_metrics: int
    dashboards: int
    polled: int
    restorable: bool
    log_days: int
    tenant_cache_seconds: float


def read(folder: Path) -> PackagedStage:
    """The stage that `osls package` wrote into a folder."""
    template = _json(folder / "cloudformation-template-update-stack.json")
    provider = _json(folder / "serverless-state.json")["service"]["provider"]
    functions, alarms = _all(template, "Lambda::Function"), _all(template, "CloudWatch::Alarm")
    [memory] = {function["MemorySize"] for function in functions}
    [arm] = {function["Architectures"] == ["arm64"] for function in functions}
    traced = {function["TracingConfig"]["Mode"] == "Active" for function in functions} | {
        provider["tracing"]["apiGateway"]
    }
    quiet = {function.get("LoggingConfig", {}).get("SystemLogLevel") == "WARN" for function in functions}
    access, methods = provider["logs"]["restApi"], _all(template, "ApiGateway::Method")
    recovery = {
        table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"]
        for table in _all(template, "DynamoDB::Table")
    }
    [cached] = {function["Environment"]["Variables"]["TENANT_CACHE_SECONDS"] for function in functions}
    return PackagedStage(
        memory_mb=memory,
        arm=arm,
        traced=any(traced),
        access_log_bytes=_line_bytes(access["format"]) if access["accessLogging"] else 0,
        platform_lines=not all(quiet),
        measured_methods=len(methods) if provider["apiGateway"]["metrics"] else 0,
        alarm_metrics=sum(_watched(alarm) for alarm in alarms),
        dashboards=len(_all(template, "CloudWatch::Dashboard")),
        polled=sum(mapping["Enabled"] for mapping in _all(template, "Lambda::EventSourceMapping")),
        restorable=any(recovery),
        log_days=provider["logRetentionInDays"],
        tenant_cache_seconds=float(cached),
    )


def _all(template: Mapping[str, Any], kind: str) -> list[dict[str, Any]]:
    return [resource["Properties"] for resource in template["Resources"].values() if resource["Type"] == f"AWS::{kind}"]


def _watched(alarm: Mapping[str, Any]) -> int:
    """How many metrics an alarm watches. AWS bills each metric in an expression."""
    return sum("MetricStat" in metric for metric in alarm["Metrics"]) if "Metrics" in alarm else 1


def _line_bytes(form: str) -> int:
    return len(re.sub(r"\$[a-zA-Z.]+", lambda variable: _SAMPLES[variable[0]], form).encode())


def _json(path: Path) -> Any:  # noqa: ANN401 - whatever JSON it is
    return json.loads(path.read_text(encoding="utf-8"))
