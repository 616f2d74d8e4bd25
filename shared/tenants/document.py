"""A tenant as the JSON document in its secret. `docs/schemas/tenant.v3.json` publishes the schema."""

import json
from collections.abc import Mapping
from typing import Any

from shared.errors import BrokenDocument, InvalidValue
from shared.tenants.agent import Agent, AgentKind, BackendSettings
from shared.tenants.connection import Connection, Webhooks
from shared.tenants.tenant import Account, Credential, RestKey, Role, SignatureMode, Tenant

SCHEMA = 3
BYTES_MAX = 64 * 1024
"""The largest secret value (AWS docs, Secrets Manager quotas)."""
_FIRST_SCHEMA = 1  # without backends and agent settings; such agents get the defaults
_SECOND_SCHEMA = 2  # without connections, and without `replaces` in credentials
_BYTES_WRITTEN_MAX = BYTES_MAX * 7 // 8  # below the limit, so that urgent changes still fit


def dumps(tenant: Tenant) -> str:
    """The JSON document of a tenant. Raises InvalidValue when it is close to the size limit of a secret."""
    text = json.dumps(to_document(tenant), separators=(",", ":"))
    if len(text.encode()) > _BYTES_WRITTEN_MAX:
        message = (
            f"tenant {tenant.id!r} would need more than {_BYTES_WRITTEN_MAX} of the {BYTES_MAX} bytes of a secret: "
            "revoke credentials or delete agents that are no longer used, or make a second tenant"
        )
        raise InvalidValue(message)
    return text


def loads(tenant_id: str, text: str) -> Tenant:
    """The tenant in a JSON document. Raises BrokenDocument, which names the tenant, when it is not valid.

    That error has the keys and tokens, if they can be read: only a caller who has one of them may learn that the
    document is broken.
    """
    document = None
    try:
        document = json.loads(text)
        tenant = from_document(document)
    except KeyError as error:
        message = f"the document of tenant {tenant_id!r} lacks the field {error}"
    except (TypeError, ValueError, AttributeError, RecursionError) as error:
        detail = str(error) if isinstance(error, InvalidValue) else type(error).__name__
        message = f"the document of tenant {tenant_id!r} is not readable: {detail}"
    else:
        if tenant.id == tenant_id:
            return tenant
        message = f"the document of tenant {tenant_id!r} says it belongs to another tenant"
        document = None
    broken = BrokenDocument(message, tenant_id, digests=_digests(document), tokens=_tokens(document))
    raise broken from None  # because the cause quotes the document


def _digests(document: Mapping[str, Any] | None) -> dict[str, str] | None:
    try:
        entries = _as_list((document or {})["credentials"])
        return {_as_text(entry["id"]): _as_text(entry["sha256"]) for entry in entries}
    except (KeyError, TypeError, ValueError):
        return None


def _tokens(document: Mapping[str, Any] | None) -> dict[str, tuple[str, ...]] | None:
    try:
        entries = _as_list((document or {})["accounts"])
        return {_as_text(entry["sid"]): _as_texts(entry["auth_tokens"]) for entry in entries}
    except (KeyError, TypeError, ValueError):
        return None


def to_document(tenant: Tenant) -> dict[str, object]:
    """The document of a tenant, as JSON values."""
    return {
        "schema": SCHEMA,
        "id": tenant.id,
        "primary_region": tenant.primary_region,
        "salt": tenant.salt,
        "roles_active": [role.value for role in tenant.roles_active],
        "signature_mode": tenant.signature_mode.value,
        "credentials": [
            {
                "id": credential.id,
                "name": credential.name,
                "role": credential.role.value,
                "sha256": credential.sha256,
                "last_four": credential.last_four,
                "created": credential.created,
                "replaces": credential.replaces,
            }
            for credential in tenant.credentials
        ],
        "accounts": [
            {
                "sid": account.sid,
                "provider": account.provider,
                "auth_tokens": list(account.auth_tokens),
                "rest_key": account.rest_key and {"sid": account.rest_key.sid, "secret": account.rest_key.secret},
            }
            for account in tenant.accounts
        ],
        "agents": [
            {
                "name": agent.name,
                "kind": agent.kind.value,
                "region": agent.stage,
                "numbers": list(agent.numbers),
                "backend": agent.backend and _backend_document(agent.backend),
                "second_backend": agent.second_backend and _backend_document(agent.second_backend),
                "session_seconds": agent.session_seconds,
                "failure_reply": agent.failure_reply,
            }
            for agent in tenant.agents
        ],
        "connections": [_connection_to_document(connection) for connection in tenant.connections],
    }


def from_document(document: Mapping[str, Any]) -> Tenant:
    """The tenant in a document of any schema version. Raises KeyError, TypeError, AttributeError and ValueError."""
    schema = document["schema"]
    if isinstance(schema, bool) or schema not in (_FIRST_SCHEMA, _SECOND_SCHEMA, SCHEMA):  # in Python, True == 1
        message = f"its schema is not between {_FIRST_SCHEMA} and {SCHEMA}; upgrade the deployment that reads it"
        raise InvalidValue(message)
    is_current = schema == SCHEMA
    return Tenant(
        id=document["id"],
        primary_region=_as_text(document["primary_region"]),
        salt=document["salt"],
        roles_active=tuple(Role(role) for role in _as_list(document["roles_active"])),
        signature_mode=SignatureMode(document["signature_mode"]),
        credentials=tuple(
            Credential(
                id=entry["id"],
                name=entry["name"],
                role=Role(entry["role"]),
                sha256=entry["sha256"],
                last_four=_as_text(entry["last_four"]),
                created=_as_text(entry["created"]),
                replaces=None if not is_current or entry["replaces"] is None else _as_text(entry["replaces"]),
            )
            for entry in _as_list(document["credentials"])
        ),
        accounts=tuple(
            Account(
                sid=entry["sid"],
                provider=_as_text(entry["provider"]),
                auth_tokens=_as_texts(entry["auth_tokens"]),
                rest_key=None if entry["rest_key"] is None else _rest_key(entry["rest_key"]),
            )
            for entry in _as_list(document["accounts"])
        ),
        agents=tuple(
            Agent(
                name=entry["name"],
                kind=AgentKind(entry["kind"]),
                stage=entry["region"],
                numbers=_as_texts(entry["numbers"]),
                **({} if schema == _FIRST_SCHEMA else _agent_settings(entry)),
            )
            for entry in _as_list(document["agents"])
        ),
        connections=tuple(
            _connection_from_document(entry) for entry in (_as_list(document["connections"]) if is_current else ())
        ),
    )


def _backend_document(backend: BackendSettings) -> dict[str, object]:
    return {
        "kind": backend.kind,
        "target": backend.target,
        "secrets": list(backend.secrets),
        "timeout_seconds": backend.timeout_seconds,
        "statuses": backend.statuses,
        "locale": backend.locale,
    }


def _agent_settings(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "backend": None if entry["backend"] is None else _backend(entry["backend"]),
        "second_backend": None if entry["second_backend"] is None else _backend(entry["second_backend"]),
        "session_seconds": _as_number(entry["session_seconds"]),
        "failure_reply": None if entry["failure_reply"] is None else _as_text(entry["failure_reply"]),
    }


def _backend(entry: Mapping[str, object]) -> BackendSettings:
    return BackendSettings(
        kind=_as_text(entry["kind"]),
        target=_as_text(entry["target"]),
        secrets=_as_texts(entry["secrets"]),
        timeout_seconds=_as_number(entry["timeout_seconds"]),
        statuses=_as_bool(entry["statuses"]),
        locale=_as_text(entry["locale"]),
    )


def _rest_key(entry: Mapping[str, object]) -> RestKey:
    return RestKey(sid=_as_text(entry["sid"]), secret=_as_text(entry["secret"]))


def _connection_to_document(connection: Connection) -> dict[str, object]:
    """A connection, as JSON values."""
    former = connection.former
    return {
        "number": connection.number,
        "number_sid": connection.number_sid,
        "account": connection.account,
        "credential_id": connection.credential_id,
        "owns_credential": connection.owns_credential,
        "former": {
            "url": former.url,
            "method": former.method,
            "fallback_url": former.fallback_url,
            "fallback_method": former.fallback_method,
            "application": former.application,
        },
        "service": connection.service,
    }


def _connection_from_document(entry: Mapping[str, Any]) -> Connection:
    """The connection in an entry of the document. Raises KeyError, TypeError and ValueError."""
    former = entry["former"]
    return Connection(
        number=_as_text(entry["number"]),
        number_sid=_as_text(entry["number_sid"]),
        account=_as_text(entry["account"]),
        credential_id=_as_text(entry["credential_id"]),
        owns_credential=_as_bool(entry["owns_credential"]),
        former=Webhooks(
            url=_as_text(former["url"]),
            method=_as_text(former["method"]),
            fallback_url=_as_text(former["fallback_url"]),
            fallback_method=_as_text(former["fallback_method"]),
            application=_as_text(former["application"]),
        ),
        service=_as_text(entry["service"]),
    )


# These functions check the type of a JSON value. They raise TypeError without a message, so that no value is quoted.


def _as_text(value: object) -> str:
    """A string."""
    if not isinstance(value, str):
        raise TypeError
    return value


def _as_number(value: object) -> float:
    """A number."""
    if isinstance(value, bool) or not isinstance(value, int | float):  # in Python, True is an int
        raise TypeError
    return value


def _as_bool(value: object) -> bool:
    """A boolean."""
    if not isinstance(value, bool):
        raise TypeError
    return value


def _as_list(values: object) -> list[Any]:
    """A list."""
    if not isinstance(values, list):  # a string would pass as a sequence of one-letter strings
        raise TypeError
    return values


def _as_texts(values: object) -> tuple[str, ...]:
    """A list of strings, as a tuple."""
    return tuple(_as_text(value) for value in _as_list(values))
