"""A probe of the doctor goes as far as the forwarder, and nobody is asked."""

import pytest

from shared.errors import Unavailable
from shared.retry import Again, Done
from shared.telemetry import LogEvent
from tests.fakes import OUR_NUMBER, PERSON, FakeAgents
from tests.forwarding_fakes import World, answer, text

NOBODYS = "+12025550100"


@pytest.mark.parametrize("number", [OUR_NUMBER, NOBODYS], ids=["an agent's number", "nobody's number"])
def test_a_probe_ends_before_anybody_is_asked(number: str) -> None:
    world = World(answer("Who is there?"))
    assert world.forward(text(From=number, To=number)) == Done(LogEvent.UNANSWERED, "probe")
    assert not world.backend.asked
    assert not world.queue.sent
    assert not world.reasons
    assert not world.sessions.asked
    assert not world.limits.counted
    assert not world.claims.kept


def test_a_text_of_a_person_is_no_probe() -> None:
    assert World().forward(text(From=PERSON)) == Done(LogEvent.ANSWERED)


@pytest.mark.parametrize("sender", ["whatsapp:" + OUR_NUMBER, OUR_NUMBER + "0", OUR_NUMBER[1:]])
def test_only_the_very_same_address_is_a_probe(sender: str) -> None:
    world = World()
    assert world.forward(text(From=sender)) == Done(LogEvent.ANSWERED)
    assert len(world.backend.asked) == 1


def test_a_probe_shows_that_the_forwarder_can_read_the_agents() -> None:
    world = World(agents=FakeAgents({}, failing=Unavailable("DynamoDB does not answer")))
    assert isinstance(world.forward(text(From=OUR_NUMBER)), Again)
