"""A request to text a person, and all its rules that do not depend on a tenant."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.errors import Malformed
from shared.submission import addresses
from shared.submission.body import RawRequest, fields_of, media_urls_of, optional_string, require, string, text_of

FIELDS = ("from", "to", "text", "media_urls", "account", "in_reply_to", "end_session")

_TEXT_ID = re.compile(r"[0-9A-Za-z]{1,64}")


@dataclass(frozen=True)
class SendRequest:
    """A valid request.

    Attributes:
        sender: our address at the provider.
        recipient: the person's address.
        text: the text; empty when there are only links.
        media_urls: the links.
        account: the provider's account that owns the number; None when the request names none.
        idempotency_key: the caller's key for repetitions of this request; None when it has none.
        in_reply_to: the id of the text that it answers; None when it answers none.
        end_session: whether the session of that text ends with it.
    """

    sender: str = field(repr=False)
    recipient: str = field(repr=False)
    text: str = field(repr=False)
    media_urls: tuple[str, ...] = field(repr=False)
    account: str | None
    idempotency_key: str | None = field(repr=False)
    in_reply_to: str | None = None
    end_session: bool = False


def read(raw: RawRequest) -> SendRequest:
    """The parsed request. Raises WrongContentType, TooLarge, Malformed."""
    fields = fields_of(raw, FIELDS)
    sender, recipient = addresses.read(string(fields, "from"), string(fields, "to"))
    text, media_urls = text_of(fields), media_urls_of(fields)
    require(text.strip() or media_urls, "text", "is required when there are no media_urls")
    in_reply_to, end_session = _in_reply_to(fields), _end_session(fields)
    require(in_reply_to or not end_session, "end_session", "needs in_reply_to, a text of the session that ends")
    return SendRequest(
        sender=sender,
        recipient=recipient,
        text=text,
        media_urls=media_urls,
        account=optional_string(fields, "account"),
        idempotency_key=raw.idempotency_key,
        in_reply_to=in_reply_to,
        end_session=end_session,
    )


def _in_reply_to(fields: Mapping[str, object]) -> str | None:
    text_id = optional_string(fields, "in_reply_to")
    require(
        text_id is None or _TEXT_ID.fullmatch(text_id),
        "in_reply_to",
        "must be the id of a text, of 1 to 64 letters and digits",
    )
    return text_id


def _end_session(fields: Mapping[str, object]) -> bool:
    value = fields.get("end_session")
    if value is None:
        return False
    if not isinstance(value, bool):
        message = "end_session: it must be true or false"
        raise Malformed(message, field="end_session")
    return value
