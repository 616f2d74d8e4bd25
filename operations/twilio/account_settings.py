"""A tenant's Twilio account: what its SID and secrets look like, and setting them."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from operations.operator import Operator
from operations.ports import ProviderAccounts
from operations.tenants import edits
from operations.tenants.editor import Administration
from shared.errors import CommandDeclined, InvalidValue, Unavailable, UpstreamRefused
from shared.providers.twilio import NAME
from shared.tenants.account import Account, RestKey

_AUTH_TOKEN = re.compile(r"[0-9a-f]{32}")
_REST_SECRET = re.compile(r"[0-9a-zA-Z]{32}")
"""These are the shapes of what Twilio hands out; its documentation names none. The chance that all 32 characters of a
REST key's secret are hexadecimal digits is one in 10^19."""


def check_account_sid(sid: str) -> str:
    """The SID itself (Twilio docs, "What is a String Identifier (SID)?"). Raises InvalidValue."""
    return _check_sid(sid, "AC", "a Twilio account's SID")


def check_auth_token(text: str) -> str:
    """The auth token itself. Raises InvalidValue, which does not repeat it."""
    if not _AUTH_TOKEN.fullmatch(text):
        message = "an auth token is 32 hexadecimal digits; copy it from Twilio's console"
        raise InvalidValue(message)
    return text


def check_rest_secret(text: str) -> str:
    """A REST key's secret itself. Raises InvalidValue, which does not repeat it."""
    if not _REST_SECRET.fullmatch(text):
        message = "a REST key's secret is 32 letters and digits; Twilio shows it once, when the key is made"
        raise InvalidValue(message)
    if _AUTH_TOKEN.fullmatch(text):
        message = "this looks like an auth token, and the REST key's secret is expected, which Twilio shows once"
        raise InvalidValue(message)
    return text


@dataclass(frozen=True)
class PlannedAccountChange:
    """What setting an account would change; its secrets are still missing.

    Attributes:
        sid: the account's SID.
        is_new: whether the tenant gets the account.
        needs_token: whether an auth token must come with it.
        drop_token: the last four characters of the auth token to drop; None for none.
        rest_key: the SID of the REST key to set, whose secret must come with it; None for none.
    """

    sid: str
    is_new: bool
    needs_token: bool
    drop_token: str | None
    rest_key: str | None


def plan(
    operator: Operator,
    sid: str,
    *,
    add_token: bool = False,
    drop_token: str | None = None,
    rest_key: str | None = None,
) -> PlannedAccountChange:
    """What setting the account would change. It changes nothing.

    Args:
        operator: who asks; the tenant must be certain.
        sid: the account's SID.
        add_token: whether one more auth token may sign; a new account gets one in any case.
        drop_token: the last four characters of the auth token to drop.
        rest_key: the SID of the REST key to set.

    Raises InvalidValue for what is no SID, CommandDeclined when nothing would change, Unavailable, Configuration.
    """
    check_account_sid(sid)
    if rest_key is not None:
        _check_sid(rest_key, "SK", "a REST key's SID")
    exists = operator.read().account(sid) is not None
    if exists and not add_token and drop_token is None and rest_key is None:
        message = f"account {sid} is set already; say what to change: --add-token, --drop-token or --rest-key"
        raise CommandDeclined(message)
    is_new = not (exists or drop_token)
    return PlannedAccountChange(sid, is_new, add_token or is_new, drop_token, rest_key)


def carry_out(
    operator: Operator,
    administration: Administration,
    planned: PlannedAccountChange,
    *,
    token: str | None = None,
    rest_secret: str | None = None,
) -> Account:
    """The account, set as planned. Twilio is asked first whether it accepts the auth token and the REST key.

    Args:
        operator: who changes it.
        administration: changes the tenant.
        planned: what to change.
        token: the auth token, where the plan needs one.
        rest_secret: the REST key's secret, where the plan has a REST key.

    Raises InvalidValue for what is no token or secret; CommandDeclined when one is missing, when Twilio does not accept
    it, or when the tenant has got or lost the account since this was planned; Unavailable, Configuration.
    """
    if planned.needs_token != (token is not None) or (planned.rest_key is None) != (rest_secret is None):
        message = f"the secrets given are not those that account {planned.sid} needs, so nothing was changed"
        raise CommandDeclined(message)
    if token is not None:
        try_auth_token(operator, planned.sid, token)
    key = None
    if planned.rest_key is not None and rest_secret is not None:
        key = RestKey(planned.rest_key, check_rest_secret(rest_secret))
        _try_rest_key(operator, planned.sid, key)
    if planned.is_new and token is not None:
        edit = edits.add_account(Account(planned.sid, NAME, (token,), key))
    else:
        edit = edits.update_account(planned.sid, add_token=token, drop_token=planned.drop_token, rest_key=key)
    return edits.account_named(administration.change(operator.tenant_id, edit), planned.sid)


def try_auth_token(operator: Operator, sid: str, text: str) -> str:
    """The auth token itself, if Twilio accepts it for the account. The operator is warned when Twilio cannot be asked.

    A secondary token that is not promoted yet is accepted, too (Twilio docs, "REST API: Secondary Auth Token").

    Raises InvalidValue for what is no token, CommandDeclined when Twilio does not accept it; neither repeats it.
    """
    token = check_auth_token(text)
    message = f"Twilio does not accept this auth token for account {sid}, so nothing was changed"
    _try(operator, "auth token", lambda accounts: accounts.state(sid, token) is not None, message)
    return token


def _try_rest_key(operator: Operator, sid: str, key: RestKey) -> None:
    message = f"Twilio does not accept {key.sid} with this secret for account {sid}, so nothing was changed"
    _try(operator, "REST key", lambda accounts: accounts.opens(sid, key), message)


def _try(operator: Operator, what: str, accepted: Callable[[ProviderAccounts], bool], otherwise: str) -> None:
    """Raises CommandDeclined when Twilio does not accept it. Warns when Twilio cannot be asked."""
    try:
        is_accepted = accepted(operator.world.accounts(operator.target.twilio_url))
    except (Unavailable, UpstreamRefused) as error:
        operator.progress.warning(f"The {what} is not tried out, because: {error}. Try it later: ./sms doctor")
        return
    if not is_accepted:
        raise CommandDeclined(otherwise)


def _check_sid(sid: str, prefix: str, name: str) -> str:
    if not re.fullmatch(rf"{prefix}[0-9a-f]{{32}}", sid):
        message = f"{name} is {prefix} and 32 hexadecimal digits; copy it from Twilio's console"
        raise InvalidValue(message)
    return sid
