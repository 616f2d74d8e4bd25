"""What to do about webhooks that come to the URL for texts and are none."""

from operations.signature.causes import Cause
from shared.messages.inbound import Misdirection

_OUT = "Take this stage's URL out there: it belongs at a number's or a service's incoming messages only."

MISDIRECTIONS = {
    Misdirection.STATUS: Cause(
        "It is no text: it tells what became of a message, and was acknowledged and left alone.",
        "At Twilio the URL for texts is set as a status callback: see the Messaging Service's delivery status "
        f"callback, and StatusCallback in programs that send. {_OUT} Our own replies name the right URL themselves.",
    ),
    Misdirection.VOICE: Cause(
        "It is no text: it tells of a call, and was acknowledged and left alone.",
        f"At Twilio the URL for texts is set in the number's Voice configuration: a call comes in, or changes. {_OUT}",
    ),
    Misdirection.OTHER: Cause(
        "It is no text: it is an event of another product, and was acknowledged and left alone.",
        "At Twilio the URL for texts is set as the webhook of Conversations, the debugger, link shortening or another "
        f"product. {_OUT}",
    ),
}
"""Each kind, with what it means and what to do."""
