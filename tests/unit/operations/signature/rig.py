"""Requests that are signed wrongly on purpose, with the signature written out, and what the diagnosis makes of them."""

import base64
import hashlib
import hmac
from typing import Any
from urllib.parse import urlencode

from operations.signature.case import Case, PastedSecret
from operations.signature.diagnosis import Diagnosis, diagnose
from shared.messages.inbound import FORM
from shared.tenants.account import Accounts
from tests.fakes import ACCOUNTS, TOKEN, Fields, inbound, twilio_signature

EAST = "https://a1.execute-api.us-east-1.amazonaws.com/east"
SOUTH = "https://b2.execute-api.us-east-2.amazonaws.com/south"
CUSTOM = "https://sms-east.example.com"
PATH = "/sms.receiver/SmsRecv"
URL = EAST + PATH
FRAGMENT = "#ct=2000&rt=5000"
BASES = {"east": (EAST,), "south": (SOUTH,)}
WITH_DOMAIN = {"east": (CUSTOM, EAST), "south": ("https://sms-south.example.com", SOUTH)}
TEXT = inbound()


def signed(*parts: str | bytes, token: str = TOKEN, digest: str = "sha1") -> bytes:
    """The digest of what is signed."""
    whole = b"".join(part.encode() if isinstance(part, str) else part for part in parts)
    return hmac.new(token.encode(), whole, getattr(hashlib, digest)).digest()


def written(digest: bytes) -> str:
    return base64.b64encode(digest).decode()


def joined(fields: Fields) -> str:
    return "".join(name + value for name, value in fields)


def seen(
    signature: str,
    *,
    url: str = URL,
    body: Fields | bytes = TEXT,
    accounts: Accounts = ACCOUNTS,
    pasted: dict[str, str] | None = None,
    **more: Any,  # noqa: ANN401 - any attribute of a case
) -> Diagnosis:
    """The diagnosis of a request as it reached us."""
    return diagnose(
        Case(
            **{
                "accounts": accounts,
                "stage": "east",
                "base_urls": BASES,
                "url": url,
                "body": body if isinstance(body, bytes) else urlencode(list(body)).encode(),
                "signature": signature,
                "content_type": FORM,
                "pasted": tuple(PastedSecret(kind, secret) for kind, secret in (pasted or {}).items()),
                "fragments": (FRAGMENT,),
                **more,
            }
        )
    )


def causes(signature: str, **request: Any) -> list[str]:  # noqa: ANN401 - as `seen` takes it
    """The names of what is to blame."""
    diagnosis = seen(signature, **request)
    assert not diagnosis.genuine
    return [mistake.cause for mistake in diagnosis.causes]


def url_signed(signed_url: str, /, **request: Any) -> list[str]:  # noqa: ANN401 - as `seen` takes it
    """What is to blame when a text is as it should be, but this URL was signed."""
    return causes(twilio_signature(signed_url, request.get("body", TEXT), TOKEN), **request)


def fields_signed(fields: Fields, **request: Any) -> list[str]:  # noqa: ANN401 - as `seen` takes it
    """What is to blame when the URL is as it should be, but these fields were signed."""
    return causes(twilio_signature(URL, fields, TOKEN), **request)
