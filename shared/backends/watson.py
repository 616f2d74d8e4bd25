"""An assistant of Watson Assistant (watsonx Assistant) through its v2 API. Implements `shared.ports.Backend`.

The requests and answers have the shapes of IBM's published client (watson-developer-cloud/python-sdk,
`ibm_watson/assistant_v2.py`: `create_session`, `message`), and the API key goes as the password of the user `apikey`.
The assistant keeps its own context, in a session of its own, whose id is kept with ours. A text that is sent again
after a crash moves its dialog on twice, because messages have no id.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NamedTuple

from shared.backends import answers, dialog_output, dialog_state, password, settings_checks, urls
from shared.backends.dialog_output import DialogOutput
from shared.backends.post import BackendRequest, BackendResponse, Post, TimeLimit, refusal
from shared.messages import events
from shared.messages.outbound import Answer
from shared.tenants.agent import BackendSettings
from shared.tenants.validation import require

if TYPE_CHECKING:
    from shared.ports import BackendStates, Json

VERSION = "2023-06-15"
"""The version of the API that is asked for, unless the URL names another."""
BODY_MAX = 256 * 1024
"""The largest response: it holds the context, of which an assistant keeps up to 100 KB ("Message", `context`)."""

_PLACE = re.compile(r"(?P<assistant>[^?]+/v2/assistants/[^/?]+)(/sessions)?/?(\?version=(?P<version>\d{4}-\d\d-\d\d))?")
_SESSION_ID = re.compile(r"[0-9A-Za-z_-]{1,128}")
_SKILL = "main skill"


class _Place(NamedTuple):
    """Where an assistant is, and the version of the API that it is asked by."""

    assistant: str
    version: str


def _place(url: str) -> _Place | None:
    match = _PLACE.fullmatch(url)
    return match and _Place(match["assistant"], match["version"] or VERSION)


def check(settings: BackendSettings, *, local: bool) -> None:
    """Raises InvalidValue unless the URL is an assistant's, and there is an API key."""
    urls.check(settings.target, local=local)
    require(
        _place(settings.target),
        "backend: the URL of an assistant is https://…/v2/assistants/ID, with ?version=YYYY-MM-DD or without",
    )
    password.check(settings)
    settings_checks.declines_statuses(settings)
    settings_checks.takes_no_locale(settings)


class WatsonBackend:
    """An assistant as a backend.

    Args:
        settings: the assistant's URL and the API key.
        post: sends the requests.
        states: keeps the id of the assistant's session, and the options that it offered.
        now: gives the time, with its zone.
    """

    def __init__(
        self, settings: BackendSettings, post: Post, states: BackendStates, now: Callable[[], datetime]
    ) -> None:
        self._settings = settings
        self._place = _place(settings.target) or _Place(settings.target, VERSION)
        self._post = post
        self._states = states
        self._now = now

    def answer(self, event: Mapping[str, Any]) -> Answer:
        """What the assistant says; an empty answer to a status. Raises Unavailable, UpstreamRefused."""
        if event["type"] == events.STATUS:
            return Answer()
        limit = TimeLimit(self._settings.timeout_seconds, self._now)
        text = dialog_state.session_text(event, self._settings)
        state = self._states.before(text) or {}

        def turn(data: Json) -> DialogOutput:
            nonlocal state
            # who texts is one user in every session: some plans are paid by users
            message = {**_message(data, state.get("choices", ())), "user_id": event["subject"]}
            session_id = state.get("session")
            response = self._send(f"/{session_id}/message", message, limit) if session_id else None
            if response is None or response.status == HTTPStatus.NOT_FOUND:  # the assistant's session ended before ours
                session_id = self._create_session(limit)
                response = self._send(f"/{session_id}/message", message, limit)
            document = _document(response, HTTPStatus.OK)
            output = answers.inner(document, "output")
            said = dialog_output.parse(output, *_actions(document, output))
            state = dialog_state.within_limit({"session": session_id, "choices": said.choices})
            return said

        said = dialog_state.in_turns(turn, event["data"])
        self._states.keep(text, state)
        return Answer(said.messages, said.ends_session)

    def _create_session(self, limit: TimeLimit) -> str:
        response = self._send("", {}, limit, success=HTTPStatus.CREATED)
        session_id = _document(response, HTTPStatus.CREATED).get("session_id")
        if not isinstance(session_id, str) or not _SESSION_ID.fullmatch(session_id):
            answers.nonsense('it has no "session_id" that can be one')
        return session_id

    def _send(self, path: str, body: Json, limit: TimeLimit, *, success: int = HTTPStatus.OK) -> BackendResponse:
        """The response to a POST below the assistant's sessions, in what remains of the time. Raises Unavailable."""
        return self._post(
            BackendRequest(
                url=f"{self._place.assistant}/sessions{path}?version={self._place.version}",
                headers={
                    "content-type": "application/json",
                    "accept": "application/json",
                    **password.header(self._settings),
                },
                body=json.dumps(body, separators=(",", ":")).encode(),
                timeout_seconds=limit.remaining(),
                wants_body=True,
                success=success,
                body_max=BODY_MAX,
            )
        )


def _message(data: Json, choices: Sequence[Json]) -> Json:
    """The request for `message`. The variables stand where IBM's own SMS integration puts them.

    The action of the turn before is taken away: a variable stays in the assistant's context.
    """
    value = dialog_output.chosen(data["text"], choices) or {}
    chosen = value.get("input")
    return {
        "input": {
            "message_type": "text",
            "text": dialog_state.one_line(data["text"]),
            **(chosen if isinstance(chosen, dict) else {}),
            "options": {"return_context": True},
        },
        "context": {
            "skills": {_SKILL: {"user_defined": {**dialog_state.variables(data), dialog_output.ACTION: None}}},
        },
    }


def _document(response: BackendResponse, success: int) -> Json:
    if response.status == HTTPStatus.UNAUTHORIZED:
        raise password.unauthorized()
    if response.status != success:
        raise refusal(response.status)
    return answers.read_object(response.body)


def _actions(document: Json, output: Json) -> tuple[object, object]:
    """The actions of the dialog that stand outside of what it says; None for none."""
    user_defined = output.get("user_defined")
    of_output = user_defined.get(dialog_output.ACTION) if isinstance(user_defined, dict) else None
    of_context: Any = document.get("context")
    for name in ("skills", _SKILL, "user_defined", dialog_output.ACTION):
        of_context = of_context.get(name) if isinstance(of_context, dict) else None
    return of_output, of_context
