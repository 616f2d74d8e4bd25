"""Events as backends get them; every number is fictional."""

from typing import Any

from shared.messages import events
from shared.messages.inbound import InboundMessage, Media
from shared.messages.outbound import OptOut, Reply
from shared.messages.sessions import Turn
from shared.messages.status import DeliveryOutcome, ProviderStatus, StatusReport
from tests.fakes import ACCOUNT, NOW, OUR_NUMBER, PERSON, tenant

MESSAGE_ID = "SM" + "5" * 32
SESSION_ID = "01234567-89ab-4cde-8f01-23456789abcd"


def text(words: str = "Is this your cat?", *, media: int = 0, opt_out: OptOut | None = None) -> dict[str, Any]:
    """A text, the third of its session."""
    message = InboundMessage(
        provider="twilio",
        message_id=MESSAGE_ID,
        account=ACCOUNT,
        sender=PERSON,
        recipient=OUR_NUMBER,
        text=words,
        media=tuple(Media(f"https://api.twilio.com/media/{n}", "image/jpeg") for n in range(media)),
        fields={"Body": (words,)},
    )
    received = events.received(tenant(), message, stage="east", now=NOW)
    turn = Turn(SESSION_ID, 3, NOW, NOW)
    return events.for_backend(received, agent="desk", turn=turn, opt_out=opt_out)


def status(word: str = "delivered") -> dict[str, Any]:
    """What became of a reply."""
    conversation = events.conversation_id(tenant().salt, ours=OUR_NUMBER, person=PERSON)
    reply = Reply("acme", f"{MESSAGE_ID}-1", "desk", conversation, in_reply_to=MESSAGE_ID)
    report = StatusReport(
        "SM" + "6" * 32,
        ACCOUNT,
        OUR_NUMBER,
        PERSON,
        ProviderStatus(word, 5, is_final=True),
        is_known=True,
        outcome=DeliveryOutcome.ARRIVED,
        error_code=None,
    )
    return events.status(reply, report, source="/sms-receiver/east/twilio", provider="twilio", now=NOW)
