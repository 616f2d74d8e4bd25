"""The directory's items: their keys, and their documents as JSON. `docs/schemas/` publishes the schemas."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from shared.errors import BrokenDocument, InvalidValue
from shared.tenants.account import AccountName
from shared.tenants.agent import Agent, AgentKind, BackendSettings, JournalSettings
from shared.tenants.connection import Connection, Webhooks
from shared.tenants.json_values import as_bool, as_list, as_number, as_text, check_schema
from shared.tenants.record import SecretPart, TenantRecord

SCHEMA = 1
T = TypeVar("T")

TABLE = "sms-receiver-directory"
REGISTRY = "tenants"
"""The partition with one item for each tenant, for lists."""
RECORD = "tenant"
"""The sort key of a tenant's own item."""
NUMBER = "number"
"""The sort key of the item that says who has a number."""


class ItemKey(NamedTuple):
    """The key of an item: partition key and sort key."""

    pk: str
    sk: str


def registry_key(tenant_id: str) -> ItemKey:
    """The key of a tenant in the registry."""
    return ItemKey(REGISTRY, tenant_id)


def record_key(tenant_id: str) -> ItemKey:
    """The key of a tenant's own item."""
    return ItemKey(partition(tenant_id), RECORD)


def agent_key(tenant_id: str, agent_id: str) -> ItemKey:
    """The key of an agent."""
    return ItemKey(partition(tenant_id), f"agent#{agent_id}")


def agent_name_key(tenant_id: str, name: str) -> ItemKey:
    """The key of the item that holds an agent's name."""
    return ItemKey(operators_partition(tenant_id), f"agent-name#{name}")


def number_key(number: str) -> ItemKey:
    """The key of the item that says who has a number."""
    return ItemKey(f"number#{number}", NUMBER)


def listed_number_key(tenant_id: str, agent_id: str, number: str) -> ItemKey:
    """The key of a number in its tenant's list."""
    return ItemKey(operators_partition(tenant_id), f"number#{agent_id}#{number}")


def connection_key(tenant_id: str, number: str) -> ItemKey:
    """The key of a number's connection in the directory of tenants."""
    return ItemKey(operators_partition(tenant_id), f"connection#{number}")


def connected_with_key(tenant_id: str, credential_id: str, number: str) -> ItemKey:
    """The key of the item that says that a number's webhooks have a credential's key."""
    return ItemKey(operators_partition(tenant_id), f"connected-with#{credential_id}#{number}")


def connected_by_key(tenant_id: str, service: str, number: str) -> ItemKey:
    """The key of the item that says that a number was connected with a Messaging Service."""
    return ItemKey(operators_partition(tenant_id), f"connected-by#{service}#{number}")


def partition(tenant_id: str) -> str:
    """The partition key of a tenant's own item and of its agents, which the Lambdas read."""
    return f"tenant#{tenant_id}"


def operators_partition(tenant_id: str) -> str:
    """The partition key of what only operators read: lists of numbers, names that are taken, and connections.

    A connection has the URL that a number had before, and a URL of somebody else may contain a password.
    """
    return f"operators#{tenant_id}"


def dump_record(record: TenantRecord) -> str:
    """The document of a tenant's own item."""
    return _dump(
        {
            "accounts": [account._asdict() for account in record.accounts],
            "versions": {part.value: version for part, version in record.versions.items()},
            "deleted_at": record.deleted_at and record.deleted_at.isoformat(),
        }
    )


def load_record(tenant_id: str, text: str) -> TenantRecord:
    """The tenant in the document of its own item. Raises BrokenDocument."""

    def parse(document: Mapping[str, Any]) -> TenantRecord:
        deleted_at = document["deleted_at"]
        return TenantRecord(
            id=tenant_id,
            accounts=tuple(
                AccountName(as_text(entry["sid"]), as_text(entry["provider"]))
                for entry in as_list(document["accounts"])
            ),
            versions={SecretPart(part): as_text(version) for part, version in document["versions"].items()},
            deleted_at=None if deleted_at is None else datetime.fromisoformat(as_text(deleted_at)),
        )

    return _load(f"the record of tenant {tenant_id!r}", tenant_id, text, parse)


def dump_agent(agent: Agent) -> str:
    """The document of an agent, without its signing secrets."""
    return _dump(
        {
            "id": agent.id,
            "name": agent.name,
            "kind": agent.kind.value,
            "region": agent.stage,
            "backend": agent.backend and _backend_document(agent.backend),
            "second_backend": agent.second_backend and _backend_document(agent.second_backend),
            "session_seconds": agent.session_seconds,
            "failure_reply": agent.failure_reply,
            "answer_within_seconds": agent.answer_within_seconds,
            "initiates_from_inbound": agent.initiates_from_inbound,
            "timeout_notice": agent.timeout_notice,
            "journal": agent.journal and {"target": agent.journal.target, "with_text": agent.journal.with_text},
        }
    )


def load_agent(tenant_id: str, text: str) -> Agent:
    """The agent in its document, without its signing secrets. Raises BrokenDocument."""

    def parse(document: Mapping[str, Any]) -> Agent:
        backend, second_backend = document["backend"], document["second_backend"]
        return Agent(
            id=as_text(document["id"]),
            name=as_text(document["name"]),
            kind=AgentKind(document["kind"]),
            stage=as_text(document["region"]),
            backend=None if backend is None else _backend(backend),
            second_backend=None if second_backend is None else _backend(second_backend),
            session_seconds=as_number(document["session_seconds"]),
            failure_reply=None if document["failure_reply"] is None else as_text(document["failure_reply"]),
            answer_within_seconds=as_number(document["answer_within_seconds"]),
            # Agents that were stored before there were these lack them.
            initiates_from_inbound=as_bool(document.get("initiates_from_inbound", True)),
            timeout_notice=None if document.get("timeout_notice") is None else as_text(document["timeout_notice"]),
            journal=None if document.get("journal") is None else _journal(document["journal"]),
        )

    return _load(f"an agent of tenant {tenant_id!r}", tenant_id, text, parse)


def dump_connection(connection: Connection) -> str:
    """The document of a connection."""
    former = connection.former
    return _dump(
        {
            "number": connection.number,
            "number_sid": connection.number_sid,
            "account": connection.account,
            "credential_id": connection.credential_id,
            "former": {
                "url": former.url,
                "method": former.method,
                "fallback_url": former.fallback_url,
                "fallback_method": former.fallback_method,
                "application": former.application,
            },
            "service": connection.service,
        }
    )


def load_connection(tenant_id: str, text: str) -> Connection:
    """The connection in its document. Raises BrokenDocument."""

    def parse(document: Mapping[str, Any]) -> Connection:
        former = document["former"]
        return Connection(
            number=as_text(document["number"]),
            number_sid=as_text(document["number_sid"]),
            account=as_text(document["account"]),
            credential_id=as_text(document["credential_id"]),
            former=Webhooks(
                url=as_text(former["url"]),
                method=as_text(former["method"]),
                fallback_url=as_text(former["fallback_url"]),
                fallback_method=as_text(former["fallback_method"]),
                application=as_text(former["application"]),
            ),
            service=as_text(document["service"]),
        )

    return _load(f"a connection of tenant {tenant_id!r}", tenant_id, text, parse)


def _dump(document: Mapping[str, object]) -> str:
    return json.dumps({"schema": SCHEMA, **document}, separators=(",", ":"))


def _load(what: str, tenant_id: str, text: str, parse: Callable[[Mapping[str, Any]], T]) -> T:
    try:
        document = json.loads(text)
        check_schema(document, SCHEMA, "upgrade the deployment that reads it")
        return parse(document)
    except KeyError as error:
        message = f"{what} lacks the field {error}"
    except (TypeError, ValueError, AttributeError, RecursionError) as error:
        detail = str(error) if isinstance(error, InvalidValue) else type(error).__name__
        message = f"{what} is not readable: {detail}"
    raise BrokenDocument(message, tenant_id) from None  # because the cause quotes the document


def _journal(entry: Mapping[str, object]) -> JournalSettings:
    return JournalSettings(target=as_text(entry["target"]), with_text=as_bool(entry["with_text"]))


def _backend_document(backend: BackendSettings) -> dict[str, object]:
    return {
        "kind": backend.kind,
        "target": backend.target,
        "signed": backend.signed,
        "timeout_seconds": backend.timeout_seconds,
        "statuses": backend.statuses,
        "locale": backend.locale,
        **({"user": backend.user} if backend.user else {}),
    }


def _backend(entry: Mapping[str, object]) -> BackendSettings:
    return BackendSettings(
        kind=as_text(entry["kind"]),
        target=as_text(entry["target"]),
        signed=as_bool(entry["signed"]),
        timeout_seconds=as_number(entry["timeout_seconds"]),
        statuses=as_bool(entry["statuses"]),
        locale=as_text(entry["locale"]),
        user=as_text(entry.get("user", "")),
    )
