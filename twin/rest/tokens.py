"""An account's second auth token (Twilio docs: "REST API: Secondary Auth Token", "REST API: Auth Token").

Twilio serves them at accounts.twilio.com; the twin has one address for everything. Not documented is whether an API key
may do this: here it needs the account's SID and a token. Nor is the effect of a second secondary token: here it is
refused.
"""

from datetime import UTC, datetime
from http import HTTPStatus

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from twin.accounts import TwinAccount
from twin.directory import Directory
from twin.rest.authentication import account_of_credentials
from twin.rest.errors import RestError
from twin.rest.shapes import Json

_SECONDARY, _PROMOTE = "/v1/AuthTokens/Secondary", "/v1/AuthTokens/Promote"


def routes(directory: Directory) -> Blueprint:
    """The routes over one directory."""
    blueprint = Blueprint("tokens", __name__)

    @blueprint.post(_SECONDARY)
    def create_secondary() -> ResponseReturnValue:
        account = _account(directory)
        if account.secondary_auth_token is not None:
            raise RestError(20001, "there already is a secondary token")
        changed = account.with_secondary()
        directory.put_account(changed)
        return _token_json(changed, "secondary_auth_token", changed.secondary_auth_token), HTTPStatus.CREATED

    @blueprint.delete(_SECONDARY)
    def delete_secondary() -> ResponseReturnValue:
        account = _account(directory)
        if account.secondary_auth_token is None:
            raise RestError(20404, request.path)
        directory.put_account(account.without_secondary())
        return "", HTTPStatus.NO_CONTENT

    @blueprint.post(_PROMOTE)
    def promote() -> ResponseReturnValue:
        promoted = _account(directory).promoted()
        if promoted is None:
            raise RestError(20404, request.path)
        directory.put_account(promoted)
        return _token_json(promoted, "auth_token", promoted.auth_token)

    return blueprint


def _account(directory: Directory) -> TwinAccount:
    account = account_of_credentials(directory, request)
    if request.authorization is None or request.authorization.username != account.sid:
        raise RestError(20003)
    return account


def _token_json(account: TwinAccount, name: str, token: str | None) -> Json:
    moment = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "account_sid": account.sid,
        name: token,
        "date_created": moment,
        "date_updated": moment,
        "url": f"https://accounts.twilio.com{request.path}",
    }
