"""`./sms --tenant acme number connect`: the plan, the question, the order of writing, and what interrupts it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from operations.numbers import webhook_url
from operations.tenants import agent_edits, edits
from shared.errors import InDoubt, SmsReceiverError, Unavailable, UpstreamRefused
from shared.reasons import Reason
from shared.tenants.connection import Webhooks
from tests import fakes
from tests.fakes import ACCOUNT, DESK, OUR_NUMBER, SUBACCOUNT
from tests.numbers_fakes import (
    APPLICATION,
    ELSEWHERE,
    SERVICE,
    FakeNumbers,
    agents_credential,
    number_at_twilio,
    ours,
    service,
)
from tests.unit.cli.command import Command

CONNECT = ("number", "connect", "(202) 555-0199")
YES = (*CONNECT, "--yes")
MEMBER, KEY = fakes.credential()


def command(*, at_twilio: FakeNumbers | None = None, numbers: Sequence[str] = (OUR_NUMBER,)) -> Command:
    made = Command.on(fakes.managed_tenant(MEMBER), numbers=numbers)
    made.numbers = at_twilio or FakeNumbers.of(number_at_twilio())
    return made


def state(run: Command) -> tuple[object, ...]:
    """All that is stored."""
    return run.store.stored(), dict(run.store.numbers), dict(run.directory.kept)


def key_at_twilio(run: Command) -> str:
    key = webhook_url.key_in(run.numbers.numbers[OUR_NUMBER].webhooks.url)
    assert key
    return key


def test_connects_a_number_with_a_key_for_its_agents_numbers_that_is_shown_nowhere() -> None:
    run = command()
    result = run.run(*YES)
    assert result.exit_code == 0
    key = key_at_twilio(run)
    assert run.numbers.numbers[OUR_NUMBER].webhooks == ours(key)
    stored = run.store.stored()
    made = run.directory.connection("acme", OUR_NUMBER)
    assert made
    assert [(each.name, each.agent_id) for each in stored.credentials] == [("twilio", None), ("agent desk", DESK.id)]
    assert webhook_url.working_credential(ours(key).url, stored) == stored.credential(made.credential_id)
    assert made.former == ELSEWHERE
    for secret in (key, "f0rmer", "s3cret"):
        assert secret not in result.output
    for word in ("webhook", "other.example.com", "apikey:***@a1.execute-api", "of a new credential"):
        assert word in result.stderr


def test_json_tells_what_was_changed() -> None:
    run = command()
    done = run.json(*YES)
    assert (done["number"], done["agent"], done["connected"]) == (OUR_NUMBER, "desk", True)
    assert {change["what"] for change in done["changes"]} >= {"webhook", "API key", "connection"}
    assert done["changes"][0].keys() == {"what", "is", "will_be"}
    assert key_at_twilio(run) not in str(done)


def test_a_second_time_there_is_nothing_to_do() -> None:
    run = command()
    run.run(*YES)
    before, written = state(run), run.store.written
    run.numbers.changed.clear()
    result = run.run(*CONNECT)
    assert result.exit_code == 0
    assert "nothing to do" in result.stderr
    assert (state(run), run.store.written, run.numbers.changed) == (before, written, [])


def test_without_yes_and_a_terminal_it_shows_the_plan_and_changes_nothing() -> None:
    run = command()
    before = state(run)
    result = run.run(*CONNECT)
    assert result.exit_code == 1
    assert "API key" in result.stderr
    assert "needs --yes" in result.stderr
    assert (state(run), run.numbers.changed, result.stdout) == (before, [], "")


@pytest.mark.parametrize(("answer", "code"), [("y\n", 0), ("n\n", 1), ("\n", 1)])
def test_on_a_terminal_it_asks(answer: str, code: int) -> None:
    run = command()
    run.terminal = True
    result = run.run(*CONNECT, typed=answer)
    assert result.exit_code == code
    assert result.stderr.index("apikey:***@") < result.stderr.index("Connect the number like this?")
    assert bool(run.numbers.changed) == (code == 0)


def test_finds_the_number_in_whichever_account_has_it() -> None:
    run = command(at_twilio=FakeNumbers.of(number_at_twilio(account=SUBACCOUNT)))
    run.json(*YES)
    assert set(run.numbers.asked) == {ACCOUNT, SUBACCOUNT}
    made = run.directory.connection("acme", OUR_NUMBER)
    assert made
    assert made.account == SUBACCOUNT


def test_declines_a_number_that_no_account_has() -> None:
    refusal = command(at_twilio=FakeNumbers()).declined(*YES)
    assert "no account of tenant 'acme' has this number" in refusal
    assert "./sms --tenant acme twilio set-account" in refusal
    assert OUR_NUMBER not in refusal


def test_needs_an_agent_for_a_number_that_none_has() -> None:
    run = command(numbers=[])
    assert "--agent NAME" in run.declined(*YES)
    assert run.json(*YES, "--agent", "desk")["agent"] == "desk"
    assert run.store.numbers_of("desk") == [OUR_NUMBER]


@pytest.mark.parametrize(
    ("found", "what"),
    [
        (number_at_twilio(replace(ELSEWHERE, application=APPLICATION)), APPLICATION),
        (number_at_twilio(service=service("https://other.example.com/", others=2)), SERVICE),
        (number_at_twilio(service=service()), SERVICE),
    ],
)
def test_what_takes_the_texts_elsewhere_stops_it_until_it_is_taken_over(found: Any, what: str) -> None:  # noqa: ANN401
    run = command(at_twilio=FakeNumbers.of(found))
    before = state(run)
    result = run.run(*YES)
    assert result.exit_code == 1
    assert what in result.stderr
    assert "--take-over" in result.stderr
    assert (state(run), run.numbers.changed) == (before, [])
    assert run.run(*YES, "--take-over").exit_code == 0
    taken = run.numbers.numbers[OUR_NUMBER]
    assert taken.webhooks == ours(key_at_twilio(run))
    assert taken.service is None or taken.service.on_number
    assert run.run("number", "check").exit_code == 0


def test_uses_the_key_that_is_given_and_makes_none() -> None:
    run = command()
    result = run.run(*YES, "--key-from-stdin", typed=f"{KEY}\n")
    assert result.exit_code == 0
    assert run.numbers.numbers[OUR_NUMBER].webhooks == ours(KEY)
    assert run.store.stored().credentials == (MEMBER,)
    assert KEY not in result.output


@pytest.mark.parametrize(
    "typed", ["", "nonsense", KEY[:-1], fakes.credential()[1], fakes.credential(tenant_id="zeta")[1]]
)
def test_declines_a_key_that_does_not_work_and_does_not_repeat_it(typed: str) -> None:
    run = command()
    refusal = run.declined(*YES, "--key-from-stdin", typed=typed)
    assert "API key" in refusal
    assert not typed or typed not in refusal
    assert run.numbers.changed == []


@pytest.mark.parametrize(
    ("failing", "at"),
    [
        (InDoubt("Twilio was asked, and did not answer: ReadTimeout"), "webhooks"),
        (Unavailable("Twilio cannot be reached: NewConnectionError"), "webhooks"),
        (UpstreamRefused(Reason.PROVIDER_REFUSED, "Twilio answered 400, error 21402", code=21402), "webhooks"),
        (Unavailable("Twilio cannot be reached: NewConnectionError"), "service"),
    ],
)
def test_what_was_interrupted_is_finished_by_the_same_command(failing: SmsReceiverError, at: str) -> None:
    run = command(at_twilio=FakeNumbers.of(number_at_twilio(service=service("https://other.example.com/"))))
    run.numbers.failing, run.numbers.fails_at = failing, at
    refusal = run.run(*YES, "--take-over")
    assert refusal.exit_code == 1
    assert str(failing) in refusal.stderr
    assert "run the same command again" in refusal.stderr
    run.numbers.failing = None
    assert run.run(*YES, "--take-over").exit_code == 0
    stored = run.store.stored()
    working = webhook_url.working_credential(run.numbers.numbers[OUR_NUMBER].webhooks.url, stored)
    made = run.directory.connection("acme", OUR_NUMBER)
    assert working
    assert made
    assert made.credential_id == working.id
    assert (made.former, made.service) == (ELSEWHERE, SERVICE)
    assert run.run("number", "check").exit_code == 0


def test_the_key_is_known_here_before_it_is_at_twilio() -> None:
    run = command()
    known: list[bool] = []
    run.numbers.before_find = lambda: known.append(bool(run.directory.connection("acme", OUR_NUMBER)))
    run.numbers.failing = Unavailable("Twilio cannot be reached")
    run.run(*YES)
    assert known == [False, False]
    assert run.directory.connection("acme", OUR_NUMBER)
    assert run.numbers.numbers[OUR_NUMBER].webhooks == ELSEWHERE


def test_says_so_when_twilio_takes_it_and_does_not_do_it() -> None:
    run = command()
    run.numbers.deaf = True
    result = run.run(*YES)
    assert result.exit_code == 1
    assert "Twilio still has something else: webhook" in result.stderr


def test_a_number_that_somebody_changes_while_the_operator_reads_the_plan_is_left_alone() -> None:
    run = command()

    def meddle() -> None:
        if len(run.numbers.asked) == 1:
            run.numbers.numbers[OUR_NUMBER] = number_at_twilio(Webhooks("https://third.example.com/"))

    run.numbers.before_find = meddle
    before = state(run)
    refusal = run.run(*YES)
    assert refusal.exit_code == 1
    assert "somebody changed something of it meanwhile" in refusal.stderr
    assert (state(run), run.numbers.changed) == (before, [])


@pytest.mark.parametrize("meanwhile", ["released", "deleted", "revoked"])
def test_a_tenant_that_somebody_changes_meanwhile_is_looked_at_again(meanwhile: str) -> None:
    run = command(at_twilio=FakeNumbers.of(number_at_twilio(Webhooks(ours(KEY).url))))

    def meddle() -> None:
        if len(run.numbers.asked) != 1:
            return
        if meanwhile == "revoked":
            run.store.edit(edits.revoke_credential("twilio"))
        else:
            run.directory.release(run.store.numbers[OUR_NUMBER])
        if meanwhile == "deleted":
            run.store.edit(agent_edits.delete_agent("desk"))

    run.numbers.before_find = meddle
    refusal = run.run(*YES)
    assert refusal.exit_code == 1
    assert run.numbers.changed == []
    assert run.directory.connection("acme", OUR_NUMBER) is None


def take(run: Command) -> None:
    run.store.hold(OUR_NUMBER, "sales")


def test_a_number_that_somebody_takes_while_it_is_written_is_theirs() -> None:
    run = command(numbers=[])
    run.store.interruptions = [agent_edits.add_agent(replace(DESK, id="Sales001", name="sales"))]
    run.sleep = lambda _: take(run)
    result = run.run(*YES, "--agent", "desk")
    assert result.exit_code == 1
    assert "another agent has number …0199; release it there first" in result.stderr
    assert run.numbers.changed == []
    assert run.directory.connection("acme", OUR_NUMBER) is None


def test_another_operators_change_that_does_not_matter_does_not_stop_it() -> None:
    run = command()
    run.store.interruptions = [edits.add_credential(fakes.credential(name="another")[0])]
    assert run.run(*YES).exit_code == 0
    names = [credential.name for credential in run.store.stored().credentials]
    assert names == ["twilio", "another", "agent desk"]


def test_a_key_that_somebody_else_made_for_the_agent_meanwhile_stops_it() -> None:
    run = command()
    run.store.interruptions = [edits.add_credential(agents_credential()[0])]
    refusal = run.run(*YES)
    assert refusal.exit_code == 1
    assert "somebody changed something of it meanwhile" in refusal.stderr
    assert run.numbers.changed == []
