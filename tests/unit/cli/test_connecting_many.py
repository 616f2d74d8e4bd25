"""`sms number connect` for many numbers: one plan, one question, one key, and each number on its own."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from operations.numbers import webhook_url
from operations.numbers.provider_number import ProviderNumber
from shared.errors import SmsReceiverError, Unavailable, UpstreamRefused
from shared.reasons import Reason
from shared.tenants.account import Account
from shared.tenants.connection import Webhooks
from tests import fakes
from tests.fakes import DESK, Crash, managed_tenant
from tests.numbers_fakes import APPLICATION, ELSEWHERE, SERVICE, FakeNumbers, number_at_twilio, ours, service
from tests.unit.cli.command import Command
from tests.unit.cli.crashes import fused

NUMBERS = [f"+1202555{last:04}" for last in range(100, 105)]
SALES = replace(DESK, id="Sales001", name="sales")
MEMBER, KEY = fakes.credential()
CONNECT = ("number", "connect", *NUMBERS, "--agent", "desk")
YES = (*CONNECT, "--yes")


def at_twilio(number: str, webhooks: Webhooks = ELSEWHERE, **changes: Any) -> ProviderNumber:  # noqa: ANN401 -- any attribute
    return replace(number_at_twilio(webhooks), number=number, sid=f"PN{number[-4:] * 8}", **changes)


def command(*numbers: ProviderNumber) -> Command:
    run = Command.on(managed_tenant(MEMBER, agents=(DESK, SALES)))
    run.numbers = FakeNumbers.of(*(numbers or map(at_twilio, NUMBERS)))
    return run


def keys_at_twilio(run: Command) -> set[str | None]:
    return {webhook_url.key_in(run.numbers.numbers[number].webhooks.url) for number in NUMBERS}


def credentials(run: Command) -> list[str]:
    return [credential.name for credential in run.store.stored().credentials]


def test_all_get_one_key_that_is_made_once_and_shown_nowhere() -> None:
    run = command()
    result = run.run(*YES)
    assert result.exit_code == 0
    [key] = keys_at_twilio(run)
    assert key
    assert key not in result.output
    assert credentials(run) == ["twilio", "agent desk"]
    assert run.store.written == 1
    assert run.store.numbers_of("desk") == NUMBERS
    made = {connection.credential_id for connection in run.directory.kept.values()}
    assert made == {run.store.stored().credentials[1].id}
    assert len(run.numbers.asked) == 3, "the provider is asked more often than to plan, to write and to see"
    assert run.run("number", "check").exit_code == 0


def test_the_plan_counts_what_is_alike_and_shows_what_is_not() -> None:
    run = command(
        *map(at_twilio, NUMBERS[:3]),
        at_twilio(NUMBERS[3], Webhooks("https://third.example.com/")),
        at_twilio(NUMBERS[4], replace(ELSEWHERE, application=APPLICATION)),
    )
    run.terminal = True
    result = run.run(*CONNECT, typed="n\n")
    assert result.exit_code == 1
    plan = result.stderr
    assert plan.count("3 numbers: webhook") == 1
    assert "…0103: webhook" in plan
    assert "https://third.example.com/" in plan
    assert "of a new credential, 'agent desk'" in plan
    assert APPLICATION in plan
    assert "cannot be connected and stay as they are: 1." in plan
    assert plan.count("?") == 2, "it asks more than once, or not at all"
    assert "Connect 4 of 5 numbers like this?" in plan
    assert (run.numbers.changed, run.directory.kept, run.store.numbers) == ([], {}, {})


def test_json_tells_of_every_number() -> None:
    result = command().json(*YES)
    assert (result["connected"], result["failed"]) == (5, [])
    assert [each["number"] for each in result["numbers"]] == NUMBERS
    assert {change["what"] for change in result["numbers"][0]["changes"]} >= {"agent", "webhook", "API key"}


def test_a_number_that_cannot_be_connected_does_not_stop_the_others() -> None:
    run = command(*map(at_twilio, NUMBERS[:4]))
    run.store.hold(NUMBERS[0], "sales")
    run.store.tenants |= Command.on(managed_tenant(id="zeta")).store.tenants
    run.store.hold(NUMBERS[1], tenant_id="zeta")
    result = run.run(*YES, "--json")
    assert result.exit_code == 1
    outcome = json.loads(result.stdout)
    assert outcome["connected"] == 2
    why = {each["number"]: each["why"] for each in outcome["failed"]}
    assert "agent 'sales' holds this number" in why[NUMBERS[0]]
    assert "tenant 'zeta' has this number" in why[NUMBERS[1]]
    assert "no account of tenant 'acme' has this number" in why[NUMBERS[4]]
    assert [number for _, number in run.directory.kept] == NUMBERS[2:4]
    people = run.run(*YES)
    assert people.exit_code == 1
    assert NUMBERS[4] in people.stdout
    assert "as they should be already: 2." in people.stderr


class FailingNumbers(FakeNumbers):
    """Numbers of which some cannot be changed."""

    errors: dict[str, SmsReceiverError]

    def set_webhooks(self, account: Account, number: ProviderNumber, wanted: Webhooks) -> None:
        if error := self.errors.get(number.number):
            raise error
        super().set_webhooks(account, number, wanted)


def failing(run: Command, *numbers: str, error: SmsReceiverError) -> FailingNumbers:
    run.numbers = failing_numbers = FailingNumbers(run.numbers.numbers)
    failing_numbers.errors = dict.fromkeys(numbers, error)
    return failing_numbers


REFUSED = UpstreamRefused(Reason.PROVIDER_REFUSED, "Twilio answered 400, error 21402", code=21402)


def test_what_twilio_does_not_take_is_reported_at_the_end_and_done_by_another_run() -> None:
    run = command()
    numbers = failing(run, NUMBERS[1], error=REFUSED)
    result = run.run(*YES)
    assert result.exit_code == 1
    assert NUMBERS[1] in result.stdout
    assert "error 21402; connecting is not finished: run the same command again" in result.stdout
    assert len(numbers.changed) == 4
    numbers.errors.clear()
    numbers.changed.clear()
    assert run.run(*YES).exit_code == 0
    assert numbers.changed == ["webhooks"]
    assert credentials(run) == ["twilio", "agent desk"]
    assert len(keys_at_twilio(run)) == 1


def test_when_twilio_is_gone_it_does_not_wait_for_it_once_a_number() -> None:
    run = command()
    failing(run, *NUMBERS, error=Unavailable("Twilio cannot be reached"))
    result = run.run(*YES)
    assert result.exit_code == 1
    assert result.stdout.count("Twilio cannot be reached") == 3
    assert result.stdout.count("not tried") == 2


@pytest.mark.parametrize("after", range(1, 18))
def test_a_crash_after_any_write_is_made_good_by_the_same_command(after: int) -> None:
    run = command()
    fuse = fused(run)

    def look() -> None:
        tenant = run.store.stored()
        for number in NUMBERS:
            url = run.numbers.numbers[number].webhooks.url
            assert url == ELSEWHERE.url or webhook_url.working_credential(url, tenant), "a key that does not work"
            assert url == ELSEWHERE.url or run.directory.connection("acme", number), "a key that nobody remembers"

    fuse.look, fuse.after = look, after
    if after <= 16:
        with pytest.raises(Crash):
            run.run(*YES)
    else:
        assert run.run(*YES).exit_code == 0
    fuse.after = None
    assert run.run(*YES).exit_code == 0
    assert len(keys_at_twilio(run)) == 1
    assert {each.former for each in run.directory.kept.values()} == {ELSEWHERE}
    assert len({each.credential_id for each in run.directory.kept.values()}) == 1
    assert run.run("number", "check").exit_code == 0


def test_the_next_number_gets_the_key_from_a_number_that_has_it() -> None:
    run = command()
    run.run("number", "connect", *NUMBERS[:4], "--agent", "desk", "--yes")
    run.numbers.looked.clear()
    assert run.run("number", "connect", NUMBERS[4], "--agent", "desk", "--yes").exit_code == 0
    assert len(run.numbers.looked) == 1
    assert credentials(run) == ["twilio", "agent desk"]
    assert len(keys_at_twilio(run)) == 1


def test_each_agent_has_its_own_key() -> None:
    run = command()
    for number, agent in zip(NUMBERS[:3], ["desk", "sales", "desk"], strict=True):
        run.store.hold(number, agent)
    assert run.run("number", "connect", *NUMBERS[:3], "--yes").exit_code == 0
    assert credentials(run) == ["twilio", "agent desk", "agent sales"]
    first, second, third = (webhook_url.key_in(run.numbers.numbers[number].webhooks.url) for number in NUMBERS[:3])
    assert first == third != second


def test_a_number_that_moves_to_another_agent_gets_that_ones_key() -> None:
    run = command()
    run.run(*YES)
    run.run("number", "release", NUMBERS[0])
    assert run.run("number", "connect", NUMBERS[0], "--agent", "sales", "--yes").exit_code == 0
    moved = run.directory.connection("acme", NUMBERS[0])
    assert moved
    made = run.store.stored().credential(moved.credential_id)
    assert made
    assert (made.name, made.agent_id) == ("agent sales", SALES.id)
    assert len(keys_at_twilio(run)) == 2


def test_a_key_that_no_webhook_has_any_more_is_replaced_and_the_operator_hears_of_the_old_one() -> None:
    run = command()
    run.run("number", "connect", NUMBERS[0], "--agent", "desk", "--yes")
    run.numbers.numbers[NUMBERS[0]] = at_twilio(NUMBERS[0])
    result = run.run(*YES)
    assert result.exit_code == 0
    assert credentials(run) == ["twilio", "agent desk", "agent desk (2)"]
    assert "the key of credential 'agent desk' was seen in no webhook" in result.stderr.lower()
    assert len(keys_at_twilio(run)) == 1


def test_the_key_is_everywhere_before_twilio_gets_it() -> None:
    run = command()
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        assert run.numbers.changed == []
        slept.append(seconds)

    run.sleep = sleep
    assert run.run(*YES).exit_code == 0
    assert sum(slept) >= 4.9
    slept.clear()
    run.numbers.numbers[NUMBERS[0]] = at_twilio(NUMBERS[0])
    run.numbers.changed.clear()
    assert run.run(*YES).exit_code == 0
    assert slept == [], "a key that works already is not waited for"


def test_a_messaging_service_is_changed_once_for_all_its_numbers() -> None:
    theirs = service("https://other.example.com/", others=4)
    run = command(*(at_twilio(number, service=theirs) for number in NUMBERS))
    assert run.run(*YES).exit_code == 1
    assert run.numbers.changed == []
    assert run.run(*YES, "--take-over").exit_code == 0
    assert run.numbers.changed.count("service") == 1
    assert {each.service for each in run.directory.kept.values()} == {SERVICE}
    for number in NUMBERS[:4]:
        run.run("number", "disconnect", number, "--yes")
    assert run.numbers.changed.count("service") == 1, "the last number still needs it"
    run.run("number", "disconnect", NUMBERS[4], "--yes")
    assert run.numbers.changed.count("service") == 2


def test_numbers_come_from_a_file_and_a_named_key_from_standard_input(tmp_path: Path) -> None:
    run = command()
    listed = tmp_path / "numbers"
    listed.write_text("\n".join(NUMBERS))
    from_file = ("number", "connect", "--agent", "desk", "--key-from-stdin", "--yes", "--numbers-from")
    assert run.run(*from_file, str(listed), typed=f"{KEY}\n").exit_code == 0
    assert {run.numbers.numbers[number].webhooks for number in NUMBERS} == {ours(KEY)}
    assert credentials(run) == ["twilio"]
    assert "cannot hold both" in run.declined(*from_file, "-")


def meddling(run: Command, after: int, meddle: Callable[[], None]) -> None:
    """Calls `meddle` before the provider's numbers are read again, after so many times."""

    def before() -> None:
        if len(run.numbers.asked) == after:
            meddle()

    run.numbers.before_find = before


def test_a_number_that_somebody_changes_meanwhile_is_left_alone_and_the_others_are_connected() -> None:
    run = command()

    def meddle() -> None:
        run.numbers.numbers[NUMBERS[2]] = at_twilio(NUMBERS[2], Webhooks("https://third.example.com/"))

    meddling(run, 1, meddle)
    result = run.run(*YES, "--json")
    assert result.exit_code == 1
    assert "somebody changed something of it meanwhile" in result.stdout
    assert len(run.numbers.changed) == 4
    assert run.numbers.numbers[NUMBERS[2]].webhooks.url == "https://third.example.com/"
    assert run.directory.connection("acme", NUMBERS[2]) is None
