"""Which secrets may have signed a request, and which mistake it is if they did.

Source: Twilio docs, "Security" and "Auth tokens and how to change them": requests are signed with the primary auth
token of the account that owns the number, for a subaccount with its own. API keys never sign.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from operations.signature.case import Case, Mistake, Mistakes
from shared.tenants.account import Account

PASTED_KINDS = {
    "primary": "token_not_promoted",
    "secondary": "token_not_added",
    "master": "master_token",
    "subaccount": "subaccount_token",
    "rest-key": "rest_key_secret",
    "api-key": "api_key_signed",
    "token": "token_not_stored",
}
"""What an operator may call a pasted secret, each with the cause when that secret signed."""

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
class SecretCandidate:
    """A secret that may have signed."""

    mistakes: Mistakes
    secret: bytes = field(repr=False)


def secret_candidates(case: Case, sid: str | None) -> list[SecretCandidate]:
    """Every secret once, the tokens of the account that the request names first; when it names none, all tokens."""
    candidates: dict[bytes, Mistakes] = {}
    for mistakes, secret in _all_candidates(case, sid):
        candidates.setdefault(secret.encode("utf-8", "surrogatepass"), mistakes)
    return [SecretCandidate(mistakes, secret) for secret, mistakes in candidates.items() if secret]


def _all_candidates(case: Case, sid: str | None) -> Iterator[tuple[Mistakes, str]]:
    accounts = case.accounts
    tokens = [token for account in accounts if sid in {None, account.sid} for token in account.auth_tokens]
    yield from (((), token) for token in tokens)
    for account in accounts:
        yield from (((Mistake("other_account_token", account.sid),), token) for token in account.auth_tokens)
    for pasted in case.pasted:
        yield (Mistake(PASTED_KINDS[pasted.kind]),), pasted.secret
    for account in accounts:
        if account.rest_key:
            yield (Mistake("rest_key_secret"),), account.rest_key.secret
    for token in tokens:
        yield from (((Mistake("token_spoilt"),), spoil(token)) for spoil in _SPOILT)


def odd_secrets(account: Account, case: Case) -> Iterator[Mistake]:
    """What is odd about the account's stored secrets, whichever secret signed."""
    rest_secrets = {any_account.rest_key.secret for any_account in case.accounts if any_account.rest_key}
    if rest_secrets & set(account.auth_tokens):
        yield Mistake("rest_key_stored", account.sid)
    for other in case.accounts:
        if other is not account and set(other.auth_tokens) & set(account.auth_tokens):
            yield Mistake("same_token_twice", f"{account.sid} and {other.sid}")
    if any(len(token) != 32 or not set(token) <= set("0123456789abcdef") for token in account.auth_tokens):  # noqa: PLR2004
        yield Mistake("no_token_shape", account.sid)
