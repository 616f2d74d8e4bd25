"""One log line and one metric for each request: its outcome, the reason for it, and ids. Nothing secret or personal."""

import os
from functools import cache

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.metrics.provider.cloudwatch_emf.cloudwatch import AmazonCloudWatchEMFProvider

NAMESPACE = "SmsReceiver"


@cache
def _logger() -> Logger:
    return Logger(service="sms-receiver", location=None)  # always this file


def record(outcome: str, *, reason: str = "", level: str = "info", **ids: str) -> None:
    """Logs the outcome and counts it.

    Args:
        outcome: the metric's name, such as `Accepted`, `Refused`, `WouldBeRefused` or `Failed`.
        reason: a stable word, by which it is counted besides; an empty string when there is none.
        level: the log level.
        ids: ids that may be seen by everybody who reads logs.
    """
    getattr(_logger(), level)(outcome, extra={"outcome": outcome, "reason": reason or None, **ids})
    metrics = AmazonCloudWatchEMFProvider(namespace=NAMESPACE)
    metrics.add_metric(name=outcome, unit=MetricUnit.Count, value=1)
    stage = os.environ.get("STAGE") or "unknown"
    metrics.add_dimension("stage", stage)  # for alarms, which know no "whatever the reason"
    if reason:
        metrics.add_dimensions(stage=stage, reason=reason)
    metrics.flush_metrics()
