"""Opt-outs on a real DynamoDB, and the fake of the unit tests: the later word counts, in any order of storing."""

import itertools
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from shared.aws.opt_outs import DynamoOptOuts
from shared.errors import Unavailable
from shared.ports import OptOuts
from tests.fakes import NOW
from tests.integration.tables import Tables, client
from tests.opt_out_fakes import FakeOptOuts

TALK, OTHER = "acme." + "c" * 64, "acme." + "d" * 64
LIFE = 3600.0


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
    opt_outs.keep(TALK, stopped=False, at=NOW)
    assert not opt_outs.has_stopped(TALK)


def test_a_stop_counts_until_a_start_and_a_start_until_a_stop(opt_outs: OptOuts) -> None:
    for seconds, stopped in enumerate((True, False, True, True, False, False)):
        opt_outs.keep(TALK, stopped=stopped, at=later(seconds))
        assert opt_outs.has_stopped(TALK) is stopped


def test_it_counts_for_its_conversation_alone(opt_outs: OptOuts) -> None:
    opt_outs.keep(TALK, stopped=True, at=NOW)
    assert not opt_outs.has_stopped(OTHER)
    opt_outs.keep(OTHER, stopped=False, at=later(1))
    assert opt_outs.has_stopped(TALK)


@pytest.mark.parametrize("words", list(itertools.permutations([(0.0, True), (0.001, False), (0.001, True)])))
def test_the_later_word_counts_in_any_order_and_stop_when_both_have_one_time(
    words: tuple[tuple[float, bool], ...], opt_outs: OptOuts
) -> None:
    for seconds, stopped in (*words, *words):
        opt_outs.keep(TALK, stopped=stopped, at=later(seconds))
    assert opt_outs.has_stopped(TALK)


@pytest.mark.parametrize("words", list(itertools.permutations([(0.0, True), (0.999, True), (1.0, False)])))
def test_no_older_stop_undoes_a_start(words: tuple[tuple[float, bool], ...], opt_outs: OptOuts) -> None:
    for seconds, stopped in (*words, *words):
        opt_outs.keep(TALK, stopped=stopped, at=later(seconds))
    assert not opt_outs.has_stopped(TALK)


@pytest.fixture
def adapter(tables: Tables) -> DynamoOptOuts:
    return DynamoOptOuts(tables.dynamodb, tables.state, life_seconds=LIFE)


def test_a_stop_is_kept_forever_and_names_nobody(adapter: DynamoOptOuts, tables: Tables) -> None:
    adapter.keep(TALK, stopped=False, at=NOW)
    adapter.keep(TALK, stopped=True, at=later(1))
    (item,) = tables.items(tables.state)
    assert item.keys() == {"pk", "sk", "stopped", "said_at"}


def test_a_start_is_kept_as_long_as_an_older_stop_may_still_come(adapter: DynamoOptOuts, tables: Tables) -> None:
    adapter.keep(TALK, stopped=True, at=NOW)
    adapter.keep(TALK, stopped=False, at=later(1))
    (item,) = tables.items(tables.state)
    assert item["ttl"] == {"N": str(int(later(1 + LIFE).timestamp()))}


def test_a_start_that_dynamodb_has_not_deleted_yet_still_lifts_the_stop(tables: Tables) -> None:
    adapter = DynamoOptOuts(tables.dynamodb, tables.state, life_seconds=-(10**8))
    adapter.keep(TALK, stopped=True, at=NOW)
    adapter.keep(TALK, stopped=False, at=later(1))
    assert not adapter.has_stopped(TALK)


def test_a_word_that_another_invocation_just_stored_is_not_undone(tables: Tables) -> None:
    slow, quick = tables.another(), DynamoOptOuts(tables.dynamodb, tables.state, life_seconds=LIFE)

    def meanwhile(**_: object) -> None:
        quick.keep(TALK, stopped=False, at=later(2))

    slow.meta.events.register("before-call.dynamodb.UpdateItem", meanwhile)
    DynamoOptOuts(slow, tables.state, life_seconds=LIFE).keep(TALK, stopped=True, at=later(1))
    assert not quick.has_stopped(TALK)


ACTS: list[tuple[Callable[[DynamoOptOuts], Any], str]] = [
    (lambda kept: kept.keep(TALK, stopped=True, at=NOW), "the opt-out could not be stored"),
    (lambda kept: kept.keep(TALK, stopped=False, at=NOW), "the opt-out could not be stored"),
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
