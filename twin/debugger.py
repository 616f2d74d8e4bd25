"""The debugger: where Twilio records every webhook that failed.

A failing primary webhook is recorded even when the fallback then succeeds: "we fail the request, fire a notification,
and try your fallback URL" (Twilio docs: "11205: HTTP connection failure").
"""

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass(frozen=True)
class Alert:
    """One entry of the debugger.

    Attributes:
        error_code: Twilio's code.
        message: Twilio's message for the code.
        message_sid: The text's SID.
        number: The number that the text was sent to.
        url: The webhook, without user, password and fragment.
        account_sid: The account whose message it is.
        method: The webhook's method.
        status: The last HTTP status; None without a response.
        time: When, in UTC, ISO 8601.
        sid: `NO…`.
    """

    error_code: int
    message: str
    message_sid: str
    number: str
    url: str
    account_sid: str
    method: str = "POST"
    status: int | None = None
    time: str = field(default_factory=_now)
    sid: str = field(default_factory=lambda: f"NO{secrets.token_hex(16)}")
