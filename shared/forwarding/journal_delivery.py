"""From the queue of journals to where an agent's operator wants them: a queue or a topic of theirs.

A target that fails holds up no text: what is for it waits on a queue of its own and is tried again for as long as that
keeps it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shared.errors import JournalUnavailable, Malformed, Unavailable, UpstreamRefused
from shared.messages.events import GROUP_MAX
from shared.messages.journal import ENTRY
from shared.retry import Done
from shared.tenants.agent import is_journal_target
from shared.tenants.tenant import is_tenant_id

if TYPE_CHECKING:
    from shared.messages.events import Event
    from shared.ports import MessageQueue


_ID = re.compile(r"[0-9A-Za-z._-]{1,128}")  # what SQS and SNS take, and no more than our own ids have


@dataclass(frozen=True)
class JournalDelivery:
    """Delivers what is on the queue of journals.

    Args:
        open_target: makes what writes to the queue or the topic with an ARN.
    """

    open_target: Callable[[str], MessageQueue]

    def deliver(self, message: Event, _tries: int = 1) -> Done:
        """Returns when the target has every entry of a message, in order.

        Raises JournalUnavailable: then all of it must come again, and the ids tell what came twice. Raises Malformed
        for a message that is none of ours.
        """
        tenant_id, target, entries = _read(message)
        queue = self.open_target(target)
        for entry in entries:
            group = f"{tenant_id}.{_fitting(entry['subject'])}"[:GROUP_MAX]
            try:
                queue.send(entry, group=group, deduplication=_fitting(entry["id"]))
            except (Unavailable, UpstreamRefused) as error:
                raise JournalUnavailable(str(error)) from error
        return Done(None)

    def crashed(self, message: Event) -> Done:
        """The same: nothing else can be done with an entry."""
        return self.deliver(message)


def _fitting(identifier: object) -> str:
    """The id, or a digest of one that no queue takes: a program may have made up any."""
    text = str(identifier)
    return text if _ID.fullmatch(text) else hashlib.sha256(text.encode(errors="replace")).hexdigest()


def _is_entry(entry: object) -> bool:
    """Whether it may be delivered. The forwarder may write to other queues, too, where other events have effects."""
    return isinstance(entry, dict) and entry.get("type") == ENTRY and {"id", "subject"} <= entry.keys()


def _read(message: Event) -> tuple[str, str, list[dict[str, Any]]]:
    tenant_id, target, entries = (message.get(name) for name in ("tenant", "target", "entries"))
    is_ours = (
        isinstance(tenant_id, str)
        and is_tenant_id(tenant_id)
        and isinstance(target, str)
        and is_journal_target(target)
        and isinstance(entries, list)
        and all(map(_is_entry, entries))
    )
    if not is_ours:
        sentence = "a message of the queue of journals names no tenant or no target, or holds more than entries"
        raise Malformed(sentence)
    return str(tenant_id), str(target), list(entries or ())
