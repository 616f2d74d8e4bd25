"""A sample text to an agent's backend, asked from this computer: what the agent would say. Nobody is texted."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from operations.operator import Operator
from operations.tenants.agent_edits import agent_named, backend_of
from shared.backends import BackendDependencies
from shared.errors import CommandDeclined
from shared.messages import events
from shared.messages.inbound import InboundMessage
from shared.messages.outbound import Answer
from shared.messages.sessions import SessionText, Turn
from shared.ports import Json
from shared.providers.twilio import NAME
from shared.tenants.agent import Agent, BackendSettings

SAMPLE_TEXT = "Hello"
PERSON = "+12025550123"
"""Who the sample is from: no person, because nobody gets a number with 555-01 (NANPA, "Fictitious use")."""

_ELSEWHERE = {
    "queue": "what reads its queue answers later, through the API",
    "lex": "only the stage may ask its bot",
}
"""Why a backend of this kind cannot be asked from here."""


@dataclass(frozen=True)
class SampleAnswer:
    """What a backend answered to a sample text.

    Attributes:
        kind: the backend's kind.
        answer: what it said.
    """

    agent: str
    kind: str
    answer: Answer = field(repr=False)

    def describe(self) -> Mapping[str, object]:
        """The answer as a record for the operator."""
        return {
            "agent": self.agent,
            "backend": self.kind,
            "messages": [message.text for message in self.answer.messages],
            "media": [url for message in self.answer.messages for url in message.media_urls],
            "end_session": self.answer.end_session,
            "later": self.answer.later,
        }


class _NoStates:
    """Implements `shared.ports.BackendStates`: a sample is the first text of a session that nobody goes on with."""

    def before(self, _: SessionText) -> Json | None:
        return None

    def keep(self, _: SessionText, __: Json) -> None:
        pass


def ask(operator: Operator, agent_name: str, text: str = SAMPLE_TEXT, *, second: bool = False) -> SampleAnswer:
    """What an agent's backend answers to a text. The backend is really asked: it may act on what it is told.

    Args:
        operator: who asks.
        agent_name: the agent's name.
        text: the text.
        second: whether to ask its second backend.

    Raises NotFound; CommandDeclined when there is no such backend, or it cannot be asked from here; Unavailable when it
    did not answer, UpstreamRefused when it refused or its answer makes no sense; Configuration.
    """
    tenant = operator.read()
    agent = agent_named(tenant, agent_name)
    settings = _askable(agent, second=second)
    numbers = operator.target.numbers_directory.page(tenant.id, agent.id, limit=1).items
    ours = numbers[0].address if numbers else "+12025550100"
    fields = {"From": (PERSON,), "To": (ours,), "Body": (text,)}
    account = next((account.sid for account in tenant.accounts), "sample")
    message = InboundMessage(NAME, f"sample{secrets.token_hex(16)}", account, PERSON, ours, text, (), fields)
    now = operator.world.now()
    event = events.received(tenant, message, stage=agent.stage, now=now)
    turn = Turn(f"sample{secrets.token_hex(8)}", 1, now, None)
    backend = operator.world.open_backend(settings, _dependencies(operator))
    answer = backend.answer(events.for_backend(event, agent=agent.name, turn=turn, opt_out=None))
    return SampleAnswer(agent.name, settings.kind, answer)


def _askable(agent: Agent, *, second: bool) -> BackendSettings:
    settings = backend_of(agent, second=second)
    if settings is None:
        message = f"agent {agent.name!r} has no {'second ' if second else ''}backend; set one: sms agent update"
        raise CommandDeclined(message)
    if settings.kind in _ELSEWHERE:
        message = (
            f"a backend of kind {settings.kind} cannot be asked from here, because {_ELSEWHERE[settings.kind]}; text "
            "the agent's number instead"
        )
        raise CommandDeclined(message)
    return settings


def _dependencies(operator: Operator) -> BackendDependencies:
    def not_from_here(_: object) -> object:
        raise AssertionError

    return BackendDependencies(
        local=operator.local,
        queue=not_from_here,  # type: ignore[arg-type] # `_askable` has declined these kinds
        bot=not_from_here,  # type: ignore[arg-type] # the same
        states=_NoStates(),
        now=operator.world.now,
    )
