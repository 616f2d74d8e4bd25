"""A tenant: the owner of credentials, provider accounts, agents and numbers. The constructors check all rules."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from shared.tenants.agent import is_agent_id
from shared.tenants.validation import is_name, require, require_unique

CREDENTIAL_NAME_MAX = 64

_TENANT_ID = re.compile(r"[a-z0-9]{3,32}")
_CREDENTIAL_ID = re.compile(r"[0-9A-Za-z]{8}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


class Role(StrEnum):
    """The role of a credential, which says what it may do."""

    READER = "Reader"
    WRITER = "Writer"
    MANAGER = "Manager"

    @property
    def may_text(self) -> bool:
        """Whether the SMS endpoints accept this role: Writer and Manager."""
        return self is not Role.READER


class SignatureMode(StrEnum):
    """What to do with a request whose signature is not valid: refuse it, or accept and log it."""

    ENFORCE = "enforce"
    OBSERVE = "observe"


def is_tenant_id(text: str) -> bool:
    """Whether a tenant may have this id."""
    return bool(_TENANT_ID.fullmatch(text))


def check_tenant_id(tenant_id: str) -> str:
    """The id itself. Raises InvalidValue when it is not 3 to 32 lower-case letters and digits."""
    require(is_tenant_id(tenant_id), f"tenant id {tenant_id[:40]!r}: use 3 to 32 lower-case letters and digits")
    return tenant_id


def shown_time(time: datetime) -> str:
    """A time in ISO 8601, in UTC and whole seconds: `2026-11-23T12:00:00Z`."""
    return time.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


@dataclass(frozen=True)
class Credential:
    """An API key's name, role and SHA-256 digest. The key itself is not stored.

    Attributes:
        last_four: the key's last four characters, to tell keys apart.
        created: when it was issued, as `shown_time` has it.
        replaces: the id of the credential that this one replaces, during a rotation; else None.
        agent_id: the agent whose numbers' webhooks have the key, which nobody else has; None for a key that was shown.
    """

    id: str
    name: str
    role: Role
    sha256: str = field(repr=False)
    last_four: str
    created: str
    replaces: str | None = None
    agent_id: str | None = None

    def __post_init__(self) -> None:
        """Raises InvalidValue."""
        require(
            is_name(self.name, CREDENTIAL_NAME_MAX),
            f"credential name: use 1 to {CREDENTIAL_NAME_MAX} printable characters, no spaces around them",
        )
        require(_CREDENTIAL_ID.fullmatch(self.id), "credential id: it must be eight letters and digits")
        require(
            self.replaces is None or (_CREDENTIAL_ID.fullmatch(self.replaces) and self.replaces != self.id),
            "credential: `replaces` must be the id of another credential, which is eight letters and digits",
        )
        require(
            self.agent_id is None or is_agent_id(self.agent_id),
            "credential: `agent_id` must be the id of an agent, which is eight letters and digits",
        )
        require(_SHA256.fullmatch(self.sha256), "credential digest: it must be 64 hexadecimal digits")


@dataclass(frozen=True)
class Tenant:
    """What a request of a tenant is checked with. Its accounts, agents and numbers are stored apart.

    Attributes:
        salt: 32 bytes in hexadecimal, which conversation ids are computed with, so that they do not reveal numbers.
        roles_active: the roles that its credentials may have.
        signature_mode: what to do with webhooks whose signature is not valid.
    """

    id: str
    salt: str = field(repr=False)
    roles_active: tuple[Role, ...] = (Role.READER, Role.WRITER, Role.MANAGER)
    signature_mode: SignatureMode = SignatureMode.ENFORCE
    credentials: tuple[Credential, ...] = ()

    def __post_init__(self) -> None:
        """Raises InvalidValue."""
        check_tenant_id(self.id)
        require(re.fullmatch(r"[0-9a-f]{64}", self.salt), "salt: it must be 64 hexadecimal digits")
        require(self.roles_active, "roles: at least one must be active")
        for credential in self.credentials:
            role, name = credential.role, credential.name
            require(role in self.roles_active, f"role {role} is not active, but credential {name!r} has it: revoke it")
        require_unique((c.name for c in self.credentials), "credential {name!r} exists already; choose another name")
        require_unique((c.id for c in self.credentials), "credential id {name} exists twice")

    def credential(self, credential_id: str) -> Credential | None:
        """The credential with this id, or None."""
        return next((c for c in self.credentials if c.id == credential_id), None)
