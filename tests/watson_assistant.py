"""An assistant by the published shapes of Watson Assistant v2 (watson-developer-cloud/python-sdk, `assistant_v2.py`).

It says what was texted, and counts the turns of its own session.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from tests.backend_server import BackendServer, http_answer

PATH = "/instances/6bbda3b3/v2/assistants/64a4fda6"
VERSION = "2023-06-15"


def responds(status: int, document: object) -> bytes:
    """A response with this JSON."""
    return http_answer(status, json.dumps(document), Content_Type="application/json")


@dataclass
class Assistant:
    """Answers each request that a server of a test gets.

    Attributes:
        server: where it answers; see `BackendServer`.
        authorization: the header that it accepts.
        generic: its responses to a text; None for the text itself.
        output: further fields of its output.
        user_defined: variables that its dialog sets with each text.
        sessions: how many turns each session had.
        messages: the bodies of the messages.
    """

    server: BackendServer
    authorization: str = ""
    generic: list[Any] | None = None
    output: dict[str, Any] = field(default_factory=dict)
    user_defined: dict[str, Any] = field(default_factory=dict)
    sessions: dict[str, int] = field(default_factory=dict)
    messages: list[dict[str, Any]] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.server.port}{PATH}"

    def reply(self) -> Iterable[bytes]:
        """The answer to the latest request."""
        asked = self.server.asked[-1]
        path, _, query = asked.path.partition("?")
        if asked.headers.get("authorization", "") != self.authorization:
            return [responds(401, {"code": 401, "error": "Unauthorized"})]
        if query != f"version={VERSION}":
            return [responds(400, {"code": 400, "error": "Missing or invalid version"})]
        if path == f"{PATH}/sessions":
            session_id = f"session-{len(self.sessions) + 1}"
            self.sessions[session_id] = 0
            return [responds(201, {"session_id": session_id})]
        session_id = path.removeprefix(f"{PATH}/sessions/").removesuffix("/message")
        if path != f"{PATH}/sessions/{session_id}/message" or session_id not in self.sessions:
            return [responds(404, {"code": 404, "error": "Invalid Session"})]
        return [self._message(session_id, asked.event)]

    def expire(self) -> None:
        """Forgets all sessions, as after the assistant's time-out for inactivity."""
        self.sessions = {f"over-{number}": 0 for number, _ in enumerate(self.sessions)}

    def _message(self, session_id: str, message: dict[str, Any]) -> bytes:
        self.messages.append(message)
        self.sessions[session_id] += 1
        words = f"{self.sessions[session_id]}. {message['input']['text']}"
        generic = [{"response_type": "text", "text": words}] if self.generic is None else self.generic
        set_before = message["context"]["skills"]["main skill"]["user_defined"]
        context = {
            "global": {"system": {"turn_count": self.sessions[session_id]}, "session_id": session_id},
            "skills": {"main skill": {"user_defined": {**set_before, **self.user_defined}, "system": {}}},
        }
        wants_context = message["input"]["options"].get("return_context")
        return responds(
            200,
            {
                "output": {"intents": [], "entities": [], "generic": generic, **self.output},
                "user_id": message["user_id"],
                **({"context": context} if wants_context else {}),
            },
        )
