"""What counts of a text, and that it counts once: whatever comes twice, and wherever the Lambda ends."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import BackendUnavailable, Configuration, Unavailable, UpstreamRefused
from shared.messages.outbound import Answer
from shared.messages.usage import UsageOwner
from shared.reasons import Reason
from shared.retry import Done
from shared.telemetry import LogEvent
from tests.fakes import NOW, OUR_NUMBER, Crash, FakeAgents
from tests.forwarding_fakes import AGENT, TEXT_ID, World, answer, status, text
from tests.provider import IS_TOY
from tests.unit.forwarding.test_crashes import Fuse, answering, refusing, wire

OWNER = UsageOwner("acme", OUR_NUMBER, AGENT.id, AGENT.name)
SEGMENTS = {"pieces" if IS_TOY else "NumSegments": "3"}
RECEIVED = {"inbound": 1, "inbound_segments": 1}
REFUSED = UpstreamRefused(Reason.BACKEND_REFUSED, "the backend answered 404")
TODAY = NOW.date()


def test_a_text_counts_for_its_agent_and_number_with_the_segments_that_the_provider_tells() -> None:
    world = World()
    world.forward(text(**SEGMENTS))
    assert world.usage.kept == {(OWNER, TODAY, "inbound"): 1, (OWNER, TODAY, "inbound_segments"): 3}


def test_a_text_counts_on_the_day_on_which_it_was_received_not_on_that_of_its_answer() -> None:
    world = World()
    world.time = datetime(2026, 12, 1, tzinfo=UTC)
    world.forward(text())
    assert {day for _, day, _ in world.usage.kept} == {TODAY}


@pytest.mark.parametrize("said", [answer("Hello."), Answer(), Answer(later=True)], ids=["answer", "silence", "later"])
def test_a_text_counts_whatever_the_backend_answers(said: Answer) -> None:
    world = World(said)
    world.forward(text())
    assert world.usage.figures == RECEIVED


@pytest.mark.parametrize("word", ["STOP", "START", "HELP"])
def test_an_opt_out_word_is_a_text_like_any_other(word: str) -> None:
    world = World()
    assert world.forward(text(word)) == Done(LogEvent.UNANSWERED, Reason.OPT_OUT)
    assert world.usage.figures == RECEIVED


def test_a_text_above_the_limit_counts_as_received_and_as_failed() -> None:
    world = World(limit_texts=1)
    world.forward(text())
    world.forward(text(message_id="SM" + "6" * 32))
    assert world.usage.figures == {"inbound": 2, "inbound_segments": 2, "failed.too_many_texts": 1}


def test_a_probe_of_the_doctor_does_not_count() -> None:
    world = World()
    assert world.forward(text(From=OUR_NUMBER)) == Done(LogEvent.UNANSWERED, Reason.PROBE)
    world.agents.failing = Unavailable("DynamoDB does not answer")
    assert world.exhaust(text(From=OUR_NUMBER)) == Done(LogEvent.PARKED, Reason.UNAVAILABLE)
    assert world.usage.figures == {}


def test_a_status_does_not_count_also_when_it_is_parked() -> None:
    world = World(REFUSED)
    assert world.forward(status()) == Done(LogEvent.PARKED, Reason.BACKEND_REFUSED)
    assert world.usage.figures == {}


def test_a_text_to_a_number_without_an_agent_counts_as_failed_for_nobody_until_it_is_replayed() -> None:
    world = World(agents=FakeAgents({}))
    world.forward(text())
    assert world.usage.kept == {(UsageOwner("acme", OUR_NUMBER), TODAY, "failed.no_agent"): 1}
    world.agents.stored["acme", OUR_NUMBER] = AGENT
    world.forward(text() | {"replay": 1})
    assert world.usage.kept[OWNER, TODAY, "inbound"] == 1


def test_a_malformed_event_counts_as_failed_once() -> None:
    world = World()
    broken = text() | {"time": "yesterday"}
    for _ in range(2):
        world.forward(broken)
    assert world.usage.figures == {"failed.malformed": 1}


@pytest.mark.parametrize("way", ["forward", "crashed"])
def test_what_went_wrong_unforeseen_counts_for_its_agent(way: str) -> None:
    world = World(ZeroDivisionError())
    done = world.forwarder.crashed(text()) if way == "crashed" else world.exhaust(text())
    assert done == Done(LogEvent.PARKED, Reason.DEFECT)
    assert world.usage.kept == {
        (OWNER, TODAY, "failed.defect"): 1,
        (OWNER, TODAY, "inbound"): 1,
        (OWNER, TODAY, "inbound_segments"): 1,
    }


def test_the_failure_of_a_text_stays_when_its_replay_is_answered() -> None:
    world = World(REFUSED, answer("Hello."))
    world.forward(text())
    assert world.forward(text() | {"replay": 1}) == Done(LogEvent.ANSWERED)
    assert world.usage.figures == RECEIVED | {"failed.backend_refused": 1}


def test_a_text_that_fails_twice_counts_under_its_first_reason() -> None:
    world = World(REFUSED)
    world.forward(text())
    world.agents.stored["acme", OUR_NUMBER] = replace(AGENT, backend=None)
    assert world.forward(text() | {"replay": 1}) == Done(LogEvent.PARKED, Reason.NO_BACKEND)
    assert world.usage.figures == RECEIVED | {"failed.backend_refused": 1}


def test_a_text_is_not_parked_because_it_cannot_be_counted() -> None:
    """It comes again, however often; the person has the answer by then, and gets it once."""
    world = World()
    world.usage.failing = Unavailable("the usage could not be counted: AWS answered ThrottlingException")
    for receives in range(1, 9):
        with pytest.raises(Unavailable):
            world.forward(text(), receives)
    assert (len(world.backend.asked), world.reasons) == (1, [])
    assert {reply for reply, _ in world.replies} == {f"{TEXT_ID}-1"}
    world.usage.failing = None
    assert world.forward(text(), 9) == Done(LogEvent.ANSWERED)
    assert world.usage.figures == RECEIVED


def test_a_defect_in_counting_is_told_and_holds_nothing_up() -> None:
    world = World()
    world.usage.failing = ZeroDivisionError()
    done = world.forward(text())
    assert isinstance(done, Done)
    assert done == Done(LogEvent.ANSWERED)
    assert done.defect
    assert str(done.defect).startswith("ZeroDivisionError in shared.usage")


def test_a_defect_in_counting_keeps_nothing_from_being_parked() -> None:
    world = World(REFUSED)
    world.usage.failing = ZeroDivisionError()
    done = world.forward(text())
    assert isinstance(done, Done)
    assert done == Done(LogEvent.PARKED, Reason.BACKEND_REFUSED)
    assert (world.reasons, str(done.defect)[:17]) == (["backend_refused"], "ZeroDivisionError")


def test_a_text_that_cannot_even_be_parked_comes_again() -> None:
    world = World(REFUSED)
    world.parking.failing = Unavailable("DynamoDB does not answer")
    with pytest.raises(Unavailable):
        world.forward(text())
    assert world.usage.figures == {}


def test_a_text_that_is_to_come_again_does_not_count_yet() -> None:
    world = World(BackendUnavailable("the backend answered 503"))
    world.forward(text())
    assert world.usage.figures == {}


def test_a_text_whose_agent_cannot_be_read_counts_as_failed_for_nobody() -> None:
    world = World(agents=FakeAgents({}, failing=Configuration("the tenant is damaged")))
    world.exhaust(text())
    assert world.usage.kept == {(UsageOwner("acme", OUR_NUMBER), TODAY, "failed.configuration"): 1}


@pytest.mark.parametrize("make", [answering, refusing], ids=["answered", "refused"])
def test_after_a_crash_at_any_step_each_thing_counts_once(make: Callable[[], World]) -> None:
    for step in range(1, 40):
        world, fuse = make(), Fuse(left=step)
        wire(world, fuse)
        try:
            world.forward(text())
        except Crash:
            world.claims.expire()
            world.forward(text(), receives=2)
        failed = {} if make is answering else {"failed.backend_refused": 1}
        assert world.usage.figures == RECEIVED | failed, f"crashed at step {step}"
        if fuse.left > 0:
            return
    message = "it never came to its end"
    raise AssertionError(message)


IDS = [f"SM{number:032}" for number in range(4)]
DELIVERIES = st.lists(
    st.tuples(st.sampled_from(IDS), st.booleans(), st.none() | st.integers(1, 24)), min_size=1, max_size=12
)


@given(
    says=st.lists(st.sampled_from([answer("Hi."), Answer(), REFUSED]), min_size=1, max_size=6), deliveries=DELIVERIES
)
def test_figures_are_those_of_a_ledger_whatever_is_delivered_how_often_and_crashes_where(
    says: list[Answer | UpstreamRefused], deliveries: list[tuple[str, bool, int | None]]
) -> None:
    """The ledger: every text that was delivered was received once, and failed if it was ever parked."""
    world = World(*says)
    parked: set[str] = set()
    for text_id, is_replay, crash_at in deliveries:
        _deliver(world, text(message_id=text_id) | ({"replay": 1} if is_replay else {}), crash_at)
        parked |= {text_id for _, text_id in world.parking.kept}
    ids = {text_id for text_id, _, _ in deliveries}
    failed = {"failed.backend_refused": len(parked)} if parked else {}
    assert world.usage.figures == {"inbound": len(ids), "inbound_segments": len(ids)} | failed
    assert {day for _, day, _ in world.usage.kept} == {date(2026, 11, 23)}


def _deliver(world: World, event: dict[str, object], crash_at: int | None) -> None:
    """As the queue does it: until the forwarder is done. `crash_at` is where the first try ends."""
    ports = (world.agents, world.claims, world.backend, world.sessions, world.limits, world.queue)
    if crash_at:
        wire(world, Fuse(left=crash_at))
    try:
        world.forward(event)
    except Crash:
        world.claims.expire()
    else:
        return
    finally:
        for port in (*ports, world.parking, world.usage):
            for name in ("agent_at", "once", "answer", "turn", "end", "within", "park", "count", "send"):
                vars(port).pop(name, None)
    world.forward(event, 2)
