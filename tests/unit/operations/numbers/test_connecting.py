"""Connecting and disconnecting as two steps: a plan, and carrying it out if it still holds."""

from dataclasses import replace

import pytest

from operations.numbers import connecting, disconnecting
from shared.errors import CommandDeclined, Conflict, InvalidKey
from tests import fakes
from tests.fakes import OUR_NUMBER
from tests.numbers_fakes import APPLICATION, ELSEWHERE, FakeNumbers, number_at_twilio, ours
from tests.unit.cli.command import Command
from tests.unit.operations.operators import operator

MEMBER, KEY = fakes.credential()
FOREIGN = replace(ELSEWHERE, url="https://third.example.com/texts")


def command() -> Command:
    rig = Command.on(fakes.managed_tenant(MEMBER), numbers=[OUR_NUMBER])
    rig.numbers = FakeNumbers.of(number_at_twilio())
    return rig


def connected() -> Command:
    rig = command()
    run = operator(rig)
    connecting.carry_out(run, run.editing(), connecting.plan(run, [OUR_NUMBER]))
    return rig


def state(rig: Command) -> tuple[object, ...]:
    """All that is stored."""
    return rig.store.stored(), dict(rig.store.numbers), dict(rig.directory.kept)


def test_a_plan_to_connect_changes_nothing_and_shows_no_key() -> None:
    rig = command()
    planned = connecting.plan(operator(rig), [OUR_NUMBER], key=KEY)
    [number] = planned.to_change
    assert number.agent == "desk"
    assert (rig.store.written, rig.numbers.changed, rig.audit.kept) == (0, [], [])
    assert KEY not in repr(planned)
    assert OUR_NUMBER not in repr(planned)


def test_carries_out_what_was_planned() -> None:
    rig = command()
    run = operator(rig)
    connecting.carry_out(run, run.editing(), connecting.plan(run, [OUR_NUMBER], key=KEY))
    assert rig.numbers.numbers[OUR_NUMBER].webhooks == ours(KEY)
    assert rig.directory.connection("acme", OUR_NUMBER)
    disconnecting.carry_out(run, disconnecting.plan(run, [OUR_NUMBER]))
    assert rig.numbers.numbers[OUR_NUMBER].webhooks == ELSEWHERE
    assert rig.directory.connection("acme", OUR_NUMBER) is None


def test_does_not_connect_a_number_whose_webhook_changed_after_the_plan() -> None:
    rig = command()
    run = operator(rig)
    planned = connecting.plan(run, [OUR_NUMBER])
    rig.numbers.numbers[OUR_NUMBER] = number_at_twilio(FOREIGN)
    before = state(rig)
    with pytest.raises(Conflict):
        connecting.carry_out(run, run.editing(), planned)
    assert rig.numbers.changed == []
    assert state(rig) == before


def test_does_not_connect_a_number_that_changed_hands_after_the_plan() -> None:
    rig = command()
    run = operator(rig)
    planned = connecting.plan(run, [OUR_NUMBER])
    rig.directory.release(rig.store.numbers[OUR_NUMBER])
    before = state(rig)
    with pytest.raises(Conflict):
        connecting.carry_out(run, run.editing(), planned)
    assert rig.numbers.changed == []
    assert state(rig) == before


def test_does_not_connect_past_an_obstacle_whoever_forgot_to_look_at_it() -> None:
    rig = command()
    rig.numbers = FakeNumbers.of(number_at_twilio(replace(ELSEWHERE, application=APPLICATION)))
    run = operator(rig)
    planned = connecting.plan(run, [OUR_NUMBER])
    with pytest.raises(CommandDeclined, match=APPLICATION):
        connecting.carry_out(run, run.editing(), planned)
    assert (rig.store.written, rig.numbers.changed) == (0, [])


def test_a_plan_needs_a_key_that_works() -> None:
    rig = command()
    with pytest.raises(InvalidKey):
        connecting.plan(operator(rig), [OUR_NUMBER], key=fakes.credential()[1])


def test_does_not_disconnect_a_number_whose_webhook_changed_after_the_plan() -> None:
    rig = connected()
    run = operator(rig)
    planned = disconnecting.plan(run, [OUR_NUMBER])
    rig.numbers.numbers[OUR_NUMBER] = number_at_twilio(FOREIGN)
    rig.numbers.changed.clear()
    before = state(rig)
    with pytest.raises(Conflict):
        disconnecting.carry_out(run, planned)
    assert rig.numbers.changed == []
    assert state(rig) == before
