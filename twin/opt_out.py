"""Opting out: the words that Twilio answers by itself, and who has opted out of which number.

The whole text must be the word, in any case. The answers are those of Twilio's help page "Twilio support for opt-out
keywords (SMS STOP filtering)"; the text is still posted to the webhook. On a short code and in other channels Twilio
does this only with Advanced Opt-Out, which also adds `OptOutType` to the webhook (Twilio help: "Getting Started with
Advanced Opt-Out for Messaging Services"; there it belongs to a Messaging Service, here to a number). Whether Twilio
answers a second STOP again is not documented: the twin does.
"""

import threading

from twin.accounts import Number

_WORDS = {
    **dict.fromkeys(("STOP", "STOPALL", "UNSUBSCRIBE", "END", "QUIT", "REVOKE", "OPTOUT", "CANCEL"), "STOP"),
    **dict.fromkeys(("START", "UNSTOP"), "START"),
    **dict.fromkeys(("HELP", "INFO"), "HELP"),
}
_ANSWERS = {
    "STOP": "You have successfully been unsubscribed. You will not receive any more messages from this number. "
    "Reply START to resubscribe.",
    "START": "You have successfully been re-subscribed to messages from this number. Reply HELP for help. "
    "Reply STOP to unsubscribe. Msg&Data Rates May Apply.",
    "HELP": "Reply STOP to unsubscribe. Msg&Data Rates May Apply.",
}


def opt_out_type(number: Number, receiver: str, body: str) -> str | None:
    """`STOP`, `START` or `HELP` when the text is such a word to Twilio; None otherwise.

    Args:
        number: The number.
        receiver: The address that the text was sent to: the number, possibly with a channel.
        body: The text.
    """
    if not (receiver.startswith("+") or number.advanced_opt_out):
        return None
    return _WORDS.get(body.strip().upper())


class TwinOptOuts:
    """The pairs of numbers that have opted out."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pairs: set[tuple[str, str]] = set()

    def apply(self, number: str, person: str, kind: str) -> str:
        """Apply an opt-out word of this kind, and return Twilio's answer to it."""
        with self._lock:
            if kind == "STOP":
                self._pairs.add((number, person))
            elif kind == "START":
                self._pairs.discard((number, person))
        return _ANSWERS[kind]

    def blocks(self, number: str, person: str) -> bool:
        """Whether the person has opted out of this number."""
        with self._lock:
            return (number, person) in self._pairs
