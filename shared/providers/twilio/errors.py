"""Twilio's error codes of messages: who can do something about each.

Source: the page of each code in Twilio's "Error and Warning Dictionary", https://www.twilio.com/docs/api/errors/<code>,
and "Troubleshooting Undelivered Twilio SMS Messages" for 30004. A code that is not here is for an operator to mend.
"""

from collections.abc import Mapping
from enum import Enum, auto


class Remedy(Enum):
    """Who can do something about an error."""

    WAIT = auto()
    """Twilio could not send it now, and may later."""
    NOBODY = auto()
    """It lies with the person or their number."""


REMEDIES: Mapping[int, Remedy] = {
    20429: Remedy.WAIT,  # too many requests
    21611: Remedy.WAIT,  # our number's queue at Twilio is full
    30001: Remedy.WAIT,  # the queue overflowed, or the message stood on it for longer than it may
    30022: Remedy.WAIT,  # the carriers refused it, because more came than the A2P campaign may send
    21211: Remedy.NOBODY,  # `To` is no phone number
    21265: Remedy.NOBODY,  # `To` is a short code
    21266: Remedy.NOBODY,  # `To` is the number that sends
    21610: Remedy.NOBODY,  # the person has opted out
    21614: Remedy.NOBODY,  # `To` is no mobile number
    21635: Remedy.NOBODY,  # `To` is a landline
    30003: Remedy.NOBODY,  # the phone is switched off or out of reach
    30004: Remedy.NOBODY,  # the number, its carrier or a do-not-call register blocks the message
    30005: Remedy.NOBODY,  # no such phone
    30006: Remedy.NOBODY,  # a landline, or a carrier that cannot be reached
    63003: Remedy.NOBODY,  # the channel knows no such address
    63014: Remedy.NOBODY,  # the person blocks us on their channel
}
"""30017 (the carrier is congested) is not among those that are worth waiting for: it comes for MMS alone, and after
Twilio itself has tried again."""

NO_SHORT_CODE, NO_NUMBER = 21265, 21211
"""What Twilio answers to a message to a short code, and to a name."""
