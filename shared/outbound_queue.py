"""From an answer to the outbound queue: long texts in parts, each part an event with an id of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from shared.errors import TooManyMessages
from shared.messages import events
from shared.messages.events import AnswerEnvelope
from shared.messages.outbound import AnswerMessage, OutboundMessage
from shared.messages.splitting import split
from shared.provider_rules import RulesByProvider

if TYPE_CHECKING:
    from shared.ports import MessageQueue
    from shared.provider_rules import ProviderRules


@dataclass(frozen=True)
class Outbound:
    """The outbound queue.

    Args:
        rules: how long a message of each provider may be.
        messages_max: how many messages one answer may become. Each costs money, and a person reads no forty of them.
    """

    queue: MessageQueue
    rules: RulesByProvider
    messages_max: int

    def count(self, provider: str, messages: Sequence[AnswerMessage]) -> int:
        """How many messages they become at a provider, at most `messages_max`.

        Raises TooManyMessages, or Configuration for an unknown provider.
        """
        return len(self._parts(provider, messages))

    def send(self, envelope: AnswerEnvelope, messages: tuple[AnswerMessage, ...], *, now: datetime) -> tuple[str, ...]:
        """The reply ids of all parts, which it queues in order.

        It may be repeated: the same answer has the same ids, so a part is sent once however often it is queued.

        Raises Unavailable, Configuration for an unknown provider, TooManyMessages, or Malformed when a part is too
        large for the queue. Of too many messages none is queued.
        """
        parts = self._parts(envelope.provider, messages)
        reply_ids = []
        for number, part in enumerate(parts, start=1):
            message = OutboundMessage(
                reply_id=f"{envelope.answer_id}-{number}",
                account=envelope.account,
                sender=envelope.sender,
                recipient=envelope.recipient,
                text=part.text,
                media_urls=part.media_urls,
            )
            event = events.send(envelope, message, part=number, parts=len(parts), now=now)
            self.queue.send(event, group=events.conversation_group(event), deduplication=message.reply_id)
            reply_ids.append(message.reply_id)
        return tuple(reply_ids)

    def _parts(self, provider: str, messages: Sequence[AnswerMessage]) -> list[AnswerMessage]:
        rules = self.rules.of(provider)
        parts = [part for message in messages for part in _parts(message, rules)]
        if len(parts) > self.messages_max:
            raise TooManyMessages(len(parts), self.messages_max)
        return parts


def _parts(message: AnswerMessage, rules: ProviderRules) -> Iterator[AnswerMessage]:
    """Links to media go with the first part, as many as one message may have; the rest follows the text.

    Parts of nothing but blanks, in the middle of thousands of them, are left out: providers refuse them.
    """
    texts = [text for text in split(message.text, rules.text_max) if not text.isspace()]
    first, *further_texts = texts or [""]
    links, most = message.media_urls, rules.media_max
    yield AnswerMessage(first, links[:most])
    for text in further_texts:
        yield AnswerMessage(text)
    for start in range(most, len(links), most):
        yield AnswerMessage("", links[start : start + most])
