"""A message as Twilio keeps it: sender, receiver, status, history and status callbacks.

Statuses and directions are those of Twilio's page "Messages resource". `by` and `callbacks` are the twin's additions.
"""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Self

from twin.message import MediaFile
from twin.webhook_url import WebhookUrl

FINAL = frozenset({"delivered", "undelivered", "failed", "received"})
"""The statuses that no other status follows."""


def now() -> datetime:
    """The current time in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class StatusCallback:
    """A status callback that the twin has made.

    Attributes:
        message_status: The status that it reported.
        status: The response's HTTP status, None without a response.
        error: What went wrong, as in the attempts of a webhook; None when nothing did.
        time: When it was over.
    """

    message_status: str
    status: int | None
    error: str | None
    time: datetime = field(default_factory=now)


@dataclass(frozen=True)
class Message:
    """A message, inbound or outbound.

    Attributes:
        sid: `SM…`, or `MM…` with media.
        account_sid: The account whose number sends or receives it.
        sender: Who wrote it.
        receiver: Whom it is for.
        body: The text.
        media: The files that come with it.
        direction: `inbound`, `outbound-api` or `outbound-reply`.
        by: `person`, `api`, `twiml` or `twilio`.
        status: Its current status.
        status_callback: The URL that its statuses are posted to; None for no callbacks.
        error_code: Why it failed.
        created: When it was created.
        sent: When it went out or, inbound, when the webhook was called.
        updated: When it last changed.
        history: Every status with its time, the oldest first.
        callbacks: Its status callbacks, in order.
    """

    sid: str
    account_sid: str
    sender: str
    receiver: str
    body: str
    media: tuple[MediaFile, ...]
    direction: str
    by: str
    status: str = "queued"
    status_callback: WebhookUrl | None = None
    error_code: int | None = None
    created: datetime = field(default_factory=now)
    sent: datetime | None = None
    updated: datetime = field(default_factory=now)
    history: tuple[tuple[str, datetime], ...] = ()
    callbacks: tuple[StatusCallback, ...] = ()

    def __post_init__(self) -> None:
        if not self.history:
            object.__setattr__(self, "history", ((self.status, self.created),))

    def with_status(self, status: str, error_code: int | None = None) -> Self:
        """The message with its next status, from now."""
        moment = now()
        sent = moment if status == "sent" else self.sent
        history = (*self.history, (status, moment))
        return replace(self, status=status, error_code=error_code, sent=sent, updated=moment, history=history)

    def with_callback(self, callback: StatusCallback) -> Self:
        """The message with one more status callback."""
        return replace(self, callbacks=(*self.callbacks, callback))
