"""A person texts and the agent answers, on both deployed stages: what the phone shows and what the agent heard."""

from devstack.backend import CannedAnswer, Event, parrot
from devstack.phones import Phones
from tests.e2e.talks import Talks

STORY = " ".join(f"Sentence number {number} of a story with Grüßen and 👩‍👩‍👧 in it." for number in range(1, 80))


def test_the_agents_answer_reaches_the_phone(stage: str, talks: Talks) -> None:
    talk = talks.begin(stage)

    sid = talk.person.text("Grüße, 你好 👋")

    assert talk.person.sees(1) == ["You said: Grüße, 你好 👋"]
    [heard] = talk.person.heard()
    assert (heard.event["id"], heard.webhook_id) == (sid, sid)
    assert heard.event["data"]["agent"] == "helper"


def test_several_messages_come_in_their_order(stage: str, talks: Talks) -> None:
    talk = talks.begin(stage, lambda _: CannedAnswer(("one", "two", "three", "four")))

    talk.person.text("count")

    assert talk.person.sees(4) == ["one", "two", "three", "four"]


def test_a_long_answer_comes_whole_in_parts_and_in_order(stage: str, talks: Talks) -> None:
    talk = talks.begin(stage, lambda _: CannedAnswer((STORY, "the end")))

    talk.person.text("a story")

    *parts, end = talk.person.sees(5)
    assert "".join(parts) == STORY
    assert len(parts) > 2
    assert all(len(part.encode("utf-16-le")) // 2 <= 1600 for part in parts)
    assert end == "the end"


def test_a_picture_in_an_answer_reaches_the_phone(stage: str, talks: Talks, phones: Phones) -> None:
    picture = {"text": "a cat", "media_urls": ["https://media.example/cat.jpg"]}
    talk = talks.begin(stage, lambda _: CannedAnswer((picture,)))

    talk.person.text("show me")

    assert talk.person.sees(1) == ["a cat"]
    assert [len(message["media"]) for message in phones.screen(talk.person.address)] == [1]


def test_a_slow_agent_is_waited_for(stage: str, talks: Talks) -> None:
    talk = talks.begin(stage, lambda event: CannedAnswer(parrot(event).messages, after_seconds=2))

    talk.person.text("think")

    assert talk.person.sees(1) == ["You said: think"]
    assert len(talk.person.heard()) == 1


def test_silence_is_an_answer(stage: str, talks: Talks) -> None:
    talk = talks.begin(stage, lambda _: CannedAnswer(status=204))

    talk.person.text("say nothing")

    assert talks.backend.wait(lambda _: bool(talk.person.heard()))
    assert talk.queues.settle()
    assert talk.person.sees(1, within_seconds=0.5) == []


def test_texts_of_a_conversation_are_answered_in_their_order(stage: str, talks: Talks) -> None:
    talk = talks.begin(stage)

    for number in range(5):
        talk.person.text(f"text {number}")

    assert talk.person.sees(5) == [f"You said: text {number}" for number in range(5)]


def test_a_session_counts_its_turns_until_the_agent_ends_it(stage: str, talks: Talks) -> None:
    talk = talks.begin(stage, lambda event: CannedAnswer(("bye",), end_session=event["data"]["text"] == "end it"))

    for body in ("first", "end it", "another"):
        talk.person.text(body)

    assert len(talk.person.sees(3)) == 3
    sessions = [one.event["data"]["session"] for one in talk.person.heard()]
    assert [session["turn"] for session in sessions] == [1, 2, 1]
    assert sessions[0]["id"] == sessions[1]["id"] != sessions[2]["id"]
    assert sessions[0]["last_text_at"] is None
    assert sessions[1]["last_text_at"] == sessions[1]["first_text_at"] == sessions[0]["first_text_at"]


def test_a_session_ends_by_itself(talks: Talks) -> None:
    talk = talks.begin("east", session_seconds=0.001)

    talk.person.text("first")
    talk.person.text("second")

    assert len(talk.person.sees(2)) == 2
    assert [one.event["data"]["session"]["turn"] for one in talk.person.heard()] == [1, 1]


def test_the_agent_hears_what_became_of_its_reply_once_and_in_order(stage: str, talks: Talks) -> None:
    talk = talks.begin(stage, statuses=True)

    sid = talk.person.text("tell me when")

    assert talks.backend.wait(lambda _: "delivered" in talk.person.statuses())
    assert talk.queues.settle()
    statuses = talk.person.statuses()
    order = ["queued", "sending", "sent", "delivered"]
    assert statuses == sorted(set(statuses), key=order.index)  # however often and shuffled Twilio says it
    events: list[Event] = [one.event for one in talks.backend.heard(talk.line.tenant)]
    replies = {event["data"]["reply_id"] for event in events if event["type"] == "sms.message.status.v1"}
    assert replies == {f"{sid}-1"}


def test_an_agent_that_does_not_want_statuses_hears_none(stage: str, talks: Talks) -> None:
    talk = talks.begin(stage, statuses=False)

    talk.person.text("spare me")

    assert talk.person.sees(1)
    talks.phones.wait(talk.person.address, lambda shown: shown[-1]["status"] == "delivered")
    assert talk.queues.settle()
    assert talk.person.statuses() == []


def test_a_stuck_conversation_does_not_delay_another(talks: Talks) -> None:
    def answers(event: Event) -> CannedAnswer:
        return CannedAnswer(("late",), after_seconds=2.5) if event["data"]["from"] == stuck.address else parrot(event)

    talk = talks.begin("east", answers)
    stuck, free = talk.person, talks.person(talk.line)

    for number in range(3):
        stuck.text(f"wait {number}")
    free.text("quick")

    assert free.sees(1, within_seconds=5) == ["You said: quick"]
    assert len(stuck.heard()) < 3, "the stuck conversation was over already, so this shows nothing"
    assert stuck.sees(3, within_seconds=30) == ["late"] * 3
