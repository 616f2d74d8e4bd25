"""An orchestration engine as IBM's samples write it (WASdev/sample.voice.gateway, `soe`): it gives the message back.

It says what was texted, counts the turns in a variable of its own, and gives the conversation an id, as Assistant does.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from tests.backend_server import BackendServer, http_answer, says


@dataclass
class Engine:
    """Answers each `message` request that a server of a test gets.

    Attributes:
        server: where it answers; see `BackendServer`.
        user: who may ask, with which password, as the header says it; empty for everybody.
        output: further fields of its `output`.
    """

    server: BackendServer
    authorization: str = ""
    output: dict[str, Any] = field(default_factory=dict)

    def reply(self) -> Iterable[bytes]:
        """The answer to the latest request."""
        asked = self.server.asked[-1]
        if asked.headers.get("authorization", "") != self.authorization:
            return [http_answer(401, json.dumps({"error": "Unauthorized"}))]
        message: dict[str, Any] = asked.event
        context = message["context"]
        context.setdefault("conversation_id", f"conversation of {context['smsSessionID']}")
        context["turns"] = context.get("turns", 0) + 1
        words = message["input"]["text"]
        texts = [f"{context['turns']}. {words}"] if self.output.get("text") is None else self.output["text"]
        output = {"log_messages": [], "nodes_visited": ["node_1"], **self.output, "text": texts}
        return [says({**message, "intents": [], "entities": [], "output": output, "context": context})]

    @property
    def contexts(self) -> list[dict[str, Any]]:
        """The context of each request."""
        return [asked.event["context"] for asked in self.server.asked]
