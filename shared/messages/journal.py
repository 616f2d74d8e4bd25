"""The journal of an agent: what happened to its texts, messages and sessions, as events for the operator's own systems.

Without the agent's leave an entry holds no text, and of each address the last four characters alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from shared.messages.limits import MEDIA_MAX

ENTRY = "sms.journal.entry.v1"
"""The type of an entry's event."""

TEXT_MAX = 16_000
"""The most characters of a text in an entry: no provider takes more, and a program may have queued anything."""
_LAST = 4
_CHANNEL = re.compile(r"([a-z][a-z0-9_-]*:)?(.*)", re.DOTALL)


class Happening(StrEnum):
    """What an entry tells."""

    RECEIVED = "received"
    ANSWERED = "answered"
    UNANSWERED = "unanswered"
    OVERDUE = "overdue"
    PARKED = "parked"
    SUBMITTED = "submitted"
    SENT = "sent"
    NOT_SENT = "not_sent"
    STATUS = "status"
    SESSION_BEGUN = "session_begun"
    SESSION_ENDED = "session_ended"
    TEST = "test"


@dataclass(frozen=True)
class Entry:
    """What happened.

    Attributes:
        happening: what.
        id: names the entry, the same however often it is told.
        at: when.
        conversation: the conversation's id; an empty string where nobody knows it.
        ours: our address, or an empty string.
        person: the person's address, or an empty string.
        ids: further ids and words, by the names in docs/events.md.
        text: what was written; None where nothing was, or it is not known here.
        media_urls: the links that came or went with it.
    """

    happening: Happening
    id: str
    at: datetime
    conversation: str
    ours: str = field(default="", repr=False)
    person: str = field(default="", repr=False)
    ids: Mapping[str, object] = field(default_factory=dict)
    text: str | None = field(default=None, repr=False)
    media_urls: Sequence[str] = field(default=(), repr=False)


IDS = ("text_id", "reply_id", "answer_id", "session_id", "message_id", "reason", "status", "error_code")
"""The ids and words that an entry may have; those that it has not are null."""


def event_of(entry: Entry, *, tenant_id: str, agent: str, stage: str, with_text: bool) -> dict[str, Any]:
    """The event of an entry.

    Args:
        entry: what happened.
        tenant_id: whose agent it is.
        agent: the agent's name.
        stage: where it happened.
        with_text: whether texts, links and whole addresses may leave.
    """
    address = str if with_text else masked
    return {
        "specversion": "1.0",
        "type": ENTRY,
        "source": f"/sms-receiver/{stage}/journal",
        "id": entry.id,
        "time": entry.at.isoformat(timespec="milliseconds"),
        "subject": entry.conversation or entry.id,
        "datacontenttype": "application/json",
        "tenant": tenant_id,
        "data": {
            "event": entry.happening,
            "agent": agent,
            "conversation": entry.conversation or None,
            "number": address(entry.ours) or None,
            "person": address(entry.person) or None,
            **{name: entry.ids.get(name) for name in IDS},
            "text": entry.text[:TEXT_MAX] if with_text and entry.text is not None else None,
            "media_urls": list(entry.media_urls[:MEDIA_MAX]) if with_text else None,
        },
    }


def masked(address: str) -> str:
    """The address with its channel and its last four characters alone."""
    channel, rest = _CHANNEL.fullmatch(address).groups()  # type: ignore[union-attr] # it fits any text
    return f"{channel or ''}…{rest[-_LAST:]}" if rest else ""
