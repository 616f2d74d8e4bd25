"""A phone number's webhooks at its provider, and the record of how the number was connected."""

import re
from dataclasses import dataclass, field

from shared.tenants.validation import require

_SID = re.compile(r"[0-9A-Za-z]{1,64}")
_CREDENTIAL_ID = re.compile(r"[0-9A-Za-z]{8}")
_METHODS = {"GET", "POST"}


@dataclass(frozen=True)
class Webhooks:
    """The webhooks of a phone number, in Twilio's terms (Twilio docs, "IncomingPhoneNumber resource").

    Attributes:
        url: the URL that gets incoming texts, with its API key; empty for none.
        fallback_url: the URL to use when that one fails; empty for none.
        application: the SID of the TwiML application that gets the texts instead of both; empty for none.
    """

    url: str = field(default="", repr=False)
    method: str = "POST"
    fallback_url: str = field(default="", repr=False)
    fallback_method: str = "POST"
    application: str = ""

    def __post_init__(self) -> None:
        """Raises InvalidValue."""
        require({self.method, self.fallback_method} <= _METHODS, "webhook method: it must be GET or POST")


@dataclass(frozen=True)
class Connection:
    """The record of a connected number, with all that is needed to disconnect it.

    Attributes:
        number: E.164.
        number_sid: the number's SID at its provider.
        account: the SID of the account that owns it.
        credential_id: the id of the credential whose API key is in its webhooks.
        former: its webhooks before it was connected.
        service: the SID of the Messaging Service that was set to use its numbers' webhooks; empty for none.
    """

    number: str = field(repr=False)
    number_sid: str
    account: str
    credential_id: str
    former: Webhooks
    service: str = ""

    def __post_init__(self) -> None:
        """Raises InvalidValue."""
        require(_SID.fullmatch(self.number_sid), "connection: a number's SID must be letters and digits")
        require(_SID.fullmatch(self.account), "connection: an account's SID must be letters and digits")
        require(
            _CREDENTIAL_ID.fullmatch(self.credential_id),
            "connection: a credential's id must be eight letters and digits",
        )
