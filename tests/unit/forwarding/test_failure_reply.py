"""Who hears that the backend failed: people, once an hour, and nobody who must not be answered."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.errors import Configuration, Unavailable, UpstreamRefused
from shared.reasons import Reason
from shared.retry import Done
from shared.telemetry import LogEvent
from shared.tenants.agent import Agent
from tests.fakes import OUR_NUMBER, PERSON, FakeAgents
from tests.forwarding_fakes import AGENT, TEXT_ID, World, answer, text
from tests.provider import reported

NO = UpstreamRefused(Reason.BACKEND_REFUSED, "the backend answered 404")


def test_it_is_the_agents_own_sentence_in_answer_to_the_text() -> None:
    world = World(NO, agent=replace(AGENT, failure_reply="Please call us."))
    world.forward(text())
    (sent,) = world.queue.sent
    data = sent.event["data"]
    assert (data["text"], data["from"], data["to"]) == ("Please call us.", OUR_NUMBER, PERSON)
    assert (data["reply_id"], data["answer_id"], data["in_reply_to"]) == (f"{TEXT_ID}-f-1", f"{TEXT_ID}-f", TEXT_ID)
    assert sent.deduplication == f"{TEXT_ID}-f-1"


def test_it_may_be_switched_off() -> None:
    world = World(NO, agent=replace(AGENT, failure_reply=None))
    assert world.forward(text()) == Done(LogEvent.PARKED, "backend_refused")
    assert not world.queue.sent


def test_a_conversation_hears_it_once_an_hour() -> None:
    world = World(NO)
    for number in range(5):
        assert world.forward(text(message_id=f"SM{number}")) == Done(LogEvent.PARKED, "backend_refused")
    assert len(world.replies) == 1
    assert len(world.reasons) == 5
    assert world.limits.periods["failure_reply"] == timedelta(hours=1)


def test_each_conversation_hears_it() -> None:
    world = World(NO)
    world.forward(text(message_id="SM1"))
    world.forward(text(message_id="SM2", From="+12025550124"))
    assert [sent.event["data"]["to"] for sent in world.queue.sent] == [PERSON, "+12025550124"]


def test_a_text_that_comes_again_is_not_apologised_for_twice() -> None:
    world = World(NO)
    world.forward(text())
    world.forward(text(), receives=2)
    assert world.replies == [(f"{TEXT_ID}-f-1", AGENT.failure_reply)]


def test_it_and_a_later_answer_have_ids_of_their_own() -> None:
    world = World(NO, answer("Now I know."))
    world.forward(text())
    world.forward(text())
    assert [reply_id for reply_id, _ in world.replies] == [f"{TEXT_ID}-f-1", f"{TEXT_ID}-1"]


@pytest.mark.parametrize("body", ["STOP", " stop\n", "Help", "START", "unsubscribe"])
def test_opt_out_words_are_asked_but_never_answered(body: str) -> None:
    world = World(answer("You cannot stop me.", end_session=True))
    assert world.forward(text(body)) == Done(LogEvent.UNANSWERED, "opt_out")
    (asked,) = world.backend.asked
    assert asked["data"]["opt_out"] in {"STOP", "START", "HELP"}
    assert not world.queue.sent
    assert world.sessions.ended, "but the backend's wish to end the session holds"


@pytest.mark.parametrize("body", ["STOP", " stop\n", "Help", "START", "unsubscribe"])
def test_opt_out_words_are_never_apologised_to(body: str) -> None:
    world = World(NO)
    assert world.forward(text(body)) == Done(LogEvent.PARKED, "backend_refused")
    assert not world.queue.sent


def test_the_providers_own_word_for_it_wins() -> None:
    world = World(answer("Hello."))
    assert world.forward(text("arrêt", **reported("STOP"))) == Done(LogEvent.UNANSWERED, "opt_out")
    assert world.backend.asked[0]["data"]["opt_out"] == "STOP"
    assert not world.queue.sent


@pytest.mark.parametrize("body", ["Please stop", "STOP it", "stop.", "Can you help me?"])
def test_a_sentence_with_such_a_word_is_a_text_like_any_other(body: str) -> None:
    world = World(answer("Of course."))
    assert world.forward(text(body)) == Done(LogEvent.ANSWERED)
    assert world.backend.asked[0]["data"]["opt_out"] is None


MACHINES = ["72345", "ACME", "+123456", "whatsapp:72345", "rcs:acme_agent", "", f"whatsapp:{OUR_NUMBER}"]


@pytest.mark.parametrize("sender", MACHINES)
def test_machines_and_our_own_numbers_are_not_apologised_to(sender: str) -> None:
    world = World(NO)
    assert world.forward(text(From=sender)) == Done(LogEvent.PARKED, "backend_refused")
    assert not world.queue.sent


def test_another_agents_number_is_not_apologised_to() -> None:
    other = replace(AGENT, id="Other001", name="other")
    world = World(NO, agents=FakeAgents({OUR_NUMBER: AGENT, "+12025550177": other}))
    world.forward(text(From="+12025550177"))
    assert not world.queue.sent


def test_a_text_whose_senders_number_cannot_be_looked_up_is_parked_all_the_same() -> None:
    class Broken(FakeAgents):
        """Another agent has the sender's number, and cannot be read."""

        def agent_at(self, tenant_id: str, address: str) -> Agent | None:
            if address == PERSON:
                message = "an agent of tenant 'acme' is not readable"
                raise Configuration(message)
            return super().agent_at(tenant_id, address)

    world = World(NO, agents=Broken({OUR_NUMBER: AGENT}))
    assert world.forward(text()) == Done(LogEvent.PARKED, "backend_refused")
    assert not world.queue.sent


@pytest.mark.parametrize("sender", [PERSON, f"whatsapp:{PERSON}", "+4915112345678"])
def test_people_are(sender: str) -> None:
    world = World(NO)
    world.forward(text(From=sender))
    assert len(world.queue.sent) == 1


def test_a_text_beyond_the_limit_is_not_apologised_for() -> None:
    world = World(limit_texts=0)
    world.forward(text())
    assert not world.queue.sent


@pytest.mark.parametrize("broken", ["limits", "queue"])
def test_what_could_not_be_said_is_said_when_the_text_comes_again(broken: str) -> None:
    world = World(NO)
    world.limits.within("texts", f"acme.{text()['subject']}", TEXT_ID, most=40, per=timedelta(0))
    getattr(world, broken).failing = Unavailable("it does not answer")
    if broken == "queue":
        with pytest.raises(Unavailable):
            world.forward(text())
        assert not world.reasons, "what is parked must not come again by itself"
    getattr(world, broken).failing = None
    assert world.forward(text(), receives=2) == Done(LogEvent.PARKED, "backend_refused")
    assert world.replies == [(f"{TEXT_ID}-f-1", AGENT.failure_reply)]
