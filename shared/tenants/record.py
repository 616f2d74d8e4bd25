"""What the directory knows of a tenant itself, and of a number."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from shared.tenants.account import AccountName


class SecretPart(StrEnum):
    """The parts of a tenant's secrets: each is a secret of its own, for the Lambdas that need it."""

    ACCESS = "access"
    """Salt, roles and credentials: for the authorizer, the receiver and the API."""
    ACCOUNTS = "accounts"
    """Auth tokens and REST keys of the accounts: for the receiver and the sender."""
    SIGNING = "signing"
    """The secrets that sign requests to backends: for the forwarder."""


@dataclass(frozen=True)
class TenantRecord:
    """A tenant in the directory.

    Attributes:
        accounts: its accounts, without their secrets.
        versions: the version id of each secret part, announced before the part was written: a copy of the part with
            another version may be old.
        deleted_at: when it was deleted; None for a tenant that was not.
    """

    id: str
    accounts: tuple[AccountName, ...] = ()
    versions: Mapping[SecretPart, str] = field(default_factory=dict)
    deleted_at: datetime | None = None


@dataclass(frozen=True)
class HeldNumber:
    """A number and the agent that has it.

    Attributes:
        address: our end of a text, as `shared.address.Address.text` writes it.
    """

    address: str = field(repr=False)
    tenant_id: str
    agent_id: str
