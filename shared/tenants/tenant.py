"""A tenant: the owner of credentials, provider accounts and agents. Its rules are checked when one is made."""

import re
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum

from shared.tenants.agent import Agent
from shared.tenants.connection import Connection
from shared.tenants.validation import is_name, require, require_unique

CREDENTIAL_NAME_MAX = 64

_TENANT_ID = re.compile(r"[a-z0-9]{3,32}")
_CREDENTIAL_ID = re.compile(r"[0-9A-Za-z]{8}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


class Role(StrEnum):
    """What a credential may do."""

    READER = "Reader"
    WRITER = "Writer"
    MANAGER = "Manager"

    @property
    def may_text(self) -> bool:
        """Whether the SMS endpoints accept this role: Writer and Manager."""
        return self is not Role.READER


class SignatureMode(StrEnum):
    """What happens to a request whose signature does not hold."""

    ENFORCE = "enforce"
    OBSERVE = "observe"


def is_tenant_id(text: str) -> bool:
    """Whether a tenant may have this id."""
    return bool(_TENANT_ID.fullmatch(text))


def check_tenant_id(tenant_id: str) -> str:
    """Gives the id back, or raises InvalidValue when it is not 3 to 32 lower-case letters and digits."""
    require(is_tenant_id(tenant_id), f"tenant id {tenant_id[:40]!r}: use 3 to 32 lower-case letters and digits")
    return tenant_id


@dataclass(frozen=True)
class Credential:
    """A name and a role for an API key, of which only the SHA-256 digest is kept.

    `created` is an ISO 8601 time; `last_four` are the key's last characters, to tell keys apart; `replaces` is the id
    of the credential that this one takes the place of, while one is exchanged.
    """

    id: str
    name: str
    role: Role
    sha256: str = field(repr=False)
    last_four: str
    created: str
    replaces: str | None = None

    def __post_init__(self) -> None:
        """Raises InvalidValue."""
        require(
            is_name(self.name, CREDENTIAL_NAME_MAX),
            f"credential name: use 1 to {CREDENTIAL_NAME_MAX} printable characters, no spaces around them",
        )
        require(_CREDENTIAL_ID.fullmatch(self.id), "credential id: eight letters and digits are expected")
        require(
            self.replaces is None or (_CREDENTIAL_ID.fullmatch(self.replaces) and self.replaces != self.id),
            "credential: it replaces another credential, which is named by eight letters and digits",
        )
        require(_SHA256.fullmatch(self.sha256), "credential digest: 64 hexadecimal digits are expected")


@dataclass(frozen=True)
class RestKey:
    """A provider's REST API key: the way to send without the account's auth token."""

    sid: str
    secret: str = field(repr=False)

    def __post_init__(self) -> None:
        """Raises InvalidValue."""
        require(self.sid and self.secret, "REST key: both its SID and its secret are needed")


@dataclass(frozen=True)
class Account:
    """An account at a provider, with every auth token that may sign a webhook right now."""

    sid: str
    provider: str
    auth_tokens: tuple[str, ...] = field(repr=False)
    rest_key: RestKey | None = None

    def __post_init__(self) -> None:
        """Raises InvalidValue."""
        require(re.fullmatch(r"[0-9A-Za-z]{1,64}", self.sid), "account SID: letters and digits are expected")
        require(self.auth_tokens and all(self.auth_tokens), f"account {self.sid}: at least one auth token is needed")


@dataclass(frozen=True)
class Tenant:
    """One tenant's document. `salt` (hexadecimal, 32 bytes) makes conversation ids that name no number."""

    id: str
    primary_region: str
    salt: str = field(repr=False)
    roles_active: tuple[Role, ...] = (Role.READER, Role.WRITER, Role.MANAGER)
    signature_mode: SignatureMode = SignatureMode.ENFORCE
    credentials: tuple[Credential, ...] = ()
    accounts: tuple[Account, ...] = ()
    agents: tuple[Agent, ...] = ()
    connections: tuple[Connection, ...] = ()

    def __post_init__(self) -> None:
        """Raises InvalidValue."""
        check_tenant_id(self.id)
        require(re.fullmatch(r"[0-9a-f]{64}", self.salt), "salt: 64 hexadecimal digits are expected")
        require(self.roles_active, "roles: at least one must be active")
        for credential in self.credentials:
            role, name = credential.role, credential.name
            require(role in self.roles_active, f"role {role} is not active, but credential {name!r} has it: revoke it")
        require_unique((c.name for c in self.credentials), "credential {name!r} exists already; choose another name")
        require_unique((c.id for c in self.credentials), "credential id {name} exists twice")
        require_unique((a.sid for a in self.accounts), "account {name} exists already; change it instead")
        require_unique((a.name for a in self.agents), "agent {name!r} exists already; choose another name")
        numbers = Counter(number for agent in self.agents for number in agent.numbers)
        require(all(n == 1 for n in numbers.values()), "a number belongs to one agent; release it there first")
        connected = Counter(connection.number for connection in self.connections)
        require(all(n == 1 for n in connected.values()), "a number is connected once")

    def credential(self, credential_id: str) -> Credential | None:
        """The credential with this id, or None."""
        return next((c for c in self.credentials if c.id == credential_id), None)

    def account(self, sid: str) -> Account | None:
        """The provider account with this SID, or None."""
        return next((a for a in self.accounts if a.sid == sid), None)

    def agent_at(self, address: str) -> Agent | None:
        """The agent that holds this number, or None; an address may have a channel before it, as in `whatsapp:+1…`."""
        number = address.rpartition(":")[2]
        return next((a for a in self.agents if number in a.numbers), None)

    def connection(self, number: str) -> Connection | None:
        """How this number, in E.164, was connected; None when it was not."""
        return next((c for c in self.connections if c.number == number), None)
