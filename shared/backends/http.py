"""A backend behind a URL, which gets each event as a signed POST. Implements `shared.ports.Backend`.

The signature follows Standard Webhooks 1.0 (specification, "Webhook headers") and is computed by its published library.
"""

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any

from standardwebhooks import Webhook

from shared.backends import answers, settings_checks, urls
from shared.backends.post import BackendRequest, BackendResponse, Post, refusal
from shared.messages import events
from shared.messages.outbound import Answer
from shared.tenants.agent import BackendSettings
from shared.tenants.validation import require

_CONTENT_TYPE = "application/cloudevents+json"  # CloudEvents, HTTP protocol binding, "Structured content mode"
_SECRET = "whsec_"  # noqa: S105 - what a secret begins with
_SECRET_BYTES = range(24, 65)  # Standard Webhooks specification, "Signature scheme"
_OK = range(200, 300)


def check(settings: BackendSettings, *, local: bool) -> None:
    """Raises InvalidValue unless there is a usable URL and a secret to sign with."""
    urls.check(settings.target, local=local)
    require(settings.secrets, "backend: http needs a secret to sign its requests with")
    require(
        all(_is_secret(secret) for secret in settings.secrets),
        "backend: a secret must be whsec_ followed by the base64 of 24 to 64 random bytes",
    )
    settings_checks.takes_no_locale(settings)
    settings_checks.takes_no_user(settings)


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
    raise refusal(status)
