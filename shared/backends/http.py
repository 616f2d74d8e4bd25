"""A backend behind a URL, which gets each event as a signed POST. Implements `shared.ports.Backend`.

The signature follows Standard Webhooks 1.0 (specification, "Webhook headers") and is computed by its published library.
"""

import base64
import binascii
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from standardwebhooks import Webhook

from shared.backends import answers, settings_checks
from shared.errors import Unavailable, UpstreamRefused
from shared.messages import events
from shared.messages.outbound import Answer
from shared.reasons import Reason
from shared.tenants.agent import BackendSettings
from shared.tenants.validation import require

LATER = frozenset({408, 425, 429})
"""Statuses below 500 after which the same request may succeed later. So it is for every status from 500."""

_CONTENT_TYPE = "application/cloudevents+json"  # CloudEvents, HTTP protocol binding, "Structured content mode"
_HOST = re.compile(r"(?=.{1,253}\Z)[0-9a-z_]([0-9a-z_-]{0,62})(\.[0-9a-z_-]{1,63})*\.?")
_SECRET = "whsec_"  # noqa: S105 - what a secret begins with
_SECRET_BYTES = range(24, 65)  # Standard Webhooks specification, "Signature scheme"
_OK = range(200, 300)
_REDIRECTS = range(300, 400)


@dataclass(frozen=True)
class BackendRequest:
    """A POST request to a backend.

    Attributes:
        timeout_seconds: the limit for everything: DNS lookup, connection, request, and the whole response.
        wants_body: whether to read the body of a response with status 200. No other body is ever read.
    """

    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    timeout_seconds: float
    wants_body: bool


@dataclass(frozen=True)
class BackendResponse:
    """A backend's response. The body is empty unless it was wanted and the status is 200."""

    status: int
    body: bytes = field(default=b"", repr=False)


Post = Callable[[BackendRequest], BackendResponse]
"""Sends a request.

Raises Unavailable, or UpstreamRefused when its address is not allowed or the response is unusable.
"""


def check(settings: BackendSettings, *, local: bool) -> None:
    """Raises InvalidValue unless there is a usable URL and a secret to sign with.

    The host's addresses are checked at each request; see `transport`.
    """
    require(
        settings.target.isascii() and settings.target.isprintable() and not set(' \\"<>^`{|}') & set(settings.target),
        "backend: the URL contains a character that must be percent-encoded; write the host name in ASCII (xn--)",
    )
    scheme, host = _parts(settings.target)
    schemes = ("https", "http") if local else ("https",)
    require(scheme in schemes and host, "backend: its URL must begin with https:// and a host name")
    require(urlsplit(settings.target).port != 0, "backend: the URL must not have port 0")
    require("@" not in urlsplit(settings.target).netloc, "backend: the URL must not contain a user or a password")
    require("#" not in settings.target, "backend: the URL has a part after #, which no server receives; leave it out")
    require(_is_address(host) or _HOST.fullmatch(host), "backend: the host name in the URL is not valid")
    require(settings.secrets, "backend: http needs a secret to sign its requests with")
    require(
        all(_is_secret(secret) for secret in settings.secrets),
        "backend: a secret must be whsec_ followed by the base64 of 24 to 64 random bytes",
    )
    settings_checks.takes_no_locale(settings)


def _parts(url: str) -> tuple[str, str]:
    """The scheme and the host, in lower case; empty strings when the URL cannot be parsed."""
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - raises ValueError for an invalid port
    except ValueError:
        return "", ""
    return parts.scheme, parts.hostname or ""


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return "%" not in host


def _is_secret(secret: str) -> bool:
    try:
        key = base64.b64decode(secret.removeprefix(_SECRET), validate=True)
    except binascii.Error:
        return False
    return secret.startswith(_SECRET) and len(key) in _SECRET_BYTES


class HttpBackend:
    """A backend that gets each event as a POST, signed with every secret of the agent."""

    def __init__(self, settings: BackendSettings, post: Post, now: Callable[[], datetime]) -> None:
        self._settings = settings
        self._post = post
        self._now = now

    def answer(self, event: Mapping[str, Any]) -> Answer:
        """The backend's answer, which 202 promises for later; an empty one to a status.

        Raises Unavailable, UpstreamRefused.
        """
        body = json.dumps(event, separators=(",", ":"))  # pure ASCII, so that no proxy can garble a text
        is_status = event["type"] == events.STATUS
        response = self._post(
            BackendRequest(
                url=self._settings.target,
                headers=self._headers(event["id"], body),
                body=body.encode(),
                timeout_seconds=self._settings.timeout_seconds,
                wants_body=not is_status,
            )
        )
        if is_status and response.status in _OK:
            return Answer()
        return _answer(response)

    def _headers(self, event_id: str, body: str) -> dict[str, str]:
        now = self._now()
        signatures = [Webhook(secret).sign(event_id, now, body) for secret in self._settings.secrets]
        return {
            "content-type": _CONTENT_TYPE,
            "webhook-id": event_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": " ".join(signatures),
        }


def _answer(response: BackendResponse) -> Answer:
    status = response.status
    if status == HTTPStatus.OK:
        return answers.parse(response.body)
    if status in {HTTPStatus.NO_CONTENT, HTTPStatus.ACCEPTED}:
        return Answer(later=status == HTTPStatus.ACCEPTED)
    if status in LATER or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        message = f"the backend answered {status}"
        raise Unavailable(message)
    redirect = ", a redirect, and redirects are not followed: set its target as the URL" if status in _REDIRECTS else ""
    reason = Reason.BACKEND_REFUSED
    raise UpstreamRefused(reason, f"the backend answered {status}{redirect}")
