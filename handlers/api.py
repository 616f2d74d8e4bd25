"""The API for backends and operators' programs: `POST /sms.sender/SmsSend`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import serverless_wsgi
from werkzeug import Request, Response

from handlers import telemetry
from handlers.basic import api_key
from handlers.responses import HttpAnswer, json_answer, not_accepted
from handlers.starting import ready
from shared.errors import Configuration, RequestRefused, Unavailable
from shared.submission.request import KEY_HEADER, RawRequest
from shared.telemetry import LogEvent
from shared.wiring import api as wiring

if TYPE_CHECKING:
    from handlers.aws_events import ProxyRequest, ProxyResponse


def lambda_handler(event: ProxyRequest, context: object) -> ProxyResponse:
    """Answers one request, in API Gateway's proxy format."""
    response: ProxyResponse = serverless_wsgi.handle_request(app, event, context)
    return response


@Request.application
def app(request: Request) -> Response:
    """202 with the ids when the message is on the queue; otherwise a status that says why not."""
    answer = _submit(request)
    return Response(answer.body, answer.status, answer.headers)


def _submit(request: Request) -> HttpAnswer:
    request_id = request.environ["serverless.event"]["requestContext"]["requestId"]
    try:
        key = api_key(request.headers.get("Authorization"))
        wiring.claims().begin(request.environ["serverless.context"])
        submission = wiring.submitter().submit(key, _raw_request(request))
    except (RequestRefused, Unavailable, Configuration) as error:
        return not_accepted(error, request_id)
    telemetry.record(
        LogEvent.SUBMITTED,
        tenant=submission.tenant_id,
        correlation_id=submission.in_reply_to or submission.answer_id,
        reply=submission.reply_ids[0] if submission.in_reply_to else None,  # the text's line names its answer
        conversation=telemetry.shortened(submission.conversation),
        credential=submission.credential_id,
        agent=submission.agent_id,
    )
    return json_answer(202, {"id": submission.answer_id, "reply_ids": submission.reply_ids})


def _raw_request(request: Request) -> RawRequest:
    return RawRequest(
        content_type=request.headers.get("Content-Type", ""),
        body=request.get_data(cache=False),
        idempotency_key=request.headers.get(KEY_HEADER),
    )


ready(wiring.submitter)
