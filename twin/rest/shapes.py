"""Resources as the REST API returns them.

Names and types are those of Twilio's pages "Messages resource", "Media subresource" and "IncomingPhoneNumber resource".
"""

from datetime import datetime
from email.utils import format_datetime

from twin.accounts import Hook, Number
from twin.media import media_path
from twin.message import API_VERSION, MediaFile
from twin.record import Message
from twin.rest.error_codes import REASONS
from twin.segments import count_segments

Json = dict[str, object]
"""A JSON object."""


def message(message: Message) -> Json:
    """A message. It has no price: the price is null."""
    uri = f"/{API_VERSION}/Accounts/{message.account_sid}/Messages/{message.sid}"
    return {
        "account_sid": message.account_sid,
        "api_version": API_VERSION,
        "body": message.body,
        "date_created": _date(message.created),
        "date_sent": None if message.sent is None else _date(message.sent),
        "date_updated": _date(message.updated),
        "direction": message.direction,
        "error_code": message.error_code,
        "error_message": None if message.error_code is None else REASONS.get(message.error_code),
        "from": message.sender,
        "messaging_service_sid": None,
        "num_media": str(len(message.media)),
        "num_segments": str(count_segments(message.body)),
        "price": None,
        "price_unit": "USD",
        "sid": message.sid,
        "status": message.status,
        "subresource_uris": {"media": f"{uri}/Media.json"},
        "to": message.receiver,
        "uri": f"{uri}.json",
    }


def media(parent: Message, file: MediaFile) -> Json:
    """A file of a message."""
    return {
        "account_sid": parent.account_sid,
        "content_type": file.content_type,
        "date_created": _date(parent.created),
        "date_updated": _date(parent.created),
        "parent_sid": parent.sid,
        "sid": file.sid,
        "uri": f"{media_path(parent.account_sid, parent.sid, file.sid)}.json",
    }


def number(number: Number) -> Json:
    """A number. Its URLs are as configured, with their passwords, because the request has the account's credentials."""
    return {
        "account_sid": number.account_sid,
        "api_version": API_VERSION,
        "capabilities": {"fax": False, "mms": True, "sms": True, "voice": False},
        "friendly_name": number.number,
        "phone_number": number.number,
        "sid": number.sid,
        "sms_application_sid": number.application_sid,
        "sms_fallback_method": hook_method(number.fallback),
        "sms_fallback_url": hook_url(number.fallback),
        "sms_method": hook_method(number.primary),
        "sms_url": hook_url(number.primary),
        "status": "in-use",
        "uri": f"/{API_VERSION}/Accounts/{number.account_sid}/IncomingPhoneNumbers/{number.sid}.json",
    }


def hook_url(hook: Hook | None) -> str:
    """A webhook's URL as configured; empty without a webhook."""
    return "" if hook is None else hook.url.configured()


def hook_method(hook: Hook | None) -> str:
    """A webhook's method; Twilio's default without a webhook."""
    return "POST" if hook is None else hook.method


def _date(moment: datetime) -> str:
    """RFC 2822, in whole seconds."""
    return format_datetime(moment)
