"""Sending through the API: for backends that answer later, and for messages that answer no text."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from shared.errors import Defect, OptedOut, OtherConversation, RequestRefused, Unavailable
from shared.messages.events import AnswerEnvelope
from shared.messages.outbound import AnswerMessage
from shared.messages.promises import Promise, PromiseState
from shared.messages.sessions import EndedBy
from shared.opt_out import has_stopped
from shared.outbound_queue import Outbound
from shared.submission.origins import Origin, Origins
from shared.submission.program_journal import ProgramJournal
from shared.submission.rates import Admission
from shared.submission.repetition import Repetition
from shared.submission.request import SendRequest, read
from shared.tenants import api_keys

if TYPE_CHECKING:
    from shared.ports import Claims, Json, OptOuts, Promises, Sessions
    from shared.submission.body import RawRequest
    from shared.tenants.lookup import TenantLookup

EFFECT = "submit"
_DIGITS = 32


@dataclass(frozen=True)
class Submission:
    """A message that is durably queued.

    Attributes:
        agent_id: the agent that holds the number it is sent from.
        answer_id: the beginning of its reply ids.
        reply_ids: the ids of its parts, in order.
        in_reply_to: the id of the text that it answers; None when it answers none.
        untold: why the agent's journal was not told of it; None when it was, or there is none.
    """

    tenant_id: str
    conversation: str
    credential_id: str
    agent_id: str
    answer_id: str
    reply_ids: tuple[str, ...]
    in_reply_to: str | None
    untold: Unavailable | Defect | None = None


@dataclass(frozen=True)
class Submitter:
    """The API for sending.

    Args:
        tenants: the tenants, with their keys and salts.
        origins: finds the agents and accounts that requests name.
        outbound: the outbound queue.
        claims: the claims that idempotency keys make.
        admission: lets in as many messages as programs may send.
        opt_outs: the people who have opted out.
        promises: the texts that are answered later.
        sessions: the sessions of conversations.
        stage: the stage, for the `source` of events.
        now: returns the current time, with a time zone.
    """

    tenants: TenantLookup
    origins: Origins
    outbound: Outbound
    claims: Claims
    admission: Admission
    opt_outs: OptOuts
    promises: Promises
    sessions: Sessions
    program_journal: ProgramJournal
    stage: str
    now: Callable[[], datetime]

    def submit(self, key: str, raw: RawRequest) -> Submission:
        """The queued message, as soon as every part is durable.

        With an idempotency key, a repeated request returns the same ids, and no part is sent twice.

        Raises InvalidKey, ForbiddenRole, WrongContentType, TooLarge, Malformed, NotOurs, OptedOut, OtherConversation,
        TooManyMessages, RateLimited, Mismatch; then nothing is queued. Raises Unavailable, InProgress, Configuration;
        then some parts may be queued, and a repeated request with the same idempotency key queues the others.
        """
        tenant, credential = api_keys.authenticate(self.tenants, key)
        try:
            api_keys.require_texting(credential)
            request = read(raw)
            origin = self.origins.find(
                tenant,
                credential.id,
                sender=request.sender,
                recipient=request.recipient,
                account=request.account,
            )
            return self._accept(origin, request)
        except RequestRefused as refusal:
            refusal.tenant_id, refusal.credential_id = tenant.id, credential.id
            raise

    def _accept(self, origin: Origin, request: SendRequest) -> Submission:
        repetition = Repetition(origin.tenant, EFFECT, request.idempotency_key, _values(request))
        answer_id = "AP" + repetition.digest[:_DIGITS]
        envelope = origin.envelope(self.stage, answer_id=answer_id, in_reply_to=request.in_reply_to)
        try:
            envelope = self._in_reply(origin, envelope, request)

            def queue() -> Json:
                return {"reply_ids": list(self._queue(origin, request, envelope))}

            result = repetition.once(self.claims, queue, stage=origin.agent.stage)
        except RequestRefused as refusal:
            refusal.conversation, refusal.agent_id = origin.conversation, origin.agent.id
            refusal.message_id = request.in_reply_to
            if isinstance(refusal, OptedOut):  # the backend has answered; that nobody may hear it is not its fault
                self._note_answer(envelope, request)
            raise
        self._note_answer(envelope, request, answer_id)
        submitted = partial(self.program_journal.submitted, origin, answer_id, in_reply_to=request.in_reply_to)
        untold = repetition.tell(submitted)
        return Submission(
            tenant_id=origin.tenant.id,
            conversation=origin.conversation,
            credential_id=origin.credential_id,
            agent_id=origin.agent.id,
            answer_id=answer_id,
            reply_ids=tuple(result["reply_ids"]),
            in_reply_to=request.in_reply_to,
            untold=untold,
        )

    def _note_answer(self, envelope: AnswerEnvelope, request: SendRequest, answer_id: str | None = None) -> None:
        """Notes that the text was answered, if it is an answer: nobody waits for one any more.

        Args:
            envelope: what the answer is addressed with.
            request: the answer.
            answer_id: the id that its messages begin with; None when none of them is sent.
        """
        if request.in_reply_to:
            with suppress(Unavailable):  # if the message is queued, the sender notes it as well
                self.promises.fulfil(Promise(request.in_reply_to, envelope, due_at=self.now(), answer_id=answer_id))

    def _in_reply(self, origin: Origin, envelope: AnswerEnvelope, request: SendRequest) -> AnswerEnvelope:
        """The envelope of an answer to a text; any other is unchanged. Ends the text's session, if that is asked for.

        The session first: that may be repeated, and nothing may be refused once the message is queued. A text that
        nobody promised an answer to is not looked for: it may have been answered at once, and be answered again.
        """
        if request.in_reply_to is None:
            return envelope
        promise = self.promises.find(envelope.tenant, request.in_reply_to)
        if promise and promise.conversation != envelope.conversation:
            raise OtherConversation
        if request.end_session:
            self._end_session(origin, request.in_reply_to)
        is_first = promise and promise.state is not PromiseState.ANSWERED
        return replace(envelope, received_at=promise.envelope.received_at) if promise and is_first else envelope

    def _end_session(self, origin: Origin, text_id: str) -> None:
        self.sessions.end(origin.group, text_id)
        if origin.agent.journal:
            session = self.sessions.find(origin.group)
            session_id = session.ended_with(text_id) if session else None
            if session_id:
                self.program_journal.session_ended(origin, session_id, EndedBy.BACKEND)

    def _queue(self, origin: Origin, request: SendRequest, envelope: AnswerEnvelope) -> tuple[str, ...]:
        rules = self.outbound.rules.of(envelope.provider)
        if has_stopped(self.opt_outs, rules, origin.group, ours=request.sender):
            raise OptedOut
        message = AnswerMessage(request.text, request.media_urls)
        self.admission.admit(origin, self.outbound.count(envelope.provider, (message,)))
        return self.outbound.send(envelope, (message,), now=self.now())


def _values(request: SendRequest) -> list[object]:
    """The contents of the request."""
    return [
        request.sender,
        request.recipient,
        request.text,
        list(request.media_urls),
        request.account,
        request.in_reply_to,
        request.end_session,
    ]
