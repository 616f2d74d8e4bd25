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
    shown = request.authorization
    try:
        account = directory.account(account_sid)
    except NotKnown:
        raise RestError(20003) from None
    if shown is None or shown.type != "basic" or not account.opens(shown.username or "", shown.password or ""):
        raise RestError(20003)
    return account
