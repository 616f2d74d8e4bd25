"""What backends that speak with a dialog keep of a session, and the form of a text that such a dialog takes."""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Any

from shared.errors import UpstreamRefused
from shared.messages import events
from shared.messages.outbound import SessionText
from shared.reasons import Reason
from shared.tenants.agent import BackendSettings

if TYPE_CHECKING:
    from shared.ports import Json

STATE_MAX = 32 * 1024
"""Bytes of JSON that are kept for the next text: an answer's context, and the options in it."""

_BREAK = re.compile(r"\r\n|[\r\n\t]")


def session_text(event: events.Event, settings: BackendSettings) -> SessionText:
    """The text of an event in its session, for a backend with these settings.

    A backend that moves to another place gets nothing of what was kept before: it may know nothing of it.
    """
    place = hashlib.sha256(f"{settings.kind} {settings.target}".encode()).hexdigest()[:16]
    return SessionText(events.conversation_group(event), event["data"]["session"]["id"], event["id"], place)


def within_limit(state: Json) -> Json:
    """The state, if it is small enough to be kept. Raises UpstreamRefused."""
    if len(json.dumps(state)) > STATE_MAX:
        reason = Reason.BACKEND_NONSENSE
        message = f"the backend's answer makes no sense: its context is larger than {STATE_MAX // 1024} KiB"
        raise UpstreamRefused(reason, message)
    return state


def one_line(text: str) -> str:
    """The text with a space for each line break and tab: Assistant takes none (v1 and v2 API, `MessageInput`)."""
    return _BREAK.sub(" ", text)


def variables(data: dict[str, Any]) -> Json:
    """The variables of IBM's SMS gateway (IBM Cloud Docs, Watson Assistant, "SMS integration reference", table 3).

    Args:
        data: the data of a text's event.
    """
    session = data["session"]
    user_data = {"smsUserData": session["context"]} if session.get("context") else {}
    return {
        "smsSessionID": session["id"],
        "smsTenantPhoneNumber": data["to"],
        "smsUserPhoneNumber": data["from"],
        **user_data,
        "smsMedia": [{"mediaURL": item["url"], "mediaContentType": item["content_type"]} for item in data["media"]],
    }
