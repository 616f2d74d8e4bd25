"""From our errors to HTTP statuses."""

import json

from werkzeug import Response

from shared import errors

STATUSES: dict[type[errors.SmsReceiverError], int] = {
    errors.InvalidKey: 401,
    errors.ForbiddenRole: 403,
    errors.InvalidSignature: 403,
    errors.Malformed: 400,
    errors.Configuration: 500,
    errors.Unavailable: 503,
}
"""Never 429: Twilio does not honour it (Twilio docs, error 11217)."""


def refusal(error: errors.SmsReceiverError) -> Response:
    """The answer to a request that was not accepted: a status, and the reason as JSON."""
    body = json.dumps({"reason": reason(error), "message": str(error)})
    return Response(body, STATUSES[type(error)], content_type="application/json", headers={"Cache-Control": "no-store"})


def reason(error: errors.SmsReceiverError) -> str:
    """A stable word for the error, for logs, metrics and answers."""
    return error.reason if isinstance(error, errors.Rejected) else type(error).__name__.lower()
