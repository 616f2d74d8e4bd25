"""The debugger's entries in the REST API (Twilio docs: "Monitor REST API: Alerts"): the list only.

Twilio serves it at monitor.twilio.com; the twin has one address for everything. `alert_text` is documented only as "the
text of the alert"; people's reports show it written like a query, as here. Do not rely on it.
"""

from datetime import UTC, datetime
from urllib.parse import urlencode

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from twin.debugger import Alert
from twin.offline_twilio import OfflineTwilio
from twin.rest.authentication import account_of_credentials
from twin.rest.errors import RestError
from twin.rest.listing import page_with_meta
from twin.rest.shapes import Json

_HOST = "https://monitor.twilio.com"
_PATH = "/v1/Alerts"


def routes(twilio: OfflineTwilio) -> Blueprint:
    """The routes over one twin."""
    blueprint = Blueprint("alerts", __name__)

    @blueprint.get(_PATH)
    def list_alerts() -> ResponseReturnValue:
        account = account_of_credentials(twilio.directory, request)
        begin, end = _date("StartDate"), _date("EndDate")
        level = request.args.get("LogLevel", "error")
        alerts = [
            alert
            for alert in reversed(twilio.alerts())
            if alert.account_sid == account.sid
            and level == "error"
            and (begin is None or begin <= _time(alert))
            and (end is None or _time(alert) <= end)
        ]
        return page_with_meta(
            alerts, "alerts", _HOST, request.path, request.args, sid=lambda alert: alert.sid, shape=_shape
        )

    return blueprint


def _time(alert: Alert) -> datetime:
    return datetime.fromisoformat(alert.time).replace(microsecond=0)


def _date(name: str) -> datetime | None:
    """A date or a time of the query, in GMT.

    Raises:
        RestError: It is neither.
    """
    text = request.args.get(name, "")
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise RestError(20001, name) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _shape(alert: Alert) -> Json:
    time = _time(alert).strftime("%Y-%m-%dT%H:%M:%SZ")
    text = {"ErrorCode": alert.error_code, "LogLevel": "ERROR", "Msg": alert.message, "url": alert.url}
    return {
        "account_sid": alert.account_sid,
        "alert_text": urlencode({**text, "httpResponse": alert.status} if alert.status else text),
        "api_version": "2010-04-01",
        "date_created": time,
        "date_generated": time,
        "date_updated": time,
        "error_code": str(alert.error_code),
        "log_level": "error",
        "more_info": f"https://www.twilio.com/docs/errors/{alert.error_code}",
        "request_method": alert.method,
        "request_url": alert.url,
        "resource_sid": alert.message_sid,
        "service_sid": None,
        "sid": alert.sid,
        "url": f"{_HOST}{_PATH}/{alert.sid}",
    }
