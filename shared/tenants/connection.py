"""Who gets a number's texts, and how it was connected: what an adapter, the domain and the document share."""

import re
from dataclasses import dataclass, field

from shared.tenants.validation import require

_SID = re.compile(r"[0-9A-Za-z]{1,64}")
_CREDENTIAL_ID = re.compile(r"[0-9A-Za-z]{8}")
_METHODS = {"GET", "POST"}


@dataclass(frozen=True)
class Webhooks:
    """Whom the provider tells of a number's texts, in Twilio's words (Twilio docs, "IncomingPhoneNumber resource").

    Attributes:
        url: what is called when a text comes in, with its API key; empty for nothing.
        fallback_url: what is called when that fails; empty for nothing.
        application: the SID of the TwiML application that takes the texts in the place of both; empty for none.
    """

    url: str = field(default="", repr=False)
    method: str = "POST"
    fallback_url: str = field(default="", repr=False)
    fallback_method: str = "POST"
    application: str = ""

    def __post_init__(self) -> None:
        """Raises InvalidValue."""
        require({self.method, self.fallback_method} <= _METHODS, "webhook method: GET or POST is expected")


@dataclass(frozen=True)
class Connection:
    """That a number was connected, and what is needed to undo it.

    Attributes:
        number: E.164.
        number_sid: the number's SID at its provider.
        account: the SID of the account that owns it.
        credential_id: the credential whose API key stands in its webhooks.
        owns_credential: whether that credential was made for this number, and goes with the connection.
        former: its webhooks before.
        service: the SID of the Messaging Service that was told to leave texts to its numbers; empty for none.
    """

    number: str = field(repr=False)
    number_sid: str
    account: str
    credential_id: str
    owns_credential: bool
    former: Webhooks
    service: str = ""

    def __post_init__(self) -> None:
        """Raises InvalidValue."""
        require(_SID.fullmatch(self.number_sid), "connection: a number's SID is letters and digits")
        require(_SID.fullmatch(self.account), "connection: an account's SID is letters and digits")
        require(
            _CREDENTIAL_ID.fullmatch(self.credential_id), "connection: a credential's id is eight letters and digits"
        )
