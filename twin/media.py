"""Pictures and other files: read from the control API's JSON, and their addresses.

A message's media has an address at Twilio, which redirects to a content network (Twilio docs: "Media subresource"). Not
documented are the status 307 and that the second address needs no credentials.
"""

import base64
import binascii
from dataclasses import replace

from twin.body import BadBody, Body
from twin.message import API_VERSION, MediaFile

PIXEL = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
"""A GIF of one pixel, served for every file that the twin has only a URL of, because it fetches none."""


def read_media(body: Body) -> list[MediaFile]:
    """The field `media`: a list of objects with a `content_type`, and a `url` or, in base64, the `content`.

    Raises:
        BadBody: It is something else.
    """
    items = body.fields.get("media") or []
    if not isinstance(items, list):
        message = "media: must be a list."
        raise BadBody(message)
    return [_read(Body(item, "url", "content_type", "content")) for item in items]


def _read(item: Body) -> MediaFile:
    content = item.parsed("content", _decoded)
    url = item.text("url") if content is None else item.optional("url") or ""
    return MediaFile(url, item.text("content_type"), content=content)


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        message = "is not base64"
        raise ValueError(message) from None


def with_address(item: MediaFile, twin_url: str, account_sid: str, message_sid: str) -> MediaFile:
    """A file of an inbound message with an address at Twilio, unless it has a URL already."""
    if item.url:
        return item
    return replace(item, url=twin_url + media_path(account_sid, message_sid, item.sid))


def media_path(account_sid: str, message_sid: str, media_sid: str) -> str:
    """The path of a message's file in the REST API."""
    return f"/{API_VERSION}/Accounts/{account_sid}/Messages/{message_sid}/Media/{media_sid}"
