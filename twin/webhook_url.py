"""A webhook URL taken apart: what is requested and signed, the credentials, and the connection overrides.

A URL as an operator configures it may read `https://user:password@example.com:8443/texts?tenant=one#rc=2`. Twilio keeps
the user and the password for the answer to a challenge, and the fragment for itself. The rest is requested and signed
as it is written. (Twilio docs: "Security", "Webhooks (HTTP callbacks): Connection Overrides")
"""

import base64
import re
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import unquote_to_bytes, urljoin, urlsplit

_SHAPE = re.compile(
    r"(?P<scheme>https?)://(?:(?P<userinfo>[^/?#]*)@)?(?P<rest>[^#]*)(?:#(?P<fragment>.*))?", re.IGNORECASE
)
_DEFAULT_PORTS = {"http": 80, "https": 443}


class NotAWebhookUrl(ValueError):
    """The text is not a URL that Twilio could call. The message never repeats it, because it may contain a password."""


@dataclass(frozen=True)
class WebhookUrl:
    """A webhook URL in its parts.

    Attributes:
        url: The URL without user, password and fragment, otherwise as written.
        fragment: What follows `#`; empty when there is none.
        userinfo: What precedes `@`, still percent-encoded; None when there is none.
    """

    url: str
    fragment: str = ""
    userinfo: str | None = field(default=None, repr=False)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Take a configured URL apart.

        Raises:
            NotAWebhookUrl: It is not an absolute http or https URL in printable ASCII, or its host or port is wrong.
        """
        match = _SHAPE.fullmatch(text)
        if match is None:
            message = "it is not an absolute http or https URL"
            raise NotAWebhookUrl(message)
        if not all("!" <= character <= "~" for character in text):
            message = "it contains a blank or a character outside ASCII"
            raise NotAWebhookUrl(message)
        webhook_url = cls(f"{match['scheme']}://{match['rest']}", match["fragment"] or "", match["userinfo"])
        try:
            host, port = webhook_url.host.encode("idna"), webhook_url.port
        except ValueError:
            host, port = b"", 0
        if not host or not port:
            message = "its host or its port is wrong"
            raise NotAWebhookUrl(message)
        return webhook_url

    @property
    def scheme(self) -> str:
        """`http` or `https`."""
        return urlsplit(self.url).scheme

    @property
    def host(self) -> str:
        """The host in lower case, an IPv6 address without its brackets."""
        return urlsplit(self.url).hostname or ""

    @property
    def port(self) -> int:
        """The port; the scheme's default when the URL names none."""
        port = urlsplit(self.url).port
        return _DEFAULT_PORTS[self.scheme] if port is None else port

    @property
    def authority(self) -> str:
        """Host and port as written: the `Host` header."""
        return urlsplit(self.url).netloc

    @property
    def target(self) -> str:
        """Path and query as written, for the request line."""
        rest = self.url.split("://", 1)[1][len(self.authority) :]
        return rest if rest.startswith("/") else f"/{rest}"

    @property
    def basic_authorization(self) -> str | None:
        """The `Authorization` header for this URL's user and password, which are percent-decoded first; or None."""
        if self.userinfo is None:
            return None
        user, _, password = self.userinfo.partition(":")
        pair = unquote_to_bytes(user) + b":" + unquote_to_bytes(password)
        return f"Basic {base64.b64encode(pair).decode('ascii')}"

    def redacted(self) -> str:
        """The URL as configured with `***` instead of the password."""
        fragment = f"#{self.fragment}" if self.fragment else ""
        if self.userinfo is None:
            return self.url + fragment
        user, colon, _ = self.userinfo.partition(":")
        scheme, rest = self.url.split("://", 1)
        return f"{scheme}://{user}{colon and ':***'}@{rest}{fragment}"

    def configured(self) -> str:
        """The URL as configured, with its password: only for callers with the account's credentials."""
        fragment = f"#{self.fragment}" if self.fragment else ""
        userinfo = "" if self.userinfo is None else f"{self.userinfo}@"
        scheme, rest = self.url.split("://", 1)
        return f"{scheme}://{userinfo}{rest}{fragment}"

    def same_origin(self, other: "WebhookUrl") -> bool:
        """Whether credentials for this URL may be sent to the other: scheme, host and port are the same."""
        return (self.scheme, self.host, self.port) == (other.scheme, other.host, other.port)

    def redirected(self, location: str) -> "WebhookUrl":
        """The URL that a `Location` header names; it may be relative to this one.

        A fragment in it is dropped: the overrides of the configured URL stay in force.

        Raises:
            NotAWebhookUrl: The location is not a URL that Twilio could call.
        """
        try:
            joined = urljoin(self.url, location)
        except ValueError as error:
            message = "its host or its port is wrong"
            raise NotAWebhookUrl(message) from error
        destination = WebhookUrl.parse(joined)
        userinfo = destination.userinfo
        if userinfo is None and self.same_origin(destination):
            userinfo = self.userinfo
        return WebhookUrl(destination.url, "", userinfo)
