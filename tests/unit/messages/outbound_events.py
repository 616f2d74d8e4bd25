"""Events of the outbound queue, for tests of sending."""

from typing import Any

from shared.messages import events
from shared.messages.events import AnswerEnvelope
from shared.messages.outbound import OutboundMessage
from tests.fakes import ACCOUNT, NOW, OUR_NUMBER, PERSON, PROVIDER

CONVERSATION = "c0ffee" + "0" * 58


def outbound(answer_id: str = "SM42", *, part: int = 1, parts: int = 1, **changes: Any) -> dict[str, Any]:  # noqa: ANN401
    """An event of the outbound queue; data fields may be changed, `from_` standing for `from`."""
    envelope = AnswerEnvelope(
        source=f"/sms-receiver/east/{PROVIDER}",
        tenant="acme",
        agent="desk",
        provider=PROVIDER,
        account=ACCOUNT,
        conversation=CONVERSATION,
        sender=OUR_NUMBER,
        recipient=PERSON,
        answer_id=answer_id,
        in_reply_to="SM42",
        received_at=NOW.isoformat(),
    )
    message = OutboundMessage(f"{answer_id}-{part}", ACCOUNT, OUR_NUMBER, PERSON, f"part {part}")
    event = events.send(envelope, message, part=part, parts=parts, now=NOW)
    data: dict[str, Any] = event["data"]  # type: ignore[assignment] # a JSON object
    data.update({name.rstrip("_"): value for name, value in changes.items()})
    return event
