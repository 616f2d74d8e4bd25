"""A request to a stage's webhook, as Twilio sends it: with or without a key, with or without a signature."""

import base64
import hmac
import secrets
from collections.abc import Sequence
from urllib.parse import urlencode

from operations.health.finding import CheckedStage
from operations.health.web import WebAnswer
from shared.providers.twilio.signature import signed_fields
from shared.public_paths import RECEIVE
from shared.tenants import api_keys

Form = Sequence[tuple[str, str]]
NUMBER = "+12025550100"  # made up; a text is a probe because it is from this number and to it


def send_webhook(
    checked: CheckedStage, *, key: str | None = None, form: Form = (), token: str | None = None, path: str = RECEIVE
) -> WebAnswer:
    """The webhook's answer. Raises Unavailable, CommandDeclined.

    Args:
        checked: the stage.
        key: the API key; None for no key, as in Twilio's first request.
        form: the fields.
        token: the auth token that signs; None for no signature.
        path: what follows the stage's base URL.
    """
    url = checked.base_url.rstrip("/") + path
    address, headers = checked.operator.target.way_to(url)
    all_headers = dict(headers)
    if key is not None:
        login = base64.b64encode(f"{api_keys.USERNAME}:{key}".encode()).decode()
        all_headers["Authorization"] = f"Basic {login}"
    if token is not None:
        signed = (url + signed_fields(form)).encode()
        all_headers["X-Twilio-Signature"] = base64.b64encode(hmac.digest(token.encode(), signed, "sha1")).decode()
    return checked.operator.world.outside.post(address, headers=all_headers, body=urlencode(form))


def probe(account: str) -> tuple[str, Form]:
    """A probe's id and its fields: a text from a number to itself, which no backend gets (decision 0017)."""
    sid = f"SM{secrets.token_hex(16)}"
    fields = {"MessageSid": sid, "AccountSid": account, "From": NUMBER, "To": NUMBER, "Body": "", "NumMedia": "0"}
    return sid, list(fields.items())
