"""Asking a backend: its answer comes back as it was, now and from the claim; the second stands in for the first."""

from dataclasses import replace
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import BackendUnavailable, Configuration, InDoubt, SmsReceiverError, Unavailable, UpstreamRefused
from shared.forwarding.backend_call import BackendCaller
from shared.forwarding.inbound_event import read_envelope
from shared.messages.outbound import Answer, AnswerMessage
from shared.ports import Backend
from shared.reasons import Reason
from shared.telemetry import Measurements, Metric
from shared.tenants.agent import BackendSettings
from tests.fakes import Crash, FakeClaims
from tests.forwarding_fakes import AGENT, BOTH, FIRST, SECOND, FakeBackend, answer, text

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
ANSWERS = st.builds(
    Answer,
    st.lists(st.builds(AnswerMessage, TEXTS, st.lists(TEXTS).map(tuple))).map(tuple),
    st.booleans(),
)


def caller(
    first: FakeBackend,
    second: FakeBackend | None = None,
    claims: FakeClaims | None = None,
    measurements: Measurements | None = None,
) -> BackendCaller:
    """Each exchange takes a quarter of a second."""
    ticks = count()
    backends: dict[BackendSettings, Backend | None] = {FIRST: first, SECOND: second}

    def open_backend(place: BackendSettings) -> Backend:
        found = backends[place]
        assert found, f"{place.kind} must not be opened"
        return found

    return BackendCaller(claims or FakeClaims(), open_backend, measurements or Measurements(), lambda: next(ticks) / 4)


@given(ANSWERS)
def test_an_answer_comes_back_as_it_was_also_out_of_the_claim(said: Answer) -> None:
    backend = FakeBackend([said, answer("something else")])
    backends = caller(backend)
    assert backends.call(AGENT, read_envelope(text())) == said
    assert backends.call(AGENT, read_envelope(text())) == said
    assert len(backend.asked) == 1


def test_another_text_is_another_question() -> None:
    backends = caller(FakeBackend([answer("one"), answer("two")]))
    assert backends.call(AGENT, read_envelope(text(message_id="SM1"))) == answer("one")
    assert backends.call(AGENT, read_envelope(text(message_id="SM2"))) == answer("two")


def test_the_answer_is_kept_whichever_backend_the_agent_has_by_then() -> None:
    backends = caller(FakeBackend([answer("from the first")]), FakeBackend([answer("from the second")]))
    backends.call(AGENT, read_envelope(text()))
    assert backends.call(replace(AGENT, backend=SECOND), read_envelope(text())) == answer("from the first")


@pytest.mark.parametrize("error", [Unavailable("away"), BackendUnavailable("away"), InDoubt("who knows")])
def test_every_kind_of_unavailable_asks_the_second(error: SmsReceiverError) -> None:
    backends = caller(FakeBackend([error]), FakeBackend([answer("I stand in.")]))
    assert backends.call(BOTH, read_envelope(text())) == answer("I stand in.")


@pytest.mark.parametrize("error", [UpstreamRefused(Reason.BACKEND_REFUSED, "404"), Configuration("no such kind")])
def test_nothing_else_does(error: SmsReceiverError) -> None:
    backends = caller(FakeBackend([error]))
    with pytest.raises(type(error)):
        backends.call(BOTH, read_envelope(text()))


def test_a_failure_says_whose_it_is_and_what_the_last_one_said() -> None:
    backends = caller(FakeBackend([Unavailable("the first is away")]), FakeBackend([Unavailable("the second is away")]))
    with pytest.raises(BackendUnavailable, match=r"^the second is away$"):
        backends.call(BOTH, read_envelope(text()))


def test_claims_that_are_unavailable_are_not_the_backends_failure() -> None:
    backend = FakeBackend([answer("Hello.")])
    backends = caller(backend, claims=FakeClaims(failing=Unavailable("the claim could not be kept")))
    with pytest.raises(Unavailable) as failed:
        backends.call(AGENT, read_envelope(text()))
    assert not isinstance(failed.value, BackendUnavailable), "so that nobody is told that the backend failed"
    assert not backend.asked, "nobody is asked without a claim"


@pytest.mark.parametrize("failure", [Unavailable("away"), UpstreamRefused(Reason.BACKEND_REFUSED, "404"), Crash()])
def test_a_failure_is_not_kept(failure: BaseException) -> None:
    claims = FakeClaims()
    backends = caller(FakeBackend([failure, answer("Now I know.")]), claims=claims)
    with pytest.raises((SmsReceiverError, Crash)):
        backends.call(AGENT, read_envelope(text()))
    claims.expire()
    assert backends.call(AGENT, read_envelope(text())) == answer("Now I know.")


def test_an_agent_without_a_backend_has_none_available() -> None:
    with pytest.raises(BackendUnavailable, match=r"^the agent has no backend$"):
        caller(FakeBackend([])).call(replace(AGENT, backend=None), read_envelope(text()))


def test_measures_how_long_the_backend_took_and_that_it_answered() -> None:
    measurements = Measurements()
    backends = caller(FakeBackend([answer("hello")]), measurements=measurements)
    backends.call(AGENT, read_envelope(text()))
    assert measurements.take() == {Metric.BACKEND_MS: 250, Metric.BACKEND_FAILED: 0}
    backends.call(AGENT, read_envelope(text()))
    assert measurements.take() == {Metric.DUPLICATE: 1}


@pytest.mark.parametrize("error", [Unavailable("away"), UpstreamRefused(Reason.BACKEND_REFUSED, "it said no")])
def test_measures_a_backend_that_fails(error: SmsReceiverError) -> None:
    measurements = Measurements()
    with pytest.raises(SmsReceiverError):
        caller(FakeBackend([error]), measurements=measurements).call(AGENT, read_envelope(text()))
    assert measurements.take() == {Metric.BACKEND_MS: 250, Metric.BACKEND_FAILED: 1}


def test_measures_both_backends_together_and_each_failure() -> None:
    measurements = Measurements()
    second = FakeBackend([answer("hello")])
    caller(FakeBackend([Unavailable("away")]), second, measurements=measurements).call(BOTH, read_envelope(text()))
    assert measurements.take() == {Metric.BACKEND_MS: 500, Metric.BACKEND_FAILED: 1}
