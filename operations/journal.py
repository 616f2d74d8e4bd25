"""The journals of agents: where what happened to their texts is told, and trying whether it arrives."""

import uuid
from collections.abc import Iterator, Mapping

from operations.operator import Operator
from operations.stage.allowed import require_allowed
from operations.tenants import agent_edits
from shared.errors import CommandDeclined
from shared.journal import Journal
from shared.messages.journal import Entry, Happening
from shared.tenants.agent import Agent, JournalSettings

_OUTPUT, _VARIABLE = "JournalTargets", "SMS_RECEIVER_JOURNAL_TARGETS"


def switch_on(operator: Operator, name: str, settings: JournalSettings) -> Agent:
    """The agent, with a journal; the tenant must be certain.

    Raises NotFound; CommandDeclined when a stage may not use the target; Unavailable, Configuration.
    """
    kind = "topic" if settings.target.split(":")[2] == "sns" else "queue"
    require_allowed(operator, settings.target, what=kind, output=_OUTPUT, variable=_VARIABLE)
    return agent_edits.agent_named(operator.change(agent_edits.set_journal(name, settings)), name)


def switch_off(operator: Operator, name: str) -> Agent:
    """The agent, without a journal; the tenant must be certain. Raises NotFound, Unavailable, Configuration."""
    return agent_edits.agent_named(operator.change(agent_edits.set_journal(name, None)), name)


def described(operator: Operator) -> Iterator[Mapping[str, object]]:
    """Which of the tenant's agents have a journal, as records. Raises CommandDeclined, Unavailable, Configuration."""
    for agent in operator.read().agents:
        yield describe(agent)


def describe(agent: Agent) -> Mapping[str, object]:
    """An agent's journal as a record."""
    journal = agent.journal
    return {
        "agent": agent.name,
        "events": "off" if journal is None else "with text" if journal.with_text else "redacted",
        "target": journal and journal.target,
    }


def test(operator: Operator, name: str) -> Mapping[str, object]:
    """The id of an entry that is on its way to the agent's target, and that tells nothing but that it arrives.

    Raises NotFound; CommandDeclined when the agent has no journal, or the stage is not deployed; Unavailable,
    Configuration.
    """
    agent = agent_edits.agent_named(operator.read(), name)
    if agent.journal is None:
        message = f"agent {name!r} has no journal; see: sms events on"
        raise CommandDeclined(message)
    entry = Entry(Happening.TEST, f"test-{uuid.uuid4().hex}", operator.world.now(), conversation="")
    Journal(operator.target.journal, operator.stage, operator.world.now).write(operator.tenant_id, agent, entry)
    return {"id": entry.id, "target": agent.journal.target}
