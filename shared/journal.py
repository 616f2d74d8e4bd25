"""Writing the journals of agents: entries go on a queue of ours, and from there to where their operators want them.

An agent without a journal costs nothing here. An entry is queued before the queue forgets what it tells of, so it is
told at least once; its id is the same each time.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from shared.defects import catching_defects
from shared.errors import Configuration, Defect, Unavailable
from shared.messages import journal
from shared.messages.journal import Entry
from shared.retry import Again, Done
from shared.tenants.agent import Agent

if TYPE_CHECKING:
    from shared.ports import DelayedQueue
    from shared.tenants.lookup import AgentLookup


R = TypeVar("R", bound=Done | Again)


def journaling_agent(agents: AgentLookup, tenant_id: str, number: str) -> Agent | None:
    """The agent that holds a number, if it has a journal.

    None as well when it cannot be looked up now: what has happened already must not happen again for its journal.
    """
    with suppress(Configuration, Unavailable, Defect), catching_defects(Configuration, Unavailable):
        agent = agents.agent_at(tenant_id, number)
        return agent if agent and agent.journal else None
    return None


def told(result: R, tell: Callable[[], None]) -> R:
    """The result of an event's try, once it was told; with the defect in telling it, if there was one.

    What has happened already must not happen again for its journal. Raises Unavailable.
    """
    try:
        with catching_defects(Unavailable):
            tell()
    except Defect as error:
        return replace(result, defect=result.defect or error)
    return result


@dataclass(frozen=True)
class Journal:
    """Writes entries.

    Args:
        queue: holds them until they are delivered.
        stage: names this deployment.
        now: gives the time, with its zone.
    """

    queue: DelayedQueue
    stage: str
    now: Callable[[], datetime]

    def write(self, tenant_id: str, agent: Agent | None, *entries: Entry) -> None:
        """Queues the entries, if the agent has a journal. It may be repeated. Raises Unavailable."""
        settings = agent.journal if agent else None
        if agent is None or settings is None or not entries:
            return
        events = [
            journal.event_of(
                entry, tenant_id=tenant_id, agent=agent.name, stage=self.stage, with_text=settings.with_text
            )
            for entry in entries
        ]
        message = {"tenant": tenant_id, "id": entries[0].id, "target": settings.target, "entries": events}
        self.queue.send(message, after_seconds=0)
