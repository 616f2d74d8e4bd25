"""What to do about webhooks that come to the URL for texts and are not texts."""

from operations.signature.causes import Cause
from shared.messages.inbound import Misdirection

_REMOVE = "Remove this stage's URL there: it is only for the incoming messages of a number or of a Messaging Service."

MISDIRECTIONS = {
    Misdirection.STATUS: Cause(
        "It is not a text: it reports what became of a message. It was acknowledged and ignored.",
        "At Twilio the URL for texts is set as a status callback: see the Messaging Service's delivery status "
        f"callback, and StatusCallback in the programs that send. {_REMOVE} "
        "Our own replies already name the right URL.",
    ),
    Misdirection.VOICE: Cause(
        "It is not a text: it reports a call. It was acknowledged and ignored.",
        "At Twilio the URL for texts is set in the number's Voice configuration: a call comes in, or changes. "
        f"{_REMOVE}",
    ),
    Misdirection.OTHER: Cause(
        "It is not a text: it is an event of another product. It was acknowledged and ignored.",
        "At Twilio the URL for texts is set as the webhook of Conversations, the debugger, link shortening or another "
        f"product. {_REMOVE}",
    ),
}
"""Each kind of misdirected webhook, with what it means and what to do."""
