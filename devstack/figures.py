"""What a local stage measured. The local CloudWatch extracts no metrics from log lines, so they are read from there."""

from collections.abc import Mapping, Sequence

from botocore import exceptions

from devstack import metrics
from devstack.aws import LocalAws
from operations.stage.figures import Steps
from shared.errors import Unavailable


class LocalFigures:
    """Implements `operations.stage.figures.StageFigures` with the log lines that AWS would make metrics of.

    Args:
        aws: the local AWS, as the account itself: it sees every line at once.
        stage: the stage.
    """

    def __init__(self, aws: LocalAws, stage: str) -> None:
        self._aws = aws
        self._stage = stage

    def sums(self, names: Sequence[str], steps: Steps) -> Mapping[str, Sequence[float]]:
        """The sum of each metric in each step. Raises Unavailable."""
        try:
            emitted = metrics.of_stage(self._aws, self._stage, since=steps.begin)
        except (exceptions.BotoCoreError, exceptions.ClientError) as error:
            message = "the logs of the local stack could not be read"
            raise Unavailable(message) from error
        points = [point for point in emitted if set(point.dimensions) == {"stage"}]
        return {
            name: steps.sums([(point.time, point.value) for point in points if point.name == name]) for name in names
        }
