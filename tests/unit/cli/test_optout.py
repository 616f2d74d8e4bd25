"""`sms optout`: who has opted out where the provider does not keep it."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.errors import Unavailable
from shared.messages import events
from shared.messages.outbound import StoppedConversation
from tests import fakes
from tests.fakes import NOW, OUR_NUMBER, PERSON
from tests.unit.cli.command import Command

OURS, THEIRS = f"whatsapp:{OUR_NUMBER}", f"whatsapp:{PERSON}"
CONVERSATION = events.conversation_id(fakes.tenant().salt, ours=OURS, person=THEIRS)
STOPPED = StoppedConversation("acme", CONVERSATION, OURS, THEIRS, NOW - timedelta(days=1))
ADD = ("optout", "add", THEIRS, "--number", OUR_NUMBER)
REMOVE = ("optout", "remove", THEIRS, "--number", OUR_NUMBER)


def command(*stopped: StoppedConversation) -> Command:
    made = Command.on(fakes.managed_tenant(), numbers=[OUR_NUMBER])
    for each in stopped:
        made.opt_outs.stop(each)
    return made


def has_stopped(made: Command) -> bool:
    return made.opt_outs.has_stopped(f"acme.{CONVERSATION}")


def test_lists_who_has_opted_out_without_showing_their_addresses() -> None:
    made = command(STOPPED, replace(STOPPED, conversation="d" * 64, by_operator=True))
    assert made.json("optout", "list") == [
        {
            "person": "…0123",
            "number": "…0199",
            "channel": "whatsapp",
            "since": "2026-11-22T12:00:00+00:00",
            "by": by,
        }
        for by in ("person", "operator")
    ]
    for output in (made.run("optout", "list").output, made.run("optout", "list", "--json").output):
        assert PERSON not in output
        assert OUR_NUMBER not in output


def test_shows_whole_addresses_when_asked_to() -> None:
    [shown] = command(STOPPED).json("optout", "list", "--full")
    assert (shown["person"], shown["number"]) == (THEIRS, OURS)
    assert THEIRS in command(STOPPED).run("optout", "list", "--full").stdout


def test_lists_nobody_of_another_tenant_and_says_when_there_is_nobody() -> None:
    made = command(replace(STOPPED, tenant="other"))
    assert made.json("optout", "list") == []
    assert "Nobody has opted out" in made.run("optout", "list").stderr


def test_adds_an_opt_out_and_writes_it_into_the_audit_log_without_the_addresses() -> None:
    made = command()
    assert made.json(*ADD) == {"person": THEIRS, "opted_out": True, "changed": True}
    assert has_stopped(made)
    [[stopped]] = made.opt_outs.stopped("acme")
    assert stopped == replace(STOPPED, at=NOW, by_operator=True)
    [record] = made.audit.kept
    assert (record["what"], record["which"]) == ("optout.add", {"person": "…0123", "number": "…0199"})
    assert PERSON not in json.dumps(made.audit.kept)


def test_a_persons_own_stop_stays_as_it_is() -> None:
    made = command(STOPPED)
    assert made.json(*ADD)["changed"] is False
    assert list(made.opt_outs.stopped("acme")) == [[STOPPED]]
    assert made.audit.kept == []


def test_removes_an_opt_out_after_asking() -> None:
    made = command(STOPPED)
    made.terminal = True
    assert made.run(*REMOVE, typed="n\n").exit_code == 1
    assert has_stopped(made)
    assert made.run(*REMOVE, typed="y\n").exit_code == 0
    assert not has_stopped(made)
    assert [record["what"] for record in made.audit.kept] == ["optout.remove"]


@pytest.mark.parametrize("typed", ["whatsapp:+525512345678", "WhatsApp: +52 1 55 1234 5678"])
def test_finds_a_person_in_whichever_form_their_number_is_typed(typed: str) -> None:
    person = "whatsapp:+5215512345678"
    conversation = events.conversation_id(fakes.tenant().salt, ours=OURS, person=person)
    made = command(replace(STOPPED, conversation=conversation, person=person))
    made.json("optout", "remove", typed, "--number", OURS, "--yes")
    assert list(made.opt_outs.stopped("acme")) == []


def test_what_was_removed_is_a_persons_to_stop_again() -> None:
    made = command(STOPPED)
    made.json(*REMOVE, "--yes")
    made.opt_outs.stop(replace(STOPPED, at=NOW + timedelta(seconds=1)))
    assert has_stopped(made)


@pytest.mark.parametrize(
    ("args", "why"),
    [
        (("add", PERSON, "--number", OUR_NUMBER), "the provider keeps who opted out of this address"),
        (("remove", PERSON, "--number", OUR_NUMBER, "--yes"), "the provider keeps who opted out of this address"),
        (("add", THEIRS, "--number", "+12025550177"), "no agent of tenant 'acme' has this address"),
        (("add", THEIRS, "--number", "rcs:acme"), "on different channels, rcs and whatsapp"),
        (("add", "messenger:123", "--number", "68849"), "on different channels"),
        (("add", "12", "--number", OUR_NUMBER), "this is not a phone number"),
        (("add", THEIRS, "--number", "SUPPORT"), "no agent can have it"),
        (("remove", THEIRS, "--number", OUR_NUMBER, "--yes"), "has not opted out of this address, on this stage"),
    ],
)
def test_declines_what_would_change_nothing(args: tuple[str, ...], why: str) -> None:
    made = command()
    assert why in made.declined("optout", *args)
    assert made.opt_outs.kept == {}
    assert made.audit.kept == []


@pytest.mark.parametrize("address", ["68849", "rcs:acme_agent", "messenger:1234567890"])
def test_an_address_of_any_kind_that_the_provider_does_not_look_after_has_opt_outs(address: str) -> None:
    person = {"6": PERSON, "r": f"rcs:{PERSON}", "m": "messenger:987"}[address[0]]
    made = Command.on(fakes.managed_tenant(), numbers=[address])
    assert made.json("optout", "add", person, "--number", address)["opted_out"]
    [[stopped]] = made.opt_outs.stopped("acme")
    assert (stopped.ours, stopped.person) == (address, person)


def test_an_address_of_another_tenant_is_not_this_tenants_to_stop() -> None:
    made = Command.on(fakes.managed_tenant(id="other"), fakes.managed_tenant(), numbers=["rcs:theirs"])
    made.tenant = "acme"
    assert "no agent of tenant 'acme' has this address" in made.declined(
        "optout", "add", f"rcs:{PERSON}", "--number", "rcs:theirs"
    )


@pytest.mark.parametrize("args", [("optout", "list"), ADD, (*REMOVE, "--yes")])
def test_says_when_the_table_does_not_answer(args: tuple[str, ...]) -> None:
    made = command()
    made.opt_outs.failing = Unavailable("DynamoDB is away")
    assert "DynamoDB is away" in made.declined(*args)
