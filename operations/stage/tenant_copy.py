"""What one region has of a tenant: its record in the directory, and the current versions of its secrets."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from shared.tenants.record import SecretPart, TenantRecord


@dataclass(frozen=True)
class SecretCopy:
    """The current version of a part of a tenant's secrets, without its text.

    Attributes:
        version: its version id.
        digest: the SHA-256 digest of its text, in hexadecimal.
        size: the size of its text in bytes.
    """

    version: str
    digest: str
    size: int


@dataclass(frozen=True)
class TenantCopy:
    """What a region has of a tenant.

    Attributes:
        record: the tenant in the region's directory; None when it is not there.
        secrets: the tenant's secrets in the region, those that exist.
    """

    record: TenantRecord | None
    secrets: Mapping[SecretPart, SecretCopy]

    @property
    def is_complete(self) -> bool:
        """Whether the region has the record and every part of the secrets."""
        return self.record is not None and self.secrets.keys() == set(SecretPart)

    def differs_from(self, other: "TenantCopy") -> bool:
        """Whether anything of the tenant is not the same in another region; a part that both lack is the same."""
        return self.record != other.record or _texts(self) != _texts(other)


def in_agreement(copies: Collection[TenantCopy]) -> bool:
    """Whether each region has all of the tenant, and all regions have the same."""
    first, *others = copies
    return all(copy.is_complete for copy in copies) and not any(copy.differs_from(first) for copy in others)


def _texts(copy: TenantCopy) -> Mapping[SecretPart, str]:
    return {part: secret.digest for part, secret in copy.secrets.items()}
