"""The commands for numbers, with addresses that Twilio's API for numbers does not have: short codes and senders."""

import json
from pathlib import Path

import pytest

from tests import fakes
from tests.fakes import DESK, OUR_NUMBER, TOKEN
from tests.numbers_fakes import FakeNumbers, number_at_twilio, ours
from tests.unit.cli.command import Command
from tests.unit.cli.test_setup import options

MEMBER, KEY = fakes.credential()
ADDRESSES = ["68849", "rcs:acme_agent", "messenger:1234567890123456", "whatsapp:+12025550177"]
URL = "https://apikey:YOUR_API_KEY@a1.execute-api.us-east-1.amazonaws.com/east/sms.receiver/SmsRecv"
PLACES = {
    "68849": "Phone Numbers, Short Codes",
    "rcs:acme_agent": "RCS, Senders",
    "messenger:1234567890123456": "Facebook Messenger",
    "whatsapp:+12025550177": "WhatsApp senders",
    "viber:acme": "the sender of the channel",
}


def command(*numbers: str) -> Command:
    run = Command.on(fakes.managed_tenant(MEMBER), numbers=numbers)
    run.numbers = FakeNumbers.of(number_at_twilio(ours(KEY)))
    return run


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_agent_gets_it_is_listed_with_it_found_by_it_and_loses_it(address: str) -> None:
    run = command()
    assert run.json("number", "assign", address.upper() if address[0] == "w" else address, "--agent", "desk") == {
        "number": address,
        "agent": "desk",
    }
    assert run.json("number", "list") == [{"number": address, "agent": "desk", "region": "east", "description": None}]
    assert run.json("number", "find", address) == {
        "number": address,
        "tenant": "acme",
        "agent": "desk",
        "description": None,
    }
    assert run.json("number", "release", address) == {"released": address}
    assert address not in str(run.audit.kept)


def test_reads_addresses_of_every_kind_from_a_file(tmp_path: Path) -> None:
    listed = tmp_path / "addresses"
    listed.write_text("(202) 555-0199\n68849\nRCS:acme_agent\n")
    run = command()
    run.json("number", "assign", "--numbers-from", str(listed), "--agent", "desk")
    assert run.store.numbers_of("desk") == [OUR_NUMBER, "68849", "rcs:acme_agent"]


def test_finds_the_agent_of_the_number_for_its_address_on_another_channel() -> None:
    found = command(OUR_NUMBER).json("number", "find", f"whatsapp:{OUR_NUMBER}")
    assert (found["number"], found["agent"]) == (OUR_NUMBER, "desk")


def test_a_number_in_a_range_that_is_not_known_is_assigned_with_a_warning() -> None:
    run = command()
    result = run.run("number", "assign", "+1 621 555 0188", "--agent", "desk")
    assert result.exit_code == 0
    assert "No area or range in use is known for the number …0188" in result.stderr
    assert run.store.numbers_of("desk") == ["+16215550188"]


def test_an_address_of_a_known_kind_is_assigned_without_a_warning() -> None:
    for address in (*ADDRESSES, "+12025550188"):
        assert "Check" not in command().run("number", "assign", address, "--agent", "desk").stderr


@pytest.mark.parametrize("address", [*ADDRESSES, "viber:acme"])
def test_check_shows_what_to_paste_where_and_does_not_call_it_wrong(address: str) -> None:
    run = command(address, OUR_NUMBER)
    result = run.run("number", "check")
    assert result.exit_code == 0, result.output
    assert "cannot be checked: 1" in result.stderr
    checked = {each["number"]: each for each in run.json("number", "check")}
    assert checked[OUR_NUMBER] == {"number": OUR_NUMBER, "agent": "desk", "ok": True, "differences": []}
    assert (checked[address]["ok"], checked[address]["differences"]) == (None, [])
    assert checked[address]["by_hand"]["url"].startswith(URL)
    assert checked[address]["by_hand"]["where"].count(PLACES[address]) == 1
    assert run.numbers.sought == [[OUR_NUMBER]] * 2, "Twilio is not asked for what it does not have"


def test_check_still_says_what_is_wrong_here() -> None:
    run = command("68849")
    run.run("number", "release", "68849")
    assert run.run("number", "check", "68849").exit_code == 3
    run = command("68849")
    del run.base_urls["east"]
    result = run.run("number", "check", "--json")
    assert result.exit_code == 3
    [checked] = json.loads(result.stdout)
    assert (checked["ok"], checked["differences"][0]["what"]) == (False, "stage east")


@pytest.mark.parametrize("address", ADDRESSES)
def test_connect_says_what_to_do_by_hand_and_changes_nothing(address: str) -> None:
    run = command()
    refusal = run.declined("number", "connect", address, "--agent", "desk", "--yes")
    assert "Twilio lets this be set by hand only" in refusal
    assert PLACES[address] in refusal
    assert URL in refusal
    assert "number assign" in refusal
    assert run.store.numbers == {}
    assert run.numbers.changed == []


def test_connect_does_the_numbers_among_them() -> None:
    run = command()
    result = run.run("number", "connect", "68849", OUR_NUMBER, "--agent", "desk", "--yes")
    assert result.exit_code == 1
    assert "by hand only" in result.output
    assert run.store.numbers_of("desk") == [OUR_NUMBER]


def test_disconnect_says_that_it_was_not_connected() -> None:
    assert "not connected" in command("rcs:acme_agent").declined("number", "disconnect", "rcs:acme_agent")


@pytest.mark.parametrize("address", ADDRESSES)
def test_setup_takes_it_and_says_where_to_paste_the_url(address: str) -> None:
    run = Command.on()
    result = run.run("setup", *options(number=address), typed=f"{TOKEN}\n")
    assert result.exit_code == 0, result.output
    assert PLACES[address] in result.stderr
    assert run.store.numbers_of(DESK.name) == [address]
