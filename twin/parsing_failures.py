"""Reads the control API's JSON for planned failures and for the options of callbacks."""

from twin.body import BadBody, Body
from twin.callbacks import CallbackOptions
from twin.carrier import DELIVERED, Ending
from twin.planned import PlannedFailure

_CODES = {429: 20429, 500: 20500, 503: 20503}
_KINDS = ("STATUS", "LOST_ANSWER", "FAILS_LATER")
_MAX_NUMBER = 1_000_000


def read_callback_options(json: object) -> CallbackOptions:
    """The body of `PUT /callbacks`."""
    body = Body(json, "shuffle", "repeat", "off")
    return CallbackOptions(
        shuffle=body.flag("shuffle", default=True),
        repeat=body.flag("repeat", default=True),
        off=body.flag("off", default=False),
    )


def read_planned(json: object) -> PlannedFailure:
    """The body of `POST /rest/failures`."""
    body = Body(json, "kind", "to", "from", "count", "status", "code", "seconds", "error_code", "ends")
    kind = body.word("kind", "STATUS", *_KINDS).lower()
    status = body.number("status", 500, 400, 599) if kind == "status" else 0
    if status and status not in _CODES and body.fields.get("code") is None:
        message = f"code: is required with the status {status}."
        raise BadBody(message)
    return PlannedFailure(
        kind,
        to=body.optional("to"),
        sender=body.optional("from"),
        count=body.number("count", 1, 0, _MAX_NUMBER),
        status=status,
        code=body.number("code", _CODES.get(status, 0), 0, _MAX_NUMBER),
        seconds=body.number("seconds", 0, 0, 600),
        ending=_ending(body) if kind == "fails_later" else DELIVERED,
    )


def _ending(body: Body) -> Ending:
    return Ending(
        body.word("ends", "FAILED", "FAILED", "UNDELIVERED").lower(), body.number("error_code", 30001, 10000, 99999)
    )
