"""Resources as the REST API words them.

Names and types are those of Twilio's pages "Messages resource", "Media subresource" and "IncomingPhoneNumber resource".
"""

from datetime import datetime
from email.utils import format_datetime

from twin.accounts import Hook, Number
from twin.media import media_path
from twin.message import API_VERSION, Media
from twin.record import Message
from twin.rest.reasons import REASONS
from twin.segments import count_segments

Json = dict[str, object]
"""A JSON object."""


def message(shown: Message) -> Json:
    """A message. Its price is null: there is none."""
    uri = f"/{API_VERSION}/Accounts/{shown.account_sid}/Messages/{shown.sid}"
    return {
        "account_sid": shown.account_sid,
        "api_version": API_VERSION,
        "body": shown.body,
        "date_created": _date(shown.created),
        "date_sent": None if shown.sent is None else _date(shown.sent),
        "date_updated": _date(shown.updated),
        "direction": shown.direction,
        "error_code": shown.error_code,
        "error_message": None if shown.error_code is None else REASONS.get(shown.error_code),
        "from": shown.sender,
        "messaging_service_sid": None,
        "num_media": str(len(shown.media)),
        "num_segments": str(count_segments(shown.body)),
        "price": None,
        "price_unit": "USD",
        "sid": shown.sid,
        "status": shown.status,
        "subresource_uris": {"media": f"{uri}/Media.json"},
        "to": shown.receiver,
        "uri": f"{uri}.json",
    }


def media(parent: Message, shown: Media) -> Json:
    """A file of a message."""
    return {
        "account_sid": parent.account_sid,
        "content_type": shown.content_type,
        "date_created": _date(parent.created),
        "date_updated": _date(parent.created),
        "parent_sid": parent.sid,
        "sid": shown.sid,
        "uri": f"{media_path(parent.account_sid, parent.sid, shown.sid)}.json",
    }


def number(shown: Number) -> Json:
    """A number. Its URLs are shown as configured, with their passwords: the account's own credentials asked for it."""
    return {
        "account_sid": shown.account_sid,
        "api_version": API_VERSION,
        "capabilities": {"fax": False, "mms": True, "sms": True, "voice": False},
        "friendly_name": shown.number,
        "phone_number": shown.number,
        "sid": shown.sid,
        "sms_application_sid": shown.application_sid,
        "sms_fallback_method": hook_method(shown.fallback),
        "sms_fallback_url": hook_url(shown.fallback),
        "sms_method": hook_method(shown.primary),
        "sms_url": hook_url(shown.primary),
        "status": "in-use",
        "uri": f"/{API_VERSION}/Accounts/{shown.account_sid}/IncomingPhoneNumbers/{shown.sid}.json",
    }


def hook_url(hook: Hook | None) -> str:
    """A webhook's URL as configured; empty without one."""
    return "" if hook is None else hook.url.configured()


def hook_method(hook: Hook | None) -> str:
    """Its method; Twilio's own default without one."""
    return "POST" if hook is None else hook.method


def _date(moment: datetime) -> str:
    """RFC 2822, in whole seconds."""
    return format_datetime(moment)
