"""What the framework sets after the deployment, past the template."""

import re

from devstack.aws import LocalAws
from devstack.state import StackState
from operations.stage.names import REGIONS


def test_each_stage_is_throttled(present: StackState, aws: LocalAws) -> None:
    for stage, deployed in present.stages.items():
        settings = aws.apigateway(REGIONS[stage]).get_stage(restApiId=deployed.api_id, stageName=stage)
        every_method = settings["methodSettings"]["*/*"]
        assert (every_method["throttlingRateLimit"], every_method["throttlingBurstLimit"]) == (200, 400)


def test_no_stage_writes_whole_requests_into_a_log(present: StackState, aws: LocalAws) -> None:
    """They would hold the API key and the text as soon as somebody sets a log level."""
    for stage, deployed in present.stages.items():
        settings = aws.apigateway(REGIONS[stage]).get_stage(restApiId=deployed.api_id, stageName=stage)
        every_method = settings["methodSettings"]["*/*"]
        assert every_method["dataTraceEnabled"] is False
        assert every_method["loggingLevel"] == "OFF"


def test_the_access_log_names_nothing_that_a_caller_sends(present: StackState, aws: LocalAws) -> None:
    for stage, deployed in present.stages.items():
        settings = aws.apigateway(REGIONS[stage]).get_stage(restApiId=deployed.api_id, stageName=stage)
        written = settings["accessLogSettings"]["format"]
        assert "$context.requestId" in written
        assert not re.search(r"\$(input|context\.(path|identity\.userAgent|requestOverride))", written)


def test_the_stacks_are_kept_apart_by_region(present: StackState, aws: LocalAws) -> None:
    for stage, region in REGIONS.items():
        stacks = aws.cloudformation(region).list_stacks()["StackSummaries"]
        assert {stack["StackName"] for stack in stacks} == {f"sms-receiver-{stage}"}
    assert len({deployed.api_id for deployed in present.stages.values()}) == len(REGIONS)
