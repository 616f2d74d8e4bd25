"""A Service Orchestration Engine that was written for IBM's Voice Agent. Implements `shared.ports.Backend`.

The engine gets the `message` request of Watson Assistant v1 and gives its response: text in `input`, variables in
`context`, what is said in `output`. It is stateless: the context of an answer comes back with the next text.

Sources: IBM-Bluemix-Docs/voice-agent, `managing_SOE.md`, `api.md` ("Setting states") and `create_sms.md`; IBM's sample
engines, WASdev/sample.voice.gateway, `soe`, which the URL leads to as it stands.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from shared.backends import answers, dialog_output, dialog_state, password, settings_checks, urls
from shared.backends.dialog_output import DialogOutput
from shared.backends.post import BackendRequest, Post, TimeLimit, refusal
from shared.messages import events
from shared.messages.outbound import Answer
from shared.tenants.agent import BackendSettings
from shared.tenants.validation import require

if TYPE_CHECKING:
    from shared.ports import BackendStates, Json

_CHOSEN = ("input", "intents", "entities")  # v1 API, `DialogNodeOutputOptionsElementValue`, `DialogSuggestionValue`
_OURS = frozenset({"smsSessionID", "smsTenantPhoneNumber", "smsUserPhoneNumber", "smsUserData", "smsMedia"})
"""The variables that we set with each text. They are not kept."""


def check(settings: BackendSettings, *, local: bool) -> None:
    """Raises InvalidValue unless there is a usable URL, and either a user and a password or none of the two."""
    urls.check(settings.target, local=local)
    settings_checks.declines_statuses(settings)
    settings_checks.takes_no_locale(settings)
    require(settings.user or not settings.signed, "backend: soe does not sign its requests; it takes a user")
    if settings.user:
        password.check(settings)


class SoeBackend:
    """An engine as a backend.

    Args:
        settings: the engine's URL, and its user and password, if it has them.
        post: sends the requests.
        states: keeps the context of its answers.
        now: gives the time, with its zone.
    """

    def __init__(
        self, settings: BackendSettings, post: Post, states: BackendStates, now: Callable[[], datetime]
    ) -> None:
        self._settings = settings
        self._post = post
        self._states = states
        self._now = now

    def answer(self, event: Mapping[str, Any]) -> Answer:
        """What the engine says; an empty answer to a status. Raises Unavailable, UpstreamRefused."""
        if event["type"] == events.STATUS:
            return Answer()
        text = dialog_state.session_text(event, self._settings)
        state = self._states.before(text) or {}
        limit = TimeLimit(self._settings.timeout_seconds, self._now)

        def turn(data: Json) -> DialogOutput:
            nonlocal state
            response = self._call(_request(data, state), limit)
            output = answers.inner(response, "output")
            has_context = response.get("context") is not None
            context = answers.inner(response, "context") if has_context else state.get("context", {})
            said = dialog_output.parse(output, context.get(dialog_output.ACTION))
            kept = {name: value for name, value in context.items() if name not in _OURS | {dialog_output.ACTION}}
            state = dialog_state.within_limit({"context": kept, "choices": said.choices})
            return said

        said = dialog_state.in_turns(turn, event["data"])
        self._states.keep(text, state)
        return Answer(said.messages, said.ends_session)

    def _call(self, request: Json, limit: TimeLimit) -> Json:
        headers = {"content-type": "application/json", "accept": "application/json", **password.header(self._settings)}
        response = self._post(
            BackendRequest(
                url=self._settings.target,
                headers=headers,
                body=json.dumps(request, separators=(",", ":")).encode(),
                timeout_seconds=limit.remaining(),
                wants_body=True,
            )
        )
        if response.status == HTTPStatus.UNAUTHORIZED:
            raise password.unauthorized()
        if response.status != HTTPStatus.OK:
            raise refusal(response.status)
        return answers.read_object(response.body)


def _request(data: Json, state: Json) -> Json:
    """The `message` request. Where the person chose an option by its number, it has the option's value."""
    value = dialog_output.chosen(data["text"], state.get("choices", ())) or {}
    return {
        "input": {"text": dialog_state.one_line(data["text"])},
        **{name: value[name] for name in _CHOSEN if name in value},
        "context": {**state.get("context", {}), **dialog_state.variables(data)},
    }
