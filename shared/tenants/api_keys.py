"""API keys: issuing, reading and checking them.

A key is `smsr_<tenant>_<credential id>_<secret><checksum>`, at most 96 characters of `[A-Za-z0-9_]`: it needs no
escaping in a URL, and a double click selects all of it. It contains the ids of the tenant and the credential, so that
one look-up finds the digest. The secret is 256 random bits. The checksum rejects typing errors without a call to AWS.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import zlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from shared.errors import BrokenDocument, ForbiddenRole, InvalidKey
from shared.tenants.tenant import Credential, Role, Tenant, shown_time

if TYPE_CHECKING:
    from shared.tenants.lookup import TenantLookup

PREFIX = "smsr"
USERNAME = "apikey"

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_ID_LENGTH = 8
_SECRET_LENGTH = 43  # 62**43 > 2**256
_CHECKSUM_LENGTH = 6  # 62**6 > 2**32
_KEY = re.compile(
    rf"({PREFIX}_([a-z0-9]{{3,32}})_([0-9A-Za-z]{{{_ID_LENGTH}}})_[0-9A-Za-z]{{{_SECRET_LENGTH}}})"
    rf"([0-9A-Za-z]{{{_CHECKSUM_LENGTH}}})",
)


@dataclass(frozen=True)
class ApiKey:
    """The parts of a well-formed key: the ids that it contains, which are unverified, and the digest of the key."""

    tenant_id: str
    credential_id: str
    sha256: str = field(repr=False)


def issue(tenant_id: str, name: str, role: Role, now: datetime) -> tuple[Credential, str]:
    """A new credential and its API key, which is shown once and not stored. Raises InvalidValue."""
    credential_id = _base62(secrets.randbits(47), _ID_LENGTH)
    body = f"{PREFIX}_{tenant_id}_{credential_id}_{_base62(secrets.randbits(256), _SECRET_LENGTH)}"
    key = body + _checksum(body)
    credential = Credential(
        id=credential_id,
        name=name,
        role=role,
        sha256=_digest(key),
        last_four=key[-4:],
        created=shown_time(now),
    )
    return credential, key


def read_key(text: str) -> ApiKey:
    """The parts of a key. Raises InvalidKey when it does not have the form of a key, or its checksum is wrong."""
    match = _KEY.fullmatch(text)
    if match is None or not hmac.compare_digest(_checksum(match[1]), match[4]):
        raise InvalidKey
    return ApiKey(tenant_id=match[2], credential_id=match[3], sha256=_digest(text))


def authenticate(tenants: TenantLookup, text: str) -> tuple[Tenant, Credential]:
    """The tenant and the credential that an API key belongs to.

    Raises InvalidKey, Unavailable, Configuration. When the tenant's access secret is broken, Configuration is for the
    tenant's own keys, and other keys get InvalidKey. When the document's keys cannot be read either, every key gets
    Configuration.
    """
    key = read_key(text)
    try:
        owner = tenants.find(key.tenant_id, lambda tenant: _owner(tenant, key))
    except BrokenDocument as broken:
        digests = broken.digests
        if digests is None or hmac.compare_digest(digests.get(key.credential_id, "").encode(), key.sha256.encode()):
            raise
        raise InvalidKey from None
    if owner is None:
        raise InvalidKey
    return owner


def _owner(tenant: Tenant, key: ApiKey) -> tuple[Tenant, Credential] | None:
    credential = matching_credential(tenant, key)
    return (tenant, credential) if credential else None


def matching_credential(tenant: Tenant, key: ApiKey) -> Credential | None:
    """The tenant's credential that a key belongs to, or None."""
    credential = tenant.credential(key.credential_id)
    return credential if credential and hmac.compare_digest(credential.sha256, key.sha256) else None


def texting_credential(tenant: Tenant, text: str) -> Credential:
    """The credential of an API key that can serve as this tenant's webhook key. Raises InvalidKey, ForbiddenRole."""
    credential = matching_credential(tenant, read_key(text))
    if credential is None:
        raise InvalidKey
    require_texting(credential)
    return credential


def require_texting(credential: Credential) -> None:
    """Raises ForbiddenRole unless the credential's role may text."""
    if not credential.role.may_text:
        message = f"the credential's role is {credential.role.value}; texting needs Writer or Manager"
        raise ForbiddenRole(message)


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def _checksum(body: str) -> str:
    return _base62(zlib.crc32(body.encode()), _CHECKSUM_LENGTH)


def _base62(number: int, width: int) -> str:
    digits = ""
    for _ in range(width):
        number, digit = divmod(number, len(_ALPHABET))
        digits = _ALPHABET[digit] + digits
    return digits
