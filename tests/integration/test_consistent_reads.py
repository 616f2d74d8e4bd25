"""Reads that decide whether something is done again are consistent: a stale one would do it twice."""

from collections.abc import Iterator

import boto3
import pytest
from botocore.stub import ANY, Stubber
from mypy_boto3_dynamodb import DynamoDBClient

from shared.aws.backend_states import DynamoBackendStates
from shared.aws.opt_outs import DynamoOptOuts
from shared.aws.parking import DynamoParking
from shared.aws.reply_records import DynamoReplies
from shared.aws.sessions import DynamoSessions
from shared.messages.sessions import Parties, ReceivedText, SessionText
from tests.fakes import ACCOUNT, DESK, NOW, OUR_NUMBER, PERSON

READ = {"TableName": "state", "Key": ANY, "ConsistentRead": True}


@pytest.fixture
def stubbed() -> Iterator[tuple[DynamoDBClient, Stubber]]:
    dynamodb = boto3.client("dynamodb", "us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing")
    with Stubber(dynamodb) as stubber:
        yield dynamodb, stubber
        stubber.assert_no_pending_responses()


def test_a_reply(stubbed: tuple[DynamoDBClient, Stubber]) -> None:
    dynamodb, stubber = stubbed
    stubber.add_response("get_item", {}, READ)
    assert DynamoReplies(dynamodb, "state", life_seconds=60).find("acme", "SM42-1") is None


def test_what_is_parked(stubbed: tuple[DynamoDBClient, Stubber]) -> None:
    dynamodb, stubber = stubbed
    query = {"TableName": "state", "KeyConditionExpression": ANY, "ExpressionAttributeValues": ANY}
    stubber.add_response("get_item", {}, READ)
    stubber.add_response("query", {"Items": []}, {**query, "ConsistentRead": True})
    parking = DynamoParking(dynamodb, "state", life_seconds=60)
    assert parking.find("acme", "SM42-1") is None
    assert parking.parked("acme") == []


def test_a_session(stubbed: tuple[DynamoDBClient, Stubber]) -> None:
    dynamodb, stubber = stubbed
    stubber.add_response("get_item", {}, READ)
    stubber.add_response("put_item", {}, {"TableName": "state", "Item": ANY, "ConditionExpression": ANY})
    text = ReceivedText("SM42", NOW, Parties(OUR_NUMBER, PERSON, "twilio", ACCOUNT))
    turn = DynamoSessions(dynamodb, "state").turn("acme.c", text, DESK)
    assert turn
    assert turn.number == 1


def test_what_a_backend_kept(stubbed: tuple[DynamoDBClient, Stubber]) -> None:
    dynamodb, stubber = stubbed
    stubber.add_response("get_item", {}, READ)
    text = SessionText("acme.c", "session", "SM42", "engine")
    assert DynamoBackendStates(dynamodb, "state", lambda: NOW).before(text) is None


def test_an_opt_out(stubbed: tuple[DynamoDBClient, Stubber]) -> None:
    dynamodb, stubber = stubbed
    stubber.add_response("get_item", {}, READ)
    assert not DynamoOptOuts(dynamodb, "state", life_seconds=60).has_stopped("acme.c")
