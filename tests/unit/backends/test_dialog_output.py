"""What a dialog of Watson Assistant says, as messages; the shapes are those of IBM's documents."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.backends.dialog_output import DialogOutput, chosen, parse
from shared.errors import UpstreamRefused
from shared.messages.outbound import AnswerMessage

IMAGE = "https://example.com/image.jpg"
BOSTON = {"response_type": "text", "text": "OK, you want to fly to Boston next Monday."}
OPTION = {
    "response_type": "option",
    "title": "Available options",
    "description": "Please select one of the following options:",
    "preference": "button",
    "options": [
        {"label": "Option 1", "value": {"input": {"text": "option 1"}}},
        {"label": "Option 2", "value": {"input": {"text": "option 2"}}},
    ],
}
DRINK = {
    "intents": [{"intent": "order_drink", "confidence": 0.73}],
    "entities": [],
    "input": {"suggestion_id": "576aba3c", "text": "I want to place an order"},
}
SUGGESTION = {
    "response_type": "suggestion",
    "title": "Please choose one of the following options:",
    "suggestions": [
        {"label": "I'd like to order a drink.", "value": DRINK, "output": {}, "source_dialog_node": "root"}
    ],
}
TERMINATE = {"command": "terminateSession"}


def send_media(*links: str) -> dict[str, Any]:
    return {"command": "smsActSendMedia", "parameters": {"mediaURL": list(links)}}


def texts(output: dict[str, Any], *actions: object) -> list[str]:
    return [message.text for message in parse(output, *actions).messages]


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ({}, []),
        ({"text": []}, []),
        ({"text": "Hi."}, ["Hi."]),
        ({"text": ["Hi.", "How are you?"]}, ["Hi.", "How are you?"]),
        ({"text": ["", "  ", " Hi. "]}, ["Hi."]),
        ({"text": {"values": ["Goodbye!"], "selection_policy": "sequential"}}, ["Goodbye!"]),
        ({"text": None, "generic": None}, []),
        ({"generic": [BOSTON]}, [BOSTON["text"]]),
        ({"generic": [{"response_type": "pause", "time": 1000, "typing": True}]}, []),
        ({"generic": [{"response_type": "dtmf"}, {"response_type": "who knows"}, {}]}, []),
        (
            {"generic": [{"response_type": "video", "source": "https://e.com/v", "title": "See"}]},
            ["See\nhttps://e.com/v"],
        ),
        ({"generic": [{"response_type": "channel_transfer", "message_to_user": "Go there."}]}, ["Go there."]),
        (
            {"generic": [{"response_type": "connect_to_agent", "agent_unavailable": {"message": "Nobody is in."}}]},
            ["Nobody is in."],
        ),
        ({"generic": [{"response_type": "connect_to_agent", "message_to_human_agent": "Help"}]}, []),
        (
            {
                "generic": [
                    {
                        "response_type": "search",
                        "header": "I found this:",
                        "primary_results": [{"title": "Hours", "body": "…", "url": "https://e.com/h"}, {"body": "…"}],
                    }
                ]
            },
            ["I found this:\nHours\nhttps://e.com/h"],
        ),
    ],
)
def test_says_the_texts_of_an_output(output: dict[str, Any], expected: list[str]) -> None:
    assert texts(output) == expected


def test_says_once_what_stands_in_both_places_and_as_the_engine_changed_it() -> None:
    generic = [BOSTON, {"response_type": "image", "source": IMAGE}, {"response_type": "text", "text": "Bye."}]
    output = {"text": ["To Boston, Ms Jones.", "Bye, Ms Jones."], "generic": generic}
    assert parse(output).messages == (
        AnswerMessage("To Boston, Ms Jones."),
        AnswerMessage("", (IMAGE,)),
        AnswerMessage("Bye, Ms Jones."),
    )


def test_says_the_engines_texts_first_where_they_are_not_as_many() -> None:
    generic = [{"response_type": "image", "source": IMAGE}, BOSTON]
    assert texts({"text": ["One.", "Two."], "generic": generic}) == ["One.", "Two.", ""]


def test_sends_an_image_as_media_with_its_words() -> None:
    image = {"response_type": "image", "source": IMAGE, "title": "A cat", "description": "Asleep", "alt_text": "cat"}
    assert parse({"generic": [image]}).messages == (AnswerMessage("A cat\nAsleep", (IMAGE,)),)


@pytest.mark.parametrize("links", [[IMAGE], [IMAGE, IMAGE + "?2"]])
def test_sends_media_with_the_last_text(links: list[str]) -> None:
    expected = (AnswerMessage("One."), AnswerMessage("Two.", tuple(links)))
    assert parse({"text": ["One.", "Two."], "smsAction": send_media(*links)}).messages == expected
    assert parse({"text": ["One.", "Two."]}, send_media(*links)).messages == expected


def test_sends_media_without_a_text() -> None:
    assert parse({"smsAction": send_media(IMAGE)}).messages == (AnswerMessage("", (IMAGE,)),)
    single = {"command": "smsActSendMedia", "parameters": {"mediaURL": IMAGE}}
    assert parse({"smsAction": single}).messages == (AnswerMessage("", (IMAGE,)),)


@pytest.mark.parametrize("links", [[], None])
def test_an_action_that_sends_no_media_says_nothing(links: object) -> None:
    action = {"command": "smsActSendMedia", "parameters": {"mediaURL": links}}
    assert parse({"smsAction": action}).messages == ()
    assert parse({"text": ["Yes."], "smsAction": action}).messages == (AnswerMessage("Yes."),)


@pytest.mark.parametrize(
    "output",
    [
        {"text": ["Bye."], "smsAction": TERMINATE},
        {"text": ["Bye."], "generic": [{"response_type": "user_defined", "user_defined": {"smsAction": TERMINATE}}]},
        {"text": ["Bye."], "generic": [{"response_type": "end_session"}]},
    ],
)
def test_ends_the_session_where_the_dialog_says_so(output: dict[str, Any]) -> None:
    assert parse(output) == DialogOutput((AnswerMessage("Bye."),), (), ends_session=True)
    assert parse({"text": ["Bye."]}, TERMINATE).ends_session


@pytest.mark.parametrize(
    "command", ["setSessionTimeoutCount", "smsActSetConversationConfig", "smsActSetOptionsConfig", "", None, 5, []]
)
def test_an_action_that_is_unknown_here_loses_no_text(command: object) -> None:
    action = {"command": command, "parameters": {"count": 200}}
    assert parse({"text": ["Hi."], "smsAction": action}) == DialogOutput(
        (AnswerMessage("Hi."),), (), ends_session=False
    )
    assert texts({"text": ["Hi."], "generic": [{"response_type": "user_defined", "user_defined": {"card": 1}}]}) == [
        "Hi."
    ]


def test_numbers_the_options_of_an_answer_and_keeps_their_values() -> None:
    said = parse({"generic": [OPTION, SUGGESTION]})
    assert [message.text for message in said.messages] == [
        "Available options\nPlease select one of the following options:\n1. Option 1\n2. Option 2",
        "Please choose one of the following options:\n3. I'd like to order a drink.",
    ]
    assert [choice["input"]["text"] for choice in said.choices] == ["option 1", "option 2", "I want to place an order"]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1", 1),
        (" 2 ", 2),
        ("2.", 2),
        ("3)", 3),
        ("4", 0),
        ("0", 0),
        ("1 2", 0),
        ("one", 0),
        ("", 0),
        ("-1", 0),
        ("٣", 0),
    ],
)
def test_a_person_chooses_by_a_number_alone(text: str, number: int) -> None:
    choices = [{"input": {"text": str(n)}} for n in (1, 2, 3)]
    assert chosen(text, choices) == (choices[number - 1] if number else None)
    assert chosen(text, []) is None


@pytest.mark.parametrize(
    ("channels", "count"),
    [
        (None, 1),
        ([], 1),
        ([{"channel": "text_messaging"}], 1),
        ([{"channel": "chat"}, {"channel": "text_messaging"}], 1),
        ([{"channel": "voice_telephony"}], 0),
    ],
)
def test_says_what_is_for_all_channels_or_for_ours(channels: object, count: int) -> None:
    assert len(texts({"generic": [{**BOSTON, "channels": channels}]})) == count


@pytest.mark.parametrize(
    "output",
    [
        {"text": 5},
        {"text": [5]},
        {"text": ["\ud800"]},
        {"text": {"values": 5}},
        {"generic": {}},
        {"generic": ["Hi."]},
        {"generic": [{"response_type": "text", "text": {"hush": 1}}]},
        {"generic": [{"response_type": "image", "source": "http://hush.example.com/image.jpg"}]},
        {"generic": [{"response_type": "image"}]},
        {"generic": [{"response_type": "option", "options": {}}]},
        {"generic": [{"response_type": "option", "options": [{"label": "hush"}]}]},
        {"generic": [{"response_type": "option", "options": [{"label": 5, "value": {}}]}]},
        {"generic": [{"response_type": "search", "primary_results": "hush"}]},
        {"generic": [{"response_type": "user_defined", "user_defined": "hush"}]},
        {"generic": [{"response_type": "connect_to_agent", "agent_unavailable": "hush"}]},
        {"generic": [{**BOSTON, "channels": "hush"}]},
        {"smsAction": "hush"},
        {"smsAction": {"command": "smsActSendMedia"}},
        {"smsAction": {"command": "smsActSendMedia", "parameters": {"mediaURL": ["https://user:hush@example.com/"]}}},
        {"smsAction": {"command": "smsActSendMedia", "parameters": {"mediaURL": {"hush": 1}}}},
    ],
)
def test_refuses_what_is_no_output_without_quoting_it(output: dict[str, Any]) -> None:
    with pytest.raises(UpstreamRefused, match="makes no sense") as refused:
        parse(output)
    assert refused.value.reason == "backend_nonsense"
    assert "hush" not in str(refused.value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    "response_type",
                    "text",
                    "title",
                    "options",
                    "label",
                    "value",
                    "values",
                    "smsAction",
                    "command",
                    "parameters",
                    "mediaURL",
                    "source",
                    "user_defined",
                    "channels",
                    "channel",
                    "suggestions",
                    "primary_results",
                    "generic",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)
RESPONSE_TYPES = [
    "text",
    "image",
    "option",
    "suggestion",
    "search",
    "user_defined",
    "connect_to_agent",
    "video",
    "pause",
]


@given(JSON, JSON, JSON, st.sampled_from(RESPONSE_TYPES))
def test_whatever_json_comes_is_messages_or_refused(text: object, response: object, action: object, kind: str) -> None:
    generic = [{**response, "response_type": kind} if isinstance(response, dict) else response]
    messages: tuple[AnswerMessage, ...] = ()
    with suppress(UpstreamRefused):
        messages = parse({"text": text, "generic": generic}, action).messages
    assert all(message.text.strip() or message.media_urls for message in messages)


def test_shows_no_text_when_it_is_printed() -> None:
    assert "Option 1" not in repr(parse({"generic": [OPTION]}))
