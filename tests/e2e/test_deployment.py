"""What the framework sets after the deployment, past the template."""

import re

from devstack.aws import LocalAws
from devstack.state import StackState
from operations.stage.inspection import method_name
from operations.stage.names import REGIONS

STATUSES = "/sms.receiver/SmsStatus/{tenant}/{reply}/POST"


def test_each_stage_is_throttled_and_its_statuses_by_themselves(present: StackState, aws: LocalAws) -> None:
    for stage, deployed in present.stages.items():
        settings = aws.apigateway(REGIONS[stage]).get_stage(restApiId=deployed.api_id, stageName=stage)
        limits = {
            method_name(method): (each["throttlingRateLimit"], each["throttlingBurstLimit"])
            for method, each in settings["methodSettings"].items()
        }
        assert limits == {"*/*": (200, 400), STATUSES: (100, 200)}


def test_no_stage_writes_whole_requests_into_a_log(present: StackState, aws: LocalAws) -> None:
    """They would hold the API key and the text as soon as somebody sets a log level."""
    for stage, deployed in present.stages.items():
        settings = aws.apigateway(REGIONS[stage]).get_stage(restApiId=deployed.api_id, stageName=stage)
        for method, each in settings["methodSettings"].items():
            assert each["dataTraceEnabled"] is False, method
            assert each["loggingLevel"] == "OFF", method
            assert each["metricsEnabled"] is True, method


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
