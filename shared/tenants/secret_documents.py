"""A tenant's secrets as JSON: one document for each part. `docs/schemas/` publishes the schemas."""

import base64
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple, TypeVar

from shared.errors import BrokenDocument, InvalidValue
from shared.tenants.account import Account, ProviderSecrets, RestKey
from shared.tenants.json_values import as_count, as_list, as_text, as_texts, check_schema
from shared.tenants.record import SecretPart
from shared.tenants.tenant import Credential, Role, SignatureMode, Tenant, shown_time
from shared.tenants.validation import require

SCHEMA = 4
BYTES_MAX = 64 * 1024
"""The largest secret value (AWS docs, Secrets Manager quotas)."""
_USUAL_ROLE = Role.WRITER
_SECONDS_END = 253_402_300_800  # the year 10000, which no datetime can have
_BYTES_WRITTEN_MAX = BYTES_MAX * 7 // 8  # below the limit, so that urgent changes still fit

T = TypeVar("T")
Document = Mapping[str, Any]


class SigningSecrets(NamedTuple):
    """The secrets that sign the requests to an agent's two backends, newest first; empty for none."""

    backend: tuple[str, ...] = ()
    second_backend: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Without the secrets."""
        return f"SigningSecrets({len(self.backend)}, {len(self.second_backend)})"


SigningSecretsByAgent = Mapping[str, SigningSecrets]
"""The signing secrets by the agents' ids."""


def dump_access(tenant: Tenant) -> str:
    """The document of what requests are checked with. Raises InvalidValue when it is close to a secret's limit."""
    return _dump(
        SecretPart.ACCESS,
        {
            "id": tenant.id,
            "salt": tenant.salt,
            "roles_active": [role.value for role in tenant.roles_active],
            "signature_mode": tenant.signature_mode.value,
            "credentials": {credential.id: _credential_document(credential) for credential in tenant.credentials},
        },
    )


def dump_accounts(tenant_id: str, secrets: ProviderSecrets) -> str:
    """The document of a tenant's accounts, with its salt. Raises InvalidValue when it is close to a secret's limit."""
    entries = [_account_document(account) for account in secrets.accounts]
    return _dump(SecretPart.ACCOUNTS, {"id": tenant_id, "salt": secrets.salt, "accounts": entries})


def dump_signing(tenant_id: str, secrets: SigningSecretsByAgent) -> str:
    """The document of a tenant's signing secrets. Raises InvalidValue when it is close to a secret's limit."""
    entries = {
        agent_id: {"backend": list(agent.backend), "second_backend": list(agent.second_backend)}
        for agent_id, agent in secrets.items()
        if any(agent)
    }
    return _dump(SecretPart.SIGNING, {"id": tenant_id, "backends": entries})


def load_access(tenant_id: str, text: str) -> Tenant:
    """The tenant in its document. Raises BrokenDocument when it is not valid.

    That error has the digests of the keys, if they can be read: only a caller who has one of the keys may learn that
    the document is broken.
    """
    return _load(SecretPart.ACCESS, tenant_id, text, _tenant)


def load_accounts(tenant_id: str, text: str) -> ProviderSecrets:
    """The accounts in a tenant's document. Raises BrokenDocument, which has the auth tokens, if they can be read."""
    return _load(SecretPart.ACCOUNTS, tenant_id, text, _accounts)


def load_signing(tenant_id: str, text: str) -> SigningSecretsByAgent:
    """The signing secrets in a tenant's document. Raises BrokenDocument."""
    return _load(SecretPart.SIGNING, tenant_id, text, _signing)


def _dump(part: SecretPart, document: Document) -> str:
    text = json.dumps({"schema": SCHEMA, **document}, separators=(",", ":"))
    if len(text.encode()) > _BYTES_WRITTEN_MAX:
        message = (
            f"the {part} secret of tenant {document['id']!r} would need more than {_BYTES_WRITTEN_MAX} of the "
            f"{BYTES_MAX} bytes of a secret: remove what is no longer used, or make a second tenant"
        )
        raise InvalidValue(message)
    return text


def _load(part: SecretPart, tenant_id: str, text: str, parse: Callable[[Document], T]) -> T:
    document = None
    try:
        document = json.loads(text)
        check_schema(document, SCHEMA, "upgrade the deployment, or make the tenant again")
        value = parse(document)
        owner = document["id"]
    except KeyError as error:
        message = f"the {part} secret of tenant {tenant_id!r} lacks the field {error}"
    except (TypeError, ValueError, AttributeError, RecursionError) as error:
        detail = str(error) if isinstance(error, InvalidValue) else type(error).__name__
        message = f"the {part} secret of tenant {tenant_id!r} is not readable: {detail}"
    else:
        if owner == tenant_id:
            return value
        message = f"the {part} secret of tenant {tenant_id!r} says it belongs to another tenant"
        document = None
    broken = BrokenDocument(message, tenant_id, digests=_digests(document), tokens=_tokens(document))
    raise broken from None  # because the cause quotes the document


def _credential_document(credential: Credential) -> dict[str, object]:
    """Short, because a tenant may have a key for each of its agents: `role` only when it is not that of their keys."""
    optional = {
        "role": None if credential.role is _USUAL_ROLE else credential.role.value,
        "replaces": credential.replaces,
        "agent": credential.agent_id,
    }
    return {
        "name": credential.name,
        "sha256": _base64url(bytes.fromhex(credential.sha256)),
        "last4": credential.last_four,
        "since": int(datetime.fromisoformat(credential.created).timestamp()),
        **{name: value for name, value in optional.items() if value is not None},
    }


def _account_document(account: Account) -> dict[str, object]:
    """With its region only when that is not the provider's usual one."""
    return {
        "sid": account.sid,
        "provider": account.provider,
        "auth_tokens": list(account.auth_tokens),
        "rest_key": account.rest_key and {"sid": account.rest_key.sid, "secret": account.rest_key.secret},
        **({"region": account.region} if account.region else {}),
    }


def _tenant(document: Document) -> Tenant:
    return Tenant(
        id=as_text(document["id"]),
        salt=as_text(document["salt"]),
        roles_active=tuple(Role(role) for role in as_list(document["roles_active"])),
        signature_mode=SignatureMode(document["signature_mode"]),
        credentials=tuple(_credential(*entry) for entry in document["credentials"].items()),
    )


def _credential(credential_id: str, entry: Mapping[str, Any]) -> Credential:
    replaces, agent_id = entry.get("replaces"), entry.get("agent")
    return Credential(
        id=credential_id,
        name=as_text(entry["name"]),
        role=Role(entry.get("role", _USUAL_ROLE)),
        sha256=_digest(entry["sha256"]),
        last_four=as_text(entry["last4"]),
        created=shown_time(_time(entry["since"])),
        replaces=None if replaces is None else as_text(replaces),
        agent_id=None if agent_id is None else as_text(agent_id),
    )


def _time(seconds: object) -> datetime:
    """The time so many seconds after 1970. Raises ValueError, TypeError."""
    since = as_count(seconds)
    require(since < _SECONDS_END, "a time is after the year 9999")
    return datetime.fromtimestamp(since, UTC)


def _digest(text: object) -> str:
    """A digest in hexadecimal. Raises ValueError, also for another spelling of the same bytes."""
    digest = base64.urlsafe_b64decode(as_text(text) + "=")  # 32 bytes are 43 digits and one "="
    require(_base64url(digest) == text, "a digest is not in base64url")
    return digest.hex()


def _base64url(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _accounts(document: Document) -> ProviderSecrets:
    accounts = tuple(
        Account(
            sid=as_text(entry["sid"]),
            provider=as_text(entry["provider"]),
            auth_tokens=as_texts(entry["auth_tokens"]),
            rest_key=None if entry["rest_key"] is None else _rest_key(entry["rest_key"]),
            region=as_text(entry.get("region", "")),
        )
        for entry in as_list(document["accounts"])
    )
    return ProviderSecrets(as_text(document["salt"]), accounts)


def _rest_key(entry: Mapping[str, object]) -> RestKey:
    return RestKey(sid=as_text(entry["sid"]), secret=as_text(entry["secret"]))


def _signing(document: Document) -> SigningSecretsByAgent:
    return {
        agent_id: SigningSecrets(_signing_secrets(entry["backend"]), _signing_secrets(entry["second_backend"]))
        for agent_id, entry in document["backends"].items()
    }


def _signing_secrets(values: object) -> tuple[str, ...]:
    secrets = as_texts(values)
    require(all(secrets), "a signing secret is empty")
    return secrets


def _digests(document: Document | None) -> dict[str, str] | None:
    try:
        return {key: _digest(entry["sha256"]) for key, entry in (document or {})["credentials"].items()}
    except (AttributeError, KeyError, TypeError, ValueError):
        return None


def _tokens(document: Document | None) -> dict[str, tuple[str, ...]] | None:
    try:
        entries = as_list((document or {})["accounts"])
        return {as_text(entry["sid"]): as_texts(entry["auth_tokens"]) for entry in entries}
    except (KeyError, TypeError, ValueError):
        return None
