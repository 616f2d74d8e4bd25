"""What Python calls the parts of a stage, against the template that is deployed."""

import json
import re

import pytest

from operations.stage import names
from tests.integration.packages import Package


@pytest.fixture(params=names.STAGES)
def stage(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def package(stage: str, packages: dict[str, Package]) -> Package:
    return packages[stage]


def called(package: Package, kind: str, attribute: str) -> set[str]:
    """The names of all resources of a kind."""
    return {resource["Properties"][attribute] for resource in package.resources(kind).values()}


def test_the_stack_and_its_region(package: Package, stage: str) -> None:
    service, provider = package.service["service"], package.service["provider"]
    assert f"{service}-{provider['stage']}" == names.stack_name(stage)
    assert provider["region"] == names.REGIONS[stage]


def test_the_functions_and_their_logs(package: Package, stage: str) -> None:
    functions = {names.part_name(stage, function) for function in names.FUNCTIONS}
    assert called(package, "Lambda::Function", "FunctionName") == functions
    logs = {names.log_group(stage, function) for function in names.FUNCTIONS} | {names.audit_log_group(stage)}
    assert called(package, "Logs::LogGroup", "LogGroupName") >= logs


def test_the_queues_and_the_outputs_with_their_urls(package: Package, stage: str) -> None:
    outputs = package.template["Outputs"]
    for queue in names.QUEUES:
        for output, name in (
            (names.queue_output(queue), f"{queue}.fifo"),
            (names.crashed_queue_output(queue), f"{queue}-crashed.fifo"),
        ):
            resource = package.template["Resources"][outputs[output]["Value"]["Ref"]]
            assert resource["Properties"]["QueueName"] == names.part_name(stage, name)
            assert name.endswith("-crashed.fifo") or resource["Properties"]["QueueName"] == names.queue_name(
                stage, queue
            )
    assert package.template["Resources"]["ReminderQueue"]["Properties"]["QueueName"] == names.queue_name(
        stage, names.REMINDERS
    )
    assert package.template["Resources"]["JournalQueue"]["Properties"]["QueueName"] == names.queue_name(
        stage, names.JOURNAL
    )
    assert len(package.resources("SQS::Queue")) == 2 * len(names.QUEUES) + 2


def test_the_alarms_and_their_topic(package: Package, stage: str) -> None:
    assert called(package, "SNS::Topic", "TopicName") == {names.part_name(stage, "alarms")}
    alarms = called(package, "CloudWatch::Alarm", "AlarmName")
    assert alarms
    assert all(alarm.startswith(names.part_name(stage, "")) for alarm in alarms)


def test_the_dashboard_shows_every_function(package: Package, stage: str) -> None:
    shown = json.dumps(package.one("CloudWatch::Dashboard")["DashboardBody"])
    functions = {names.part_name(stage, function) for function in names.FUNCTIONS}
    assert {name for name in functions if re.search(rf"\b{name}\b", shown)} == functions


def test_the_queue_that_each_function_consumes(package: Package, stage: str) -> None:
    every = package.template["Resources"]
    consumed: dict[str, set[str]] = {}
    for mapping in package.resources("Lambda::EventSourceMapping").values():
        function = every[mapping["Properties"]["FunctionName"]["Fn::GetAtt"][0]]["Properties"]["FunctionName"]
        queue = every[mapping["Properties"]["EventSourceArn"]["Fn::GetAtt"][0]]["Properties"]["QueueName"]
        consumed.setdefault(function, set()).add(queue)
    expected = {
        names.part_name(stage, function): {names.queue_name(stage, queue)}
        for function, queue in names.CONSUMERS.items()
    }
    expected[names.part_name(stage, "forwarder")] |= {
        names.queue_name(stage, queue) for queue in (names.REMINDERS, names.JOURNAL)
    }
    assert consumed == expected
