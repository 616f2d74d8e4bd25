"""The webhook's URL: making it for a number, and reading the URLs that the provider has.

Userinfo and fragment are for Twilio itself: it uses the userinfo to answer the challenge, and reads the fragment as
connection overrides. It signs neither.
"""

import re
from collections.abc import Mapping

from operations.twilio.connection_overrides import CONNECTION_OVERRIDES
from shared.errors import ForbiddenRole, InvalidKey
from shared.public_paths import RECEIVE
from shared.tenants import api_keys
from shared.tenants.tenant import Credential, Tenant

NONE = "none"
_SHAPE = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*://)(?:(?P<userinfo>[^/?#]*)@)?(?P<rest>.*)", re.DOTALL)
_QUERY = re.compile(r"\?[^#]*")


def webhook_url(base_url: str, key: str) -> str:
    """The URL to give to the provider. Nothing in it needs percent-encoding, not even the key."""
    scheme, _, rest = base_url.rstrip("/").partition("://")
    return f"{scheme}://{api_keys.USERNAME}:{key}@{rest}{RECEIVE}{CONNECTION_OVERRIDES}"


def without_userinfo(url: str) -> str:
    """The URL without user and password, and otherwise verbatim; a text that is not a URL comes back unchanged."""
    shape = _SHAPE.fullmatch(url)
    return f"{shape['scheme']}{shape['rest']}" if shape else url


def key_in(url: str) -> str | None:
    """The API key in a URL; None when the URL has no password, or has one for another user name."""
    shape = _SHAPE.fullmatch(url)
    username, colon, password = ((shape and shape["userinfo"]) or "").partition(":")
    return password if colon and username == api_keys.USERNAME else None


def tenant_in(url: str) -> str | None:
    """The id of the tenant whose API key is in the URL, whether the key works or not; None without such a key."""
    try:
        return api_keys.read_key(key_in(url) or "").tenant_id
    except InvalidKey:
        return None


def is_ours(url: str, tenant_id: str) -> bool:
    """Whether the URL is a webhook of this tenant."""
    return tenant_in(url) == tenant_id


def working_credential(url: str, tenant: Tenant) -> Credential | None:
    """The credential whose key is in the URL, if texts that come with this key are accepted; else None."""
    try:
        return api_keys.texting_credential(tenant, key_in(url) or "")
    except (InvalidKey, ForbiddenRole):
        return None


def describe_key(url: str, tenant: Tenant) -> str:
    """The key in a URL, described for an operator without showing it."""
    text = key_in(url)
    if text is None:
        return NONE
    try:
        key = api_keys.read_key(text)
    except InvalidKey:
        return "not one of ours"
    if key.tenant_id != tenant.id:
        return "another tenant's"
    credential = api_keys.matching_credential(tenant, key)
    if credential is None:
        return "revoked or unknown"
    return f"of {credential.name!r}" + ("" if credential.role.may_text else f", a {credential.role.value}'s")


def describe_url(url: str) -> str:
    """The URL for an operator, without password and query, because both may be secret."""
    shape = _SHAPE.fullmatch(url)
    if shape is None:
        return NONE if not url else "not a URL"
    user = "" if shape["userinfo"] is None else f"{api_keys.USERNAME}:***@" if key_in(url) is not None else "***@"
    return f"{shape['scheme']}{user}{_QUERY.sub('?…', shape['rest'], count=1)}"


def urls(bases: Mapping[str, str], stage: str, key: str) -> tuple[str, str]:
    """The webhook and the fallback webhook of a number: its agent's stage, and the other stage as fallback.

    Args:
        bases: the URL that each deployed stage's webhooks begin with.
        stage: the agent's stage.
        key: the API key.

    Each is empty when its stage is not deployed.
    """
    first = bases.get(stage)
    other = next((base for name, base in bases.items() if name != stage), None)
    return webhook_url(first, key) if first else "", webhook_url(other, key) if other else ""
