"""A tenant's Twilio account: what its SID and secrets look like, and setting them."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from operations.operator import Operator
from operations.tenants import edits
from operations.tenants.editor import Administration
from shared.errors import CommandDeclined, InvalidValue, Unavailable, UpstreamRefused
from shared.providers.twilio import NAME
from shared.providers.twilio.hosts import REGIONS, USUAL_REGION
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
        region: the region to set, empty for Twilio's usual one; None to leave it.
    """

    sid: str
    is_new: bool
    needs_token: bool
    drop_token: str | None
    rest_key: str | None
    region: str | None


def plan(  # noqa: PLR0913 - what may be changed
    operator: Operator,
    sid: str,
    *,
    add_token: bool = False,
    drop_token: str | None = None,
    rest_key: str | None = None,
    region: str | None = None,
) -> PlannedAccountChange:
    """What setting the account would change. It changes nothing.

    Args:
        operator: who asks; the tenant must be certain.
        sid: the account's SID.
        add_token: whether one more auth token may sign; a new account gets one in any case.
        drop_token: the last four characters of the auth token to drop.
        rest_key: the SID of the REST key to set.
        region: Twilio's region that the account's messages are sent from, such as `ie1`.

    Raises InvalidValue for what is no SID or no region, CommandDeclined when nothing would change, Unavailable,
    Configuration.
    """
    check_account_sid(sid)
    if rest_key is not None:
        _check_sid(rest_key, "SK", "a REST key's SID")
    stored_region = None if region is None else _check_region(region)
    exists = operator.read().account(sid) is not None
    if exists and not add_token and (drop_token, rest_key, region) == (None, None, None):
        message = f"account {sid} is set already; say what to change: --add-token, --drop-token, --rest-key or --region"
        raise CommandDeclined(message)
    is_new = not (exists or drop_token)
    return PlannedAccountChange(sid, is_new, add_token or is_new, drop_token, rest_key, stored_region)


def carry_out(
    operator: Operator,
    administration: Administration,
    planned: PlannedAccountChange,
    *,
    token: str | None = None,
    rest_secret: str | None = None,
) -> Account:
    """The account, set as planned. Twilio is asked first whether it accepts the auth token and the REST key.

    Of an account in another region, Twilio must accept one of the secrets there.

    Args:
        operator: who changes it.
        administration: changes the tenant.
        planned: what to change.
        token: the auth token, where the plan needs one.
        rest_secret: the REST key's secret, where the plan has a REST key.

    Raises InvalidValue for what is no token or secret; CommandDeclined when one is missing, when Twilio does not accept
    it or, in the region, none of the account's secrets, or when the tenant has got or lost the account since this was
    planned; Unavailable, Configuration.
    """
    if planned.needs_token != (token is not None) or (planned.rest_key is None) != (rest_secret is None):
        message = f"the secrets given are not those that account {planned.sid} needs, so nothing was changed"
        raise CommandDeclined(message)
    if token is not None:
        check_auth_token(token)
    key = None
    if planned.rest_key is not None and rest_secret is not None:
        key = RestKey(planned.rest_key, check_rest_secret(rest_secret))
    if planned.is_new and token is not None:
        edit = edits.add_account(Account(planned.sid, NAME, (token,), key, planned.region or ""))
    else:
        edit = edits.update_account(
            planned.sid, add_token=token, drop_token=planned.drop_token, rest_key=key, region=planned.region
        )
    account = edits.account_named(edit(operator.read()), planned.sid)
    if token is not None:
        try_auth_token(operator, planned.sid, token, region=account.region)
    if key or planned.region is not None:
        _try_secrets(operator, account)
    return edits.account_named(administration.change(operator.tenant_id, edit), planned.sid)


def try_auth_token(operator: Operator, sid: str, text: str, *, region: str = "") -> str:
    """The auth token itself, if Twilio accepts it for the account. The operator is warned when Twilio cannot be asked.

    A secondary token that is not promoted yet is accepted, too (Twilio docs, "REST API: Secondary Auth Token"). So is
    one of Twilio's usual region, which may sign what an account of another region receives.

    Raises InvalidValue for what is no token, CommandDeclined when Twilio does not accept it; neither repeats it.
    """
    token = check_auth_token(text)
    message = f"Twilio does not accept this auth token for account {sid}, so nothing was changed"
    twilio = operator.world.accounts(operator.target.twilio_url)
    regions = dict.fromkeys([region, ""])
    _try(operator, "auth token is", lambda: any(twilio.state(sid, token, region=one) for one in regions), message)
    return token


def _try_secrets(operator: Operator, account: Account) -> None:
    """Raises CommandDeclined when Twilio does not accept what messages would be sent with. Warns when it cannot say."""
    twilio, sid, key = operator.world.accounts(operator.target.twilio_url), account.sid, account.rest_key
    what = f"{key.sid} with this secret" if key else "any of the auth tokens"
    message = f"Twilio does not accept {what} for account {sid}, so nothing was changed"
    if account.region:
        message = (
            f"{message}: region {account.region} has auth tokens and REST keys of its own; give one in the same "
            f"command, with {'--rest-key' if key else '--add-token'}"
        )

    def accepted() -> bool:
        if key:
            return twilio.opens(sid, key, region=account.region)
        return any(twilio.state(sid, token, region=account.region) for token in account.auth_tokens)

    _try(operator, "REST key is" if key else "auth tokens are", accepted, message)


def _try(operator: Operator, what: str, accepted: Callable[[], bool], otherwise: str) -> None:
    """Raises CommandDeclined when Twilio does not accept it. Warns when Twilio cannot be asked."""
    try:
        is_accepted = accepted()
    except (Unavailable, UpstreamRefused) as error:
        operator.progress.warning(f"The {what} not tried out, because: {error}. Try it later: ./sms doctor")
        return
    if not is_accepted:
        raise CommandDeclined(otherwise)


def _check_region(region: str) -> str:
    """The region as an account has it. Raises InvalidValue."""
    if region not in REGIONS:
        message = f"Twilio has no such region for messages; choose one of {', '.join(REGIONS)}"
        raise InvalidValue(message)
    return "" if region == USUAL_REGION else region


def _check_sid(sid: str, prefix: str, name: str) -> str:
    if not re.fullmatch(rf"{prefix}[0-9a-f]{{32}}", sid):
        message = f"{name} is {prefix} and 32 hexadecimal digits; copy it from Twilio's console"
        raise InvalidValue(message)
    return sid
