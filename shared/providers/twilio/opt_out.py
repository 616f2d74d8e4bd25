"""What Twilio does about STOP, START and HELP.

On long codes and toll-free numbers it answers them and keeps to them (Twilio help 223181748, "Twilio support for
opt-out keywords"). On short codes and other channels it does so only with Advanced Opt-Out of a Messaging Service, and
then reports the word in the field OptOutType (Twilio help 360034798533, "Getting Started with Advanced Opt-Out for
Messaging Services").
"""

from collections.abc import Mapping, Sequence

from shared.address import Address
from shared.messages.outbound import OptOut

CODE = 21610
"""Twilio docs, error 21610: the person has opted out."""

# YES, which lifts a block at Twilio too, is left out: it is what people answer to questions.
_WORDS = {
    **dict.fromkeys(
        ("STOP", "STOPALL", "UNSUBSCRIBE", "END", "QUIT", "REVOKE", "OPTOUT", "CANCEL"),
        OptOut.STOP,
    ),
    **dict.fromkeys(("START", "UNSTOP"), OptOut.START),
    **dict.fromkeys(("HELP", "INFO"), OptOut.HELP),
}


def word(text: str) -> OptOut | None:
    """What a text asks for that is one of Twilio's words, in any case and with any blanks around it; else None."""
    return _WORDS.get(text.strip().upper())


def reported(fields: Mapping[str, Sequence[str]]) -> OptOut | None:
    """What the field OptOutType says; None without it, and for a word that is not known."""
    value = next(iter(fields.get("OptOutType", ())), "")
    return OptOut(value) if value in OptOut.__members__ else None


def is_answered_at(address: str) -> bool:
    """Whether Twilio answers the words at this address of ours, whatever Messaging Service it is in."""
    return Address.parse(address).is_sms_number
