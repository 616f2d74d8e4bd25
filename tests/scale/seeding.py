"""Stores tenants directly, many items a request: with the keys and the documents that the adapters write."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from mypy_boto3_dynamodb import DynamoDBClient

from operations.tenants.agent_items import AgentItems
from operations.tenants.record_items import RecordItems
from operations.tenants.transactions import key_attributes
from shared.tenants import directory_items as items
from shared.tenants.directory_items import ItemKey
from shared.tenants.record import SecretPart, TenantRecord
from tests.scale.estate import Estate

_BATCH = 25
"""Items in a request (DynamoDB API, BatchWriteItem)."""
Item = dict[str, Any]


def store(dynamodb: DynamoDBClient, stored: Iterable[Item]) -> int:
    """Writes the items; returns how many."""
    stored, count = iter(stored), 0
    while batch := list(islice(stored, _BATCH)):
        count += len(batch)
        remaining: Any = {items.TABLE: [{"PutRequest": {"Item": item}} for item in batch]}
        while remaining:
            remaining = dynamodb.batch_write_item(RequestItems=remaining).get("UnprocessedItems")
    return count


def of_tenant(estate: Estate) -> Iterator[Item]:
    """The items of a tenant that was just created, without its secrets, its agents and its numbers."""
    accounts = tuple(account.name for account in estate.managed.accounts)
    versions = dict.fromkeys(SecretPart, "00000000-0000-0000-0000-000000000000")
    record = RecordItems.put(TenantRecord(estate.tenant_id, accounts, versions), instead_of=None)
    yield _item(items.registry_key(estate.tenant_id))
    yield dict(record["Put"]["Item"])


def of_agents(estate: Estate) -> Iterator[Item]:
    """The items of all agents, and of their names."""
    for write in AgentItems.first(estate.tenant_id, estate.managed.agents):
        item = dict(write["Put"]["Item"])
        yield {**item, "assigned": {"N": str(estate.numbers)}} if "document" in item else item


def of_numbers(estate: Estate) -> Iterator[Item]:
    """The items of all numbers: who has each, and the tenant's list."""
    for index, agent in enumerate(estate.managed.agents):
        for number in estate.numbers_of(index):
            holder = {"tenant": {"S": estate.tenant_id}, "agent_id": {"S": agent.id}}
            yield _item(items.number_key(number), **holder)
            yield _item(items.listed_number_key(estate.tenant_id, agent.id, number))


def _item(key: ItemKey, **attributes: dict[str, str]) -> Item:
    return {**key_attributes(key), **attributes}
