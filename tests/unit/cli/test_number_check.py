"""`./sms --tenant acme number check`: what differs, for people, for programs and for cron."""

import json

import pytest

from operations.tenants import edits
from shared.errors import UpstreamRefused
from shared.reasons import Reason
from shared.tenants.connection import Webhooks
from tests import fakes
from tests.fakes import OUR_NUMBER
from tests.numbers_fakes import ELSEWHERE, FakeNumbers, number_at_twilio, ours
from tests.unit.cli.command import Command
from tests.unit.cli.rotation import at_twilio

MEMBER, KEY = fakes.credential()
CHECK = ("number", "check")


def command(webhooks: Webhooks) -> Command:
    run = Command.on(fakes.managed_tenant(MEMBER), numbers=[OUR_NUMBER])
    run.numbers = FakeNumbers.of(number_at_twilio(webhooks))
    return run


def test_all_is_well() -> None:
    run = command(ours(KEY))
    result = run.run(*CHECK)
    assert result.exit_code == 0
    assert "ok" in result.stdout
    assert run.json(*CHECK) == [{"number": OUR_NUMBER, "agent": "desk", "ok": True, "differences": []}]
    assert run.numbers.changed == []


def test_says_what_differs_and_exits_with_3() -> None:
    run = command(ELSEWHERE)
    result = run.run(*CHECK)
    assert result.exit_code == 3
    for word in ("webhook", "https://***@other.example.com", "apikey:***@a1.execute-api", "API key"):
        assert word in result.stdout
    assert "./sms --tenant acme number connect NUMBER" in result.stderr
    assert "f0rmer" not in result.output


def test_json_says_it_too() -> None:
    result = command(ours(fakes.credential()[1])).run(*CHECK, "--json")
    assert result.exit_code == 3
    assert "revoked or unknown" in result.stdout
    assert '"ok": false' in result.stdout


def test_a_key_that_is_revoked_is_noticed() -> None:
    run = command(ours(KEY))
    run.store.edit(edits.revoke_credential("twilio"))
    assert run.run(*CHECK).exit_code == 3


def test_checks_one_number_or_all_that_agents_have_or_that_were_connected() -> None:
    run = command(ELSEWHERE)
    run.run("number", "connect", OUR_NUMBER, "--yes")
    assert run.run(*CHECK, "202 555 0199").exit_code == 0
    run.run("number", "assign", "+12025550198", "--agent", "desk")
    assert run.run(*CHECK, OUR_NUMBER).exit_code == 0
    both = run.run(*CHECK)
    assert both.exit_code == 3
    assert "in no account of this tenant" in both.stdout
    run.run("number", "release", "+12025550198")
    run.run("number", "release", OUR_NUMBER)
    released = run.run(*CHECK)
    assert released.exit_code == 3
    assert "one that gets its texts" in released.stdout


def test_a_stage_that_is_not_deployed_is_noticed() -> None:
    run = command(ours(KEY))
    run.base_urls = {}
    result = run.run(*CHECK)
    assert result.exit_code == 3
    assert "not deployed" in result.stdout


def test_asks_the_twin_on_the_local_stack_and_twilio_otherwise() -> None:
    run = command(ours(KEY))
    run.run(*CHECK)
    run.run(*CHECK, "--local")
    assert run.numbers.urls == [None, "http://127.0.0.1:8"]


def test_without_numbers_there_is_nothing_to_check() -> None:
    run = Command.on(fakes.managed_tenant(agents=()))
    result = run.run(*CHECK)
    assert result.exit_code == 0
    assert "no number yet" in result.stderr
    assert run.numbers.asked == []


def test_what_cannot_be_asked_is_no_difference_and_no_success() -> None:
    run = command(ours(KEY))

    def refuse() -> None:
        reason, sentence = Reason.PROVIDER_UNAUTHORIZED, "Twilio does not accept the auth tokens"
        raise UpstreamRefused(reason, sentence)

    run.numbers.before_find = refuse
    assert "does not accept the auth tokens" in run.declined(*CHECK)


@pytest.mark.parametrize("number", ["12", "1-800-FLOWERS"])
def test_refuses_what_is_no_number(number: str) -> None:
    assert "number" in command(ours(KEY)).declined(*CHECK, number)


def test_of_many_numbers_people_see_those_that_differ_and_programs_all() -> None:
    run = Command.on(fakes.managed_tenant(MEMBER))
    numbers = [f"+1202555{last:04}" for last in range(1000, 1150)]
    for number in numbers:
        run.store.hold(number)
        run.numbers.numbers[number] = at_twilio(number, ours(KEY))
    run.numbers.numbers[numbers[7]] = at_twilio(numbers[7], ELSEWHERE)
    result = run.run(*CHECK)
    assert result.exit_code == 3
    assert [number for number in numbers if number in result.stdout] == [numbers[7]]
    assert "as they should be: 149." in result.stderr
    records = json.loads(run.run(*CHECK, "--json").stdout)
    assert [record["number"] for record in records] == numbers
    assert sum(record["ok"] for record in records) == 149
