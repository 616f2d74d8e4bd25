"""Delivering one text: to the number's webhook and, when that fails, to its fallback.

The fallback gets the same fields with `ErrorCode` and `ErrorUrl`, signed over its own URL (Twilio docs: "Availability
and Reliability", section "Fallback URLs"). Whether Twilio's `ErrorUrl` holds the primary URL's password is not
documented: here it has neither user and password nor a fragment.
"""

from dataclasses import dataclass

from twin.accounts import Number
from twin.attempts import Attempt
from twin.debugger import Alert
from twin.message import Text
from twin.webhook_call import call
from twin.webhook_try import HookSender


@dataclass(frozen=True)
class Delivery:
    """The result of delivering a text.

    Attributes:
        message_sid: The text's SID.
        outcome: `delivered`, `failed`, or `no_webhook` when there was no webhook to call.
        error_code: Twilio's code of the last failure; None unless it failed.
        status: The last HTTP status; None without a response.
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
    """The result for a text that no webhook gets."""
    return Delivery(text.message_sid, "no_webhook")


def deliver(text: Text, number: Number, sender: HookSender, *, time_scale: float) -> tuple[Delivery, list[Alert]]:
    """Deliver a text.

    Args:
        text: The text.
        number: The number that it was sent to.
        sender: Sends and signs the requests.
        time_scale: Multiplies every wait.

    Returns:
        The result, and new entries for the debugger.
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
        alerts.append(
            Alert(code, message, text.message_sid, number.number, hook.url.url, number.account_sid, hook.method, status)
        )
        fields = (*text.fields, ("ErrorCode", str(code)), ("ErrorUrl", hook.url.url))
    return Delivery(text.message_sid, "failed", alerts[-1].error_code, status, (), tuple(attempts)), alerts
