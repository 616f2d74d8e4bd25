"""What an operator sets up at Twilio: accounts with their auth tokens, and numbers with their webhooks.

Messaging Services are in `twin/services.py`.
"""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from twin.webhook_url import WebhookUrl


@dataclass(frozen=True)
class TwinAccount:
    """An account or a subaccount.

    Attributes:
        sid: `AC…`.
        auth_token: The primary token, which signs.
        secondary_auth_token: The token that signs after its promotion, or None.
        rest_keys: API keys, `SK…`, with their secrets. They authenticate at the REST API and never sign.
        protected_media: Whether media is served only to requests with the account's credentials (Twilio docs: "Media
            subresource", section "Authentication required"). Older accounts may have this off.
        status: `active`, `suspended` or `closed`. The twin only reports it and serves every account alike.
        type: `Full` or `Trial`. The twin only reports it.
        region: The region whose hosts accept its credentials (Twilio docs: "Manage Regional API Credentials").
    """

    sid: str
    auth_token: str = field(repr=False)
    secondary_auth_token: str | None = field(default=None, repr=False)
    rest_keys: Mapping[str, str] = field(default_factory=dict, repr=False)
    protected_media: bool = True
    status: str = "active"
    type: str = "Full"
    region: str = "us1"

    def promoted(self) -> "TwinAccount | None":
        """The account with its secondary token as its only one; None when it has no secondary token."""
        if self.secondary_auth_token is None:
            return None
        return replace(self, auth_token=self.secondary_auth_token, secondary_auth_token=None)

    def with_secondary(self) -> "TwinAccount":
        """The account with a new secondary token."""
        return replace(self, secondary_auth_token=secrets.token_hex(16))

    def without_secondary(self) -> "TwinAccount":
        """The account with its primary token only."""
        return replace(self, secondary_auth_token=None)

    def accepts_credentials(self, user: str, password: str) -> bool:
        """Whether the REST API accepts this pair: the SID with an auth token, or an API key with its secret."""
        if user == self.sid:
            return password in {self.auth_token, self.secondary_auth_token}
        return self.rest_keys.get(user) == password


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
        advanced_opt_out: Whether the webhook gets the field `OptOutType` with opt-out words.
        application_sid: `AP…`, the TwiML application that gets its texts instead of its own webhooks, or empty.
            (Twilio docs: "IncomingPhoneNumber resource", property `sms_application_sid`.)
        service_sid: `MG…`, the Messaging Service that it is in, or empty.
    """

    number: str
    account_sid: str
    primary: Hook | None
    fallback: Hook | None
    advanced_opt_out: bool = False
    application_sid: str = ""
    service_sid: str = ""

    @property
    def is_phone_number(self) -> bool:
        """Whether it is E.164, which is what Twilio lists as incoming phone numbers; short codes and channels are not.

        (Twilio docs: "IncomingPhoneNumber resource", "ShortCode resource".)
        """
        return self.number.startswith("+")

    @property
    def sid(self) -> str:
        """`PN…`, derived from the number, so that it never changes."""
        return f"PN{hashlib.sha256(self.number.encode()).hexdigest()[:32]}"

    def as_json(self) -> dict[str, str | None]:
        """The number as the control API returns it, with `***` for passwords."""
        return {
            "number": self.number,
            "account_sid": self.account_sid,
            "sms_url": None if self.primary is None else self.primary.url.redacted(),
            "sms_method": None if self.primary is None else self.primary.method,
            "sms_fallback_url": None if self.fallback is None else self.fallback.url.redacted(),
            "sms_fallback_method": None if self.fallback is None else self.fallback.method,
            "sms_application_sid": self.application_sid or None,
            "messaging_service_sid": self.service_sid or None,
        }
