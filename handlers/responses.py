"""From our errors to HTTP answers, logged and counted."""

import json
from collections.abc import Mapping
from typing import NamedTuple

from handlers import telemetry
from shared import errors
from shared.reasons import FORGED
from shared.telemetry import LogEvent, Metric

STATUSES: dict[type[errors.SmsReceiverError], int] = {
    errors.InvalidKey: 401,
    errors.ForbiddenRole: 403,
    errors.InvalidSignature: 403,
    errors.Malformed: 400,
    errors.WrongContentType: 415,
    errors.TooLarge: 413,
    errors.TooManyMessages: 413,
    errors.RateLimited: 429,
    errors.NotOurs: 403,
    errors.OptedOut: 403,
    errors.Mismatch: 409,
    errors.OtherConversation: 409,
    errors.Configuration: 500,
    errors.BrokenDocument: 500,
    errors.Unavailable: 503,
    errors.InProgress: 503,
}
"""429 is for programs alone: Twilio ignores it (Twilio docs, error 11217)."""


OUTWARD: dict[type[errors.SmsReceiverError], str] = {
    errors.Configuration: "something is set up wrongly here; the stage's log says what",
    errors.BrokenDocument: "something is set up wrongly here; the stage's log says what",
    errors.Unavailable: "something that is needed does not answer; try again later",
    errors.InProgress: "the same request is being worked on; try again later",
}
"""What a caller learns of a failure of ours. The errors' own sentences are for operators: they name what is stored."""


class HttpAnswer(NamedTuple):
    """What a caller gets."""

    status: int
    headers: Mapping[str, str]
    body: str


def not_accepted(
    error: errors.RequestRefused | errors.Unavailable | errors.Configuration, request_id: str
) -> HttpAnswer:
    """The answer that says why a request was not accepted. Logs and counts it."""
    if isinstance(error, errors.RequestRefused):
        telemetry.record(
            LogEvent.REFUSED,
            level="WARN",
            measured={Metric.FORGED: 1} if error.reason in FORGED else {},
            reason=error.reason,
            request_id=request_id,
            tenant=error.tenant_id,
            correlation_id=error.message_id,
            conversation=telemetry.shortened(error.conversation or ""),
            credential=error.credential_id,
            agent=error.agent_id,
        )
    else:
        tenant_id = error.tenant_id if isinstance(error, errors.BrokenDocument) else None
        telemetry.failed(error, request_id=request_id, tenant=tenant_id)
    return refusal(error)


def refusal(error: errors.SmsReceiverError) -> HttpAnswer:
    """The answer to a request that was not accepted: a status, and as JSON the reason and the field that is wrong."""
    content = {"reason": error.reason, "message": OUTWARD.get(type(error)) or str(error)}
    if isinstance(error, errors.RequestRefused) and error.field:
        content["field"] = error.field
    answer = json_answer(STATUSES[type(error)], content)
    if isinstance(error, errors.RateLimited):
        return answer._replace(headers={**answer.headers, "Retry-After": str(error.retry_after_seconds)})
    return answer


def json_answer(status: int, content: Mapping[str, object]) -> HttpAnswer:
    """An answer in JSON, which no cache may store."""
    return HttpAnswer(status, {"Content-Type": "application/json", "Cache-Control": "no-store"}, json.dumps(content))
