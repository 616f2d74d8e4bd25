"""What of a packaged stage costs something, read from its CloudFormation template and the framework's own notes."""

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
"""What may stand in the access log for each of the gateway's variables."""


@dataclass(frozen=True)
class Stack:
    """One stage.

    Attributes:
        memory_mb: of each Lambda.
        arm: whether they run on arm64.
        traced: whether the gateway and the Lambdas are.
        access_log_bytes: of one request; 0 when there is no access log.
        platform_lines: whether Lambda writes lines of its own for each run.
        measured_methods: of the gateway, those with metrics of their own.
        alarm_metrics: what alarms watch.
        dashboards: how many.
        polled: queues that Lambda polls.
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


def read(folder: Path) -> Stack:
    """What `osls package` left in a folder."""
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
    return Stack(
        memory_mb=memory,
        arm=arm,
        traced=any(traced),
        access_log_bytes=_line_bytes(access["format"]) if access["accessLogging"] else 0,
        platform_lines=not all(quiet),
        measured_methods=len(methods) if provider["apiGateway"]["metrics"] else 0,
        alarm_metrics=sum(_watched(alarm) for alarm in alarms),
        dashboards=len(_all(template, "CloudWatch::Dashboard")),
        polled=len(_all(template, "Lambda::EventSourceMapping")),
        restorable=any(recovery),
        log_days=provider["logRetentionInDays"],
        tenant_cache_seconds=float(cached),
    )


def _all(template: Mapping[str, Any], kind: str) -> list[dict[str, Any]]:
    return [one["Properties"] for one in template["Resources"].values() if one["Type"] == f"AWS::{kind}"]


def _watched(alarm: Mapping[str, Any]) -> int:
    """How many metrics an alarm watches: AWS bills each of an expression's."""
    return sum("MetricStat" in one for one in alarm["Metrics"]) if "Metrics" in alarm else 1


def _line_bytes(form: str) -> int:
    return len(re.sub(r"\$[a-zA-Z.]+", lambda variable: _SAMPLES[variable[0]], form).encode())


def _json(path: Path) -> Any:  # noqa: ANN401 - whatever JSON it is
    return json.loads(path.read_text(encoding="utf-8"))
