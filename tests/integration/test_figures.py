"""What a stage measured: CloudWatch and the tests' fake sum alike."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from devstack.aws import LocalAws
from devstack.metrics import Point, put
from operations.health.overview import steps_of
from operations.stage.clients import StageClients
from operations.stage.figures import CloudWatchFigures, StageFigures
from operations.stage.names import REGIONS
from shared.telemetry import NAMESPACE
from tests.unit.cli.command import FakeFigures

Measured = list[tuple[datetime, float]]
STEPS = steps_of("hour", datetime.now(UTC))


def of_cloudwatch(endpoint: str, measured: dict[str, Measured]) -> StageFigures:
    aws = LocalAws(endpoint)
    points = [
        Point(NAMESPACE, name, {"stage": "east"}, value, moment)
        for name, values in measured.items()
        for moment, value in values
    ]
    put(aws.cloudwatch(REGIONS["east"]), points)
    return CloudWatchFigures(StageClients("east", REGIONS, aws.session, endpoint))


def of_fake(_: str, measured: dict[str, Measured]) -> StageFigures:
    return FakeFigures(measured)


@pytest.mark.parametrize("measured_by", [of_cloudwatch, of_fake])
def test_each_step_has_the_sum_of_what_was_measured_in_it(
    local_aws: str, measured_by: Callable[[str, dict[str, Measured]], StageFigures]
) -> None:
    accepted = [(STEPS.begin + timedelta(minutes=minute), 1.0) for minute in (-1, 0, 1, 4, 5, 59, 60)]
    figures = measured_by(local_aws, {"Accepted": accepted, "Sent": [(STEPS.begin, 2.5)]})
    nothing = [0.0] * 10
    assert figures.sums(["Accepted", "Sent", "Parked"], STEPS) == {
        "Accepted": [3, 1, *nothing[1:], 1],
        "Sent": [2.5, 0, *nothing],
        "Parked": [0, 0, *nothing],
    }
