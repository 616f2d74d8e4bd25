"""The echo, queue and Lex backends: what they send, and what they answer."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.backends.echo import NO_TEXT, EchoBackend
from shared.backends.lex import LexBackend
from shared.backends.sqs import QueueBackend
from shared.errors import Malformed, Unavailable, UpstreamRefused
from shared.messages.outbound import Answer, AnswerMessage
from tests import backend_events
from tests.fakes import FakeQueue, Sent


class FakeBot:
    """A bot with a fixed response, which remembers the texts that it got."""

    def __init__(self, response: Mapping[str, Any]) -> None:
        self.response = response
        self.heard: list[tuple[str, str]] = []

    def recognize(self, text: str, *, session_id: str) -> Mapping[str, Any]:
        self.heard.append((text, session_id))
        return self.response


@given(st.text(min_size=1).filter(str.strip))
def test_echo_sends_the_text_back(words: str) -> None:
    assert EchoBackend().answer(backend_events.text(words)) == Answer((AnswerMessage(words),))


@pytest.mark.parametrize("words", ["", " ", "\n\t"])
def test_echo_says_so_when_there_is_no_text(words: str) -> None:
    assert EchoBackend().answer(backend_events.text(words, media=1)) == Answer((AnswerMessage(NO_TEXT),))


def test_the_queue_gets_texts_and_statuses_in_the_order_of_their_conversation() -> None:
    queue = FakeQueue()
    text, status = backend_events.text(), backend_events.status()
    assert QueueBackend(queue).answer(text) == Answer(later=True)
    assert QueueBackend(queue).answer(status) == Answer()
    group = f"acme.{text['subject']}"
    assert queue.sent == [Sent(text, group, text["id"]), Sent(status, group, status["id"])]
    assert text["id"] != status["id"]


def test_an_event_that_is_too_large_for_the_queue_is_refused() -> None:
    queue = FakeQueue(failing=Malformed("the event takes 300000 bytes"))
    with pytest.raises(UpstreamRefused) as failed:
        QueueBackend(queue).answer(backend_events.text())
    assert failed.value.reason == "backend_too_large"


def test_a_queue_that_does_not_answer_is_unavailable() -> None:
    with pytest.raises(Unavailable):
        QueueBackend(FakeQueue(failing=Unavailable("later"))).answer(backend_events.text())


def lex_says(**response: object) -> Answer:
    return LexBackend(FakeBot(response)).answer(backend_events.text())


def plain(content: str) -> dict[str, str]:
    return {"contentType": "PlainText", "content": content}


def test_lex_gets_the_text_in_our_session() -> None:
    bot = FakeBot({})
    LexBackend(bot).answer(backend_events.text(" Is this\nyour cat? "))
    assert bot.heard == [(" Is this\nyour cat? ", backend_events.SESSION_ID)]


def test_lex_answers_with_its_messages_in_their_order() -> None:
    assert lex_says(messages=[plain("One."), plain("Two.")]) == Answer((AnswerMessage("One."), AnswerMessage("Two.")))


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ({"contentType": "CustomPayload", "content": '{"a": "<b>"}'}, '{"a": "<b>"}'),
        ({"content": "Yes."}, "Yes."),
        (plain("a < b & c > d"), "a < b & c > d"),
        ({"contentType": "SSML", "content": '<speak>Is it <break time="1s"/>R&amp;D?</speak>'}, "Is it R&D?"),
        (
            {
                "contentType": "ImageResponseCard",
                "imageResponseCard": {
                    "title": "Your cat",
                    "subtitle": "Pick one",
                    "imageUrl": "https://cdn.example.com/cat.jpg",
                    "buttons": [{"text": "Black", "value": "b"}, {"text": "White", "value": "w"}],
                },
            },
            "Your cat\nPick one\nBlack\nWhite",
        ),
        ({"contentType": "ImageResponseCard", "imageResponseCard": {"title": "Your cat"}}, "Your cat"),
    ],
)
def test_every_kind_of_lexs_messages_becomes_a_text(message: dict[str, object], words: str) -> None:
    assert lex_says(messages=[message]) == Answer((AnswerMessage(words),))


@pytest.mark.parametrize(
    "response",
    [
        {},
        {"messages": []},
        {"messages": [{}]},
        {"messages": [plain("")]},
        {"messages": [plain(" \n")]},
        {"messages": [{"contentType": "SSML", "content": "<speak><break/></speak>"}]},
        {"messages": [{"contentType": "ImageResponseCard"}]},
        {"messages": [{"contentType": "ImageResponseCard", "imageResponseCard": {"title": " "}}]},
        {"messages": [], "sessionState": {}},
        {"sessionState": {"dialogAction": {}}},
    ],
)
def test_lex_without_words_is_silence(response: dict[str, object]) -> None:
    assert lex_says(**response) == Answer()


@pytest.mark.parametrize("word", ["ElicitIntent", "ElicitSlot", "ConfirmIntent", "Delegate", "None", "close", "Closed"])
def test_only_close_ends_the_session(word: str) -> None:
    assert not lex_says(sessionState={"dialogAction": {"type": word}}).end_session
    assert lex_says(sessionState={"dialogAction": {"type": "Close"}}).end_session


@pytest.mark.parametrize(
    ("words", "reason"),
    [("", "backend_no_text"), (" \n", "backend_no_text"), ("x" * 1025, "backend_too_large")],
)
def test_lex_is_not_called_with_a_text_that_it_cannot_take(words: str, reason: str) -> None:
    bot = FakeBot({})
    with pytest.raises(UpstreamRefused) as failed:
        LexBackend(bot).answer(backend_events.text(words, media=1))
    assert failed.value.reason == reason
    assert "xx" not in str(failed.value)
    assert not bot.heard


def test_lex_takes_what_just_fits() -> None:
    bot = FakeBot({})
    LexBackend(bot).answer(backend_events.text("x" * 1024))
    assert bot.heard


def test_lex_gets_no_status() -> None:
    bot = FakeBot({"messages": [plain("Yes.")]})
    assert LexBackend(bot).answer(backend_events.status()) == Answer()
    assert not bot.heard
