"""What a stage measured, as CloudWatch tells it."""

from datetime import timedelta

import pytest

from operations.stage.figures import Steps
from shared.errors import Unavailable
from tests.fakes import NOW
from tests.unit.operations.stage.canned_aws import Aws, Document

STEPS = Steps(NOW - timedelta(minutes=15), timedelta(minutes=5), 3)


def result(query: str, **values: float) -> dict[str, object]:
    """A result for the query; `after_5=2` is 2, five minutes after the beginning."""
    times = [STEPS.begin + timedelta(minutes=int(name.removeprefix("after_"))) for name in values]
    return {"Id": query, "Timestamps": times, "Values": list(values.values()), "StatusCode": "Complete"}


def test_each_metric_has_a_sum_for_each_step_and_zeros_between() -> None:
    aws = Aws(GetMetricData={"MetricDataResults": [result("m1", after_10=4.0, after_0=2.0), result("m0")]})
    assert aws.figures.sums(["Accepted", "Sent"], STEPS) == {"Accepted": [0, 0, 0], "Sent": [2, 0, 4]}


def test_all_metrics_are_one_call_about_the_stage_alone() -> None:
    aws = Aws(GetMetricData={"MetricDataResults": []})
    aws.figures.sums(["Accepted", "Sent"], STEPS)
    (request,) = aws.requests
    for part in ("SmsReceiver", "Accepted", "Sent", "stage", "east", "300", "us-east-1"):
        assert part in request
    assert "Sum" in request


def test_pages_are_put_together() -> None:
    pages: list[Document] = [
        {"MetricDataResults": [result("m0", after_0=1.0)], "NextToken": "more"},
        {"MetricDataResults": [result("m0", after_5=2.0)]},
    ]
    assert Aws(GetMetricData=pages).figures.sums(["Accepted"], STEPS) == {"Accepted": [1, 2, 0]}


def test_a_refusal_is_unavailable_and_its_details_are_not_quoted() -> None:
    with pytest.raises(Unavailable) as failure:
        Aws(GetMetricData="AccessDeniedException").figures.sums(["Accepted"], STEPS)
    assert "secret details" not in str(failure.value)
