"""`sms number disconnect`: what was before comes back, and the agent's other numbers keep their key."""

import json
from dataclasses import replace

import pytest

from operations.numbers.provider_number import MessagingService
from shared.errors import Unavailable
from shared.tenants.connection import Webhooks
from tests import fakes
from tests.fakes import OUR_NUMBER
from tests.numbers_fakes import ELSEWHERE, FakeNumbers, number_at_twilio, service
from tests.unit.cli.command import Command

DISCONNECT = ("number", "disconnect", OUR_NUMBER)
YES = (*DISCONNECT, "--yes")
MEMBER, _ = fakes.credential()
THIRD = Webhooks("https://third.example.com/")


def connected(*options: str, **found: object) -> Command:
    run = Command.on(fakes.managed_tenant(MEMBER), numbers=[OUR_NUMBER])
    run.numbers = FakeNumbers.of(number_at_twilio(**found))  # type: ignore[arg-type] # what the caller wants
    assert run.run("number", "connect", OUR_NUMBER, "--yes", *options).exit_code == 0
    run.numbers.changed.clear()
    return run


def names(run: Command) -> list[str]:
    return [credential.name for credential in run.store.stored().credentials]


def test_puts_the_former_webhooks_back_and_revokes_nothing() -> None:
    run = connected()
    done = run.json(*YES)
    assert (done["number"], done["connected"]) == (OUR_NUMBER, False)
    assert run.numbers.numbers[OUR_NUMBER].webhooks == ELSEWHERE
    assert run.directory.kept == {}
    assert names(run) == ["twilio", "agent desk"]
    assert run.store.numbers_of("desk") == [OUR_NUMBER]
    assert "f0rmer" not in str(done)


def test_gives_the_texts_back_to_the_messaging_service() -> None:
    run = connected("--take-over", service=service("https://other.example.com/"))
    run.json(*YES)
    back = run.numbers.numbers[OUR_NUMBER].service
    assert back
    assert not back.on_number


def test_shows_the_plan_and_changes_nothing_without_yes() -> None:
    run = connected()
    before = run.store.stored(), dict(run.directory.kept)
    result = run.run(*DISCONNECT)
    assert result.exit_code == 1
    assert "https://***@other.example.com" in result.stderr
    assert "needs --yes" in result.stderr
    assert (run.store.stored(), run.directory.kept) == before
    assert run.numbers.changed == []


@pytest.mark.parametrize(("options", "left"), [([], THIRD), (["--force"], ELSEWHERE)])
def test_leaves_alone_what_somebody_else_set_unless_it_is_forced(options: list[str], left: Webhooks) -> None:
    run = connected()
    run.numbers.numbers[OUR_NUMBER] = number_at_twilio(THIRD)
    result = run.run(*YES, *options)
    assert result.exit_code == 0
    assert ("somebody changed" in result.stderr.lower()) == (not options)
    assert run.numbers.numbers[OUR_NUMBER].webhooks == left
    assert run.directory.kept == {}


def test_what_was_interrupted_is_finished_by_the_same_command() -> None:
    run = connected()
    run.numbers.failing = Unavailable("Twilio cannot be reached")
    result = run.run(*YES)
    assert result.exit_code == 1
    assert "run the same command again" in result.stderr
    assert run.directory.connection("acme", OUR_NUMBER), "it is forgotten before it is put back"
    run.numbers.failing = None
    assert run.run(*YES).exit_code == 0
    assert run.directory.kept == {}


def test_a_number_that_is_gone_is_forgotten() -> None:
    run = connected()
    run.numbers.numbers.clear()
    result = run.run(*YES)
    assert result.exit_code == 0
    assert "does not have the number any more" in result.stderr
    assert run.directory.kept == {}


def test_a_number_that_somebody_changes_while_the_operator_reads_the_plan_is_left_alone() -> None:
    run = connected()
    run.numbers.asked.clear()

    def meddle() -> None:
        if len(run.numbers.asked) == 1:
            run.numbers.numbers[OUR_NUMBER] = number_at_twilio(THIRD)

    run.numbers.before_find = meddle
    result = run.run(*YES)
    assert result.exit_code == 1
    assert "somebody changed something of it meanwhile" in result.stderr
    assert run.numbers.changed == []
    assert run.directory.connection("acme", OUR_NUMBER)


def test_declines_a_number_that_was_not_connected() -> None:
    run = Command.on(fakes.managed_tenant(MEMBER))
    assert "was not connected with this command" in run.declined(*YES)
    assert run.numbers.asked == []


def test_declines_when_the_account_is_not_known_any_more() -> None:
    run = connected()
    run.store.edit(lambda tenant: replace(tenant, accounts=()))
    assert "has no account AC" in run.declined(*YES)


OTHER, STRANGE = "+12025550188", "+12025550177"


def two_connected(service: MessagingService | None = None) -> Command:
    run = Command.on(fakes.managed_tenant(MEMBER), numbers=[OUR_NUMBER, OTHER])
    run.numbers = FakeNumbers.of(
        number_at_twilio(service=service), replace(number_at_twilio(service=service), number=OTHER, sid="PN" + "9" * 32)
    )
    assert run.run("number", "connect", OUR_NUMBER, OTHER, "--yes", "--take-over").exit_code == 0
    run.numbers.changed.clear()
    return run


def test_disconnects_many_numbers_after_one_question() -> None:
    run = two_connected()
    run.terminal = True
    done = run.run("number", "disconnect", OUR_NUMBER, OTHER, typed="y\n")
    assert done.exit_code == 0, done.output
    assert "Disconnect the 2 numbers like this?" in done.stderr
    assert [number.webhooks for number in run.numbers.numbers.values()] == [ELSEWHERE, ELSEWHERE]
    assert run.directory.kept == {}


def test_one_that_cannot_be_disconnected_does_not_stop_the_others_and_is_named() -> None:
    run = two_connected()
    done = run.run("number", "disconnect", OUR_NUMBER, STRANGE, OTHER, "--yes", "--json")
    assert done.exit_code == 1
    shown = json.loads(done.stdout)
    assert shown["disconnected"] == 2
    assert [number["number"] for number in shown["numbers"]] == [OUR_NUMBER, OTHER]
    assert [(failed["number"], "was not connected" in failed["why"]) for failed in shown["failed"]] == [(STRANGE, True)]
    assert run.directory.kept == {}


def test_the_last_number_of_a_messaging_service_gives_it_its_texts_back() -> None:
    run = two_connected(service("https://other.example.com/"))
    assert run.run("number", "disconnect", OUR_NUMBER, OTHER, "--yes").exit_code == 0
    back = run.numbers.numbers[OTHER].service
    assert back
    assert not back.on_number


def test_disconnects_nothing_of_many_without_yes() -> None:
    run = two_connected()
    before = dict(run.directory.kept)
    result = run.run("number", "disconnect", OUR_NUMBER, OTHER)
    assert result.exit_code == 1
    assert "needs --yes" in result.stderr
    assert (run.directory.kept, run.numbers.changed) == (before, [])
