"""Opt-outs on a real DynamoDB, and the fake of the unit tests: the later word counts, in any order of storing."""

import itertools
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from shared.aws.opt_outs import DynamoOptOuts
from shared.errors import Unavailable
from shared.messages.outbound import StoppedConversation
from shared.ports import OptOuts
from tests.fakes import NOW
from tests.integration.tables import Tables, client
from tests.opt_out_fakes import FakeOptOuts, stop

TALK, OTHER = "acme." + "c" * 64, "acme." + "d" * 64
LIFE = 3600.0


def say(opt_outs: OptOuts, *, stopped: bool, at: datetime) -> None:
    """STOP or START."""
    if stopped:
        opt_outs.stop(stop(TALK, at))
    else:
        opt_outs.start(TALK, at=at)


def listed(opt_outs: OptOuts, tenant_id: str = "acme") -> list[StoppedConversation]:
    return [stopped for page in opt_outs.stopped(tenant_id) for stopped in page]


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


@pytest.fixture(params=["the adapter", "the fake"])
def opt_outs(request: pytest.FixtureRequest) -> OptOuts:
    if request.param == "the fake":
        return FakeOptOuts()
    tables: Tables = request.getfixturevalue("tables")
    return DynamoOptOuts(tables.dynamodb, tables.state, life_seconds=LIFE)


def test_nobody_has_stopped_without_saying_so(opt_outs: OptOuts) -> None:
    assert not opt_outs.has_stopped(TALK)
    opt_outs.start(TALK, at=NOW)
    assert not opt_outs.has_stopped(TALK)


def test_a_stop_counts_until_a_start_and_a_start_until_a_stop(opt_outs: OptOuts) -> None:
    for seconds, stopped in enumerate((True, False, True, True, False, False)):
        say(opt_outs, stopped=stopped, at=later(seconds))
        assert opt_outs.has_stopped(TALK) is stopped


def test_it_counts_for_its_conversation_alone(opt_outs: OptOuts) -> None:
    opt_outs.stop(stop(TALK, NOW))
    assert not opt_outs.has_stopped(OTHER)
    opt_outs.start(OTHER, at=later(1))
    assert opt_outs.has_stopped(TALK)


@pytest.mark.parametrize("words", list(itertools.permutations([(0.0, True), (0.001, False), (0.001, True)])))
def test_the_later_word_counts_in_any_order_and_stop_when_both_have_one_time(
    words: tuple[tuple[float, bool], ...], opt_outs: OptOuts
) -> None:
    for seconds, stopped in (*words, *words):
        say(opt_outs, stopped=stopped, at=later(seconds))
    assert opt_outs.has_stopped(TALK)


@pytest.mark.parametrize("words", list(itertools.permutations([(0.0, True), (0.999, True), (1.0, False)])))
def test_no_older_stop_undoes_a_start(words: tuple[tuple[float, bool], ...], opt_outs: OptOuts) -> None:
    for seconds, stopped in (*words, *words):
        say(opt_outs, stopped=stopped, at=later(seconds))
    assert not opt_outs.has_stopped(TALK)


def test_lists_who_has_stopped_of_a_tenant_and_nobody_else(opt_outs: OptOuts) -> None:
    first, second = stop(TALK, NOW), replace(stop(OTHER, later(1)), by_operator=True)
    for stopped in (first, second, stop("other." + "c" * 64, NOW), stop("acme." + "e" * 64, NOW)):
        opt_outs.stop(stopped)
    opt_outs.start("acme." + "e" * 64, at=later(1))
    assert sorted(listed(opt_outs), key=lambda stopped: stopped.at) == [first, second]
    assert listed(opt_outs, "nobody") == []


def test_who_stopped_last_is_listed(opt_outs: OptOuts) -> None:
    opt_outs.stop(stop(TALK, NOW))
    opt_outs.stop(replace(stop(TALK, later(1)), by_operator=True, person="whatsapp:US.1"))
    [stopped] = listed(opt_outs)
    assert (stopped.person, stopped.by_operator) == ("whatsapp:US.1", True)


def test_lists_more_than_fit_into_a_page(tables: Tables) -> None:
    adapter = DynamoOptOuts(tables.dynamodb, tables.state, life_seconds=LIFE)
    long = "whatsapp:" + "1" * 90
    for number in range(30):
        adapter.stop(replace(stop(f"acme.{number:064}", NOW), person=long))
    small = tables.another()
    small.meta.events.register("before-parameter-build.dynamodb.Query", lambda params, **_: params.update(Limit=7))
    assert len(listed(DynamoOptOuts(small, tables.state, life_seconds=LIFE))) == 30


@pytest.fixture
def adapter(tables: Tables) -> DynamoOptOuts:
    return DynamoOptOuts(tables.dynamodb, tables.state, life_seconds=LIFE)


def test_a_stop_is_kept_forever(adapter: DynamoOptOuts, tables: Tables) -> None:
    adapter.start(TALK, at=NOW)
    adapter.stop(stop(TALK, later(1)))
    (item,) = tables.items(tables.state)
    assert item.keys() == {"pk", "sk", "stopped", "said_at", "ours", "person", "by_operator"}


def test_a_start_is_kept_as_long_as_an_older_stop_may_still_come(adapter: DynamoOptOuts, tables: Tables) -> None:
    adapter.stop(stop(TALK, NOW))
    adapter.start(TALK, at=later(1))
    (item,) = tables.items(tables.state)
    assert item["ttl"] == {"N": str(int(later(1 + LIFE).timestamp()))}


def test_a_start_names_nobody(adapter: DynamoOptOuts, tables: Tables) -> None:
    adapter.stop(stop(TALK, NOW))
    adapter.start(TALK, at=later(1))
    (item,) = tables.items(tables.state)
    assert item.keys() == {"pk", "sk", "stopped", "said_at", "ttl"}


def test_a_start_that_dynamodb_has_not_deleted_yet_still_lifts_the_stop(tables: Tables) -> None:
    adapter = DynamoOptOuts(tables.dynamodb, tables.state, life_seconds=-(10**8))
    adapter.stop(stop(TALK, NOW))
    adapter.start(TALK, at=later(1))
    assert not adapter.has_stopped(TALK)


def test_a_word_that_another_invocation_just_stored_is_not_undone(tables: Tables) -> None:
    slow, quick = tables.another(), DynamoOptOuts(tables.dynamodb, tables.state, life_seconds=LIFE)

    def meanwhile(**_: object) -> None:
        quick.start(TALK, at=later(2))

    slow.meta.events.register("before-call.dynamodb.UpdateItem", meanwhile)
    DynamoOptOuts(slow, tables.state, life_seconds=LIFE).stop(stop(TALK, later(1)))
    assert not quick.has_stopped(TALK)


ACTS: list[tuple[Callable[[DynamoOptOuts], Any], str]] = [
    (lambda kept: kept.stop(stop(TALK, NOW)), "the opt-out could not be stored"),
    (lambda kept: kept.start(TALK, at=NOW), "the opt-out could not be stored"),
    (listed, "the opt-outs of tenant 'acme' could not be read"),
    (lambda kept: kept.has_stopped(TALK), "the opt-out could not be looked up"),
]


@pytest.mark.parametrize("which", ["nowhere", "no table"])
@pytest.mark.parametrize(("act", "sentence"), ACTS)
def test_a_dynamodb_that_fails_is_unavailable(
    which: str, act: Callable[[DynamoOptOuts], Any], sentence: str, tables: Tables
) -> None:
    failing = client("http://127.0.0.1:9") if which == "nowhere" else tables.dynamodb
    with pytest.raises(Unavailable, match=rf"^{sentence}: [A-Za-z ]+$"):
        act(DynamoOptOuts(failing, "missing", life_seconds=LIFE))
