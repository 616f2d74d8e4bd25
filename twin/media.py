"""Pictures and other files: from the control API's JSON, and where they are found afterwards.

A message's media has an address at Twilio, which redirects to a content network (Twilio docs: "Media subresource"; that
it is a redirect, with 307, and that the second address asks for no credentials, is not documented).
"""

import base64
import binascii
from dataclasses import replace

from twin.body import BadBody, Body
from twin.message import API_VERSION, Media

PIXEL = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
"""A GIF of one pixel: what is served for a file that the twin has never seen, for it fetches none."""


def read_media(body: Body) -> list[Media]:
    """The field `media`: a list of objects with a `content_type`, and a `url` or, in base64, the `content`.

    Raises:
        BadBody: It is something else.
    """
    items = body.fields.get("media") or []
    if not isinstance(items, list):
        message = "media: must be a list."
        raise BadBody(message)
    return [_read(Body(item, "url", "content_type", "content")) for item in items]


def _read(item: Body) -> Media:
    content = item.parsed("content", _decoded)
    url = item.text("url") if content is None else item.optional("url") or ""
    return Media(url, item.text("content_type"), content=content)


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        message = "is no base64"
        raise ValueError(message) from None


def placed(item: Media, twin_url: str, account_sid: str, message_sid: str) -> Media:
    """A file of an inbound message with its address at Twilio, unless it has one of its own."""
    if item.url:
        return item
    return replace(item, url=twin_url + media_path(account_sid, message_sid, item.sid))


def media_path(account_sid: str, message_sid: str, media_sid: str) -> str:
    """Where a message's file is in the REST API."""
    return f"/{API_VERSION}/Accounts/{account_sid}/Messages/{message_sid}/Media/{media_sid}"
