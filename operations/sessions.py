"""Sessions of persons: which are open, and creating and ending one as a program does, with an API key."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from operations.answers.requests import request
from operations.audit.entries import masked
from operations.operator import Operator
from shared.messages.sessions import Context, Session
from shared.public_paths import BEGIN_SESSION, END_SESSION
from shared.telemetry import CONVERSATION_DIGITS
from shared.tenants.agent import Agent

_IN_DOUBT = "it may be done all the same: look with sms session list before you try again"


@dataclass(frozen=True)
class OpenSession:
    """A session that is open.

    Attributes:
        session: as it is stored.
        agent: the name of its agent.
        times_out_at: when it ends, if no text comes until then.
    """

    session: Session
    agent: str
    times_out_at: datetime

    def describe(self, *, full: bool) -> Mapping[str, object]:
        """The session as a record for the operator.

        Args:
            full: whether phone numbers are shown whole. They are known only where somebody needs them: of a session
                that a program created, and of one whose person hears when it times out.
        """
        session, parties = self.session, self.session.parties
        person, ours = (parties.recipient, parties.sender) if parties else (None, None)
        return {
            "id": session.id,
            "agent": self.agent,
            "person": person if full or person is None else masked(person),
            "number": ours if full or ours is None else masked(ours),
            "conversation": session.conversation[:CONVERSATION_DIGITS],
            "by": "program" if session.by_program else "person",
            "texts": session.latest.turn.number if session.latest else 0,
            "context": session.context is not None,
            "opened_at": session.opened_at.isoformat(timespec="seconds"),
            "times_out_at": self.times_out_at.isoformat(timespec="seconds"),
        }


@dataclass(frozen=True)
class SessionToCreate:
    """A session with a person.

    Attributes:
        sender: our number.
        recipient: the person's address.
        context: what goes with each text of the session to the backend; None for nothing.
        text: the first message to the person; None for none.
        account: the account that owns our number; None where the tenant has only one.
    """

    sender: str = field(repr=False)
    recipient: str = field(repr=False)
    context: Context | None = field(default=None, repr=False)
    text: str | None = field(default=None, repr=False)
    account: str | None = None


def open_sessions(operator: Operator) -> Iterator[Sequence[OpenSession]]:
    """The tenant's open sessions on the operator's stage, in pages, in any order.

    Raises CommandDeclined, Unavailable, Configuration.
    """
    agents = {agent.id: agent for agent in operator.read().agents}
    now = operator.world.now()
    for page in operator.target.sessions.latest(operator.tenant_id):
        yield [open_session for session in page if (open_session := _open(session, agents, now))]


def create(operator: Operator, key: str, session: SessionToCreate) -> Mapping[str, object]:
    """The ids of the new session and of its first message, once both are durable. Raises as `request` does."""
    fields = {
        "from": session.sender,
        "to": session.recipient,
        "context": session.context,
        "text": session.text,
        "account": session.account,
    }
    return request(operator, key, BEGIN_SESSION, fields, _IN_DOUBT)


def end(operator: Operator, key: str, *, sender: str, recipient: str, session_id: str | None) -> Mapping[str, object]:
    """Whether a session was open and is ended, and its id. Raises as `request` does.

    Args:
        operator: whose stage it is on.
        key: the API key.
        sender: our number.
        recipient: the person's address.
        session_id: the session; None for whichever is open.
    """
    fields = {"from": sender, "to": recipient, "session_id": session_id}
    return request(operator, key, END_SESSION, fields, _IN_DOUBT)


def _open(session: Session, agents: Mapping[str, Agent], now: datetime) -> OpenSession | None:
    """The session if it is open; None when it is over, or its agent was deleted."""
    agent = agents.get(session.agent)
    if agent is None or not session.is_open(now, agent):
        return None
    return OpenSession(session, agent.name, session.times_out_at(agent))
