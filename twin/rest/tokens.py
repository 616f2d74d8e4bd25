"""An account's second auth token (Twilio docs: "REST API: Secondary Auth Token", "REST API: Auth Token").

Twilio has them at accounts.twilio.com; here everything has one address. Whether an API key may do this is not
documented: here only the account's SID with a token may. Nor is what a second secondary token does: here it is refused.
"""

from datetime import UTC, datetime
from http import HTTPStatus

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from twin.accounts import Account
from twin.directory import Directory
from twin.rest.authentication import account_shown
from twin.rest.errors import RestError
from twin.rest.shapes import Json

_SECONDARY, _PROMOTE = "/v1/AuthTokens/Secondary", "/v1/AuthTokens/Promote"


def routes(directory: Directory) -> Blueprint:
    """The routes over one directory."""
    found = Blueprint("tokens", __name__)

    @found.post(_SECONDARY)
    def create_secondary() -> ResponseReturnValue:
        account = _account(directory)
        if account.secondary_auth_token is not None:
            raise RestError(20001, "there is a secondary token already")
        made = account.with_secondary()
        directory.put_account(made)
        return _shown(made, "secondary_auth_token", made.secondary_auth_token), HTTPStatus.CREATED

    @found.delete(_SECONDARY)
    def delete_secondary() -> ResponseReturnValue:
        account = _account(directory)
        if account.secondary_auth_token is None:
            raise RestError(20404, request.path)
        directory.put_account(account.without_secondary())
        return "", HTTPStatus.NO_CONTENT

    @found.post(_PROMOTE)
    def promote() -> ResponseReturnValue:
        promoted = _account(directory).promoted()
        if promoted is None:
            raise RestError(20404, request.path)
        directory.put_account(promoted)
        return _shown(promoted, "auth_token", promoted.auth_token)

    return found


def _account(directory: Directory) -> Account:
    account = account_shown(directory, request)
    if request.authorization is None or request.authorization.username != account.sid:
        raise RestError(20003)
    return account


def _shown(account: Account, name: str, token: str | None) -> Json:
    moment = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "account_sid": account.sid,
        name: token,
        "date_created": moment,
        "date_updated": moment,
        "url": f"https://accounts.twilio.com{request.path}",
    }
