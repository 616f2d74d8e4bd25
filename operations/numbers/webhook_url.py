"""The webhook's URL: how it is made for a number, and what a URL that stands at the provider says.

Userinfo and fragment are Twilio's: it keeps the first for the challenge and reads the second as connection overrides
(Twilio docs, "Webhooks: connection overrides"). Neither is part of what it signs.
"""

import re
from collections.abc import Mapping

from shared.errors import ForbiddenRole, InvalidKey
from shared.public_paths import RECEIVE
from shared.tenants import api_keys
from shared.tenants.tenant import Credential, Tenant

OVERRIDES = "#ct=2000&rt=5000&tt=15000&rc=2&rp=ct,rt,5xx"
"""Milliseconds to connect, to answer and in all; two retries, also after a timeout or a 5xx, after which Twilio makes
none by itself (Twilio docs, "Webhooks: connection overrides")."""

NONE = "none"
_SHAPE = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*://)(?:(?P<userinfo>[^/?#]*)@)?(?P<rest>.*)", re.DOTALL)
_QUERY = re.compile(r"\?[^#]*")


def webhook_url(base_url: str, key: str) -> str:
    """The URL to give to the provider; neither the key nor anything else in it needs percent-encoding."""
    scheme, _, rest = base_url.rstrip("/").partition("://")
    return f"{scheme}://{api_keys.USERNAME}:{key}@{rest}{RECEIVE}{OVERRIDES}"


def without_userinfo(url: str) -> str:
    """The URL without user and password, all the rest verbatim; what is no URL stays what it is."""
    shape = _SHAPE.fullmatch(url)
    return f"{shape['scheme']}{shape['rest']}" if shape else url


def key_in(url: str) -> str | None:
    """The API key in a URL; None when it has none, or another user's password."""
    shape = _SHAPE.fullmatch(url)
    username, colon, password = ((shape and shape["userinfo"]) or "").partition(":")
    return password if colon and username == api_keys.USERNAME else None


def tenant_in(url: str) -> str | None:
    """The tenant whose API key stands in the URL, a good one or not; None for everybody else's webhooks."""
    try:
        return api_keys.read_key(key_in(url) or "").tenant_id
    except InvalidKey:
        return None


def is_ours(url: str, tenant_id: str) -> bool:
    """Whether the URL is a webhook of this tenant's."""
    return tenant_in(url) == tenant_id


def working_credential(url: str, tenant: Tenant) -> Credential | None:
    """The credential whose key stands in the URL, if texts that come with it are taken."""
    try:
        return api_keys.texting_credential(tenant, key_in(url) or "")
    except (InvalidKey, ForbiddenRole):
        return None


def told_of_key(url: str, tenant: Tenant) -> str:
    """What an operator is told of the key in a URL."""
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


def told_of(url: str) -> str:
    """What an operator is told of a URL: no password, and no query, for either may be a secret."""
    shape = _SHAPE.fullmatch(url)
    if shape is None:
        return NONE if not url else "not a URL"
    user = "" if shape["userinfo"] is None else f"{api_keys.USERNAME}:***@" if key_in(url) is not None else "***@"
    return f"{shape['scheme']}{user}{_QUERY.sub('?…', shape['rest'], count=1)}"


def urls(bases: Mapping[str, str], region: str, key: str) -> tuple[str, str]:
    """The URLs of a number whose agent is in this region: its stage's, and the other stage's as fallback.

    Args:
        bases: the URL that each deployed stage's webhooks begin with.
        region: the agent's stage.
        key: the API key.

    Each is empty where the stage is not deployed.
    """
    first = bases.get(region)
    other = next((base for stage, base in bases.items() if stage != region), None)
    return webhook_url(first, key) if first else "", webhook_url(other, key) if other else ""
