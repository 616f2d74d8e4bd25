"""The web, as Twilio sees a stage from outside: a request, a certificate, a name."""

import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import httpx

from shared.errors import Unavailable

_SECONDS = 15


@dataclass(frozen=True)
class WebAnswer:
    """The answer to a request; the headers' names are in lower case."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: str = field(repr=False)


class Web:
    """The real web; keeps `operations.ports.Outside`."""

    def post(self, url: str, *, headers: Mapping[str, str], body: str) -> WebAnswer:
        """The answer to a posted form, or to what the header `Content-Type` says, without following redirects.

        Raises Unavailable, whose message has neither the URL nor a header.
        """
        all_headers = {"Content-Type": "application/x-www-form-urlencoded", **headers}
        try:
            answer = httpx.post(url, headers=all_headers, content=body, timeout=_SECONDS, trust_env=False)
        except httpx.HTTPError as error:
            message = f"no answer: {type(error).__name__}"
            raise Unavailable(message) from None
        return WebAnswer(
            answer.status_code, {name.lower(): value for name, value in answer.headers.items()}, answer.text
        )

    def certificate_ends(self, host: str) -> datetime:
        """When the certificate of a host ends, if it can be trusted now. Raises Unavailable with the reason."""
        try:
            with (
                socket.create_connection((host, 443), timeout=_SECONDS) as plain,
                ssl.create_default_context().wrap_socket(plain, server_hostname=host) as safe,
            ):
                ends = str((safe.getpeercert() or {})["notAfter"])
        except ssl.SSLCertVerificationError as error:
            raise Unavailable(error.verify_message) from None
        except (OSError, LookupError) as error:
            message = f"no TLS connection: {type(error).__name__}"
            raise Unavailable(message) from None
        return datetime.fromtimestamp(ssl.cert_time_to_seconds(ends), UTC)

    def names(self, host: str) -> set[str]:
        """The name and all names that it leads to by CNAMEs. Raises Unavailable when it does not exist."""
        try:
            canonical, aliases, _ = socket.gethostbyname_ex(host)
        except (OSError, UnicodeError):
            message = f"the name {host} does not exist"
            raise Unavailable(message) from None
        return {name.lower().rstrip(".") for name in (host, canonical, *aliases)}
