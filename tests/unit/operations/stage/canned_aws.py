"""An AWS whose answers a test says. botocore lets a handler answer instead of the network."""

from typing import Any

import boto3
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.model import OperationModel

from operations.stage.clients import StageClients
from operations.stage.deployed_settings import DeployedSettings
from operations.stage.figures import CloudWatchFigures
from operations.stage.inspection import StageInspection

REGIONS = {"east": "us-east-1", "south": "us-east-2"}
Document = dict[str, Any]


class Aws:
    """Answers each operation with a canned document or error code, and records the requests."""

    def __init__(self, **answers: Document | str | list[Document]) -> None:
        self.session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test")
        self.session.events.register("before-call", self._answer)
        self._answers = answers
        self.requests: list[str] = []

    @property
    def inspected(self) -> StageInspection:
        return StageInspection(StageClients("east", REGIONS, self.session))

    @property
    def settings(self) -> DeployedSettings:
        return DeployedSettings(StageClients("east", REGIONS, self.session))

    @property
    def figures(self) -> CloudWatchFigures:
        return CloudWatchFigures(StageClients("east", REGIONS, self.session))

    def _answer(self, model: OperationModel, params: Document, **_: object) -> Any:  # noqa: ANN401 - no stub knows
        answers = self._answers[model.name]
        canned = answers.pop(0) if isinstance(answers, list) else answers
        self.requests.append(f"{model.name} {params['body'] or params['query_string']} {params['url']}")
        meta = {"ResponseMetadata": {"HTTPStatusCode": 400 if isinstance(canned, str) else 200}}
        answer = {"Error": {"Code": canned, "Message": "secret details"}} if isinstance(canned, str) else canned
        return AWSResponse("", meta["ResponseMetadata"]["HTTPStatusCode"], HTTPHeaders(), None), {**answer, **meta}
