"""A thousand numbers of one agent: how many requests to DynamoDB each command makes of them, on the local DynamoDB."""

from collections import Counter
from dataclasses import replace
from typing import cast

import pytest
from mypy_boto3_dynamodb import DynamoDBClient

from cli.context import FOUND_WRONG
from operations.numbers.directory import DynamoNumberDirectory
from shared.tenants.connection import Webhooks
from tests.fakes import DESK, managed_tenant
from tests.integration.directory_table import directory_table, put_agent
from tests.integration.tables import client
from tests.numbers_fakes import number_at_twilio
from tests.unit.cli.command import Command
from tests.unit.operations.tenants.fakes import FakeNumberDirectory

__all__ = ["directory_table"]  # a fixture

NUMBERS = [f"+1202555{last:04}" for last in range(1000)]
CSV = "number,description\n" + "".join(f"{number},desk {number[-4:]}\n" for number in NUMBERS)


class Counted:
    """The command on the local DynamoDB's numbers, whose requests are counted."""

    def __init__(self, dynamodb: DynamoDBClient) -> None:
        self.calls: Counter[str] = Counter()
        dynamodb.meta.events.register("before-send", self._count)
        self.command = Command.on(managed_tenant())
        self.command.directory = cast("FakeNumberDirectory", DynamoNumberDirectory(dynamodb))

    def run(self, *arguments: str, typed: str = "") -> dict[str, int]:
        """The requests that a command made, which succeeds."""
        self.calls.clear()
        result = self.command.run(*arguments, "--json", "--yes", typed=typed)
        assert result.exit_code == 0, result.output
        return dict(self.calls)

    def _count(self, event_name: str, **_: object) -> None:
        self.calls[event_name.rpartition(".")[2]] += 1


@pytest.fixture
def counted(local_aws: str, dynamodb: DynamoDBClient, directory_table: str) -> Counted:
    """An agent without numbers."""
    assert directory_table
    put_agent(dynamodb, "acme", DESK.id)
    return Counted(client(local_aws))


def test_a_thousand_numbers_are_given_listed_and_found_with_few_requests(counted: Counted) -> None:
    reads, transactions = 10, 21  # a hundred numbers a read, 49 a transaction
    given = counted.run("number", "assign", "--agent", "desk", "--numbers-from", "-", typed="\n".join(NUMBERS))
    assert given == {"BatchGetItem": reads, "TransactWriteItems": transactions}
    again = counted.run("number", "assign", "--agent", "desk", "--numbers-from", "-", typed="\n".join(NUMBERS))
    assert again == {"BatchGetItem": reads}
    assert counted.run("number", "list", "--agent", "desk") == {"Query": 1}
    assert counted.run("number", "list", "--search", "0999") == {"Query": 1}
    assert counted.run("agent", "list", "--search", "0999") == {"Query": 1}
    assert counted.run("number", "find", NUMBERS[7]) == {"GetItem": 1, "BatchGetItem": 1}
    released = counted.run("number", "release", "--numbers-from", "-", typed="\n".join(NUMBERS))
    assert released == {"BatchGetItem": reads, "TransactWriteItems": transactions}
    assert len(counted.command.audit.kept) == 2 * len(NUMBERS)


def test_a_thousand_numbers_are_imported_described_and_exported_with_few_requests(counted: Counted) -> None:
    imported = counted.run("number", "import", "-", "--agent", "desk", typed=CSV)
    assert imported == {"BatchGetItem": 10, "Query": 1, "TransactWriteItems": 21}
    again = counted.run("number", "import", "-", "--agent", "desk", "--replace", typed=CSV)
    assert again == {"BatchGetItem": 10, "Query": 1}
    changed = counted.run("number", "import", "-", "--agent", "desk", typed=CSV.replace(",desk", ",front"))
    assert changed == {"BatchGetItem": 10, "Query": 1, "TransactWriteItems": 21}
    replaced = counted.run("number", "import", "-", "--agent", "desk", "--replace", typed=f"{NUMBERS[0]}\n")
    assert replaced == {"BatchGetItem": 1 + 10, "Query": 1, "TransactWriteItems": 21}
    assert counted.run("number", "export") == {"Query": 1}


def test_a_thousand_numbers_are_checked_and_planned_to_connect_with_few_requests(counted: Counted) -> None:
    counted.run("number", "import", "-", "--agent", "desk", typed=CSV)
    for number in NUMBERS:
        at_twilio = replace(
            number_at_twilio(Webhooks("https://example.com/")), number=number, sid=f"PN{number[-4:] * 8}"
        )
        counted.command.numbers.numbers[number] = at_twilio
    counted.calls.clear()
    assert counted.command.run("number", "check").exit_code == FOUND_WRONG
    assert counted.calls == {"Query": 2}  # numbers, connections
    counted.calls.clear()
    planned = counted.command.run("number", "connect", "--agent", "desk")
    assert "needs --yes" in planned.stderr, planned.stderr
    assert counted.calls == {"Query": 1, "BatchGetItem": 10 + 10}  # its numbers; who has them, connections
    assert len(counted.command.numbers.asked) == 2
    some = 100
    connected = counted.run("number", "connect", *NUMBERS[:some])
    assert connected == {
        "BatchGetItem": 2 * 2 + some,  # planned, and looked at again; each is its agent's already
        "GetItem": some,
        "TransactWriteItems": 2 * some,
    }
    counted.calls.clear()
    planned = counted.command.run("number", "disconnect", *NUMBERS[: 2 * some])
    assert "Disconnect 100 of 200 numbers like this?" in planned.output or "needs --yes" in planned.stderr
    assert counted.calls == {"BatchGetItem": 2 + 1 + 1}  # who is connected; who has those, and how
