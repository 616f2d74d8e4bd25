"""A bot of Amazon Lex V2 as a backend. Implements `shared.ports.Backend`.

RecognizeText has no request id, so a text that is sent to the bot again after a crash moves its dialog on twice.
"""

import html
import re
from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from shared.backends import settings_checks
from shared.errors import UpstreamRefused
from shared.messages import events
from shared.messages.outbound import Answer, AnswerMessage
from shared.reasons import Reason
from shared.tenants.agent import BackendSettings
from shared.tenants.validation import require

TEXT_MAX = 1024
"""The most characters that Lex accepts in a text (Lex V2 API, RecognizeText)."""

_ARN = re.compile(r"arn:aws[a-z-]*:lex:[a-z0-9-]{1,32}:[0-9]{12}:bot-alias/[0-9A-Za-z]{10}/[0-9A-Za-z]{10}")
_LOCALE = re.compile(r"[a-z]{2,3}_([A-Z]{2}|[0-9]{3})")
_TAG = re.compile(r"<[^>]*>")


class Bot(Protocol):
    """One alias of a bot, in one language."""

    def recognize(self, text: str, *, session_id: str) -> Mapping[str, Any]:
        """The response of RecognizeText. Raises Unavailable, UpstreamRefused."""


def check(settings: BackendSettings) -> None:
    """Raises InvalidValue unless the target is the ARN of a bot alias and the locale is set."""
    require(
        _ARN.fullmatch(settings.target),
        "backend: the target of a bot is the ARN of its alias, such as "
        "arn:aws:lex:us-east-1:123456789012:bot-alias/ABCDEFGHIJ/TSTALIASID",
    )
    require(_LOCALE.fullmatch(settings.locale), "backend: a bot needs a locale, such as en_US")
    settings_checks.takes_no_secrets(settings)
    settings_checks.declines_statuses(settings)


class LexBackend:
    """A bot as a backend. The bot's session has the id of our session."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot

    def answer(self, event: Mapping[str, Any]) -> Answer:
        """The bot's messages; an empty answer to a status.

        Raises Unavailable, UpstreamRefused. A text that is blank or too long for Lex is UpstreamRefused. It is never
        shortened, because that could change its meaning.
        """
        if event["type"] == events.STATUS:
            return Answer()
        text: str = event["data"]["text"]
        if not text.strip():
            reason = Reason.BACKEND_NO_TEXT
            raise UpstreamRefused(reason, "the message has no text, perhaps only a picture, and Lex accepts only text")
        if len(text) > TEXT_MAX:
            reason = Reason.BACKEND_TOO_LARGE
            raise UpstreamRefused(reason, f"Lex accepts no more than {TEXT_MAX} characters; the text has {len(text)}")
        response = self._bot.recognize(text, session_id=event["data"]["session"]["id"])
        messages = tuple(AnswerMessage(text) for message in response.get("messages", ()) if (text := _text(message)))
        # Close: the bot expects no further input (Lex V2 API, DialogAction)
        closed = response.get("sessionState", {}).get("dialogAction", {}).get("type") == "Close"
        return Answer(messages, end_session=closed)


def _text(message: Mapping[str, Any]) -> str:
    """A message as plain text: cards line by line, SSML without its tags, anything else unchanged."""
    kind = message.get("contentType")
    if kind == "ImageResponseCard":
        return "\n".join(_lines(message.get("imageResponseCard", {})))
    content: str = message.get("content", "")
    return (html.unescape(_TAG.sub("", content)) if kind == "SSML" else content).strip()


def _lines(card: Mapping[str, Any]) -> Iterator[str]:
    """The lines of a card: its title, its subtitle, and the text of each button."""
    lines = [card.get("title", ""), card.get("subtitle", ""), *(b.get("text", "") for b in card.get("buttons", ()))]
    return (line.strip() for line in lines if line.strip())
