"""Accounts in the REST API (Twilio docs: "Account resource")."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from twin.accounts import TwinAccount
from twin.message import API_VERSION
from twin.offline_twilio import OfflineTwilio
from twin.rest.authentication import authenticated
from twin.rest.errors import RestError

_PATH = f"/{API_VERSION}/Accounts"


def account_routes(routes: Blueprint, twilio: OfflineTwilio) -> None:
    """Add the route of an account."""

    @routes.get(f"{_PATH}/<account_sid>.json")
    def fetch_account(account_sid: str) -> ResponseReturnValue:
        account = authenticated(twilio.directory, request, account_sid)
        authorization = request.authorization
        if (
            authorization is None or authorization.username != account_sid
        ):  # a standard API key may fetch everything else
            raise RestError(20003)
        return _shape(account)


def _shape(account: TwinAccount) -> dict[str, object]:
    """The account as Twilio returns it, but without its auth token, which the twin never returns."""
    return {
        "date_created": "Mon, 23 Nov 2026 12:00:00 +0000",
        "date_updated": "Mon, 23 Nov 2026 12:00:00 +0000",
        "friendly_name": account.sid,
        "owner_account_sid": account.sid,
        "sid": account.sid,
        "status": account.status,
        "subresource_uris": {"messages": f"{_PATH}/{account.sid}/Messages.json"},
        "type": account.type,
        "uri": f"{_PATH}/{account.sid}.json",
    }
