"""A backend behind a URL: each event is a signed POST. Keeps `shared.ports.Backend`.

The signature is that of Standard Webhooks 1.0 (specification, "Webhook headers"), by its published library.
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

from shared.backends import answers, validation
from shared.errors import Refused, Unavailable
from shared.messages import events
from shared.messages.outbound import Answer
from shared.reasons import Reason
from shared.tenants.agent import BackendSettings
from shared.tenants.validation import require

LATER = frozenset({408, 425, 429})
"""Statuses below 500 that may be another one next time; so are all from 500 on."""

_CONTENT_TYPE = "application/cloudevents+json"  # CloudEvents, HTTP protocol binding, "Structured content mode"
_HOST = re.compile(r"(?=.{1,253}\Z)[0-9a-z_]([0-9a-z_-]{0,62})(\.[0-9a-z_-]{1,63})*\.?")
_SECRET = "whsec_"  # noqa: S105 - what a secret begins with
_SECRET_BYTES = range(24, 65)  # Standard Webhooks specification, "Signature scheme"
_OK = range(200, 300)
_REDIRECTS = range(300, 400)


@dataclass(frozen=True)
class Request:
    """A POST that is to be made.

    Attributes:
        timeout_seconds: for everything: the name, the connection, the request, and the answer to its last byte.
        wants_body: whether the body of an answer with status 200 is of interest; no other body ever is.
    """

    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    timeout_seconds: float
    wants_body: bool


@dataclass(frozen=True)
class Response:
    """What came back. The body is empty unless it was wanted and the status is 200."""

    status: int
    body: bytes = field(default=b"", repr=False)


Post = Callable[[Request], Response]
"""Makes the request. Raises Unavailable, or Refused when it must not or cannot be made, or the answer is too large."""


def check(settings: BackendSettings, *, local: bool) -> None:
    """Raises InvalidValue unless there is a URL that may be asked, and a secret to sign with.

    Where the host's name leads is found out at each request, and checked then: see `posting`.
    """
    require(
        settings.target.isascii() and settings.target.isprintable() and not set(' \\"<>^`{|}') & set(settings.target),
        "backend: the URL holds a character that must be percent-encoded; a host's name is written in ASCII (xn--)",
    )
    scheme, host = _parts(settings.target)
    schemes = ("https", "http") if local else ("https",)
    require(scheme in schemes and host, "backend: its URL begins with https:// and the name of a host")
    require("@" not in urlsplit(settings.target).netloc, "backend: no user and no password belong into the URL")
    require("#" not in settings.target, "backend: the URL has a part after #, which no server ever sees; leave it out")
    require(_is_address(host) or _HOST.fullmatch(host), "backend: the URL names no possible host")
    require(settings.secrets, "backend: http needs a secret that its requests are signed with")
    require(
        all(_is_secret(secret) for secret in settings.secrets),
        "backend: a secret is whsec_ and the base64 of 24 to 64 random bytes",
    )
    validation.takes_no_locale(settings)


def _parts(url: str) -> tuple[str, str]:
    """Scheme and host in lower case; empty where the URL has none that can be understood."""
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - raises when it is no port
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
    """Posts each event to a URL, signed with every secret of the agent."""

    def __init__(self, settings: BackendSettings, post: Post, now: Callable[[], datetime]) -> None:
        self._settings = settings
        self._post = post
        self._now = now

    def ask(self, event: Mapping[str, Any]) -> Answer:
        """The answer. Raises Unavailable, Refused."""
        body = json.dumps(event, separators=(",", ":"))  # ASCII: no character of a text can go wrong on the way
        is_status = event["type"] == events.STATUS
        response = self._post(
            Request(
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


def _answer(response: Response) -> Answer:
    status = response.status
    if status == HTTPStatus.OK:
        return answers.parse(response.body)
    if status in {HTTPStatus.NO_CONTENT, HTTPStatus.ACCEPTED}:
        return Answer()
    if status in LATER or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        message = f"the backend answered {status}"
        raise Unavailable(message)
    redirect = ", a redirect; none is followed: give the agent the URL that it leads to" if status in _REDIRECTS else ""
    reason = Reason.BACKEND_REFUSED
    raise Refused(reason, f"the backend answered {status}{redirect}")
