"""A text becomes a turn of a conversation: what the backend gets, and what goes back."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.messages import events
from shared.messages.outbound import Answer, AnswerMessage
from shared.messages.sessions import EndedBy
from shared.retry import Done
from shared.telemetry import LogEvent
from shared.tenants.agent import AgentKind
from tests.fakes import ACCOUNT, NOW, OUR_NUMBER, PERSON, PROVIDER, FakeAgents, FakeClock, FakeQueue, tenant
from tests.forwarding_fakes import AGENT, TEXT_ID, World, answer, status, text
from tests.provider import ITS_RULES

GROUP = "acme." + events.conversation_id(tenant().salt, ours=OUR_NUMBER, person=PERSON)


def test_an_answer_goes_to_the_outbound_queue() -> None:
    world = World(answer("It is on its way."))
    assert world.forward(text()) == Done(LogEvent.ANSWERED)
    (sent,) = world.queue.sent
    assert (sent.group, sent.deduplication) == (GROUP, f"{TEXT_ID}-1")
    assert sent.event == {
        "specversion": "1.0",
        "type": "sms.message.send.v1",
        "source": f"/sms-receiver/east/{PROVIDER}",
        "id": f"{TEXT_ID}-1",
        "tenant": "acme",
        "time": "2026-11-23T12:00:00.000+00:00",
        "subject": GROUP.partition(".")[2],
        "datacontenttype": "application/json",
        "data": {
            "reply_id": f"{TEXT_ID}-1",
            "answer_id": TEXT_ID,
            "part": 1,
            "parts": 1,
            "in_reply_to": TEXT_ID,
            "received_at": "2026-11-23T12:00:00.000+00:00",
            "agent": "desk",
            "provider": PROVIDER,
            "account": ACCOUNT,
            "conversation": GROUP.partition(".")[2],
            "from": OUR_NUMBER,
            "to": PERSON,
            "text": "It is on its way.",
            "media_urls": [],
        },
    }
    assert not world.reasons


def test_the_backend_gets_the_whole_event_with_its_agent_its_session_and_no_opt_out() -> None:
    world, event = World(), text()
    world.forward(event)
    (asked,) = world.backend.asked
    (session_id,) = [session.id for session in world.sessions.kept.values()]
    session = {
        "id": session_id,
        "turn": 1,
        "first_text_at": event["time"],
        "last_text_at": None,
        "context": None,
    }
    assert asked == {**event, "data": {**event["data"], "agent": "desk", "session": session, "opt_out": None}}


def test_the_session_is_the_conversations_and_lasts_as_long_as_the_agent_says() -> None:
    world = World(agent=replace(AGENT, session_seconds=60))
    for message_id, seconds in ((TEXT_ID, 0), ("SM6", 60), ("SM7", 121)):
        at = (NOW + timedelta(seconds=seconds)).isoformat(timespec="milliseconds")
        world.time = NOW + timedelta(seconds=seconds)
        world.forward({**text(message_id=message_id), "time": at})
    assert [(group, asked.id) for group, asked in world.sessions.asked] == [
        (GROUP, message_id) for message_id in (TEXT_ID, "SM6", "SM7")
    ]
    assert [asked["data"]["session"]["turn"] for asked in world.backend.asked] == [1, 2, 1]


def test_the_claim_is_kept_where_the_agent_is_at_home() -> None:
    world = World()
    world.forward(text())
    assert world.claims.stages == ["south"]
    assert list(world.claims.kept) == [("ask", f"acme.{TEXT_ID}")]


def test_several_messages_are_queued_in_their_order() -> None:
    world = World(answer("one", "two", "three"))
    world.forward(text())
    assert world.replies == [(f"{TEXT_ID}-1", "one"), (f"{TEXT_ID}-2", "two"), (f"{TEXT_ID}-3", "three")]
    assert {sent.group for sent in world.queue.sent} == {GROUP}
    assert [(sent.event["data"]["part"], sent.event["data"]["parts"]) for sent in world.queue.sent] == [
        (1, 3),
        (2, 3),
        (3, 3),
    ]


def test_a_long_text_is_queued_in_parts_that_count_on_through_the_answer() -> None:
    long = "word " * 700
    world = World(answer(long, "and that is all"))
    world.forward(text())
    ids, texts = zip(*world.replies, strict=True)
    assert ids == tuple(f"{TEXT_ID}-{number}" for number in range(1, len(ids) + 1))
    assert len(ids) > 3
    assert texts[-1] == "and that is all"
    assert all(len(part) <= ITS_RULES.text_max for part in texts)
    assert "".join(texts[:-1]).split() == long.split()


@pytest.mark.parametrize("end_session", [False, True])
def test_silence_is_an_answer_too(end_session: bool) -> None:  # noqa: FBT001 - a case
    world = World(answer(end_session=end_session))
    assert world.forward(text()) == Done(LogEvent.UNANSWERED, "no_message")
    assert not world.queue.sent
    assert not world.reasons


def test_a_link_alone_is_an_answer() -> None:
    world = World(Answer((AnswerMessage("", ("https://example.com/map.png",)),)))
    assert world.forward(text()) == Done(LogEvent.ANSWERED)
    assert [sent.event["data"]["media_urls"] for sent in world.queue.sent] == [["https://example.com/map.png"]]


def test_the_backend_may_end_the_session() -> None:
    world = World(answer("Goodbye.", end_session=True))
    world.forward(text())
    (session,) = world.sessions.kept.values()
    assert world.sessions.ended == [(GROUP, session.id, EndedBy.BACKEND)]


def test_a_text_that_comes_again_after_others_takes_no_turn_and_ends_no_session_of_theirs() -> None:
    world = World(answer("Goodbye.", end_session=True), answer("Hello again."))
    for message_id in (TEXT_ID, "SM6", TEXT_ID):
        world.forward(text(message_id=message_id))
    assert [asked.id for _, asked in world.sessions.asked] == [TEXT_ID, "SM6"]
    assert len(world.sessions.ended) == 1


def test_the_backend_need_not_end_the_session() -> None:
    world = World(answer("Hello."))
    world.forward(text())
    assert not world.sessions.ended


def test_a_text_that_the_queue_delivers_again_is_answered_with_the_same_ids_and_asked_once() -> None:
    clock = FakeClock()
    world = World(answer("first"), answer("another"), queue=FakeQueue(clock=clock))
    assert world.forward(text()) == world.forward(text(), receives=2) == Done(LogEvent.ANSWERED)
    assert len(world.backend.asked) == 1
    assert world.replies == [(f"{TEXT_ID}-1", "first")]
    clock.now += 300
    world.forward(text(), receives=3)
    assert world.replies == [(f"{TEXT_ID}-1", "first")] * 2, "each time, for the first may have been lost on the way"


def test_texts_of_two_tenants_with_one_id_are_two() -> None:
    agents = FakeAgents({OUR_NUMBER: AGENT})
    agents.stored["globex", OUR_NUMBER] = AGENT
    world = World(agents=agents)
    world.forward(text())
    world.forward({**text(), "tenant": "globex"})
    assert len(world.backend.asked) == 2


def test_a_whatsapp_address_finds_the_agent_of_its_number() -> None:
    world = World()
    assert world.forward(text(From=f"whatsapp:{PERSON}", To=f"whatsapp:{OUR_NUMBER}")) == Done(LogEvent.ANSWERED)
    data = world.queue.sent[0].event["data"]
    assert (data["from"], data["to"]) == (f"whatsapp:{OUR_NUMBER}", f"whatsapp:{PERSON}")


NO_AGENT = {
    "another number's": FakeAgents({"+12025550177": AGENT}),
    "another tenant's": FakeAgents({OUR_NUMBER: AGENT}, tenant_id="globex"),
    "none at all": FakeAgents({}),
}


@pytest.mark.parametrize("agents", NO_AGENT.values(), ids=NO_AGENT)
def test_a_text_to_a_number_without_an_agent_is_parked_and_nobody_is_asked(agents: FakeAgents) -> None:
    world = World(agents=agents)
    assert world.forward(text()) == Done(LogEvent.PARKED, "no_agent")
    assert world.reasons == ["no_agent"]
    assert not world.backend.asked
    assert not world.queue.sent


def test_a_text_to_an_agent_without_a_backend_is_parked() -> None:
    world = World(agent=replace(AGENT, backend=None))
    assert world.forward(text()) == Done(LogEvent.PARKED, "no_backend")
    assert not world.queue.sent


def test_what_is_no_event_of_this_queue_is_parked() -> None:
    world = World()
    assert world.forward({**text(), "type": "sms.message.unheard.v9"}) == Done(LogEvent.PARKED, "malformed")
    assert not world.backend.asked


def test_a_reply_on_the_wrong_queue_is_parked_under_our_number() -> None:
    world, reply = World(), World()
    reply.forward(text())
    assert world.forward(reply.queue.sent[0].event) == Done(LogEvent.PARKED, "malformed")
    (parked,) = world.parking.kept.values()
    assert parked.number == OUR_NUMBER


def test_more_texts_than_a_person_writes_are_parked() -> None:
    world = World(limit_texts=2)
    said = [world.forward(text(message_id=f"SM{number}")) for number in range(4)]
    assert said == [
        Done(LogEvent.ANSWERED),
        Done(LogEvent.ANSWERED),
        Done(LogEvent.PARKED, "too_many_texts"),
        Done(LogEvent.PARKED, "too_many_texts"),
    ]
    assert len(world.backend.asked) == 2
    assert len(world.queue.sent) == 2, "nobody is told: it would go on for ever"
    assert world.limits.periods["texts"] == timedelta(minutes=10)


def test_a_text_that_comes_again_is_counted_once() -> None:
    world = World(limit_texts=1)
    assert {world.forward(text()), world.forward(text(), receives=2)} == {Done(LogEvent.ANSWERED)}


def test_another_conversation_has_a_limit_of_its_own() -> None:
    world = World(limit_texts=1)
    world.forward(text(message_id="SM1"))
    assert world.forward(text(message_id="SM2", From="+12025550124")) == Done(LogEvent.ANSWERED)


def test_the_line_gets_the_agents_id_however_it_ends() -> None:
    silent = replace(AGENT, backend=None)
    for world, event in [
        (World(answer("Yes.")), text()),
        (World(agent=silent), text()),
        (World(), status()),
        (World(agent=replace(AGENT, kind=AgentKind.VOICE_AND_SMS)), text("STOP")),
    ]:
        world.forward(event)
        assert world.measurements.agent_id == AGENT.id


def test_the_line_gets_the_agents_id_when_each_try_crashed() -> None:
    world = World()
    world.forwarder.crashed(text())
    assert world.measurements.agent_id == AGENT.id


def test_a_number_without_an_agent_gives_the_line_none() -> None:
    world = World(agents=FakeAgents({}))
    world.forward(text())
    assert world.measurements.agent_id is None
