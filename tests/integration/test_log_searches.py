"""Searching the functions' logs on the local AWS, which runs queries of Logs Insights."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from operations.stage import names
from operations.stage.clients import StageClients
from operations.stage.deployed_stack import DeployedStack

NOW = datetime.now(UTC).replace(microsecond=0)
HOUR = timedelta(hours=1)
TEXT, OTHER = "SM" + "1" * 32, "SM" + "2" * 32
LOGGED = {"receiver": [(TEXT, 60), (OTHER, 50), (TEXT, 2 * 3600)], "sender": [(TEXT, 40)]}


@pytest.fixture
def deployed(local_aws: str) -> Iterator[DeployedStack]:
    """A stage on which only two functions have run."""
    session = boto3.Session("testing", "testing")
    logs = session.client("logs", "us-east-1", endpoint_url=local_aws)
    for function, lines in LOGGED.items():
        group = names.log_group("east", function)
        logs.create_log_group(logGroupName=group)
        logs.create_log_stream(logGroupName=group, logStreamName="s")
        events: list[Any] = [
            {
                "timestamp": int((NOW - timedelta(seconds=ago)).timestamp() * 1000),
                "message": json.dumps({"message": "Accepted", "correlation_id": text}),
            }
            for text, ago in sorted(lines, key=lambda line: -line[1])
        ]
        logs.put_log_events(logGroupName=group, logStreamName="s", logEvents=events)
    yield DeployedStack(StageClients("east", {"east": "us-east-1"}, session, local_aws))
    for function in LOGGED:
        logs.delete_log_group(logGroupName=names.log_group("east", function))


def found(deployed: DeployedStack, *words: str, since: timedelta = HOUR) -> list[tuple[str, str, float]]:
    lines, complete = deployed.search_log(words, NOW - since, NOW).lines()
    assert complete
    assert len({line.id for line in lines}) == len(lines)
    return sorted(
        (line.function, json.loads(line.text)["correlation_id"], (NOW - line.time).total_seconds()) for line in lines
    )


def test_finds_the_lines_of_all_functions_with_a_word_in_a_time(deployed: DeployedStack) -> None:
    assert found(deployed, TEXT) == [("receiver", TEXT, 60), ("sender", TEXT, 40)]
    assert found(deployed, TEXT, since=3 * HOUR) == [
        ("receiver", TEXT, 60),
        ("receiver", TEXT, 7200),
        ("sender", TEXT, 40),
    ]


def test_finds_the_lines_with_one_of_several_words(deployed: DeployedStack) -> None:
    assert found(deployed, TEXT, OTHER) == [("receiver", TEXT, 60), ("receiver", OTHER, 50), ("sender", TEXT, 40)]


def test_a_part_of_a_word_is_not_the_word(deployed: DeployedStack) -> None:
    assert found(deployed, TEXT[:-1]) == []
    assert found(deployed, "nothing") == []
