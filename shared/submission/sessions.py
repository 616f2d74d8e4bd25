"""Sessions through the API: a program creates one with a person, gives it a context, and may end one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from shared.errors import Defect, OptedOut, RequestRefused, Unavailable
from shared.messages import sessions
from shared.messages.outbound import AnswerMessage
from shared.messages.sessions import EndedBy, Session
from shared.opt_out import has_stopped
from shared.outbound_queue import Outbound
from shared.submission.origins import Origin, Origins, Talk
from shared.submission.program_journal import ProgramJournal
from shared.submission.rates import Admission
from shared.submission.repetition import Repetition
from shared.submission.session_request import SessionEndRequest, SessionRequest, read_begin, read_end
from shared.tenants import api_keys
from shared.tenants.tenant import Credential, Tenant

if TYPE_CHECKING:
    from shared.ports import Claims, DelayedQueue, Json, OptOuts, Sessions
    from shared.submission.body import RawRequest
    from shared.tenants.lookup import TenantLookup

BEGIN, END = "begin_session", "end_session"
"""The effects that idempotency keys claim."""
_TRIES = 5
_DIGITS = 32


@dataclass(frozen=True)
class BegunSession:
    """A session that a program created.

    Attributes:
        agent_id: the agent that holds our number.
        session_id: the session's id.
        answer_id: the beginning of the ids of its first message; None when it has none.
        reply_ids: the ids of that message's parts, in order.
        untold: why the agent's journal was not told of it; None when it was, or there is none.
    """

    tenant_id: str
    conversation: str
    credential_id: str
    agent_id: str
    session_id: str
    answer_id: str | None
    reply_ids: tuple[str, ...]
    untold: Unavailable | Defect | None = None


@dataclass(frozen=True)
class EndedSession:
    """What became of a request to end a session.

    Attributes:
        agent_id: the agent that holds our number.
        session_id: the session that it ended; None when none was open.
        untold: why the agent's journal was not told of it; None when it was, or there is none.
    """

    tenant_id: str
    conversation: str
    credential_id: str
    agent_id: str
    session_id: str | None
    untold: Unavailable | Defect | None = None


@dataclass(frozen=True)
class SessionPrograms:
    """The API for sessions.

    Args:
        tenants: the tenants, with their keys and salts.
        origins: finds the agents and accounts that requests name.
        outbound: the outbound queue.
        claims: the claims that idempotency keys make.
        admission: lets in as many requests as programs may make.
        opt_outs: the people who have opted out.
        sessions: the sessions of conversations.
        reminders: the queue of reminders.
        stage: the stage, for the `source` of events.
        now: returns the current time, with a time zone.
    """

    tenants: TenantLookup
    origins: Origins
    outbound: Outbound
    claims: Claims
    admission: Admission
    opt_outs: OptOuts
    sessions: Sessions
    reminders: DelayedQueue
    program_journal: ProgramJournal
    stage: str
    now: Callable[[], datetime]

    def begin(self, key: str, raw: RawRequest) -> BegunSession:
        """The new session, stored, with its first message queued if it has one. Any other session has ended then.

        Raises InvalidKey, ForbiddenRole, WrongContentType, TooLarge, Malformed, NotOurs, OptedOut, TooManyMessages,
        RateLimited, Mismatch; then nothing has changed. Raises Unavailable, InProgress, Configuration; then the session
        may be stored, and a repeated request with the same idempotency key does the rest.
        """
        with self._caller(key) as (tenant, credential):
            request = read_begin(raw)
            origin = self.origins.find(
                tenant,
                credential.id,
                sender=request.sender,
                recipient=request.recipient,
                account=request.account,
            )
            with _named(origin):
                return self._begin(origin, request)

    def end(self, key: str, raw: RawRequest) -> EndedSession:
        """What became of the request: it ended the person's session, or that session was not open.

        Raises InvalidKey, ForbiddenRole, WrongContentType, TooLarge, Malformed, NotOurs, RateLimited, Mismatch,
        Unavailable, InProgress, Configuration; then it may be repeated.
        """
        with self._caller(key) as (tenant, credential):
            request = read_end(raw)
            talk = self.origins.talk(tenant, credential.id, sender=request.sender, recipient=request.recipient)
            with _named(talk):
                return self._end(talk, request)

    def _begin(self, origin: Origin, request: SessionRequest) -> BegunSession:
        repetition = Repetition(origin.tenant, BEGIN, request.idempotency_key, _begin_values(request))
        digest = repetition.digest
        session_id, answer_id = sessions.session_id(digest), "AP" + digest[-_DIGITS:]
        messages = (AnswerMessage(request.text, request.media_urls),) if request.text or request.media_urls else ()

        def begin() -> Json:
            self._admit(origin, messages)
            session = self._store(origin, session_id, request)
            envelope = origin.envelope(self.stage, answer_id=answer_id)
            return {
                "reply_ids": list(self.outbound.send(envelope, messages, now=self.now())),
                "begun_at": session.opened_at.isoformat(),
                "replaced": session.replaced,
            }

        result = repetition.once(self.claims, begin, stage=origin.agent.stage)

        def tell() -> None:
            self.program_journal.session_begun(origin, session_id, result["begun_at"], replaced=result["replaced"])
            if messages:
                self.program_journal.submitted(origin, answer_id)

        untold = repetition.tell(tell)
        return BegunSession(
            tenant_id=origin.tenant.id,
            conversation=origin.conversation,
            credential_id=origin.credential_id,
            agent_id=origin.agent.id,
            session_id=session_id,
            answer_id=answer_id if messages else None,
            reply_ids=tuple(result["reply_ids"]),
            untold=untold,
        )

    def _admit(self, origin: Origin, messages: tuple[AnswerMessage, ...]) -> None:
        """Raises what the request is refused for, before anything changes. A session counts as a message, at least."""
        if messages:
            rules = self.outbound.rules.of(origin.account.provider)
            if has_stopped(self.opt_outs, rules, origin.group, ours=origin.sender):
                raise OptedOut
        self.admission.admit(origin, max(1, self.outbound.count(origin.account.provider, messages)))

    def _store(self, origin: Origin, session_id: str, request: SessionRequest) -> Session:
        """Queues the session's reminder, if its end is watched, and stores the session. Returns what is stored then.

        In this order: a reminder without a session changes nothing, and a session without one would never time out.
        """
        if origin.agent.watches_sessions:
            reminder = sessions.reminder(session_id, origin.group)
            self.reminders.send(reminder, after_seconds=origin.agent.session_seconds)
        now = self.now()
        session = Session(
            tenant=origin.tenant.id,
            conversation=origin.conversation,
            id=session_id,
            agent=origin.agent.id,
            opened_at=now,
            latest_at=now,
            context=request.context,
            parties=origin.parties,
            by_program=True,
        )
        return self.sessions.begin(session, origin.agent)

    def _end(self, talk: Talk, request: SessionEndRequest) -> EndedSession:
        values = [request.sender, request.recipient, request.session_id]

        def end() -> Json:
            self.admission.admit(talk, 1)
            return {"session_id": self._end_open(talk, request.session_id)}

        repetition = Repetition(talk.tenant, END, request.idempotency_key, values)
        result = repetition.once(self.claims, end, stage=talk.agent.stage)
        ended_id, untold = result["session_id"], None
        if ended_id:
            untold = repetition.tell(partial(self.program_journal.session_ended, talk, ended_id, EndedBy.PROGRAM))
        return EndedSession(
            tenant_id=talk.tenant.id,
            conversation=talk.conversation,
            credential_id=talk.credential_id,
            agent_id=talk.agent.id,
            session_id=ended_id,
            untold=untold,
        )

    def _end_open(self, talk: Talk, session_id: str | None) -> str | None:
        """The id of the session that was open and is ended; None when none was, or not the one that is meant."""
        tried_id = None
        for _ in range(_TRIES):
            session = self.sessions.find(talk.group)
            if session and session.id == tried_id and session.ended_by is EndedBy.PROGRAM:
                return session.id  # the try before did it, and only its answer was lost
            if session is None or not session.is_open(self.now(), talk.agent) or session_id not in {None, session.id}:
                return None
            if self.sessions.end_at(session, EndedBy.PROGRAM):
                return session.id
            tried_id = session.id
        message = "texts keep changing the session"
        raise Unavailable(message)

    @contextmanager
    def _caller(self, key: str) -> Iterator[tuple[Tenant, Credential]]:
        """Whose key it is; refusals get their names."""
        tenant, credential = api_keys.authenticate(self.tenants, key)
        try:
            api_keys.require_texting(credential)
            yield tenant, credential
        except RequestRefused as refusal:
            refusal.tenant_id, refusal.credential_id = tenant.id, credential.id
            raise


@contextmanager
def _named(talk: Talk) -> Iterator[None]:
    """Refusals get the names of the conversation and the agent."""
    try:
        yield
    except RequestRefused as refusal:
        refusal.conversation, refusal.agent_id = talk.conversation, talk.agent.id
        raise


def _begin_values(request: SessionRequest) -> list[object]:
    """The contents of a request for a session."""
    return [
        request.sender,
        request.recipient,
        request.context,
        request.text,
        list(request.media_urls),
        request.account,
    ]
