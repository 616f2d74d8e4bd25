"""One log line and one metric for each request: its outcome, the reason for it, and ids. Nothing secret or personal."""

import os
from functools import cache

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import MetricUnit, single_metric

NAMESPACE = "SmsReceiver"


@cache
def _logger() -> Logger:
    return Logger(service="sms-receiver", location=None)  # always this file


def record(outcome: str, *, reason: str = "", level: str = "info", **ids: str) -> None:
    """Logs the outcome and counts it.

    Args:
        outcome: the metric's name, such as `Accepted`, `Refused`, `WouldBeRefused` or `Failed`.
        reason: a stable word, the metric's second dimension; an empty string when there is none.
        level: the log level.
        ids: ids that may be seen by everybody who reads logs.
    """
    getattr(_logger(), level)(outcome, extra={"outcome": outcome, "reason": reason or None, **ids})
    with single_metric(namespace=NAMESPACE, name=outcome, unit=MetricUnit.Count, value=1) as metric:
        metric.add_dimension(name="stage", value=os.environ.get("STAGE") or "unknown")
        if reason:
            metric.add_dimension(name="reason", value=reason)
