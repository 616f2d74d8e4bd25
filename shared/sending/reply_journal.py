"""What the sender tells in the journal of an agent: what became of each message on its way to the provider."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.errors import Malformed
from shared.journal import Journal, journaling_agent
from shared.messages.event_fields import REPLAY, shown_address
from shared.messages.journal import Entry, Happening
from shared.retry import Again, Done
from shared.sending.send_command import read_data
from shared.telemetry import LogEvent

if TYPE_CHECKING:
    from shared.messages.events import Event
    from shared.messages.outbound import Reply
    from shared.tenants.lookup import AgentLookup

_HAPPENINGS = {
    LogEvent.SENT: Happening.SENT,
    LogEvent.NOT_SENT: Happening.NOT_SENT,
    LogEvent.PARKED: Happening.PARKED,
}


@dataclass(frozen=True)
class ReplyJournal:
    """Tells what became of messages.

    Args:
        agents: the agents by their numbers.
    """

    journal: Journal
    agents: AgentLookup

    def sent(self, event: Event, reply: Reply, result: Done | Again) -> None:
        """Tells what became of an event of the outbound queue, once that is certain. It may be repeated.

        Nothing is told of an event that names no number of an agent; a malformed one has no conversation. Raises
        Unavailable.

        Args:
            event: the event.
            reply: its record with no more than a tenant and an id.
            result: what became of it.
        """
        happening = _HAPPENINGS.get(result.outcome) if isinstance(result, Done) and result.outcome else None
        ours = shown_address(event, "from")
        if happening is None or not ours or isinstance(result, Again):
            return
        agent = journaling_agent(self.agents, reply.tenant, ours)
        if agent is None:
            return
        with suppress(Malformed):
            reply, _ = read_data(event)
        data = event["data"]
        text, links, replay = data.get("text"), data.get("media_urls"), event.get(REPLAY)
        message_id = result.ids.get("message_id")
        suffix = message_id if happening is Happening.SENT else None
        if happening is Happening.PARKED and isinstance(replay, int):
            suffix = str(replay)
        entry = Entry(
            happening,
            f"{reply.reply_id}.{happening}" + (f".{suffix}" if suffix else ""),
            self.journal.now(),
            reply.conversation,
            ours=ours,
            person=shown_address(event, "to"),
            ids={
                "text_id": reply.in_reply_to,
                "reply_id": reply.reply_id,
                "message_id": message_id,
                "reason": result.reason or None,
                "error_code": _number(result.ids.get("error_code")),
            },
            text=text if isinstance(text, str) else None,
            media_urls=[link for link in links if isinstance(link, str)] if isinstance(links, list) else (),
        )
        self.journal.write(reply.tenant, agent, entry)


def _number(text: str | None) -> int | None:
    return int(text) if text else None
