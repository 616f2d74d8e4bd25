"""Transactions that are tried again, on the local DynamoDB."""

import pytest
from botocore.exceptions import ClientError
from mypy_boto3_dynamodb import DynamoDBClient

from operations.tenants.transactions import IS_NEW, put
from shared.aws.transactions import Transactions
from shared.errors import Unavailable
from shared.tenants.directory_items import ItemKey
from tests.integration.directory_table import directory_table
from tests.integration.tables import client

__all__ = ["directory_table"]  # a fixture

FIRST, SECOND = ItemKey("first", "item"), ItemKey("second", "item")


@pytest.fixture
def dynamodb_with_slow_answers(local_aws: str, directory_table: str) -> DynamoDBClient:
    """A client that is told once, after its transaction was written, that the transaction is still in progress."""
    assert directory_table
    slow = client(local_aws)
    in_progress = [ClientError({"Error": {"Code": "TransactionInProgressException"}}, "TransactWriteItems")]

    def answer(**_: object) -> None:
        if in_progress:
            raise in_progress.pop()

    slow.meta.events.register("after-call.dynamodb.TransactWriteItems", answer)
    return slow


def test_what_it_wrote_itself_is_not_in_its_own_way(dynamodb_with_slow_answers: DynamoDBClient) -> None:
    pauses: list[float] = []
    transactions = Transactions(dynamodb_with_slow_answers, pauses.append)
    assert transactions.write([put(FIRST, {}, IS_NEW), put(SECOND, {}, IS_NEW)], "it could not be written") == set()
    assert len(pauses) == 1


def test_what_somebody_else_wrote_is_in_its_way(dynamodb: DynamoDBClient, directory_table: str) -> None:
    assert directory_table
    transactions = Transactions(dynamodb)
    assert transactions.write([put(SECOND, {}, IS_NEW)], "it could not be written") == set()
    assert transactions.write([put(FIRST, {}, IS_NEW), put(SECOND, {}, IS_NEW)], "it could not be written") == {1}
    assert transactions.write([put(FIRST, {}, IS_NEW)], "it could not be written") == set()


def test_a_dynamodb_that_does_not_answer_is_unavailable() -> None:
    with pytest.raises(Unavailable, match=r"^it could not be written: "):
        Transactions(client("http://127.0.0.1:9")).write([put(FIRST, {}, IS_NEW)], "it could not be written")
