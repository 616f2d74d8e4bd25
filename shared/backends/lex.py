"""A bot of Amazon Lex V2 as a backend. Keeps `shared.ports.Backend`.

A text that a bot was asked twice, after a crash, takes its dialog a step too far: Lex knows no id of a text.
"""

import html
import re
from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from shared.backends import validation
from shared.errors import Refused
from shared.messages import events
from shared.messages.outbound import Answer, AnswerMessage
from shared.reasons import Reason
from shared.tenants.agent import BackendSettings
from shared.tenants.validation import require

TEXT_MAX = 1024
"""Characters of a text that Lex takes (Lex V2 API, RecognizeText)."""

_ARN = re.compile(r"arn:aws[a-z-]*:lex:[a-z0-9-]{1,32}:[0-9]{12}:bot-alias/[0-9A-Za-z]{10}/[0-9A-Za-z]{10}")
_LOCALE = re.compile(r"[a-z]{2,3}_([A-Z]{2}|[0-9]{3})")
_TAG = re.compile(r"<[^>]*>")


class Bot(Protocol):
    """One alias of a bot, in one language."""

    def recognize(self, text: str, *, session_id: str) -> Mapping[str, Any]:
        """What RecognizeText answers. Raises Unavailable, Refused."""


def check(settings: BackendSettings) -> None:
    """Raises InvalidValue unless the target is the ARN of a bot's alias, and there is its language."""
    require(
        _ARN.fullmatch(settings.target),
        "backend: a bot is named by its alias's ARN, such as "
        "arn:aws:lex:us-east-1:123456789012:bot-alias/ABCDEFGHIJ/TSTALIASID",
    )
    require(_LOCALE.fullmatch(settings.locale), "backend: a bot needs its language, such as en_US")
    validation.takes_no_secrets(settings)
    validation.declines_statuses(settings)


class LexBackend:
    """Asks a bot. Our session is the bot's session."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot

    def ask(self, event: Mapping[str, Any]) -> Answer:
        """The bot's messages; nothing to a status.

        Raises Unavailable, and Refused also for what a bot cannot take: no text at all, or too much of it. It is never
        cut: half a text may say something else.
        """
        if event["type"] == events.STATUS:
            return Answer()
        text: str = event["data"]["text"]
        if not text.strip():
            reason = Reason.BACKEND_NO_TEXT
            raise Refused(reason, "there is no text, perhaps a picture only, and Lex takes nothing else")
        if len(text) > TEXT_MAX:
            reason = Reason.BACKEND_TOO_LARGE
            raise Refused(reason, f"Lex takes no more than {TEXT_MAX} characters; the text has {len(text)}")
        said = self._bot.recognize(text, session_id=event["data"]["session"]["id"])
        messages = tuple(AnswerMessage(words) for message in said.get("messages", ()) if (words := _words(message)))
        # Close: nothing more is expected of the person (Lex V2 API, DialogAction)
        closed = said.get("sessionState", {}).get("dialogAction", {}).get("type") == "Close"
        return Answer(messages, end_session=closed)


def _words(message: Mapping[str, Any]) -> str:
    """A message as a text: cards line by line, SSML without its tags, anything else as it is."""
    kind = message.get("contentType")
    if kind == "ImageResponseCard":
        return "\n".join(_lines(message.get("imageResponseCard", {})))
    content: str = message.get("content", "")
    return (html.unescape(_TAG.sub("", content)) if kind == "SSML" else content).strip()


def _lines(card: Mapping[str, Any]) -> Iterator[str]:
    """What a card says: title, subtitle, and each button, in the words that a person would answer with."""
    lines = [card.get("title", ""), card.get("subtitle", ""), *(b.get("text", "") for b in card.get("buttons", ()))]
    return (line.strip() for line in lines if line.strip())
