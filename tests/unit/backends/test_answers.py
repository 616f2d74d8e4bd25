"""What an HTTP backend may answer. What it may not is refused with a sentence that quotes none of it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.backends import answers
from shared.errors import UpstreamRefused
from shared.messages.outbound import Answer, AnswerMessage

LINK = "https://cdn.example.com/cat.jpg?size=1#top"


def parse(document: object) -> Answer:
    return answers.parse(json.dumps(document).encode())


@pytest.mark.parametrize(
    ("document", "answer"),
    [
        ({}, Answer()),
        ({"messages": []}, Answer()),
        ({"end_session": True}, Answer(end_session=True)),
        ({"messages": [], "end_session": False}, Answer()),
        ({"messages": [{"text": "Yes."}]}, Answer((AnswerMessage("Yes."),))),
        ({"messages": [{"media_urls": [LINK]}]}, Answer((AnswerMessage("", (LINK,)),))),
        ({"messages": [{"text": "", "media_urls": [LINK]}]}, Answer((AnswerMessage("", (LINK,)),))),
        (
            {"messages": [{"text": " a\n"}, {"text": "b", "media_urls": [LINK] * 10}], "end_session": True},
            Answer((AnswerMessage(" a\n"), AnswerMessage("b", (LINK,) * 10)), end_session=True),
        ),
        ({"messages": [{"text": "x"}] * 10}, Answer((AnswerMessage("x"),) * 10)),
        ({"messages": [{"text": "x" * 60_000}]}, Answer((AnswerMessage("x" * 60_000),))),
        ({"messages": [{"text": "🐈‍⬛ é"}]}, Answer((AnswerMessage("🐈‍⬛ é"),))),
    ],
)
def test_understands(document: object, answer: Answer) -> None:
    assert parse(document) == answer


def test_understands_characters_as_they_are_too() -> None:
    assert answers.parse('{"messages":[{"text":"é🐈"}]}'.encode()) == Answer((AnswerMessage("é🐈"),))


def refused(body: bytes) -> str:
    with pytest.raises(UpstreamRefused) as failed:
        answers.parse(body)
    assert failed.value.reason == "backend_nonsense"
    assert failed.value.__suppress_context__, "a chained error may quote the answer"
    return str(failed.value).removeprefix("the backend's answer makes no sense: ")


@pytest.mark.parametrize(
    "body",
    [
        b" ",
        b"OK",
        b"<Response/>",
        b"{",
        b'{"messages": [',
        b"{'messages': []}",
        b'{"messages": [{"text": "caf\xe9"}]}',
        '{"messages": []}'.encode("utf-16"),
        b'\xef\xbb\xbf{"messages": []}',
        b"\x00",
        b"[" * 60_000,
        b'{"end_session":' * 9_000,
        b"9" * 60_000,
        b'{"messages": []} trailing',
        b'{"messages": [], "end_session": 1e999}',
        b'{"messages": [], "end_session": [-1.5e400]}',
    ],
)
def test_what_is_not_json_is_nonsense(body: bytes) -> None:
    assert refused(body) == "it is not JSON in UTF-8"


@pytest.mark.parametrize(
    "body",
    [
        b'{"messages": [{"text": "yes"}], "messages": [{"text": "no"}]}',
        b'{"end_session": true, "end_session": false}',
        b'{"end_session": true, "end_session": true}',
        b'{"messages": [{"text": "yes", "text": "no"}]}',
        b'{"messages": [{"text": "yes", "te\\u0078t": "no"}]}',
    ],
)
def test_an_answer_that_says_a_thing_twice_is_nonsense(body: bytes) -> None:
    assert refused(body) == "an object in it has the same name twice"


def test_an_empty_answer_is_refused_with_a_hint_at_204() -> None:
    assert refused(b"") == "it is empty; a backend that has no reply answers with status 204"


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        (None, "the answer is not a JSON object"),
        ([], "the answer is not a JSON object"),
        ("hello", "the answer is not a JSON object"),
        (3, "the answer is not a JSON object"),
        (True, "the answer is not a JSON object"),
        ([{"text": "hello"}], "the answer is not a JSON object"),
        ({"message": "hello"}, 'the answer has a field other than "messages" and "end_session"'),
        ({"messages": [], "endSession": True}, 'the answer has a field other than "messages" and "end_session"'),
        ({"messages": None}, '"messages" is not a list of 10 or fewer'),
        ({"messages": "hello"}, '"messages" is not a list of 10 or fewer'),
        ({"messages": {"text": "hello"}}, '"messages" is not a list of 10 or fewer'),
        ({"messages": [{"text": "x"}] * 11}, '"messages" is not a list of 10 or fewer'),
        ({"end_session": None}, '"end_session" is neither true nor false'),
        ({"end_session": 1}, '"end_session" is neither true nor false'),
        ({"end_session": "true"}, '"end_session" is neither true nor false'),
        ({"messages": ["hello"]}, "message 1 is not a JSON object"),
        ({"messages": [{"text": "x"}, None]}, "message 2 is not a JSON object"),
        ({"messages": [{"text": "x", "to": "+1"}]}, 'message 1 has a field other than "text" and "media_urls"'),
        ({"messages": [{"text": "x", "media_url": LINK}]}, 'message 1 has a field other than "text" and "media_urls"'),
        ({"messages": [{"text": None}]}, 'the "text" of message 1 is not a string of whole characters'),
        ({"messages": [{"text": 3}]}, 'the "text" of message 1 is not a string of whole characters'),
        ({"messages": [{"text": ["x"]}]}, 'the "text" of message 1 is not a string of whole characters'),
        ({"messages": [{"text": "half \ud83d of it"}]}, 'the "text" of message 1 is not a string of whole characters'),
        ({"messages": [{}]}, "message 1 has neither a text nor a link"),
        ({"messages": [{"text": ""}]}, "message 1 has neither a text nor a link"),
        ({"messages": [{"text": " \n\t"}]}, "message 1 has neither a text nor a link"),
        ({"messages": [{"text": "", "media_urls": []}]}, "message 1 has neither a text nor a link"),
        ({"messages": [{"media_urls": None}]}, 'the "media_urls" of message 1 is not a list of 10 or fewer'),
        ({"messages": [{"media_urls": LINK}]}, 'the "media_urls" of message 1 is not a list of 10 or fewer'),
        ({"messages": [{"media_urls": [LINK] * 11}]}, 'the "media_urls" of message 1 is not a list of 10 or fewer'),
    ],
)
def test_what_has_another_shape_is_nonsense(document: object, sentence: str) -> None:
    assert refused(json.dumps(document).encode()) == sentence


@pytest.mark.parametrize(
    "link",
    [
        None,
        3,
        "",
        "cat.jpg",
        "//cdn.example.com/cat.jpg",
        "http://cdn.example.com/cat.jpg",
        "ftp://cdn.example.com/cat.jpg",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "https://",
        "https:///cat.jpg",
        "https://user:word@cdn.example.com/cat.jpg",
        "https://cdn.example.com\\cat.jpg",
        "https://cdn.example.com/my cat.jpg",
        "https://cdn.example.com/cat.jpg\n",
        "https://cdn.example.com/c\u00e4t.jpg",
        "https://cdn.example.com/cat.jpg\u2028",
        "https://cdn.example.com/" + "x" * 2048,
    ],
)
def test_what_is_not_a_link_is_nonsense(link: object) -> None:
    body = json.dumps({"messages": [{"text": "x", "media_urls": [LINK, link]}]}).encode()
    assert refused(body).startswith('one of the "media_urls" of message 1 is not an https link')


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["messages", "text", "end_session", "x"]), inner),
)


@given(st.dictionaries(st.sampled_from(["messages", "end_session", "text"]), JSON) | JSON)
def test_anything_is_an_answer_or_refused(document: Any) -> None:  # noqa: ANN401 - anything at all
    try:
        answer = parse(document)
    except UpstreamRefused as refusal:
        assert refusal.reason == "backend_nonsense"  # noqa: PT017 - either way is right
    else:
        assert all(message.text.strip() or message.media_urls for message in answer.messages)


@given(st.binary())
def test_any_bytes_are_an_answer_or_refused(body: bytes) -> None:
    try:
        assert answers.parse(body) == Answer()
    except UpstreamRefused as refusal:
        assert refusal.reason == "backend_nonsense"  # noqa: PT017 - either way is right
