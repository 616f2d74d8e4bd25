"""An answer on the outbound queue: parts in order, each with an id of its own that is always the same."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import Configuration, TooManyMessages, Unavailable
from shared.messages.events import AnswerEnvelope
from shared.messages.outbound import AnswerMessage
from shared.outbound_queue import Outbound
from shared.provider_rules import RulesByProvider
from shared.providers.twilio.rules import TwilioRules
from tests.fakes import ACCOUNT, NOW, OUR_NUMBER, PERSON, PROVIDER, FakeQueue
from tests.provider import ITS_RULES, RULES

ENVELOPE = AnswerEnvelope(
    source=f"/sms-receiver/east/{PROVIDER}",
    tenant="acme",
    agent="desk",
    provider=PROVIDER,
    account=ACCOUNT,
    conversation="c" * 64,
    sender=OUR_NUMBER,
    recipient=PERSON,
    answer_id="SM1",
    in_reply_to="SM1",
)
MANY = 1000
WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Z"]), min_size=1, max_size=30)
LONG = st.lists(WORDS, max_size=300).map(" ".join)
MESSAGES = st.lists(st.builds(AnswerMessage, LONG, st.lists(WORDS, max_size=2).map(tuple)), max_size=4).map(tuple)


def queued(*messages: AnswerMessage) -> FakeQueue:
    queue = FakeQueue()
    Outbound(queue, RULES, messages_max=MANY).send(ENVELOPE, messages, now=NOW)
    return queue


@given(MESSAGES)
def test_all_that_was_said_is_queued_in_order(messages: tuple[AnswerMessage, ...]) -> None:
    data = [sent.event["data"] for sent in queued(*messages).sent]
    assert "".join("".join(part["text"].split()) for part in data) == "".join(
        "".join(message.text.split()) for message in messages
    )
    assert [url for part in data for url in part["media_urls"]] == [url for m in messages for url in m.media_urls]
    assert all(len(part["text"]) <= ITS_RULES.text_max for part in data)


@pytest.mark.parametrize("blanks", [" " * (3 * ITS_RULES.text_max), "\n" * (3 * ITS_RULES.text_max)])
def test_nothing_but_blanks_is_no_message(blanks: str) -> None:
    texts = [sent.event["data"]["text"] for sent in queued(AnswerMessage(f"One.{blanks}Two.")).sent]
    assert "".join(texts).split() == ["One.", "Two."]
    assert not any(text.isspace() for text in texts)
    (sent,) = queued(AnswerMessage(" ", ("https://example.com/a.png",))).sent
    assert (sent.event["data"]["text"], len(sent.event["data"]["media_urls"])) == ("", 1)


@given(MESSAGES)
def test_the_parts_are_numbered_through_the_whole_answer(messages: tuple[AnswerMessage, ...]) -> None:
    sent = queued(*messages).sent
    ids = [f"SM1-{number}" for number in range(1, len(sent) + 1)]
    assert [one.deduplication for one in sent] == [one.event["id"] for one in sent] == ids
    assert [one.event["data"]["reply_id"] for one in sent] == ids
    assert [one.event["data"]["part"] for one in sent] == list(range(1, len(sent) + 1))
    assert {one.event["data"]["parts"] for one in sent} <= {len(sent)}


@given(MESSAGES)
def test_the_same_answer_makes_the_same_events_again(messages: tuple[AnswerMessage, ...]) -> None:
    assert queued(*messages).sent == queued(*messages).sent


def test_gives_the_reply_ids() -> None:
    messages = (AnswerMessage("one"), AnswerMessage("two"))
    assert Outbound(FakeQueue(), RULES, messages_max=MANY).send(ENVELOPE, messages, now=NOW) == ("SM1-1", "SM1-2")


def test_no_message_is_no_event() -> None:
    assert not queued().sent


def test_links_go_with_the_first_part_of_their_own_message() -> None:
    links = ("https://example.com/a.png", "https://example.com/b.png")
    data = [sent.event["data"] for sent in queued(AnswerMessage("before"), AnswerMessage("word " * 500, links)).sent]
    assert [part["media_urls"] for part in data] == [[], list(links), *[[]] * (len(data) - 2)]


def test_a_link_needs_no_text() -> None:
    (sent,) = queued(AnswerMessage("", ("https://example.com/a.png",))).sent
    assert (sent.event["data"]["text"], sent.event["data"]["media_urls"]) == ("", ["https://example.com/a.png"])


class Terse(TwilioRules):
    """The rules of a provider that takes little at once."""

    name = "terse"
    text_max = 20
    media_max = 2


def test_each_provider_gets_as_much_as_it_takes_at_once() -> None:
    queue, links = FakeQueue(), tuple(f"https://example.com/{number}.png" for number in range(5))
    message = AnswerMessage("Forty characters make two messages here.", links)
    Outbound(queue, RulesByProvider(Terse()), messages_max=MANY).send(
        replace(ENVELOPE, provider="terse"), (message,), now=NOW
    )
    data = [sent.event["data"] for sent in queue.sent]
    assert [part["text"] for part in data] == ["Forty characters ", "make two messages ", "here.", "", ""]
    assert [part["media_urls"] for part in data] == [list(links[:2]), [], [], list(links[2:4]), [links[4]]]


def test_a_provider_that_is_not_known_gets_nothing() -> None:
    queue = FakeQueue()
    with pytest.raises(Configuration, match=f"knows no such provider; it knows {PROVIDER}"):
        Outbound(queue, RULES, messages_max=MANY).send(
            replace(ENVELOPE, provider="pigeon"), (AnswerMessage("one"),), now=NOW
        )
    assert queue.sent == []


def test_all_parts_stand_in_the_conversations_group() -> None:
    assert {sent.group for sent in queued(AnswerMessage("one"), AnswerMessage("two")).sent} == {f"acme.{'c' * 64}"}


class ShortQueue(FakeQueue):
    """Takes so many events and then no more."""

    def send(self, event: Mapping[str, object], *, group: str, deduplication: str) -> None:
        if len(self.sent) == 2:
            message = "the message could not be queued"
            raise Unavailable(message)
        super().send(event, group=group, deduplication=deduplication)


def test_what_could_not_be_queued_is_said_and_a_repetition_begins_with_the_same_ids() -> None:
    queue, messages = ShortQueue(), tuple(AnswerMessage(word) for word in ("one", "two", "three"))
    with pytest.raises(Unavailable):
        Outbound(queue, RULES, messages_max=MANY).send(ENVELOPE, messages, now=NOW)
    assert [sent.deduplication for sent in queue.sent] == ["SM1-1", "SM1-2"]
    assert [sent.deduplication for sent in queued(*messages).sent] == ["SM1-1", "SM1-2", "SM1-3"]


def test_nothing_personal_shows_in_what_is_made_of_it() -> None:
    message = AnswerMessage("Your code is 1234.", ("https://example.com/private",))
    assert "1234" not in repr(message)
    assert "private" not in repr(message)
    assert OUR_NUMBER not in repr(ENVELOPE)
    assert PERSON not in repr(ENVELOPE)


@pytest.mark.parametrize("most", [1, 2, 3])
def test_of_more_messages_than_allowed_none_is_queued(most: int) -> None:
    queue = FakeQueue()
    outbound = Outbound(queue, RULES, messages_max=most)
    with pytest.raises(
        TooManyMessages, match=f"^it would be {most + 1} messages to the person, and no more than {most} "
    ):
        outbound.send(ENVELOPE, (AnswerMessage("one"),) * (most + 1), now=NOW)
    assert queue.sent == []
    assert len(outbound.send(ENVELOPE, (AnswerMessage("one"),) * most, now=NOW)) == most


def test_counts_what_a_provider_would_get() -> None:
    outbound = Outbound(FakeQueue(), RULES, messages_max=4)
    assert outbound.count(PROVIDER, ()) == 0
    assert outbound.count(PROVIDER, (AnswerMessage("x" * ITS_RULES.text_max * 3), AnswerMessage("x"))) == 4
    with pytest.raises(TooManyMessages):
        outbound.count(PROVIDER, (AnswerMessage("x" * ITS_RULES.text_max * 4), AnswerMessage("x")))
