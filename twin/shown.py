"""Messages as the control API shows them, by the twin's own names."""

from datetime import datetime

from twin.planned import PlannedFailure
from twin.record import Message

Json = dict[str, object]
"""A JSON object."""


def on_phone(message: Message) -> Json:
    """A message as its receiver sees it, with what the twin knows of it."""
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
    """A message with its history and its status callbacks, whose URL is shown without the password."""
    callback = message.status_callback
    return {
        **on_phone(message),
        "to": message.receiver,
        "account_sid": message.account_sid,
        "direction": message.direction,
        "status_callback": None if callback is None else callback.redacted(),
        "history": [{"status": status, "time": _shown(time)} for status, time in message.history],
        "callbacks": [
            {
                "message_status": made.message_status,
                "status": made.status,
                "error": made.error,
                "time": _shown(made.time),
            }
            for made in message.callbacks
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


def _shown(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
