"""Tenants and what they own, as records for operators: JSON values by name.

Of an auth token or a signing secret a record has the last four characters only.
"""

from collections.abc import Mapping

from operations.tenants.deletion import RESTORABLE
from operations.tenants.edits import last_four
from operations.tenants.managed_tenant import ManagedTenant
from shared.tenants.account import Account
from shared.tenants.agent import Agent
from shared.tenants.record import TenantRecord
from shared.tenants.tenant import Credential


def describe_tenant(tenant: ManagedTenant) -> Mapping[str, object]:
    """A tenant, with the names of what it owns. Its numbers are a list of their own."""
    return {
        "id": tenant.id,
        "roles_active": [role.value for role in tenant.roles_active],
        "signature_mode": tenant.signature_mode.value,
        "credentials": [credential.name for credential in tenant.credentials],
        "accounts": [account.sid for account in tenant.accounts],
        "agents": [agent.name for agent in tenant.agents],
    }


def describe_listed(record: TenantRecord) -> Mapping[str, object]:
    """A tenant in the list of all, and when it was deleted and until when it can be restored; None if it was not."""
    deleted_at = record.deleted_at
    return {
        "id": record.id,
        "accounts": [account.sid for account in record.accounts],
        "deleted": deleted_at and deleted_at.isoformat(timespec="seconds"),
        "restorable_until": deleted_at and (deleted_at + RESTORABLE).isoformat(timespec="seconds"),
    }


def describe_credential(credential: Credential) -> Mapping[str, object]:
    """A credential; its key is stored nowhere."""
    return {
        "name": credential.name,
        "role": credential.role.value,
        "last_four": credential.last_four,
        "created": credential.created,
        "id": credential.id,
        "agent_id": credential.agent_id,
    }


def describe_account(account: Account) -> Mapping[str, object]:
    """A provider's account."""
    return {
        "sid": account.sid,
        "tokens": len(account.auth_tokens),
        "tokens_last_four": [last_four(token) for token in account.auth_tokens],
        "rest_key": account.rest_key and account.rest_key.sid,
        "region": account.region or None,
    }


def describe_agent(agent: Agent) -> Mapping[str, object]:
    """An agent with its backends."""
    return {
        "name": agent.name,
        "kind": agent.kind.value,
        "region": agent.stage,
        "takes_texts": agent.kind.takes_texts,
        **_describe_backends(agent),
        "session_seconds": agent.session_seconds,
        "failure_reply": agent.failure_reply,
        "answer_within_seconds": agent.answer_within_seconds,
        "initiates_from_inbound": agent.initiates_from_inbound,
        "timeout_notice": agent.timeout_notice,
        "journal": agent.journal and agent.journal.target,
        "journal_with_text": agent.journal.with_text if agent.journal else None,
        "id": agent.id,
    }


def _describe_backends(agent: Agent) -> dict[str, object]:
    record: dict[str, object] = {}
    for name, backend in (("backend", agent.backend), ("second_backend", agent.second_backend)):
        record[name] = backend and backend.kind
        if backend is None:
            continue
        if backend.target:
            record[f"{name}_target"] = shown_target(backend.target)
        if backend.locale:
            record[f"{name}_locale"] = backend.locale
        record[f"{name}_timeout_seconds"] = backend.timeout_seconds
        record[f"{name}_statuses"] = backend.statuses
        if backend.user:
            record[f"{name}_user"] = backend.user
        elif backend.secrets:
            record[f"{name}_secrets_last_four"] = [last_four(secret) for secret in backend.secrets]
    return record


def shown_target(target: str) -> str:
    """The target, with an ellipsis for each value in a URL's query, which may be a password."""
    place, mark, query = target.partition("?")
    names = (parameter.partition("=") for parameter in query.split("&"))
    return place + mark + "&".join(f"{name}=…" if equals else "…" for name, equals, _ in names) if mark else target
