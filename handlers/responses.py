"""From our errors to HTTP statuses."""

import json
import re
from collections.abc import Mapping

from werkzeug import Response

from shared import errors

STATUSES: dict[type[errors.SmsReceiverError], int] = {
    errors.InvalidKey: 401,
    errors.ForbiddenRole: 403,
    errors.InvalidSignature: 403,
    errors.Malformed: 400,
    errors.WrongContentType: 415,
    errors.TooLarge: 413,
    errors.NotOurs: 403,
    errors.Mismatch: 409,
    errors.Configuration: 500,
    errors.Unavailable: 503,
    errors.InProgress: 503,
}
"""Never 429: Twilio does not honour it (Twilio docs, error 11217)."""


def refusal(error: errors.SmsReceiverError) -> Response:
    """The answer to a request that was not accepted: a status, and as JSON the reason and the field that is wrong."""
    said = {"reason": reason(error), "message": str(error)}
    if isinstance(error, errors.Rejected) and error.field:
        said["field"] = error.field
    return json_answer(STATUSES[type(error)], said)


def json_answer(status: int, said: Mapping[str, object]) -> Response:
    """An answer in JSON that nobody may keep."""
    return Response(json.dumps(said), status, content_type="application/json", headers={"Cache-Control": "no-store"})


def reason(error: errors.SmsReceiverError) -> str:
    """A stable word for the error, for logs, metrics and answers."""
    if isinstance(error, errors.Rejected):
        return error.reason
    return "_".join(re.findall(r"[A-Z][a-z]*", type(error).__name__)).lower()
