"""`sms doctor`: whether Twilio brings the texts of the tenant's numbers, for as many as it may look at."""

from collections.abc import Collection, Mapping
from dataclasses import replace

import pytest

from operations.health.numbers import NUMBERS_MAX
from operations.numbers.provider_number import ProviderNumber
from shared.errors import UpstreamRefused
from shared.reasons import Reason
from shared.tenants.account import Account
from shared.tenants.connection import Webhooks
from tests import fakes
from tests.fakes import OUR_NUMBER
from tests.numbers_fakes import APPLICATION, ELSEWHERE, FakeNumbers, number_at_twilio, ours, service
from tests.unit.cli.command import Command
from tests.unit.cli.doctor.stage import examined, healthy

MEMBER, KEY = fakes.credential()
LOOK = "--look-only"


def stage(webhooks: Webhooks | None = None, numbers: int = 1) -> Command:
    """A healthy stage whose agent has so many numbers, each with these webhooks."""
    command = healthy(credentials=(MEMBER,))
    held = [OUR_NUMBER, *(f"+1202556{last:04}" for last in range(numbers - 1))]
    for number in held:
        command.store.hold(number, tenant_id="acme")
    at_twilio = number_at_twilio(webhooks or ours(KEY))
    command.numbers = FakeNumbers.of(*(replace(at_twilio, number=number) for number in held))
    return command


def test_numbers_that_are_connected_are_good() -> None:
    assert examined(stage(), LOOK, code=0)["numbers"][:2] == ("good", "1 as they should be at Twilio")


def test_a_tenant_without_numbers_is_no_failure() -> None:
    assert examined(healthy(), LOOK, code=0)["numbers"][:2] == ("good", "no agent has one yet")


@pytest.mark.parametrize(
    ("webhooks", "seen"),
    [
        (ELSEWHERE, "webhook is https://***@other.example.com/texts?…#rc=1"),
        (replace(ours(KEY), method="GET"), "method is GET, and should be POST"),
        (ours(fakes.credential()[1]), "API key is revoked or unknown, and should be"),
        (replace(ours(KEY), application=APPLICATION), f"TwiML application is {APPLICATION} takes the texts"),
    ],
)
def test_a_number_whose_texts_do_not_come_is_wrong(webhooks: Webhooks, seen: str) -> None:
    verdict, said, do = examined(stage(webhooks), LOOK, code=3)["numbers"]
    assert (verdict, said.startswith(f"{OUR_NUMBER}: {seen}")) == ("wrong", True), said
    assert f"number connect {OUR_NUMBER}" in do


def test_a_messaging_service_that_takes_the_texts_is_wrong() -> None:
    command = stage()
    command.numbers = FakeNumbers.of(number_at_twilio(ours(KEY), service("https://other.example.com")))
    assert examined(command, LOOK, code=3)["numbers"][0] == "wrong"


def test_a_number_that_no_account_has_is_wrong() -> None:
    command = stage()
    command.numbers = FakeNumbers()
    assert "in no account of this tenant" in examined(command, LOOK, code=3)["numbers"][1]


@pytest.mark.parametrize(
    "webhooks", [replace(ours(KEY), fallback_url=""), replace(ours(KEY), url=ours(KEY).url.partition("#")[0])]
)
def test_what_only_matters_when_something_fails_is_a_warning(webhooks: Webhooks) -> None:
    assert examined(stage(webhooks), LOOK, code=0)["numbers"][0] == "warning"


class CountingNumbers(FakeNumbers):
    """Numbers at Twilio that remember how many were looked for."""

    most = 0

    def find(self, account: Account, numbers: Collection[str]) -> Mapping[str, ProviderNumber]:
        self.most = max(self.most, len(numbers))
        return super().find(account, numbers)


def test_of_very_many_numbers_twilio_is_asked_for_a_few() -> None:
    command = stage(numbers=NUMBERS_MAX + 50)
    command.numbers = counting = CountingNumbers(command.numbers.numbers)
    examined(command, LOOK, code=0)
    assert counting.most <= NUMBERS_MAX + 1


def test_of_very_many_numbers_the_first_are_checked_and_that_is_said() -> None:
    command = stage(numbers=NUMBERS_MAX + 2)
    result = command.run("doctor", LOOK)
    assert f"✔ numbers: {NUMBERS_MAX} as they should be at Twilio" in result.stdout
    assert f"only the first {NUMBERS_MAX} were checked" in result.stdout
    assert result.exit_code == 0


def test_of_many_that_differ_a_few_are_named_and_all_are_counted() -> None:
    result = stage(ELSEWHERE, numbers=9).run("doctor", LOOK)
    assert result.stdout.count("✖ numbers: +1202") == 5
    assert "✖ numbers: 4 more are not as they should be" in result.stdout


def test_a_twilio_that_refuses_is_no_failure_of_the_numbers() -> None:
    def refuse() -> None:
        reason = Reason.PROVIDER_UNAUTHORIZED
        raise UpstreamRefused(reason, "Twilio does not accept the auth tokens")

    command = stage()
    command.numbers.before_find = refuse
    verdict, said, _ = examined(command, LOOK, code=0)["numbers"]
    assert (verdict, "Twilio does not accept the auth tokens" in said) == ("warning", True)
