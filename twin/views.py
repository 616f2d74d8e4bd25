"""Messages and planned failures as the control API returns them."""

from datetime import datetime

from twin.planned import PlannedFailure
from twin.record import Message

Json = dict[str, object]
"""A JSON object."""


def on_phone(message: Message) -> Json:
    """A message as its receiver's phone shows it, with the twin's notes."""
    return {
        "from": message.sender,
        "body": message.body,
        "media": [{"url": item.url, "content_type": item.content_type} for item in message.media],
        "message_sid": message.sid,
        "by": message.by,
        "status": message.status,
        "error_code": message.error_code,
    }


def in_full(message: Message) -> Json:
    """A message with its history and its status callbacks, with `***` for the password in their URL."""
    callback_url = message.status_callback
    return {
        **on_phone(message),
        "to": message.receiver,
        "account_sid": message.account_sid,
        "direction": message.direction,
        "status_callback": None if callback_url is None else callback_url.redacted(),
        "history": [{"status": status, "time": _iso_time(time)} for status, time in message.history],
        "callbacks": [
            {
                "message_status": callback.message_status,
                "status": callback.status,
                "error": callback.error,
                "time": _iso_time(callback.time),
            }
            for callback in message.callbacks
        ],
    }


def planned(failure: PlannedFailure) -> Json:
    """A failure that is still to come."""
    return {
        "kind": failure.kind,
        "to": failure.to,
        "from": failure.sender,
        "count": failure.count,
        "status": failure.status or None,
        "code": failure.code or None,
        "seconds": failure.seconds,
        "ends": None if failure.kind != "fails_later" else failure.ending.status,
        "error_code": failure.ending.error_code,
    }


def _iso_time(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
