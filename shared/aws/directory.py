"""Reading the directory, a table in DynamoDB, by key: tenants' records, agents, and who has a number."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from shared.aws.botocore_errors import unavailable
from shared.errors import Configuration
from shared.tenants import directory_items as items
from shared.tenants.agent import Agent
from shared.tenants.directory_items import ItemKey
from shared.tenants.record import HeldNumber, TenantRecord

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoDirectory:
    """The directory's copy in the client's AWS region.

    Args:
        dynamodb: the client.
        consistent: whether to read strictly consistently, which costs twice as much.
    """

    def __init__(self, dynamodb: "DynamoDBClient", *, consistent: bool = False) -> None:
        self._dynamodb = dynamodb
        self._consistent = consistent

    def record(self, tenant_id: str) -> TenantRecord | None:
        """The tenant's record, or None. Raises Unavailable, Configuration."""
        item = self._read(items.record_key(tenant_id), f"the record of tenant {tenant_id!r}")
        return items.load_record(tenant_id, _document(item)) if item else None

    def live_record(self, tenant_id: str) -> TenantRecord | None:
        """The same, and None for a tenant that was deleted."""
        record = self.record(tenant_id)
        return None if record and record.deleted_at else record

    def agent(self, tenant_id: str, agent_id: str) -> Agent | None:
        """The agent, without its signing secrets, or None. Raises Unavailable, Configuration."""
        item = self._read(items.agent_key(tenant_id, agent_id), f"agent {agent_id} of tenant {tenant_id!r}")
        return items.load_agent(tenant_id, _document(item)) if item else None

    def number(self, number: str) -> HeldNumber | None:
        """Who has the number, of whichever tenant, or None. Raises Unavailable, Configuration."""
        masked = f"…{number[-4:]}"
        item = self._read(items.number_key(number), f"who has number {masked}")
        return None if item is None else held_number(number, item)

    def _read(self, key: ItemKey, what: str) -> dict[str, Any] | None:
        with unavailable(f"{what} could not be read"):
            answer = self._dynamodb.get_item(
                TableName=items.TABLE,
                Key={"pk": {"S": key.pk}, "sk": {"S": key.sk}},
                ConsistentRead=self._consistent,
            )
        return answer.get("Item")


def held_number(number: str, item: Mapping[str, Any]) -> HeldNumber:
    """Who has the number, of the item that says so. Raises Configuration."""
    try:
        return HeldNumber(number, item["tenant"]["S"], item["agent_id"]["S"])
    except KeyError:
        message = f"the directory's item of number …{number[-4:]} has no tenant or no agent; assign the number again"
        raise Configuration(message) from None


def _document(item: dict[str, Any]) -> str:
    """The item's document; empty, which no document is, when it has none."""
    text: str = item.get("document", {}).get("S", "")
    return text
