"""STOP and START where the provider does not see to them: obeyed, told to the agent, and nothing more is said."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from shared.errors import InProgress, Unavailable, UpstreamRefused
from shared.messages import events
from shared.messages.outbound import StoppedConversation
from shared.reasons import Reason
from shared.retry import Again, Done
from shared.telemetry import LogEvent
from tests.fakes import NOW, OUR_NUMBER, PERSON, Crash, FakeAgents
from tests.forwarding_fakes import AGENT, World, answer, text
from tests.opt_out_fakes import FakeOptOuts
from tests.provider import reported

OURS, THEIRS = f"whatsapp:{OUR_NUMBER}", f"whatsapp:{PERSON}"
NO = UpstreamRefused(Reason.BACKEND_REFUSED, "the backend answered 404")
OPT_OUT, OPTED_OUT = Done(LogEvent.UNANSWERED, "opt_out"), Done(LogEvent.UNANSWERED, "opted_out")


def whatsapp(
    body: str, number: int, *, received: float | None = None, report: str | None = None, **fields: str
) -> dict[str, Any]:
    """A text by WhatsApp; its number is its id and, where nothing else is said, the second at which it was received."""
    by_provider = reported(report) if report else {}
    event = text(body, message_id=f"SM{number}", **({"From": THEIRS, "To": OURS} | fields | by_provider))
    at = NOW + timedelta(seconds=number if received is None else received)
    return event | {"time": at.isoformat(timespec="milliseconds")}


def stopped(world: World) -> bool:
    return world.opt_outs.has_stopped(events.conversation_group(whatsapp("", 0)))


@pytest.mark.parametrize("body", ["HELP", "info"])
def test_help_is_a_text_whose_answer_goes_out(body: str) -> None:
    world = World(answer("How can I help?"))
    assert world.forward(whatsapp(body, 1)) == Done(LogEvent.ANSWERED)
    assert [words for _, words in world.replies] == ["How can I help?"]
    assert world.backend.asked[0]["data"]["opt_out"] is None
    assert not world.claims.kept.keys() - {("ask", "acme.SM1")}


@pytest.mark.parametrize("body", ["STOP", " stopall\n", "Unsubscribe", "END", "quit", "REVOKE", "optout", "cancel"])
def test_stop_is_told_to_the_agent_and_nobody_answers(body: str) -> None:
    world = World(answer("You cannot stop me.", end_session=True))
    assert world.forward(whatsapp(body, 1)) == OPT_OUT
    assert world.backend.asked[0]["data"]["opt_out"] == "STOP"
    assert not world.queue.sent
    assert world.sessions.ended, "but the backend's wish to end the session holds"
    assert stopped(world)


@pytest.mark.parametrize("body", ["Please stop", "STOP it", "stop."])
def test_a_sentence_with_such_a_word_stops_nothing(body: str) -> None:
    world = World()
    assert world.forward(whatsapp(body, 1)) == Done(LogEvent.ANSWERED)
    assert not world.opt_outs.kept


def test_texts_of_a_person_who_stopped_reach_the_agent_and_its_answers_do_not_go_out() -> None:
    world = World()
    world.forward(whatsapp("STOP", 1))
    for number, body in enumerate(("Are you still there?", "HELP"), start=2):
        assert world.forward(whatsapp(body, number)) == OPTED_OUT
        assert world.backend.asked[-1]["data"]["text"] == body
        assert world.backend.asked[-1]["data"]["opt_out"] is None
    assert not world.queue.sent


def test_silence_towards_a_person_who_stopped_is_looked_up_nowhere() -> None:
    world = World(answer())
    world.forward(whatsapp("STOP", 1))
    assert world.forward(whatsapp("Hello?", 2)) == Done(LogEvent.UNANSWERED, "no_message")
    assert not world.opt_outs.looked_up


@pytest.mark.parametrize("body", ["START", "unstop"])
def test_start_lifts_it_and_is_answered(body: str) -> None:
    world = World(answer("Here I am."))
    world.forward(whatsapp("STOP", 1))
    assert world.forward(whatsapp(body, 2)) == Done(LogEvent.ANSWERED)
    assert world.backend.asked[-1]["data"]["opt_out"] is None
    assert world.forward(whatsapp("Hello?", 3)) == Done(LogEvent.ANSWERED)
    assert [reply_id for reply_id, _ in world.replies] == ["SM2-1", "SM3-1"]


def test_it_holds_for_that_person_and_that_address_of_ours_alone() -> None:
    second = "+12025550177"
    world = World(agents=FakeAgents({OUR_NUMBER: AGENT, second: AGENT}))
    world.forward(whatsapp("STOP", 1))
    others = [
        whatsapp("Hello.", 2, From="whatsapp:+12025550124"),
        whatsapp("Hello.", 3, To=f"whatsapp:{second}"),
        whatsapp("Hello.", 4, From=PERSON, To=OUR_NUMBER),
    ]
    assert [world.forward(event) for event in others] == [Done(LogEvent.ANSWERED)] * 3


@pytest.mark.parametrize("agent_says", [NO, Unavailable("no")])
def test_nobody_apologises_to_a_person_who_stopped(agent_says: UpstreamRefused | Unavailable) -> None:
    world = World(agent_says)
    world.exhaust(whatsapp("STOP", 1))
    world.exhaust(whatsapp("Are you there?", 2))
    assert len(world.reasons) == 2
    assert not world.queue.sent
    world.exhaust(whatsapp("START", 3))
    assert [reply_id for reply_id, _ in world.replies] == ["SM3-f-1"]


@pytest.mark.parametrize("at_hand", ["no agent", "no backend", "too many texts", "no answer"])
def test_stop_is_obeyed_whatever_becomes_of_the_text(at_hand: str) -> None:
    world = {
        "no agent": lambda: World(agents=FakeAgents({})),
        "no backend": lambda: World(agent=replace(AGENT, backend=None)),
        "too many texts": lambda: World(limit_texts=0),
        "no answer": lambda: World(NO),
    }[at_hand]()
    assert world.exhaust(whatsapp("STOP", 1)).outcome is LogEvent.PARKED  # type: ignore[union-attr] # it ends so
    assert stopped(world)


@pytest.mark.parametrize("received", [1, 99])
def test_the_same_stop_that_comes_again_after_a_start_stops_nothing(received: float) -> None:
    world = World()
    world.forward(whatsapp("STOP", 1))
    world.forward(whatsapp("START", 2))
    world.forward(whatsapp("STOP", 1, received=received))
    assert not stopped(world)


def test_an_older_stop_that_was_held_up_stops_nothing() -> None:
    world = World()
    world.forward(whatsapp("START", 2))
    assert world.forward(whatsapp("STOP", 1)) == OPT_OUT
    assert not stopped(world)


def test_an_older_start_that_was_held_up_lifts_nothing() -> None:
    world = World()
    world.forward(whatsapp("STOP", 2))
    assert world.forward(whatsapp("START", 1)) == OPTED_OUT
    assert stopped(world)


def test_a_crash_while_it_is_kept_loses_no_stop() -> None:
    world = World()

    class Crashing(FakeOptOuts):
        def stop(self, stopped: StoppedConversation) -> None:  # noqa: ARG002 - as the port has it
            raise Crash

    whole, broken = world.forwarder, replace(world.forwarder, opt_outs=Crashing())
    with pytest.raises(Crash):
        broken.forward(whatsapp("STOP", 1), 1)
    assert whole.forward(whatsapp("STOP", 1), 2) == Again(20.0, InProgress.reason)
    world.claims.expire()
    assert whole.forward(whatsapp("STOP", 1), 3) == OPT_OUT
    assert stopped(world)


def test_a_stop_that_cannot_be_kept_comes_again_before_anybody_is_asked() -> None:
    world = World()
    world.opt_outs.failing = Unavailable("DynamoDB is away")
    assert world.forward(whatsapp("STOP", 1)) == Again(5.0, "unavailable")
    assert not world.backend.asked
    world.opt_outs.failing = None
    assert world.forward(whatsapp("STOP", 1), 2) == OPT_OUT
    assert stopped(world)


def test_nothing_is_sent_while_it_is_not_known_whether_the_person_stopped() -> None:
    world = World()
    world.opt_outs.failing = Unavailable("DynamoDB is away")
    assert world.forward(whatsapp("Hello?", 1)) == Again(5.0, "unavailable")
    assert world.exhaust(whatsapp("Hello?", 1)) == Done(LogEvent.PARKED, "unavailable")
    assert not world.queue.sent


def test_nobody_apologises_while_it_is_not_known_whether_the_person_stopped() -> None:
    world = World(NO)
    world.opt_outs.failing = Unavailable("DynamoDB is away")
    with pytest.raises(Unavailable):
        world.forward(whatsapp("Hello?", 1))
    assert not world.queue.sent
    assert not world.reasons, "what is parked must not come again by itself"


@pytest.mark.parametrize("body", ["STOP", "START", "HELP", "Hello."])
def test_where_the_provider_sees_to_it_nothing_is_kept_and_nothing_looked_up(body: str) -> None:
    world = World()
    world.opt_outs.failing = Unavailable("must not be asked")
    expected = Done(LogEvent.ANSWERED) if body == "Hello." else OPT_OUT
    assert world.forward(text(body)) == expected
    assert World(NO).forward(text(body)) == Done(LogEvent.PARKED, "backend_refused")
    assert [effect for effect, _ in world.claims.kept] == ["ask"]


@pytest.mark.parametrize("word", ["STOP", "START", "HELP"])
def test_with_advanced_opt_out_the_provider_has_answered_in_any_channel(word: str) -> None:
    world = World(answer("Me too."))
    assert world.forward(whatsapp("arrêt", 1, report=word)) == OPT_OUT
    assert world.backend.asked[0]["data"]["opt_out"] == word
    assert not world.queue.sent
    assert not stopped(world), "what the provider keeps is not kept twice"


def test_a_start_that_the_provider_took_lifts_what_we_kept_before() -> None:
    world = World()
    world.forward(whatsapp("STOP", 1))
    assert world.forward(whatsapp("arrancar", 2, report="START")) == OPT_OUT
    assert world.forward(whatsapp("Hello?", 3)) == Done(LogEvent.ANSWERED)
