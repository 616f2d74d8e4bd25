"""Delivering one text: the number's webhook, and when it fails, its fallback.

The fallback gets the same fields and `ErrorCode` and `ErrorUrl`, signed over its own URL (Twilio docs: "Availability
and Reliability", section "Fallback URLs"). Whether Twilio's `ErrorUrl` holds the primary URL's password is not
documented: here it holds neither user and password nor fragment.
"""

from dataclasses import dataclass

from twin.accounts import Number
from twin.attempts import Attempt
from twin.debugger import Alert
from twin.message import Text
from twin.tries import Sender
from twin.webhook import call


@dataclass(frozen=True)
class Delivery:
    """What came of a text.

    Attributes:
        message_sid: The text.
        outcome: `delivered`, `failed`, or `no_webhook` when there was none to call.
        error_code: Twilio's code of the last failure; None unless it failed.
        status: The last HTTP status; None without an answer.
        reply: The texts that go back to the person.
        attempts: Every HTTP request made, in order.
    """

    message_sid: str
    outcome: str
    error_code: int | None = None
    status: int | None = None
    reply: tuple[str, ...] = ()
    attempts: tuple[Attempt, ...] = ()


def no_webhook(text: Text) -> Delivery:
    """What comes of a text that nobody is told of."""
    return Delivery(text.message_sid, "no_webhook")


def deliver(text: Text, number: Number, sender: Sender, *, time_scale: float) -> tuple[Delivery, list[Alert]]:
    """Deliver a text.

    Args:
        text: The text.
        number: The number that it was sent to.
        sender: What sends and signs.
        time_scale: What every wait is multiplied by.

    Returns:
        What came of it, and what the debugger is to show.
    """
    if number.primary is None:
        return no_webhook(text), []
    fields = tuple(text.fields)
    attempts: list[Attempt] = []
    alerts: list[Alert] = []
    status = None
    for kind, hook in (("primary", number.primary), ("fallback", number.fallback)):
        if hook is None:
            break
        outcome = call(sender, kind, hook.url, hook.method, fields, time_scale=time_scale)
        attempts += outcome.attempts
        status = outcome.status
        if outcome.failure is None:
            return Delivery(text.message_sid, "delivered", None, status, outcome.replies, tuple(attempts)), alerts
        code, message = outcome.failure.code, outcome.failure.message
        alerts.append(Alert(code, message, text.message_sid, number.number, hook.url.url))
        fields = (*text.fields, ("ErrorCode", str(code)), ("ErrorUrl", hook.url.url))
    return Delivery(text.message_sid, "failed", alerts[-1].error_code, status, (), tuple(attempts)), alerts
