"""Promises of later answers on a real DynamoDB, and the fake of the unit tests: whatever comes first, it ends right."""

import itertools
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from shared.aws.promises import DynamoPromises
from shared.errors import Unavailable
from shared.messages.promises import PromiseState
from shared.ports import Promises
from tests.fakes import FakeClock
from tests.integration.tables import Tables, client
from tests.promises_fake import FakePromises
from tests.promises_of_texts import DUE_AT, TEXT_ID, promise

LIFE = 3600.0
WAITING, ANSWERED, OVERDUE = PromiseState
ATTRIBUTES = {"pk", "sk", "conversation", "envelope", "due_at", "state", "answer_id", "ttl"}
OTHER_CONVERSATION = "d" * 64
ACTS: dict[str, Callable[[Promises], object]] = {
    "make": lambda promises: promises.make(promise()),
    "fulfil": lambda promises: promises.fulfil(promise()),
    "miss": lambda promises: promises.miss(promise()),
}


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(params=["the adapter", "the fake"])
def promises(request: pytest.FixtureRequest, clock: FakeClock) -> Promises:
    if request.param == "the fake":
        return FakePromises(life_seconds=LIFE, clock=clock)
    tables: Tables = request.getfixturevalue("tables")
    return DynamoPromises(tables.dynamodb, tables.state, life_seconds=LIFE, clock=clock)


def listed(promises: Promises) -> list[tuple[str, PromiseState]]:
    return [(waiting.text_id, waiting.state) for waiting in promises.waiting("acme")]


def test_a_promise_is_kept_as_it_was_made(promises: Promises) -> None:
    assert promises.find("acme", TEXT_ID) is None
    assert promises.make(promise()) == promise()
    assert promises.find("acme", TEXT_ID) == promise()
    assert promises.find("other", TEXT_ID) is None


def test_the_first_promise_of_a_text_holds(promises: Promises) -> None:
    promises.make(promise())
    assert promises.make(promise(due_at=DUE_AT + timedelta(hours=1))) == promise()


@pytest.mark.parametrize("order", list(itertools.permutations(ACTS)), ids="-".join)
def test_an_answer_ends_it_in_any_order_and_however_often(order: tuple[str, ...], promises: Promises) -> None:
    for act in (*order, *order):
        ACTS[act](promises)
    found = promises.find("acme", TEXT_ID)
    assert found
    assert found.state is ANSWERED
    assert listed(promises) == []


def test_a_promise_that_is_made_after_the_answer_learns_of_it(promises: Promises) -> None:
    promises.fulfil(promise())
    assert promises.make(promise()).state is ANSWERED


def test_what_is_answered_is_not_missed(promises: Promises) -> None:
    promises.make(promise())
    promises.fulfil(promise())
    assert not promises.miss(promise())


def test_what_was_never_promised_is_not_missed(promises: Promises) -> None:
    assert not promises.miss(promise())
    assert promises.find("acme", TEXT_ID) is None


def test_what_is_missed_may_be_missed_again_after_a_crash(promises: Promises) -> None:
    promises.make(promise())
    assert promises.miss(promise())
    assert promises.miss(promise())
    assert promises.make(promise()).state is OVERDUE


def test_an_answer_keeps_when_its_text_was_received(promises: Promises) -> None:
    promises.make(promise())
    of_the_api = promise(due_at=DUE_AT + timedelta(days=1), answer_id="AP1", source="/elsewhere")
    promises.fulfil(replace(of_the_api, envelope=replace(of_the_api.envelope, received_at=None)))
    assert promises.find("acme", TEXT_ID) == replace(promise(), state=ANSWERED)


def test_of_several_answers_it_keeps_the_id_of_the_last(promises: Promises) -> None:
    promises.make(promise())
    for answer_id in ("AP1", "AP2"):
        promises.fulfil(replace(promise(), answer_id=answer_id))
    assert promises.find("acme", TEXT_ID) == replace(promise(), state=ANSWERED, answer_id="AP2")


def test_an_answer_on_another_conversation_changes_nothing(promises: Promises) -> None:
    promises.make(promise())
    promises.fulfil(promise(conversation=OTHER_CONVERSATION))
    assert promises.find("acme", TEXT_ID) == promise()
    assert listed(promises) == [(TEXT_ID, WAITING)]


def test_an_answer_on_another_conversation_that_came_first_is_not_the_answer(promises: Promises) -> None:
    promises.fulfil(promise(conversation=OTHER_CONVERSATION))
    assert promises.make(promise()) == promise()
    assert listed(promises) == [(TEXT_ID, WAITING)]


def test_lists_what_waits_and_what_is_overdue_by_when_it_is_due(promises: Promises) -> None:
    for number in (3, 1, 2, 4):
        promises.make(promise(f"SM{number}", due_at=DUE_AT + timedelta(seconds=number)))
    promises.make(promise("SM9", tenant="other"))
    promises.miss(promise("SM1"))
    promises.fulfil(promise("SM2"))
    assert listed(promises) == [("SM1", OVERDUE), ("SM3", WAITING), ("SM4", WAITING)]


def test_what_has_expired_is_not_there(promises: Promises, clock: FakeClock) -> None:
    promises.make(promise())
    clock.now += LIFE
    assert promises.find("acme", TEXT_ID) is None
    assert listed(promises) == []
    later = promise(due_at=DUE_AT + timedelta(days=1))
    assert promises.make(later) == later
    assert promises.find("acme", TEXT_ID) == later


def test_keeps_ids_and_addresses_and_no_text(tables: Tables) -> None:
    DynamoPromises(tables.dynamodb, tables.state, life_seconds=LIFE).make(promise())
    (item,) = tables.items(tables.state)
    assert item.keys() == {*ATTRIBUTES, "waiting_tenant"}


def test_an_answer_that_comes_while_the_promise_is_made_is_seen(tables: Tables) -> None:
    slow, quick = tables.another(), DynamoPromises(tables.dynamodb, tables.state, life_seconds=LIFE)

    def meanwhile(**_: object) -> None:
        quick.fulfil(promise())

    slow.meta.events.register("before-call.dynamodb.PutItem", meanwhile)
    made = DynamoPromises(slow, tables.state, life_seconds=LIFE).make(promise())
    assert made.state is ANSWERED


def test_an_answer_that_comes_while_the_time_is_over_is_no_miss(tables: Tables) -> None:
    slow, quick = tables.another(), DynamoPromises(tables.dynamodb, tables.state, life_seconds=LIFE)
    quick.make(promise())

    def meanwhile(**_: object) -> None:
        quick.fulfil(promise())

    slow.meta.events.register("before-call.dynamodb.UpdateItem", meanwhile)
    assert not DynamoPromises(slow, tables.state, life_seconds=LIFE).miss(promise())
    assert listed(quick) == []


FAILING: list[tuple[Callable[[DynamoPromises], Any], str]] = [
    (lambda kept: kept.make(promise()), "the promise of an answer could not be stored"),
    (lambda kept: kept.find("acme", TEXT_ID), "the promise of an answer could not be read"),
    (lambda kept: kept.fulfil(promise()), "the promise of an answer could not be changed"),
    (lambda kept: kept.miss(promise()), "the promise of an answer could not be changed"),
    (lambda kept: list(kept.waiting("acme")), "the texts of tenant 'acme' that wait for an answer could not be read"),
]


@pytest.mark.parametrize("which", ["nowhere", "no table"])
@pytest.mark.parametrize(("act", "sentence"), FAILING)
def test_a_dynamodb_that_fails_is_unavailable(
    which: str, act: Callable[[DynamoPromises], Any], sentence: str, tables: Tables
) -> None:
    failing = client("http://127.0.0.1:9") if which == "nowhere" else tables.dynamodb
    with pytest.raises(Unavailable, match=rf"^{sentence}: [A-Za-z ]+$"):
        act(DynamoPromises(failing, "missing", life_seconds=LIFE))


def test_a_record_that_an_operator_keeps_for_ever_does_not_expire(tables: Tables, clock: FakeClock) -> None:
    promises = DynamoPromises(tables.dynamodb, tables.state, life_seconds=LIFE, clock=clock)
    promises.make(promise())
    [item] = tables.items(tables.state)
    del item["ttl"]
    tables.dynamodb.put_item(TableName=tables.state, Item=item)
    clock.now += 1e9
    assert promises.find("acme", TEXT_ID) == promises.make(promise()) == promise()
    assert listed(promises) == [(TEXT_ID, WAITING)]
