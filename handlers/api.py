"""The API for backends and operators' programs: `POST /sms.sender/SmsSend`, and for sessions with `SmsSession`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import serverless_wsgi
from werkzeug import Request, Response

from handlers import telemetry
from handlers.basic import api_key
from handlers.responses import HttpAnswer, json_answer, not_accepted
from handlers.starting import ready
from shared.errors import Configuration, RequestRefused, Unavailable
from shared.public_paths import BEGIN_SESSION, END_SESSION
from shared.reasons import Reason
from shared.submission.body import KEY_HEADER, RawRequest
from shared.telemetry import LogEvent
from shared.wiring import api as wiring

if TYPE_CHECKING:
    from handlers.aws_events import ProxyRequest, ProxyResponse
    from shared.submission.sessions import BegunSession, EndedSession
    from shared.submission.submitter import Submission


def lambda_handler(event: ProxyRequest, context: object) -> ProxyResponse:
    """Answers one request, in API Gateway's proxy format."""
    response: ProxyResponse = serverless_wsgi.handle_request(app, event, context)
    return response


@Request.application
def app(request: Request) -> Response:
    """What was asked for with its ids, once it is durable; otherwise a status that says why not."""
    event: ProxyRequest = request.environ["serverless.event"]
    act = {BEGIN_SESSION: _begin_session, END_SESSION: _end_session}.get(event["resource"], _submit)
    try:
        key = api_key(request.headers.get("Authorization"))
        wiring.claims().begin(request.environ["serverless.context"])
        answer = act(key, _raw_request(request))
    except (RequestRefused, Unavailable, Configuration) as error:
        answer = not_accepted(error, event["requestContext"]["requestId"])
    return Response(answer.body, answer.status, answer.headers)


def _submit(key: str, request: RawRequest) -> HttpAnswer:
    submission = wiring.submitter().submit(key, request)
    _record_submitted(submission, submission.answer_id, submission.in_reply_to)
    _record_untold(submission, submission.in_reply_to or submission.answer_id)
    return json_answer(202, {"id": submission.answer_id, "reply_ids": submission.reply_ids})


def _begin_session(key: str, request: RawRequest) -> HttpAnswer:
    begun = wiring.session_programs().begin(key, request)
    telemetry.record(
        LogEvent.SESSION_BEGUN,
        tenant=begun.tenant_id,
        correlation_id=begun.session_id,
        conversation=telemetry.shortened(begun.conversation),
        credential=begun.credential_id,
        agent=begun.agent_id,
    )
    if begun.answer_id:
        _record_submitted(begun, begun.answer_id)
    _record_untold(begun, begun.session_id)
    return json_answer(201, {"session_id": begun.session_id, "id": begun.answer_id, "reply_ids": begun.reply_ids})


def _end_session(key: str, request: RawRequest) -> HttpAnswer:
    ended = wiring.session_programs().end(key, request)
    telemetry.record(
        LogEvent.SESSION_ENDED,
        reason=None if ended.session_id else Reason.NO_SESSION,
        tenant=ended.tenant_id,
        correlation_id=ended.session_id,
        conversation=telemetry.shortened(ended.conversation),
        credential=ended.credential_id,
        agent=ended.agent_id,
    )
    _record_untold(ended, ended.session_id)
    return json_answer(200, {"session_id": ended.session_id, "ended": ended.session_id is not None})


def _record_submitted(queued: Submission | BegunSession, answer_id: str, in_reply_to: str | None = None) -> None:
    telemetry.record(
        LogEvent.SUBMITTED,
        tenant=queued.tenant_id,
        correlation_id=in_reply_to or answer_id,
        reply=queued.reply_ids[0] if in_reply_to else None,  # the text's line names its answer
        conversation=telemetry.shortened(queued.conversation),
        credential=queued.credential_id,
        agent=queued.agent_id,
    )


def _record_untold(done: Submission | BegunSession | EndedSession, correlation_id: str | None) -> None:
    if done.untold:
        telemetry.failed(done.untold, tenant=done.tenant_id, correlation_id=correlation_id, agent=done.agent_id)


def _raw_request(request: Request) -> RawRequest:
    return RawRequest(
        content_type=request.headers.get("Content-Type", ""),
        body=request.get_data(cache=False),
        idempotency_key=request.headers.get(KEY_HEADER),
    )


ready(wiring.submitter)
