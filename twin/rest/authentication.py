"""Who may use the REST API: HTTP Basic with the account's SID and an auth token, or with an API key and its secret.

(Twilio docs: "API authentication with HTTP Basic"; both auth tokens are valid while there are two: "Auth tokens and how
to change them".) An account may only use itself: the twin has no parents of subaccounts.

Credentials are of one region, which the host names: `{product}.{edge}.{region}.twilio.com` (Twilio docs: "Using the
Twilio REST API in a non-US Region"). Any other host stands for us1.
"""

import re

from flask import Request

from twin.accounts import TwinAccount
from twin.directory import Directory, NotKnown
from twin.rest.errors import RestError

_REGIONAL_HOST = re.compile(r"[a-z]+\.[a-z]+\.([a-z]{2}[0-9])\.twilio\.com(?::[0-9]+)?")


def authenticated(directory: Directory, request: Request, account_sid: str) -> TwinAccount:
    """The account, if the request may use it.

    Raises:
        RestError: The request may not use it, or there is no such account.
    """
    try:
        account = directory.account(account_sid)
    except NotKnown:
        raise RestError(20003) from None
    if account.region != _region(request) or not account.accepts_credentials(*_credentials(request)):
        raise RestError(20003)
    return account


def account_of_credentials(directory: Directory, request: Request) -> TwinAccount:
    """The account whose credentials the request has, for the newer APIs, whose paths name no account.

    Raises:
        RestError: They belong to no account.
    """
    user, password = _credentials(request)
    accounts = (account for account in directory.accounts() if account.region == _region(request))
    account = next((account for account in accounts if account.accepts_credentials(user, password)), None)
    if account is None:
        raise RestError(20003)
    return account


def _region(request: Request) -> str:
    match = _REGIONAL_HOST.fullmatch(request.host)
    return match[1] if match else "us1"


def _credentials(request: Request) -> tuple[str, str]:
    authorization = request.authorization
    if authorization is None or authorization.type != "basic":
        raise RestError(20003)
    return authorization.username or "", authorization.password or ""
