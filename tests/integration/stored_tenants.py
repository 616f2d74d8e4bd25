"""A tenant as it is stored: its secrets, and its items in the directory."""

from collections.abc import Mapping
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from mypy_boto3_dynamodb import DynamoDBClient

from operations.tenants import parts
from operations.tenants.managed_tenant import ManagedTenant
from shared.aws.tenant_secrets import secret_name
from shared.tenants import directory_items as items
from shared.tenants import secret_documents
from shared.tenants.directory_items import ItemKey
from shared.tenants.record import SecretPart, TenantRecord
from tests.fakes import OUR_NUMBER

Item = dict[str, Any]


def secrets(tenant: ManagedTenant) -> dict[str, str]:
    """The text of each of its secrets by the secret's name."""
    texts = {
        SecretPart.ACCESS: secret_documents.dump_access(parts.access(tenant)),
        SecretPart.ACCOUNTS: secret_documents.dump_accounts(tenant.id, parts.provider_secrets(tenant)),
        SecretPart.SIGNING: secret_documents.dump_signing(tenant.id, parts.signing(tenant.agents)),
    }
    return {secret_name(tenant.id, part): text for part, text in texts.items()}


def version(text: str) -> str:
    """The version id of a secret with this text: another one for another text."""
    return str(uuid5(NAMESPACE_OID, text))


def directory(tenant: ManagedTenant, numbers: Mapping[str, str] | None = None) -> list[Item]:
    """Its items that the Lambdas read; `numbers` are agents' ids, by default its first agent has OUR_NUMBER."""
    if numbers is None:
        numbers = {OUR_NUMBER: tenant.agents[0].id} if tenant.agents else {}
    texts = secrets(tenant)
    record = TenantRecord(
        tenant.id,
        accounts=tuple(account.name for account in tenant.accounts),
        versions={part: version(texts[secret_name(tenant.id, part)]) for part in SecretPart},
    )
    return [
        _item(items.record_key(tenant.id), document=items.dump_record(record)),
        *(
            _item(items.agent_key(tenant.id, agent.id), document=items.dump_agent(agent), version="1")
            for agent in tenant.agents
        ),
        *(_item(items.number_key(number), tenant=tenant.id, agent_id=agent_id) for number, agent_id in numbers.items()),
    ]


def put_directory(dynamodb: DynamoDBClient, tenant: ManagedTenant, numbers: Mapping[str, str] | None = None) -> None:
    """Stores those items."""
    for item in directory(tenant, numbers):
        dynamodb.put_item(TableName=items.TABLE, Item=item)


def _item(key: ItemKey, **attributes: str) -> Item:
    return {name: {"S": value} for name, value in {"pk": key.pk, "sk": key.sk, **attributes}.items()}
