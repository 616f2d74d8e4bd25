"""A request to a stage's webhook, as Twilio makes it: with or without a key, with or without a signature."""

import base64
import hmac
import secrets
from collections.abc import Sequence
from urllib.parse import urlencode

from operations.health.finding import Patient
from operations.health.web import WebAnswer
from shared.providers.twilio.signature import signed_fields
from shared.public_paths import RECEIVE
from shared.tenants import api_keys

Form = Sequence[tuple[str, str]]
NUMBER = "+12025550100"  # made up; that a probe is from it and to it is what makes it one


def ask(patient: Patient, *, key: str | None = None, form: Form = (), token: str | None = None) -> WebAnswer:
    """What the webhook answers. Raises Unavailable, Declined.

    Args:
        patient: the stage.
        key: the API key; None for none, as in Twilio's first request.
        form: the fields.
        token: the auth token that signs; None for no signature.
    """
    url = patient.base_url.rstrip("/") + RECEIVE
    address, headers = patient.operator.target.way_to(url)
    given = dict(headers)
    if key is not None:
        login = base64.b64encode(f"{api_keys.USERNAME}:{key}".encode()).decode()
        given["Authorization"] = f"Basic {login}"
    if token is not None:
        signed = (url + signed_fields(form)).encode()
        given["X-Twilio-Signature"] = base64.b64encode(hmac.digest(token.encode(), signed, "sha1")).decode()
    return patient.operator.world.outside.post(address, headers=given, form=urlencode(form))


def probe(account: str) -> tuple[str, Form]:
    """A probe's id and its fields: a text from a number to itself, which no backend gets (decision 0017)."""
    sid = f"SM{secrets.token_hex(16)}"
    fields = {"MessageSid": sid, "AccountSid": account, "From": NUMBER, "To": NUMBER, "Body": "", "NumMedia": "0"}
    return sid, list(fields.items())
