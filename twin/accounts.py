"""What an operator sets up at Twilio: accounts with their auth tokens, numbers with their webhooks."""

from dataclasses import dataclass, field

from twin.address import WebhookUrl


@dataclass(frozen=True)
class Account:
    """An account or a subaccount.

    Attributes:
        sid: `AC…`.
        auth_token: The primary token, which signs.
        secondary_auth_token: The token that signs once it is promoted; None when there is none.
    """

    sid: str
    auth_token: str = field(repr=False)
    secondary_auth_token: str | None = field(default=None, repr=False)

    def promoted(self) -> "Account | None":
        """The account with its secondary token as the primary one and no secondary; None when it has none."""
        return None if self.secondary_auth_token is None else Account(self.sid, self.secondary_auth_token)


@dataclass(frozen=True)
class Hook:
    """A webhook: its URL as configured and its method, `GET` or `POST`."""

    url: WebhookUrl
    method: str


@dataclass(frozen=True)
class Number:
    """A number that people write to.

    Attributes:
        number: E.164, a short code, or an address with a channel.
        account_sid: The account that owns it, whose token signs.
        primary: What Twilio calls when a text arrives; None drops the text.
        fallback: What Twilio calls when the primary fails; None for nothing.
    """

    number: str
    account_sid: str
    primary: Hook | None
    fallback: Hook | None

    def shown(self) -> dict[str, str | None]:
        """The number as the control API shows it: no password."""
        return {
            "number": self.number,
            "account_sid": self.account_sid,
            "sms_url": None if self.primary is None else self.primary.url.redacted(),
            "sms_method": None if self.primary is None else self.primary.method,
            "sms_fallback_url": None if self.fallback is None else self.fallback.url.redacted(),
            "sms_fallback_method": None if self.fallback is None else self.fallback.method,
        }
