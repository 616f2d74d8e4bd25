"""Asking a backend: its answer comes back as it was, now and from the claim; the second stands in for the first."""

from dataclasses import replace
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import BackendUnavailable, Configuration, InDoubt, Refused, SmsReceiverError, Unavailable
from shared.forwarding.backend_call import Asking
from shared.messages.outbound import Answer, AnswerMessage
from shared.ports import Backend
from shared.telemetry import Measures, Metric
from shared.tenants.agent import BackendSettings
from tests.fakes import Crash, FakeClaims
from tests.forwarding_fakes import AGENT, BOTH, FIRST, SECOND, FakeBackend, answer, text

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
ANSWERS = st.builds(
    Answer,
    st.lists(st.builds(AnswerMessage, TEXTS, st.lists(TEXTS).map(tuple))).map(tuple),
    st.booleans(),
)


def asking(
    first: FakeBackend,
    second: FakeBackend | None = None,
    claims: FakeClaims | None = None,
    measures: Measures | None = None,
) -> Asking:
    """Each exchange takes a quarter of a second."""
    ticks = count()
    backends: dict[BackendSettings, Backend | None] = {FIRST: first, SECOND: second}

    def open_backend(place: BackendSettings) -> Backend:
        found = backends[place]
        assert found, f"{place.kind} must not be opened"
        return found

    return Asking(claims or FakeClaims(), open_backend, measures or Measures(), lambda: next(ticks) / 4)


@given(ANSWERS)
def test_an_answer_comes_back_as_it_was_also_out_of_the_claim(said: Answer) -> None:
    backend = FakeBackend([said, answer("something else")])
    ask = asking(backend)
    assert ask.ask(AGENT, text()) == said
    assert ask.ask(AGENT, text()) == said
    assert len(backend.asked) == 1


def test_another_text_is_another_question() -> None:
    ask = asking(FakeBackend([answer("one"), answer("two")]))
    assert ask.ask(AGENT, text(message_id="SM1")) == answer("one")
    assert ask.ask(AGENT, text(message_id="SM2")) == answer("two")


def test_the_answer_is_kept_whichever_backend_the_agent_has_by_then() -> None:
    ask = asking(FakeBackend([answer("from the first")]), FakeBackend([answer("from the second")]))
    ask.ask(AGENT, text())
    assert ask.ask(replace(AGENT, backend=SECOND), text()) == answer("from the first")


@pytest.mark.parametrize("error", [Unavailable("away"), BackendUnavailable("away"), InDoubt("who knows")])
def test_every_kind_of_unavailable_asks_the_second(error: SmsReceiverError) -> None:
    ask = asking(FakeBackend([error]), FakeBackend([answer("I stand in.")]))
    assert ask.ask(BOTH, text()) == answer("I stand in.")


@pytest.mark.parametrize("error", [Refused("backend_refused", "404"), Configuration("no such kind")])
def test_nothing_else_does(error: SmsReceiverError) -> None:
    ask = asking(FakeBackend([error]))
    with pytest.raises(type(error)):
        ask.ask(BOTH, text())


def test_a_failure_says_whose_it_is_and_what_the_last_one_said() -> None:
    ask = asking(FakeBackend([Unavailable("the first is away")]), FakeBackend([Unavailable("the second is away")]))
    with pytest.raises(BackendUnavailable, match=r"^the second is away$"):
        ask.ask(BOTH, text())


def test_claims_that_are_unavailable_are_not_the_backends_failure() -> None:
    backend = FakeBackend([answer("Hello.")])
    ask = asking(backend, claims=FakeClaims(failing=Unavailable("the claim could not be kept")))
    with pytest.raises(Unavailable) as failed:
        ask.ask(AGENT, text())
    assert not isinstance(failed.value, BackendUnavailable), "so that nobody is told that the backend failed"
    assert not backend.asked, "nobody is asked without a claim"


@pytest.mark.parametrize("failure", [Unavailable("away"), Refused("backend_refused", "404"), Crash()])
def test_a_failure_is_not_kept(failure: BaseException) -> None:
    claims = FakeClaims()
    ask = asking(FakeBackend([failure, answer("Now I know.")]), claims=claims)
    with pytest.raises((SmsReceiverError, Crash)):
        ask.ask(AGENT, text())
    claims.expire()
    assert ask.ask(AGENT, text()) == answer("Now I know.")


def test_an_agent_without_a_backend_has_none_available() -> None:
    with pytest.raises(BackendUnavailable, match=r"^the agent has no backend$"):
        asking(FakeBackend([])).ask(replace(AGENT, backend=None), text())


def test_measures_how_long_the_backend_took_and_that_it_answered() -> None:
    measures = Measures()
    ask = asking(FakeBackend([answer("hello")]), measures=measures)
    ask.ask(AGENT, text())
    assert measures.take() == {Metric.BACKEND_MS: 250, Metric.BACKEND_FAILED: 0}
    ask.ask(AGENT, text())
    assert measures.take() == {Metric.DUPLICATE: 1}


@pytest.mark.parametrize("error", [Unavailable("away"), Refused("backend_refused", "it said no")])
def test_measures_a_backend_that_fails(error: SmsReceiverError) -> None:
    measures = Measures()
    with pytest.raises(SmsReceiverError):
        asking(FakeBackend([error]), measures=measures).ask(AGENT, text())
    assert measures.take() == {Metric.BACKEND_MS: 250, Metric.BACKEND_FAILED: 1}


def test_measures_both_backends_together_and_each_failure() -> None:
    measures = Measures()
    second = FakeBackend([answer("hello")])
    asking(FakeBackend([Unavailable("away")]), second, measures=measures).ask(BOTH, text())
    assert measures.take() == {Metric.BACKEND_MS: 500, Metric.BACKEND_FAILED: 1}
