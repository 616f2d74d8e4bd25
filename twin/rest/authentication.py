"""Who may use the REST API: HTTP Basic with the account's SID and an auth token, or with an API key and its secret.

(Twilio docs: "API authentication with HTTP Basic"; both auth tokens count while there are two: "Auth tokens and how to
change them".) An account opens itself only: the twin knows no parents of subaccounts.
"""

from flask import Request

from twin.accounts import Account
from twin.directory import Directory, NotKnown
from twin.rest.errors import RestError


def authenticated(directory: Directory, request: Request, account_sid: str) -> Account:
    """The account, when the request may use it.

    Raises:
        RestError: It may not.
    """
    try:
        account = directory.account(account_sid)
    except NotKnown:
        raise RestError(20003) from None
    if not account.opens(*_shown(request)):
        raise RestError(20003)
    return account


def account_shown(directory: Directory, request: Request) -> Account:
    """The account whose credentials the request shows: the newer APIs' addresses name none.

    Raises:
        RestError: They are no account's.
    """
    shown = _shown(request)
    account = next((account for account in directory.accounts() if account.opens(*shown)), None)
    if account is None:
        raise RestError(20003)
    return account


def _shown(request: Request) -> tuple[str, str]:
    shown = request.authorization
    if shown is None or shown.type != "basic":
        raise RestError(20003)
    return shown.username or "", shown.password or ""
