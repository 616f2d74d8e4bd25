"""What backends that speak with a dialog keep of a session, and the form of a text that such a dialog takes."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from shared.backends import answers
from shared.backends.dialog_output import DialogOutput
from shared.messages import events
from shared.messages.sessions import SessionText
from shared.tenants.agent import BackendSettings

if TYPE_CHECKING:
    from shared.ports import Json

STATE_MAX = 32 * 1024
"""Bytes of JSON that are kept for the next text: an answer's context, and the options in it."""

NO_INPUT = "smsNoInputTurn"
"""The text of a turn in which nobody texts (IBM Docs, "API for SMS Gateway", `smsActForceNoInputTurn`)."""
TURNS_MAX = 5
"""How many turns a dialog may take for one text."""

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
        answers.nonsense(f"its context is larger than {STATE_MAX // 1024} KiB")
    return state


def in_turns(turn: Callable[[Json], DialogOutput], data: Json) -> DialogOutput:
    """What a dialog says to a text, in all the turns that it takes for it.

    Args:
        turn: takes one turn with the data of a text's event.
        data: the data of the text. For further turns it has NO_INPUT for the text, and no media.

    Raises what `turn` raises, and UpstreamRefused when there are too many turns.
    """
    said = turn(data)
    messages = said.messages
    for _ in range(TURNS_MAX - 1):
        if not said.wants_turn:
            break
        said = turn({**data, "text": NO_INPUT, "media": []})
        messages += said.messages
    if said.wants_turn:
        answers.nonsense(f"it wants more than {TURNS_MAX} turns for one text")
    return replace(said, messages=messages)


def one_line(text: str) -> str:
    """The text with a space for each line break and tab: Assistant takes none (v1 and v2 API, `MessageInput`)."""
    return _BREAK.sub(" ", text)


def variables(data: Json) -> Json:
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
