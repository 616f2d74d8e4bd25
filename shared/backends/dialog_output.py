"""What a dialog of Watson Assistant says, as messages to a person. Every field is checked, and no error quotes a value.

Sources: Assistant v1 and v2 API, `output` and its response types (watson-developer-cloud/python-sdk,
`RuntimeResponseGeneric`); the actions of the SMS gateway: IBM Docs, Voice Gateway, "API for SMS Gateway", and IBM Cloud
Docs, Watson Assistant, "SMS integration reference". As there, options are numbered, and a person chooses by number.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from shared.backends.answers import nonsense
from shared.messages.limits import LINK_MAX, is_link, is_whole
from shared.messages.outbound import AnswerMessage

Fields = Mapping[str, Any]

ACTION = "smsAction"
"""The field of an action, in `output`, in `context` or in a response of the type `user_defined`."""

_CHANNEL = "text_messaging"  # "Assistant v2", `channels`: a response with channels is for these alone
_CHOICE = re.compile(r"\s*([1-9][0-9]?)[.)]?\s*")
_TITLED = {
    "audio": ("title", "description", "source"),
    "channel_transfer": ("message_to_user",),
    "iframe": ("title", "description", "source"),
    "text": ("text",),
    "video": ("title", "description", "source"),
}
"""The response types that are a text, with the fields that are its lines."""
_LISTS = {"option": "options", "suggestion": "suggestions"}


@dataclass(frozen=True)
class DialogOutput:
    """What a dialog says.

    Attributes:
        messages: the messages to the person, in order.
        choices: the values of the options that the person was shown, in the order of their numbers, from 1.
        ends_session: whether the dialog ends the session.
        wants_turn: whether it wants to go on at once, with a turn in which nobody texts.
    """

    messages: tuple[AnswerMessage, ...]
    choices: tuple[Fields, ...] = field(repr=False)
    ends_session: bool
    wants_turn: bool = False


def chosen(text: str, choices: Sequence[Fields]) -> Fields | None:
    """The value of the option whose number the person wrote, and nothing else; None when it is none of them."""
    match = _CHOICE.fullmatch(text)
    number = int(match[1]) if match else 0
    return choices[number - 1] if 0 < number <= len(choices) else None


def parse(output: Fields, *actions: object) -> DialogOutput:
    """What an `output` says.

    Its texts stand in `text`, in `generic` or, as Assistant v1 does it, in both; those in `text` count then, because
    that is where orchestration engines change them.

    Args:
        output: the object.
        actions: further actions, from elsewhere in the answer; None for none.

    Raises UpstreamRefused with the reason `backend_nonsense` and a sentence that says what is wrong.
    """
    responses = [_object(response, '"generic"') for response in _list(output.get("generic"), '"generic"')]
    responses = _with_texts([response for response in responses if _is_for_us(response)], _texts(output.get("text")))
    reader = _Reader()
    for response in responses:
        reader.read(response)
    for action in (output.get(ACTION), *actions):
        if action is not None:
            reader.act(_object(action, f'"{ACTION}"'))
    return DialogOutput(tuple(reader.messages), tuple(reader.choices), reader.ends_session, reader.wants_turn)


class _Reader:
    """Reads responses and actions one after the other."""

    def __init__(self) -> None:
        self.messages: list[AnswerMessage] = []
        self.choices: list[Fields] = []
        self.ends_session = False
        self.wants_turn = False

    def read(self, response: Fields) -> None:
        """One response. A type that is none for a phone, such as a pause, says nothing."""
        kind = response.get("response_type")
        if kind == "image":
            self._say(_lines(response, "title", "description"), media=(response.get("source"),))
        elif kind in _TITLED:
            self._say(_lines(response, *_TITLED[kind]))
        elif kind in _LISTS:
            self._say([*_lines(response, "title", "description"), *self._numbered(response, _LISTS[kind])])
        elif kind == "search":
            results = [_object(result, '"primary_results"') for result in _list(response.get("primary_results"), kind)]
            self._say([*_lines(response, "header"), *(line for r in results for line in _lines(r, "title", "url"))])
        elif kind == "connect_to_agent":  # nobody is here to connect the person with
            self._say(_lines(_object(response.get("agent_unavailable") or {}, f'"{kind}"'), "message"))
        elif kind == "user_defined":
            action = _object(response.get("user_defined"), f'"{kind}"').get(ACTION)
            if action is not None:
                self.act(_object(action, f'"{ACTION}"'))
        elif kind == "end_session":
            self.ends_session = True

    def act(self, action: Fields) -> None:
        """One action. A command that is unknown here does nothing: it is about the dialog's next turns."""
        command = action.get("command")
        if command == "terminateSession":
            self.ends_session = True
        elif command == "smsActForceNoInputTurn":
            self.wants_turn = True
        elif command == "smsActSendMedia":
            links = _object(action.get("parameters"), '"parameters"').get("mediaURL")
            self._attach(tuple([links] if isinstance(links, str) else _list(links, '"mediaURL"')))

    def _say(self, lines: Sequence[str], media: tuple[object, ...] = ()) -> None:
        if lines or media:
            self.messages.append(AnswerMessage("\n".join(lines), _links(media)))

    def _attach(self, media: tuple[object, ...]) -> None:
        """Sends media with the last text, as one message; without a text by themselves, and nothing without media."""
        if not media:
            return
        last = self.messages.pop() if self.messages else AnswerMessage("")
        self.messages.append(AnswerMessage(last.text, (*last.media_urls, *_links(media))))

    def _numbered(self, response: Fields, name: str) -> Iterator[str]:
        for option in _list(response.get(name), f'"{name}"'):
            fields = _object(option, f'"{name}"')
            self.choices.append(_object(fields.get("value"), '"value"'))
            yield f"{len(self.choices)}. {_text(fields.get('label'), 'label')}"


def _with_texts(responses: list[Fields], texts: list[str]) -> list[Fields]:
    """The responses with these texts: each in the place of a text there; if they are not as many, before the others."""
    if not texts:
        return responses
    said = [{"response_type": "text", "text": text} for text in texts]
    places = [number for number, response in enumerate(responses) if response.get("response_type") == "text"]
    if len(places) != len(said):
        return [*said, *(response for response in responses if response.get("response_type") != "text")]
    merged = list(responses)
    for place, text in zip(places, said, strict=True):
        merged[place] = text
    return merged


def _texts(value: object) -> list[str]:
    """The texts in `text`: one, several, or the `values` of a dialog node."""
    if isinstance(value, Mapping):
        value = value.get("values")
    texts = [value] if isinstance(value, str) else _list(value, '"text"')
    return [text for text in (_text(text, "text") for text in texts) if text]


def _is_for_us(response: Fields) -> bool:
    channels = [_object(channel, '"channels"') for channel in _list(response.get("channels"), '"channels"')]
    return not channels or any(channel.get("channel") == _CHANNEL for channel in channels)


def _lines(fields: Fields, *names: str) -> list[str]:
    """The values of those of the fields that have one."""
    return [line for line in (_text(fields.get(name, ""), name) for name in names) if line]


def _text(value: object, name: str) -> str:
    if value is None:
        return ""
    if not isinstance(value, str) or not is_whole(value):
        nonsense(f'a "{name}" in its "output" is not a string of whole characters')
    return value.strip()


def _links(values: Sequence[object]) -> tuple[str, ...]:
    if not all(map(is_link, values)):
        nonsense(f"a link to media in it is not an https link in ASCII, {LINK_MAX} long or less")
    return tuple(map(str, values))


def _list(value: object, what: str) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        nonsense(f"{what} in it is not a list")
    return value


def _object(value: object, what: str) -> Fields:
    if not isinstance(value, Mapping):
        nonsense(f"{what} in it is not an object, or has something in it that is none")
    return value
