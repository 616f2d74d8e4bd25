"""Requests to create a session with a person and to end one, and all their rules that do not depend on a tenant."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.errors import Malformed
from shared.messages.limits import is_whole
from shared.messages.sessions import CONTEXT_BYTES_MAX, Context
from shared.submission import addresses
from shared.submission.body import RawRequest, fields_of, media_urls_of, optional_string, require, string, text_of

BEGIN_FIELDS = ("from", "to", "context", "text", "media_urls", "account")
END_FIELDS = ("from", "to", "session_id")

_SESSION_ID = re.compile(r"[0-9A-Za-z]{1,64}")


@dataclass(frozen=True)
class SessionRequest:
    """A valid request for a new session.

    Attributes:
        sender: our address at the provider.
        recipient: the person's address.
        context: what goes with each text of the session to the backend; None for nothing.
        text: the first message to the person; empty for none, or when there are only links.
        media_urls: the links of that message.
        account: the provider's account that owns the number; None when the request names none.
        idempotency_key: the caller's key for repetitions of this request; None when it has none.
    """

    sender: str = field(repr=False)
    recipient: str = field(repr=False)
    context: Context | None = field(repr=False)
    text: str = field(repr=False)
    media_urls: tuple[str, ...] = field(repr=False)
    account: str | None
    idempotency_key: str | None = field(repr=False)


@dataclass(frozen=True)
class SessionEndRequest:
    """A valid request to end a session.

    Attributes:
        sender: our address at the provider.
        recipient: the person's address.
        session_id: the session; None for whichever is open.
        idempotency_key: the caller's key for repetitions of this request; None when it has none.
    """

    sender: str = field(repr=False)
    recipient: str = field(repr=False)
    session_id: str | None
    idempotency_key: str | None = field(repr=False)


def read_begin(raw: RawRequest) -> SessionRequest:
    """The parsed request for a new session. Raises WrongContentType, TooLarge, Malformed."""
    fields = fields_of(raw, BEGIN_FIELDS)
    sender, recipient = addresses.read(string(fields, "from"), string(fields, "to"))
    text, media_urls = text_of(fields), media_urls_of(fields)
    require(not text or text.strip() or media_urls, "text", "must not be only blanks")
    return SessionRequest(
        sender=sender,
        recipient=recipient,
        context=_context(fields),
        text=text,
        media_urls=media_urls,
        account=optional_string(fields, "account"),
        idempotency_key=raw.idempotency_key,
    )


def read_end(raw: RawRequest) -> SessionEndRequest:
    """The parsed request to end a session. Raises WrongContentType, TooLarge, Malformed."""
    fields = fields_of(raw, END_FIELDS)
    sender, recipient = addresses.read(string(fields, "from"), string(fields, "to"))
    session_id = optional_string(fields, "session_id")
    require(
        session_id is None or _SESSION_ID.fullmatch(session_id),
        "session_id",
        "must be the id of a session, of 1 to 64 letters and digits",
    )
    return SessionEndRequest(sender, recipient, session_id, raw.idempotency_key)


def _context(fields: Mapping[str, object]) -> Context | None:
    context = fields.get("context")
    if context is None:
        return None
    if not isinstance(context, dict):
        message = "context: it must be an object"
        raise Malformed(message, field="context")
    try:
        text = json.dumps(context, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    except (ValueError, RecursionError):  # 1e999 is valid JSON, and infinite
        text = None
    require(text is not None and is_whole(text), "context", "contains a number or a character that JSON cannot carry")
    require(
        text is not None and len(text.encode()) <= CONTEXT_BYTES_MAX,
        "context",
        f"must have no more than {CONTEXT_BYTES_MAX} bytes as JSON",
    )
    return context
