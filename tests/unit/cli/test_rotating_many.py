"""`sms credential rotate` for the key of an agent's numbers: all of them, however often it is interrupted."""

from dataclasses import replace

import pytest

from shared.errors import Unavailable
from tests import fakes
from tests.fakes import DESK, Crash
from tests.numbers_fakes import ELSEWHERE, FakeNumbers
from tests.unit.cli.command import Command
from tests.unit.cli.crashes import fused
from tests.unit.cli.rotation import MEMBER, OWN, ROTATE, at_twilio, names, standing

NUMBERS = [f"+1202555{last:04}" for last in range(100, 104)]
ELSEWHERE_CONNECTED = "+12025550188"
SALES = replace(DESK, id="Sales001", name="sales")
YES = (*ROTATE, OWN, "--yes")


def connected() -> Command:
    """Numbers with their agent's key, and one of another agent."""
    command = Command.on(fakes.managed_tenant(MEMBER, agents=(DESK, SALES)), numbers=NUMBERS)
    command.store.hold(ELSEWHERE_CONNECTED, "sales")
    every = [*NUMBERS, ELSEWHERE_CONNECTED]
    command.numbers = FakeNumbers.of(*(at_twilio(number, ELSEWHERE) for number in every))
    assert command.run("number", "connect", *every, "--yes").exit_code == 0
    return command


def test_all_numbers_of_the_agent_get_the_new_key_and_no_other_does() -> None:
    command = connected()
    old, theirs = standing(command, NUMBERS[0]), standing(command, ELSEWHERE_CONNECTED)
    result = command.run(*YES)
    assert result.exit_code == 0
    new = {standing(command, number) for number in NUMBERS}
    assert len(new) == 1
    assert not new & {old, None}
    assert standing(command, ELSEWHERE_CONNECTED) == theirs
    assert "4 numbers: API key" in result.stderr
    assert sorted(names(command.store.stored())) == ["agent desk", "agent sales", "twilio"]
    connections = [command.directory.connection("acme", number) for number in NUMBERS]
    assert {each.credential_id for each in connections if each} == {each.id for each in new if each}
    assert command.run("number", "check").exit_code == 0


@pytest.mark.parametrize("after", range(1, 10))  # of ten: the credential, two for each number, the credentials
def test_a_crash_after_any_write_is_made_good(after: int) -> None:
    command = connected()
    fuse = fused(command)

    def look() -> None:
        assert all(standing(command, number) for number in NUMBERS), "a key stands at Twilio that does not work"

    fuse.look, fuse.after = look, after
    with pytest.raises(Crash):
        command.run(*YES)
    fuse.after = None
    assert command.run(*YES).exit_code == 0
    assert len({standing(command, number) for number in NUMBERS}) == 1
    assert sorted(names(command.store.stored())) == ["agent desk", "agent sales", "twilio"]
    assert command.run("number", "check").exit_code == 0


def test_what_twilio_does_not_take_is_done_by_another_run_and_what_is_done_is_not_done_again() -> None:
    command = connected()
    command.numbers.changed.clear()

    def stop() -> None:
        if len(command.numbers.changed) == 2:
            command.numbers.failing = Unavailable("Twilio cannot be reached")

    command.numbers.after_change = stop
    result = command.run(*YES)
    assert result.exit_code == 1
    assert "rotating is not finished: run the same command again" in result.stderr
    command.numbers.failing, command.numbers.after_change = None, lambda: None
    command.numbers.changed.clear()
    assert command.run(*YES).exit_code == 0
    assert command.numbers.changed == ["webhooks"] * 2
    assert len({standing(command, number) for number in NUMBERS}) == 1


def test_a_number_that_is_connected_with_the_old_key_meanwhile_keeps_it_alive() -> None:
    command = connected()
    old = standing(command, NUMBERS[0])
    assert old
    before = command.directory.connection("acme", NUMBERS[0])
    assert before

    def put_back(_: float) -> None:
        now = command.directory.connection("acme", NUMBERS[0])
        if now != before:
            command.directory.put_connection("acme", before, instead_of=now)

    command.sleep = put_back
    result = command.run(*YES)
    assert result.exit_code == 1
    assert "somebody changed a number or the new credential meanwhile" in result.stderr
    assert command.store.stored().credential(old.id)
