"""An engine that was written for IBM gets Assistant v1's `message` request and is understood, answer for answer."""

import base64
import json
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.backends.post import BackendRequest, BackendResponse
from shared.backends.soe import SoeBackend, check
from shared.errors import InvalidValue, Unavailable, UpstreamRefused
from shared.messages.outbound import Answer, AnswerMessage
from shared.tenants.agent import BackendSettings
from tests import backend_events
from tests.backend_events import SESSION_ID
from tests.backend_states_fake import FakeBackendStates
from tests.fakes import NOW, OUR_NUMBER, PERSON

URL = "https://iva-soesample.myorg.net/SOE/myWorkspace"
OPEN = BackendSettings("soe", URL, timeout_seconds=7)
CLOSED = replace(OPEN, user="gateway", signed=True, secrets=("open sesame",))


@dataclass
class World:
    """An engine that says one thing after the other, and what it was sent.

    Attributes:
        says: its answers: JSON, or a status.
        takes: how many seconds each answer takes.
        requests: what it was sent.
        seconds: how late it is.
    """

    settings: BackendSettings = OPEN
    says: list[Any] = field(default_factory=list)
    takes: float = 0
    requests: list[BackendRequest] = field(default_factory=list)
    seconds: float = 0
    states: FakeBackendStates = field(default_factory=FakeBackendStates)

    def now(self) -> datetime:
        return NOW + timedelta(seconds=self.seconds)

    def post(self, request: BackendRequest) -> BackendResponse:
        self.requests.append(request)
        self.seconds += self.takes
        answer = self.says.pop(0)
        return BackendResponse(answer) if isinstance(answer, int) else BackendResponse(200, json.dumps(answer).encode())

    def text(self, words: str = "Hi", number: int = 1, *, session: str = SESSION_ID, media: int = 0) -> Answer:
        """The answer to the text with this number."""
        event = backend_events.text(words, media=media)
        event |= {"id": f"SM{number:032}"}
        event["data"]["session"] |= {"id": session}
        return SoeBackend(self.settings, self.post, self.states, self.now).answer(event)

    @property
    def asked(self) -> list[dict[str, Any]]:
        """The JSON of each request."""
        return [json.loads(request.body) for request in self.requests]


def says(*texts: str, **context: object) -> dict[str, Any]:
    return {"input": {"text": "Hi"}, "intents": [], "output": {"text": list(texts)}, "context": context}


OURS = {"smsSessionID": SESSION_ID, "smsTenantPhoneNumber": OUR_NUMBER, "smsUserPhoneNumber": PERSON, "smsMedia": []}


def test_the_first_turn_has_the_text_and_the_gateways_variables_and_nothing_else() -> None:
    world = World(says=[says("Hello.")])
    assert world.text("Hi there") == Answer((AnswerMessage("Hello."),))
    assert world.asked == [{"input": {"text": "Hi there"}, "context": OURS}]
    [request] = world.requests
    assert (request.url, request.timeout_seconds, request.wants_body) == (URL, 7, True)
    assert request.headers == {"content-type": "application/json", "accept": "application/json"}


def test_sends_user_and_password_as_basic_authorization() -> None:
    world = World(CLOSED, says=[says("Hello.")])
    world.text()
    expected = "Basic " + base64.b64encode(b"gateway:open sesame").decode()
    assert world.requests[0].headers["authorization"] == expected


def test_the_context_of_an_answer_comes_back_with_the_next_text_and_no_later() -> None:
    first, second = (
        {"conversation_id": "c1", "system": {"dialog_turn_counter": 1}},
        {"conversation_id": "c1", "name": "Jo"},
    )
    world = World(says=[says("One.", **first), says("Two.", **second), says("Three.")])
    for number in (1, 2, 3):
        world.text(number=number)
    assert [asked["context"] for asked in world.asked] == [OURS, OURS | first, OURS | second]


def test_an_answer_without_a_context_changes_none() -> None:
    world = World(
        says=[says("One.", name="Jo"), {"output": {"text": ["Two."]}}, {"output": {}, "context": None}, says()]
    )
    for number in (1, 2, 3, 4):
        world.text(number=number)
    assert [asked["context"].get("name") for asked in world.asked] == [None, "Jo", "Jo", "Jo"]


def test_an_empty_context_is_kept_as_one() -> None:
    world = World(says=[says("One.", name="Jo"), says("Two."), says("Three.")])
    for number in (1, 2, 3):
        world.text(number=number)
    assert world.asked[2]["context"] == OURS


def test_a_text_that_is_asked_about_again_has_the_context_of_the_first_time() -> None:
    world = World(says=[says("One.", turns=1), says("Two.", turns=2), says("Two.", turns=2), says("Three.", turns=3)])
    for number in (1, 2, 2, 3):
        world.text(number=number)
    assert [asked["context"].get("turns") for asked in world.asked] == [None, 1, 1, 2]


def test_a_text_that_was_not_answered_changes_nothing() -> None:
    world = World(says=[says("One.", turns=1), 503, 404, says("Three.", turns=2)])
    world.text(number=1)
    with pytest.raises(Unavailable):
        world.text(number=2)
    with pytest.raises(UpstreamRefused):
        world.text(number=2)
    world.text(number=3)
    assert [asked["context"].get("turns") for asked in world.asked] == [None, 1, 1, 1]


class _Crash(BaseException):
    """The end of a Lambda."""


def crash(*_: object) -> None:
    raise _Crash


FAILURES = ("before the engine", "in the engine", "before the context is kept", "after it is kept", "refused")


@given(st.lists(st.tuples(st.lists(st.sampled_from(FAILURES), max_size=4), st.booleans()), min_size=1, max_size=6))
def test_whatever_crashes_each_text_has_the_context_of_the_answers_before_it(
    texts: list[tuple[list[str], bool]],
) -> None:
    """Each text fails so often, and is then answered or given up; the engine counts the turns in its context."""
    world, turns = World(), 0

    def ask(number: int, failure: str = "") -> None:
        posts, keep = len(world.requests), world.states.keep
        world.says = [{"in the engine": 503, "refused": 404}.get(failure, says("Yes.", turns=turns + 1))]
        world.states.failing = Unavailable("away") if failure == "before the engine" else None
        if failure == "before the context is kept":
            world.states.keep = crash  # type: ignore[assignment,method-assign]
        with suppress(Unavailable, UpstreamRefused, _Crash):
            world.text(number=number)
        world.states.keep = keep  # type: ignore[method-assign]
        world.states.failing = None
        for asked in world.asked[posts:]:
            assert asked["context"].get("turns", 0) == turns

    for number, (failures, is_answered) in enumerate(texts, start=1):
        for failure in failures:
            ask(number, failure)
        if is_answered:
            ask(number)
        if is_answered or "after it is kept" in failures:  # the engine answered, and we know it
            turns += 1


def test_another_session_begins_without_a_context() -> None:
    world = World(says=[says("One.", turns=1), says("Hello.", turns=1), says("Two.", turns=2)])
    world.text(number=1)
    world.text(number=2, session="another")
    assert world.asked[1]["context"] == OURS | {"smsSessionID": "another"}


def test_an_engine_at_another_place_begins_without_a_context() -> None:
    world = World(says=[says("One.", turns=1), says("Hello."), says("Two.")])
    world.text(number=1)
    world.settings = replace(OPEN, target=URL + "/2")
    world.text(number=2)
    world.settings = OPEN
    world.text(number=3)
    assert [asked["context"].get("turns") for asked in world.asked] == [None, None, 1]


def test_our_variables_are_not_kept_and_an_engine_cannot_change_them() -> None:
    changed = {**OURS, "smsUserPhoneNumber": "+12025550000", "smsMedia": [{}], "smsUserData": {}, "name": "Jo"}
    world = World(says=[says("One.", **changed), says("Two.")])
    world.text(number=1)
    world.text(number=2)
    assert world.asked[1]["context"] == OURS | {"name": "Jo"}
    assert PERSON not in str(world.states.kept)


def test_pictures_are_media_of_one_turn() -> None:
    world = World(says=[says("Nice.", name="Jo"), says("Two.")])
    world.text(media=2)
    world.text(number=2)
    assert world.asked[0]["context"]["smsMedia"] == [
        {"mediaURL": f"https://api.twilio.com/media/{n}", "mediaContentType": "image/jpeg"} for n in range(2)
    ]
    assert world.asked[1]["context"]["smsMedia"] == []


def test_what_a_program_set_with_the_session_is_user_data() -> None:
    world = World(says=[says("One.")])
    event = backend_events.text()
    event["data"]["session"]["context"] = {"order": 7}
    SoeBackend(OPEN, world.post, world.states, lambda: NOW).answer(event)
    assert world.asked[0]["context"]["smsUserData"] == {"order": 7}


@pytest.mark.parametrize(
    ("text", "line"), [("a\nb", "a b"), ("a\r\nb\tc\rd", "a b c d"), ("  a ", "  a "), ("", ""), ("\n\n", "  ")]
)
def test_a_text_is_one_line(text: str, line: str) -> None:
    world = World(says=[says("One.")])
    world.text(text)
    assert world.asked[0]["input"] == {"text": line}


def test_several_texts_are_several_messages() -> None:
    world = World(says=[says("One.", "Two.")])
    assert world.text() == Answer((AnswerMessage("One."), AnswerMessage("Two.")))


def test_terminate_session_ends_it_also_where_the_newer_integration_has_it() -> None:
    action = {"smsAction": {"command": "terminateSession"}}
    world = World(says=[{"output": {"text": ["Bye."], **action}}, {"output": {"text": ["Bye."]}, "context": action}])
    assert world.text() == world.text() == Answer((AnswerMessage("Bye."),), end_session=True)


def test_an_action_in_the_context_is_done_once() -> None:
    action = {"smsAction": {"command": "terminateSession"}, "name": "Jo"}
    world = World(says=[{"output": {}, "context": action}, says("One.")])
    world.text()
    assert not world.text(number=2).end_session
    assert world.asked[1]["context"] == OURS | {"name": "Jo"}


def forcing_a_turn(text: str, **context: object) -> dict[str, Any]:
    return {"output": {"text": [text], "smsAction": {"command": "smsActForceNoInputTurn"}}, "context": context}


def test_a_dialog_takes_another_turn_in_which_nobody_texts() -> None:
    world = World(says=[forcing_a_turn("Let me look.", step=1), says("Here it is.", step=2), says("Bye.")])
    assert world.text(media=1) == Answer((AnswerMessage("Let me look."), AnswerMessage("Here it is.")))
    first, second = world.asked
    assert first["context"]["smsMedia"]
    assert second == {"input": {"text": "smsNoInputTurn"}, "context": {"step": 1, **OURS}}
    world.text(number=2)
    assert world.asked[2]["context"]["step"] == 2


def test_a_text_whose_second_turn_fails_begins_again_where_it_began() -> None:
    world = World(
        says=[says("Hi.", step=0), forcing_a_turn("Wait.", step=1), 503, forcing_a_turn("Wait.", step=1), says()]
    )
    world.text(number=1)
    with pytest.raises(Unavailable):
        world.text(number=2)
    world.text(number=2)
    assert [asked["context"].get("step") for asked in world.asked] == [None, 0, 1, 0, 1]


def test_a_dialog_that_takes_turn_after_turn_is_stopped() -> None:
    world = World(says=[forcing_a_turn("Again.") for _ in range(9)])
    with pytest.raises(UpstreamRefused, match="more than 5 turns"):
        world.text()
    assert len(world.requests) == 5
    assert not world.states.kept


def test_all_turns_for_one_text_share_its_time() -> None:
    world = World(says=[forcing_a_turn("Wait."), forcing_a_turn("Wait."), says("Done.")], takes=3)
    world.text()
    assert [request.timeout_seconds for request in world.requests] == [7, 4, 1]
    world = World(says=[forcing_a_turn("Wait.") for _ in range(4)], takes=3)
    with pytest.raises(Unavailable, match="longer than 7 seconds"):
        world.text()


def test_an_answer_without_words_is_silence() -> None:
    assert World(says=[{"output": {"text": []}}]).text() == Answer()


def options(*labels: str) -> dict[str, Any]:
    listed = [{"label": label, "value": {"input": {"text": f"I want {label}"}, "intents": []}} for label in labels]
    return {"output": {"generic": [{"response_type": "option", "title": "Which?", "options": listed}]}}


def test_a_number_stands_for_the_option_that_it_was_shown_with() -> None:
    world = World(says=[options("a boat", "a car"), says("Fine.")])
    assert world.text().messages[0].text == "Which?\n1. a boat\n2. a car"
    world.text("2", number=2)
    assert (world.asked[1]["input"], world.asked[1]["intents"]) == ({"text": "I want a car"}, [])


def test_a_number_is_a_text_where_no_options_were_shown_last() -> None:
    world = World(says=[options("a boat"), says("Fine."), says("Fine.")])
    for number, text in enumerate(("Hi", "Hello", "1")):
        world.text(text, number=number)
    assert world.asked[2]["input"] == {"text": "1"}


def test_the_value_of_an_option_replaces_nothing_but_the_input() -> None:
    harmful = {"label": "a", "value": {"context": {"smsUserPhoneNumber": "+1"}, "input": {"text": "a"}, "user_id": "b"}}
    world = World(says=[{"output": {"generic": [{"response_type": "option", "options": [harmful]}]}}, says("Fine.")])
    world.text()
    world.text("1", number=2)
    assert world.asked[1] == {"input": {"text": "a"}, "context": OURS}


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ([], "not a JSON object"),
        ("hush", "not a JSON object"),
        ({}, 'no "output"'),
        ({"output": ["hush"]}, 'no "output"'),
        ({"output": {}, "context": ["hush"]}, 'no "context"'),
        ({"output": {"text": {"hush": 1}, "generic": 5}}, "not a list"),
        ({"output": {}, "context": {"hush": "x" * 40_000}}, "larger than 32 KiB"),
    ],
)
def test_an_answer_in_another_form_is_refused_without_quoting_it(answer: object, sentence: str) -> None:
    world = World(says=[answer])
    with pytest.raises(UpstreamRefused, match=sentence) as refused:
        world.text()
    assert refused.value.reason == "backend_nonsense"
    assert "hush" not in str(refused.value)
    assert not world.states.kept


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff", b'{"output": {}, "output": {}}', b'{"output": {}, "context": {"a": NaN}}']
)
def test_an_answer_that_is_no_json_is_refused(body: bytes) -> None:
    with pytest.raises(UpstreamRefused) as refused:
        SoeBackend(OPEN, lambda _: BackendResponse(200, body), FakeBackendStates(), lambda: NOW).answer(
            backend_events.text()
        )
    assert refused.value.reason == "backend_nonsense"


@pytest.mark.parametrize("status", [204, 301, 400, 403, 404, 422])
def test_a_refusal_is_for_good(status: int) -> None:
    with pytest.raises(UpstreamRefused, match=str(status)) as refused:
        World(says=[status]).text()
    assert refused.value.reason == "backend_refused"


@pytest.mark.parametrize("status", [401, 408, 425, 429, 500, 502, 503])
def test_what_may_pass_is_tried_again_and_a_password_that_changes_is_such_a_thing(status: int) -> None:
    with pytest.raises(Unavailable, match=str(status)):
        World(CLOSED, says=[status]).text()


def test_a_status_is_not_sent() -> None:
    world = World()
    assert SoeBackend(OPEN, world.post, world.states, lambda: NOW).answer(backend_events.status()) == Answer()
    assert not world.requests


def test_says_nothing_when_the_context_cannot_be_read() -> None:
    world = World(states=FakeBackendStates(failing=Unavailable("the table is away")))
    with pytest.raises(Unavailable):
        world.text()
    assert not world.requests


@pytest.mark.parametrize("settings", [OPEN, CLOSED, replace(CLOSED, secrets=("ä" * 256,), user="u" * 64)])
def test_takes_a_url_with_or_without_a_user(settings: BackendSettings) -> None:
    check(settings, local=False)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (replace(OPEN, target=""), "https://"),
        (replace(OPEN, target="http://engine.example.com/"), "https://"),
        (replace(OPEN, target="https://gateway:hush@engine.example.com/"), "must not contain a user"),
        (replace(OPEN, statuses=True), "statuses"),
        (replace(OPEN, locale="en_US"), "locale"),
        (replace(OPEN, signed=True, secrets=("hush",)), "takes a user"),
        (replace(CLOSED, secrets=()), "password"),
        (replace(CLOSED, secrets=("",)), "password"),
        (replace(CLOSED, secrets=("hush", "hush2")), "password"),
        (replace(CLOSED, secrets=("hush" * 65,)), "password"),
        (replace(CLOSED, secrets=("hu\nsh",)), "password"),
        (replace(CLOSED, secrets=("whsec_hush",)), "password"),
        (replace(CLOSED, user="hu:sh"), "no colon"),
        (replace(CLOSED, user="u" * 65), "64"),
        (replace(CLOSED, user="u\r\nx: y"), "printable"),
    ],
)
def test_declines_settings_that_cannot_work(settings: BackendSettings, sentence: str) -> None:
    with pytest.raises(InvalidValue, match=sentence) as declined:
        check(settings, local=False)
    assert "hush" not in str(declined.value)


def test_takes_plain_http_on_the_local_stack_only() -> None:
    check(replace(OPEN, target="http://127.0.0.1:9/"), local=True)


def test_shows_no_password() -> None:
    assert "sesame" not in repr(CLOSED) + repr(SoeBackend(CLOSED, World().post, FakeBackendStates(), lambda: NOW))
