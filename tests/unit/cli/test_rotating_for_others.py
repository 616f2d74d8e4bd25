"""`sms credential rotate`: keys that programs have, several numbers, and what others change meanwhile."""

from dataclasses import replace
from datetime import timedelta

import pytest

from operations.numbers import webhook_url
from shared.tenants import api_keys
from shared.tenants.connection import Webhooks
from shared.tenants.tenant import Role
from tests import fakes
from tests.fakes import NOW, OUR_NUMBER, Crash
from tests.numbers_fakes import SERVICE, number_at_twilio, ours, service
from tests.unit.cli.command import Command
from tests.unit.cli.crashes import fused
from tests.unit.cli.rotation import (
    KEY,
    MEMBER,
    OTHER,
    OWN,
    ROTATE,
    at_twilio,
    connected,
    names,
    shared,
    standing,
    used,
)


def test_a_programs_key_is_shown_once_and_the_old_one_revoked_a_day_later() -> None:
    command = Command.on(fakes.managed_tenant(MEMBER))
    shown = command.json(*ROTATE, "twilio", "--yes")
    assert (shown["name"], shown["instead_of"], shown["role"]) == ("twilio (new)", "twilio", "Writer")
    assert api_keys.texting_credential(command.store.stored(), shown["APIKEY"]).replaces == MEMBER.id
    assert api_keys.texting_credential(command.store.stored(), KEY) == MEMBER
    early = command.run(*ROTATE, "twilio", "--yes")
    assert early.exit_code == 1
    assert "made only 0s ago" in early.stderr
    command.now = lambda: NOW + timedelta(days=1)
    assert command.json(*ROTATE, "twilio", "--yes")["revoked"] == MEMBER.id
    [kept] = command.store.stored().credentials
    assert (kept.name, kept.id, kept.replaces) == ("twilio", shown["id"], None)
    assert shown["APIKEY"] not in early.output


def test_a_program_that_still_has_the_old_key_is_named() -> None:
    command = Command.on(fakes.managed_tenant(MEMBER))
    command.run(*ROTATE, "twilio", "--yes")
    command.now = lambda: NOW + timedelta(days=2)
    command.logs["receiver"] = [used(MEMBER, ago=-100000, event="Submitted")]
    result = command.run(*ROTATE, "twilio (new)", "--yes")  # its new name leads to it as well
    assert result.exit_code == 1
    assert "(receiver: Submitted)" in result.stderr
    assert command.store.stored().credential(MEMBER.id)


def test_numbers_get_a_key_that_programs_have_too_and_it_is_shown_for_them() -> None:
    command = shared()
    shown = command.json(*ROTATE, "twilio", "--yes")
    assert {standing(command, number) for number in (OUR_NUMBER, OTHER)} == {
        command.store.stored().credential(shown["id"])
    }
    assert webhook_url.key_in(command.numbers.numbers[OTHER].webhooks.url) == shown["APIKEY"]
    command.now = lambda: NOW + timedelta(days=1)
    assert command.json(*ROTATE, "twilio", "--yes")["rotated"] == "twilio"
    assert names(command.store.stored()) == ["twilio"]
    assert command.run("number", "check").exit_code == 0


@pytest.mark.parametrize("after", [1, 2, 3])
def test_a_crash_between_two_numbers_is_made_good(after: int) -> None:
    command = shared()
    fuse = fused(command)

    def look() -> None:
        assert standing(command)
        assert standing(command, OTHER)

    fuse.look, fuse.after = look, after
    with pytest.raises(Crash):
        command.run(*ROTATE, "twilio", "--yes")
    fuse.after = None
    command.run(*ROTATE, "twilio", "--yes")
    command.now = lambda: NOW + timedelta(days=1)
    assert command.run(*ROTATE, "twilio", "--yes").exit_code == 0
    assert names(command.store.stored()) == ["twilio"]
    assert standing(command) == standing(command, OTHER) == command.store.stored().credentials[0]


@pytest.mark.parametrize(
    ("webhooks", "what"),
    [
        (Webhooks("https://third.example.com/"), "API key"),
        (Webhooks(ours(KEY).url, fallback_url=ours(KEY).fallback_url), "API key"),
        (None, "number"),
    ],
    ids=["elsewhere", "another key", "gone"],
)
def test_a_number_that_somebody_changed_behind_our_back_stops_it(webhooks: Webhooks | None, what: str) -> None:
    command = connected()
    before = command.store.stored()
    command.numbers.numbers = {OUR_NUMBER: number_at_twilio(webhooks)} if webhooks else {}
    command.numbers.changed.clear()
    refusal = command.declined(*ROTATE, OWN, "--yes")
    assert (
        f"somebody changed number …0199 since it was connected: {what}; see: ./sms --tenant acme number check"
        in refusal
    )
    assert (command.store.stored(), command.numbers.changed) == (before, [])


def test_a_number_that_somebody_changes_while_it_waits_keeps_the_old_key_alive() -> None:
    command = connected()
    old, has = standing(command), command.numbers.numbers[OUR_NUMBER].webhooks

    def put_back(_: float) -> None:
        if standing(command) != old:
            command.numbers.numbers[OUR_NUMBER] = number_at_twilio(has)

    command.sleep = put_back
    assert command.run(*ROTATE, OWN, "--yes").exit_code == 1
    assert standing(command) == old


def test_a_messaging_service_that_has_the_key_stops_it() -> None:
    command = shared()
    command.numbers.numbers[OTHER] = replace(
        at_twilio(OTHER, Webhooks()), service=service(ours(KEY).url, on_number=False)
    )
    refusal = command.declined(*ROTATE, "twilio", "--yes")
    assert SERVICE in refusal
    assert "Defer to sender's webhook" in refusal


def test_other_tenants_numbers_stay_as_they_are() -> None:
    command = connected()
    stranger = fakes.credential(Role.WRITER, tenant_id="zeta")[1]
    there = at_twilio(OTHER, ours(stranger))
    command.numbers.numbers[OTHER] = there
    assert command.run(*ROTATE, OWN, "--yes").exit_code == 0
    assert command.numbers.numbers[OTHER] == there
