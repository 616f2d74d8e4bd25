"""Which secrets may have signed a request, and what it means if they have.

Source: Twilio docs, "Security" and "Auth tokens and how to change them": the primary auth token of the account that
owns the number signs, of a subaccount its own; API keys never do.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from operations.signature.case import Case, Causes, Named
from shared.tenants.tenant import Account

PASTED = {
    "primary": "token_not_promoted",
    "secondary": "token_not_added",
    "master": "master_token",
    "subaccount": "subaccount_token",
    "rest-key": "rest_key_secret",
    "api-key": "api_key_signed",
    "token": "token_not_stored",
}
"""What an operator may say a pasted secret is, and the cause when it signed."""

_SPOILT: tuple[Callable[[str], str], ...] = (
    str.strip,
    lambda token: token.strip(" \t\r\n\"'"),
    lambda token: "".join(token.split()),
    str.lower,
    lambda token: token + "\n",
    lambda token: token + "\r\n",
    lambda token: token + " ",
    lambda token: " " + token,
)


@dataclass(frozen=True)
class Suspect:
    """A secret that may have signed."""

    causes: Causes
    secret: bytes = field(repr=False)


def suspects(case: Case, sid: str | None) -> list[Suspect]:
    """Every secret once, first the tokens of the account that the request names; of all, when it names none."""
    found: dict[bytes, Causes] = {}
    for causes, secret in _suspects(case, sid):
        found.setdefault(secret.encode("utf-8", "surrogatepass"), causes)
    return [Suspect(causes, secret) for secret, causes in found.items() if secret]


def _suspects(case: Case, sid: str | None) -> Iterator[tuple[Causes, str]]:
    own = [token for account in case.tenant.accounts if sid in {None, account.sid} for token in account.auth_tokens]
    yield from (((), token) for token in own)
    for other in case.tenant.accounts:
        yield from (((Named("other_account_token", other.sid),), token) for token in other.auth_tokens)
    for pasted in case.pasted:
        yield (Named(PASTED[pasted.kind]),), pasted.secret
    for known in case.tenant.accounts:
        if known.rest_key:
            yield (Named("rest_key_secret"),), known.rest_key.secret
    for token in own:
        yield from (((Named("token_spoilt"),), spoil(token)) for spoil in _SPOILT)


def doubtful(account: Account, case: Case) -> Iterator[Named]:
    """What is odd about the account's stored secrets, whoever signed: it says where to look."""
    rest_secrets = {known.rest_key.secret for known in case.tenant.accounts if known.rest_key}
    if rest_secrets & set(account.auth_tokens):
        yield Named("rest_key_stored", account.sid)
    for other in case.tenant.accounts:
        if other is not account and set(other.auth_tokens) & set(account.auth_tokens):
            yield Named("same_token_twice", f"{account.sid} and {other.sid}")
    if any(len(token) != 32 or not set(token) <= set("0123456789abcdef") for token in account.auth_tokens):  # noqa: PLR2004
        yield Named("no_token_shape", account.sid)
