"""An assistant is asked as IBM's published client asks it, in a session of its own for each of ours."""

import base64
import json
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from shared.backends.post import BackendRequest, BackendResponse
from shared.backends.watson import WatsonBackend, check
from shared.errors import InvalidValue, Unavailable, UpstreamRefused
from shared.messages.outbound import Answer, AnswerMessage
from shared.tenants.agent import BackendSettings
from tests import backend_events
from tests.backend_events import SESSION_ID
from tests.backend_server import Asked, BackendServer
from tests.backend_states_fake import FakeBackendStates
from tests.fakes import NOW, OUR_NUMBER, PERSON
from tests.watson_assistant import PATH, Assistant

URL = f"https://api.us-south.assistant.watson.cloud.ibm.com{PATH}"
SETTINGS = BackendSettings("watson", URL, signed=True, secrets=("hush",), user="apikey", timeout_seconds=7)
AUTHORIZATION = "Basic " + base64.b64encode(b"apikey:hush").decode()
TERMINATE = {"command": "terminateSession"}


@dataclass
class World:
    """An assistant, and what it was sent.

    Attributes:
        instead: responses that come in place of the assistant's, one after the other; None for the assistant's.
        takes: how many seconds each response takes.
    """

    settings: BackendSettings = SETTINGS
    assistant: Assistant = field(default_factory=lambda: Assistant(BackendServer(), AUTHORIZATION))
    instead: list[BackendResponse | None] = field(default_factory=list)
    takes: float = 0
    requests: list[BackendRequest] = field(default_factory=list)
    states: FakeBackendStates = field(default_factory=FakeBackendStates)
    seconds: float = 0

    def post(self, request: BackendRequest) -> BackendResponse:
        self.requests.append(request)
        self.seconds += self.takes
        if self.instead and (response := self.instead.pop(0)):
            return response
        path = request.url.removeprefix(URL.removesuffix(PATH))
        self.assistant.server.asked.append(Asked(path, request.headers, request.body))
        [answer] = self.assistant.reply()
        head, _, body = answer.partition(b"\r\n\r\n")
        return BackendResponse(int(head.split()[1]), body)

    def text(self, words: str = "Hi", number: int = 1, *, session: str = SESSION_ID, media: int = 0) -> Answer:
        """The answer to the text with this number."""
        event = backend_events.text(words, media=media)
        event |= {"id": f"SM{number:032}"}
        event["data"]["session"] |= {"id": session}
        backend = WatsonBackend(self.settings, self.post, self.states, lambda: NOW + timedelta(seconds=self.seconds))
        return backend.answer(event)

    @property
    def paths(self) -> list[str]:
        """What was asked for below the assistant's sessions, without the version."""
        return [request.url.removeprefix(URL + "/sessions").partition("?")[0] for request in self.requests]


def says(*texts: str) -> Answer:
    return Answer(tuple(AnswerMessage(text) for text in texts))


def test_the_first_text_creates_a_session_and_the_next_ones_stay_in_it() -> None:
    world = World()
    assert [world.text(words, number) for number, words in enumerate(("Hi", "Again", "Bye"))] == [
        says("1. Hi"),
        says("2. Again"),
        says("3. Bye"),
    ]
    assert world.paths == ["", "/session-1/message", "/session-1/message", "/session-1/message"]


def test_sends_the_published_form() -> None:
    world = World()
    world.text("Is this\nyour cat?", media=1)
    create, message = world.requests
    assert create.url == f"{URL}/sessions?version=2023-06-15"
    assert json.loads(create.body) == {}
    assert create.headers == message.headers
    assert message.headers == {
        "content-type": "application/json",
        "accept": "application/json",
        "authorization": AUTHORIZATION,
    }
    variables = {
        "smsSessionID": SESSION_ID,
        "smsTenantPhoneNumber": OUR_NUMBER,
        "smsUserPhoneNumber": PERSON,
        "smsMedia": [{"mediaURL": "https://api.twilio.com/media/0", "mediaContentType": "image/jpeg"}],
        "smsAction": None,
    }
    assert json.loads(message.body) == {
        "input": {"message_type": "text", "text": "Is this your cat?", "options": {"return_context": True}},
        "context": {"skills": {"main skill": {"user_defined": variables}}},
        "user_id": backend_events.text()["subject"],
    }


@pytest.mark.parametrize(
    ("target", "version"),
    [
        (URL, "2023-06-15"),
        (URL + "/sessions", "2023-06-15"),
        (URL + "/", "2023-06-15"),
        (URL + "?version=2021-11-27", "2021-11-27"),
        (URL + "/sessions?version=2021-11-27", "2021-11-27"),
    ],
)
def test_takes_the_url_as_ibm_shows_it(target: str, version: str) -> None:
    world = World(replace(SETTINGS, target=target), instead=[BackendResponse(201, b'{"session_id": "s"}')])
    check(world.settings, local=False)
    with pytest.raises(UpstreamRefused):
        world.text()
    assert world.requests[0].url == f"{URL}/sessions?version={version}"


def test_another_session_of_ours_is_another_of_theirs() -> None:
    world = World()
    world.text(number=1)
    assert world.text(number=2, session="another") == says("1. Hi")
    assert world.paths == ["", "/session-1/message", "", "/session-2/message"]


def test_a_session_that_is_over_there_is_created_anew_once() -> None:
    world = World()
    world.text(number=1)
    world.assistant.expire()
    assert world.text(number=2) == says("1. Hi")
    assert world.paths[2:] == ["/session-1/message", "", "/session-2/message"]
    assert world.text(number=3) == says("2. Hi")


def test_a_session_that_is_over_at_once_is_not_created_again_and_again() -> None:
    world = World(instead=[BackendResponse(201, b'{"session_id": "s"}'), BackendResponse(404)])
    with pytest.raises(UpstreamRefused, match="404"):
        world.text()
    assert len(world.requests) == 2


def test_an_assistant_that_does_not_exist_is_refused() -> None:
    world = World(instead=[BackendResponse(404)])
    with pytest.raises(UpstreamRefused, match="404") as refused:
        world.text()
    assert refused.value.reason == "backend_refused"


def test_a_text_that_is_asked_about_again_goes_to_the_same_session() -> None:
    world = World()
    for number in (1, 2, 2):
        world.text(number=number)
    assert world.paths == ["", "/session-1/message", "/session-1/message", "/session-1/message"]


def test_says_responses_of_all_types_that_a_phone_can_show() -> None:
    world = World()
    listed = [{"label": label, "value": {"input": {"text": f"I want {label}"}}} for label in ("a boat", "a car")]
    world.assistant.generic = [
        {"response_type": "text", "text": "Hello."},
        {"response_type": "pause", "time": 500},
        {"response_type": "image", "source": "https://example.com/cat.jpg", "title": "A cat"},
        {"response_type": "option", "title": "Which?", "options": listed},
    ]
    assert world.text() == Answer(
        (
            AnswerMessage("Hello."),
            AnswerMessage("A cat", ("https://example.com/cat.jpg",)),
            AnswerMessage("Which?\n1. a boat\n2. a car"),
        )
    )
    world.assistant.generic = None
    assert world.text("2", number=2) == says("2. I want a car")
    assert world.assistant.messages[1]["input"] == {
        "message_type": "text",
        "text": "I want a car",
        "options": {"return_context": True},
    }


@pytest.mark.parametrize("place", ["output", "context", "generic"])
def test_the_dialog_ends_the_session_wherever_its_action_stands(place: str) -> None:
    world = World()
    if place == "output":
        world.assistant.output = {"user_defined": {"smsAction": TERMINATE}}
    elif place == "context":
        world.assistant.user_defined = {"smsAction": TERMINATE}
    else:
        action = {"response_type": "user_defined", "user_defined": {"smsAction": TERMINATE}}
        world.assistant.generic = [{"response_type": "text", "text": "1. Hi"}, action]
    assert world.text() == replace(says("1. Hi"), end_session=True)


def test_a_dialog_takes_another_turn_in_which_nobody_texts() -> None:
    world = World()
    session = BackendResponse(201, b'{"session_id": "s"}')
    forcing = {"output": {"generic": [], "user_defined": {"smsAction": {"command": "smsActForceNoInputTurn"}}}}
    done = {"output": {"generic": [{"response_type": "text", "text": "Here it is."}]}}
    world.instead = [session, *(BackendResponse(200, json.dumps(answer).encode()) for answer in (forcing, done))]
    assert world.text() == says("Here it is.")
    assert world.paths == ["", "/s/message", "/s/message"]
    assert json.loads(world.requests[2].body)["input"]["text"] == "smsNoInputTurn"


def test_an_action_that_the_dialog_left_in_its_context_is_done_once() -> None:
    world = World()
    world.assistant.user_defined = {"smsAction": TERMINATE}
    assert world.text(number=1).end_session
    world.assistant.user_defined = {}
    assert not world.text(number=2).end_session


def test_all_requests_for_one_text_share_its_time() -> None:
    world = World(takes=3)
    world.text()
    assert [request.timeout_seconds for request in world.requests] == [7, 4]


def test_gives_up_when_the_time_is_over() -> None:
    world = World(takes=7)
    with pytest.raises(Unavailable, match="longer than 7 seconds"):
        world.text()
    assert len(world.requests) == 1


@pytest.mark.parametrize("status", [401, 408, 429, 500, 503])
@pytest.mark.parametrize("before", [[], [BackendResponse(201, b'{"session_id": "s"}')]])
def test_what_may_pass_is_tried_again(status: int, before: list[BackendResponse | None]) -> None:
    world = World(instead=[*before, BackendResponse(status)])
    with pytest.raises(Unavailable, match=str(status)):
        world.text()
    assert not world.states.kept


@pytest.mark.parametrize("status", [200, 204, 301, 400, 403, 422])
def test_any_other_response_to_creating_a_session_is_refused(status: int) -> None:
    world = World(instead=[BackendResponse(status, b'{"session_id": "s"}')])
    with pytest.raises(UpstreamRefused, match=str(status)):
        world.text()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"session_id": 5}',
        b'{"session_id": ""}',
        b'{"session_id": "../hush"}',
        b'{"session_id": "a?b"}',
    ],
)
def test_a_session_id_that_can_be_none_is_refused_and_asked_for_nothing(body: bytes) -> None:
    world = World(instead=[BackendResponse(201, body)])
    with pytest.raises(UpstreamRefused) as refused:
        world.text()
    assert refused.value.reason == "backend_nonsense"
    assert "hush" not in str(refused.value)
    assert len(world.requests) == 1


@pytest.mark.parametrize("answer", [[], {}, {"output": 5}, {"output": {"generic": ["hush"]}}])
def test_an_answer_in_another_form_is_refused_without_quoting_it(answer: object) -> None:
    body = json.dumps(answer).encode()
    world = World(instead=[BackendResponse(201, b'{"session_id": "s"}'), BackendResponse(200, body)])
    with pytest.raises(UpstreamRefused) as refused:
        world.text()
    assert refused.value.reason == "backend_nonsense"
    assert "hush" not in str(refused.value)


@pytest.mark.parametrize("context", [None, [], {"skills": []}, {"skills": {"main skill": {"user_defined": "hush"}}}])
def test_a_context_in_another_form_is_no_action(context: object) -> None:
    answer = {"output": {"generic": [], "user_defined": []}, "context": context}
    responses = [BackendResponse(201, b'{"session_id": "s"}'), BackendResponse(200, json.dumps(answer).encode())]
    assert World(instead=[*responses]).text() == Answer()


def test_a_status_is_not_sent() -> None:
    world = World()
    backend = WatsonBackend(SETTINGS, world.post, world.states, lambda: NOW)
    assert backend.answer(backend_events.status()) == Answer()
    assert not world.requests


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (replace(SETTINGS, target="https://api.us-south.assistant.watson.cloud.ibm.com/instances/1"), "v2/assistants"),
        (replace(SETTINGS, target=URL.replace("v2", "v1")), "v2/assistants"),
        (replace(SETTINGS, target=URL + "/sessions/hush/message"), "v2/assistants"),
        (replace(SETTINGS, target=URL + "?version=hush"), "v2/assistants"),
        (replace(SETTINGS, target=URL + "?apikey=hush"), "v2/assistants"),
        (replace(SETTINGS, target=URL.replace("https", "http")), "https://"),
        (replace(SETTINGS, secrets=()), "password"),
        (replace(SETTINGS, secrets=("whsec_hush",)), "password"),
        (replace(SETTINGS, statuses=True), "statuses"),
        (replace(SETTINGS, locale="en_US"), "locale"),
    ],
)
def test_declines_settings_that_cannot_work(settings: BackendSettings, sentence: str) -> None:
    with pytest.raises(InvalidValue, match=sentence) as declined:
        check(settings, local=False)
    assert "hush" not in str(declined.value)


def test_shows_no_api_key() -> None:
    world = World()
    world.text()
    shown = (SETTINGS, WatsonBackend(SETTINGS, world.post, world.states, lambda: NOW), world.requests)
    assert "hush" not in "".join(map(repr, shown))
