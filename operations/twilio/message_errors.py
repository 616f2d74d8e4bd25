"""What Twilio's error codes of messages mean, and what an operator can do: docs/twilio.md has the same table.

Source: the page of each code in Twilio's "Error and Warning Dictionary". What its sentences add is ours.
"""

from collections.abc import Mapping
from typing import NamedTuple

PAGES = "https://www.twilio.com/docs/api/errors"
DOCS = "docs/twilio.md#when-a-message-does-not-arrive"


class MessageError(NamedTuple):
    """An error code, explained.

    Attributes:
        meaning: what is wrong, as a sentence without its full stop.
        do: what to do about it, as a sentence without its full stop.
    """

    meaning: str
    do: str

    def __str__(self) -> str:
        return f"{self.meaning}; {self.do}"


_NOTHING = "nothing can be done here: reach the person in another way"
_NOTHING_BUT_WAITING = "nothing: it is sent again by itself, and parked if that is in vain"

EXPLAINED: Mapping[int, MessageError] = {
    20003: MessageError(
        "Twilio does not accept the account's REST key or auth tokens",
        "./sms doctor says which; set them anew with ./sms twilio set-account, with --region outside of the US",
    ),
    20429: MessageError("more requests than Twilio takes from the account", _NOTHING_BUT_WAITING),
    21211: MessageError("the person's address is no phone number", _NOTHING),
    21265: MessageError("a short code cannot be texted", _NOTHING),
    21266: MessageError("the number would text itself", _NOTHING),
    21408: MessageError(
        "the account may not text the person's country",
        "allow it in Twilio's console: Messaging, Settings, Geo permissions",
    ),
    21606: MessageError(
        "the number cannot send messages to this person, or is not the account's",
        "see the number's capabilities in Twilio's console; ./sms number check",
    ),
    21608: MessageError(
        "a trial account texts verified numbers only", "verify the number in Twilio's console, or upgrade the account"
    ),
    21610: MessageError("the person has opted out", "nothing: it ends when they write START"),
    21611: MessageError("the number's queue at Twilio is full", _NOTHING_BUT_WAITING),
    21612: MessageError(
        "messages from this number do not reach the person's country or network",
        "see Twilio's SMS guidelines of the country; text from a number that may",
    ),
    21614: MessageError("the person's number is no mobile number", _NOTHING),
    21617: MessageError("the text is longer than Twilio takes", "report it: texts are sent in parts that are not"),
    21635: MessageError("the person's number is a landline", _NOTHING),
    21659: MessageError(
        "the number that it is sent from is not one of Twilio's, or not yet",
        "see in Twilio's console whether its porting is complete; ./sms number check",
    ),
    21660: MessageError(
        "the number that it is sent from belongs to another account",
        "add that account with ./sms twilio set-account; ./sms number check",
    ),
    21663: MessageError(
        "the number's messages are processed in another region of Twilio",
        "./sms twilio set-account with the number's --region",
    ),
    30001: MessageError("Twilio's queue for the number was full or too slow", _NOTHING_BUT_WAITING),
    30002: MessageError("the account was suspended", "see the account in Twilio's console"),
    30003: MessageError(
        "the phone is switched off or out of reach",
        "nothing, unless it is so with many people: then carriers may filter the number, so ask Twilio",
    ),
    30004: MessageError(
        "the message was blocked for this number: by the person, the carrier or a do-not-call register", _NOTHING
    ),
    30005: MessageError("the carrier knows no such phone", _NOTHING),
    30006: MessageError("the number is a landline, or its carrier cannot be reached", _NOTHING),
    30007: MessageError(
        "Twilio or the carrier took the message for spam",
        "look at what the agent writes (links, all capitals), and at the number's registration; then ask Twilio",
    ),
    30008: MessageError(
        "the carrier did not say why", "ask Twilio if it happens often, with the ids of three messages"
    ),
    30017: MessageError("the carrier takes no more messages with pictures at the moment", "send it once more later"),
    30022: MessageError("more messages than the number's A2P campaign may send", _NOTHING_BUT_WAITING),
    30023: MessageError(
        "more messages in a day than the carrier takes from the brand",
        "wait until tomorrow; a better vetting score in Twilio's console raises the limit",
    ),
    30024: MessageError(
        "the carrier does not know the number yet, or not any more",
        "wait a day after registering it; then ask Twilio with the ids of three messages",
    ),
    30032: MessageError(
        "the toll-free number is not verified", "verify it in Twilio's console: Regulatory Compliance, Toll-free"
    ),
    30034: MessageError(
        "the number is in no registered A2P 10DLC campaign, which US carriers demand of long codes",
        "register brand and campaign in Twilio's console, and put the number into the campaign's Messaging Service",
    ),
    63003: MessageError("the channel knows no such address", _NOTHING),
    63014: MessageError("the person blocks the sender on their channel", _NOTHING),
    63016: MessageError(
        "more than 24 hours have passed since the person's last text on this channel",
        "answer sooner; until the person writes again only templates may be sent, which this software does not do",
    ),
}


def explained(code: int | None) -> str:
    """What a code means and what to do, in a sentence without its full stop; empty for no code, or an unknown one."""
    error = EXPLAINED.get(code or 0)
    return str(error) if error else ""
