"""From an answer to the outbound queue: long texts in parts, each part an event with an id of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from shared.messages import events
from shared.messages.events import Outgoing
from shared.messages.outbound import AnswerMessage, OutboundMessage
from shared.messages.splitting import split

if TYPE_CHECKING:
    from shared.ports import MessageQueue


@dataclass(frozen=True)
class Outbound:
    """The outbound queue."""

    queue: MessageQueue

    def send(self, outgoing: Outgoing, messages: tuple[AnswerMessage, ...], *, now: datetime) -> tuple[str, ...]:
        """The reply ids of all parts, which it queues in order.

        It may be repeated: the same answer has the same ids, so a part is sent once however often it is queued.

        Raises Unavailable, or Malformed when a part is too large for the queue.
        """
        parts = [part for message in messages for part in _parts(message)]
        reply_ids = []
        for number, part in enumerate(parts, start=1):
            message = OutboundMessage(
                reply_id=f"{outgoing.answer_id}-{number}",
                account=outgoing.account,
                sender=outgoing.sender,
                recipient=outgoing.recipient,
                text=part.text,
                media_urls=part.media_urls,
            )
            event = events.send(outgoing, message, part=number, parts=len(parts), now=now)
            self.queue.send(event, group=events.conversation_group(event), deduplication=message.reply_id)
            reply_ids.append(message.reply_id)
        return tuple(reply_ids)


def _parts(message: AnswerMessage) -> Iterator[AnswerMessage]:
    """Links to media go with the first part."""
    first, *further_texts = split(message.text) or [""]
    yield AnswerMessage(first, message.media_urls)
    for text in further_texts:
        yield AnswerMessage(text)
