"""Addresses that are no phone numbers for SMS: agents have them, receive and answer there, and people opt out there."""

import secrets
from collections.abc import Callable
from typing import Any

import pytest

from devstack.person import Person
from tests.e2e import programs
from tests.e2e.lines import Line, fresh_number
from tests.e2e.operators import done
from tests.e2e.talks import Talk, Talks


def digits(count: int) -> str:
    """Digits that begin with no zero."""
    return str(10 ** (count - 1) + secrets.randbelow(9 * 10 ** (count - 1)))


KINDS: dict[str, Callable[[], tuple[str, str]]] = {
    "short code": lambda: (digits(6), fresh_number()),
    "rcs": lambda: (f"rcs:acme_{digits(8)}", f"rcs:{fresh_number()}"),
    "messenger": lambda: (f"messenger:{digits(15)}", f"messenger:{digits(16)}"),
    "whatsapp": lambda: (f"whatsapp:{fresh_number()}", f"whatsapp:{fresh_number()}"),
    "whatsapp user name": lambda: (f"whatsapp:{fresh_number()}", f"whatsapp:FI.{digits(18)}"),
}
"""Of each kind an address of ours, and a person's."""


def operate(line: Line, *arguments: str) -> Any:  # noqa: ANN401 - the command's JSON
    """What the command prints, for this line's tenant and stage."""
    return done("--tenant", line.tenant, "--stage", line.stage, *arguments)


def somebody_at(talks: Talks, talk: Talk, ours: str, person: str) -> Person:
    """Somebody who texts an address that was given to the line's agent."""
    talks.lines.secret.update({ours.rpartition(":")[2], person.rpartition(":")[2]})
    operate(talk.line, "number", "assign", ours, "--agent", "helper")
    talks.phones.set_number(ours, account=talk.line.account, webhook=talk.line.webhook)
    return Person(person, ours, talks.phones, talks.backend)


@pytest.mark.parametrize("kind", KINDS)
def test_an_agent_receives_answers_and_texts_first_at_any_address(talks: Talks, kind: str) -> None:
    talk = talks.begin("east", statuses=True)
    ours, theirs = KINDS[kind]()
    person = somebody_at(talks, talk, ours, theirs)

    person.text("Are you open?")

    assert person.sees(1) == ["You said: Are you open?"]
    [heard] = person.heard()
    assert (heard.event["data"]["from"], heard.event["data"]["to"]) == (theirs, ours)
    asked = programs.send(talk.line, **{"from": ours, "to": theirs, "text": "We open at nine."})
    assert asked.status_code == 202, asked.text
    assert person.sees(2)[1:] == ["We open at nine."]
    assert talks.backend.wait(lambda _: person.statuses().count("delivered") == 2)
    [text] = [text for text in operate(talk.line, "trace", theirs, "--since", "10m") if text["id"].startswith("SM")]
    assert text["state"] == "arrived"


def test_the_address_of_a_channel_has_an_agent_of_its_own(talks: Talks) -> None:
    talk = talks.begin("east")
    operate(talk.line, "agent", "create", "--name", "echo", "--kind", "sms", "--region", "east", "--backend", "echo")
    talks.lines.secret.add(theirs := fresh_number())
    ours = f"whatsapp:{talk.line.number}"
    operate(talk.line, "number", "assign", ours, "--agent", "echo")
    by_whatsapp = Person(f"whatsapp:{theirs}", ours, talks.phones, talks.backend)
    by_rcs = Person(f"rcs:{theirs}", f"rcs:{talk.line.number}", talks.phones, talks.backend)

    for person in (by_whatsapp, by_rcs):
        person.text("Hello")
        assert len(person.sees(1)) == 1

    assert by_whatsapp.heard() == [], "the other agent has a backend of its own"
    assert len(by_rcs.heard()) == 1, "what the number gets on another channel is its agent's"


def test_a_mexican_number_is_one_person_in_both_forms(talks: Talks) -> None:
    talk = talks.begin("south")
    national = "55" + digits(8)
    delivered, written = f"whatsapp:+521{national}", f"whatsapp:+52{national}"
    talks.lines.secret.add(national)
    ours = f"whatsapp:{talk.line.number}"
    first, second = (Person(address, ours, talks.phones, talks.backend) for address in (delivered, written))

    first.text("Hola")
    assert first.sees(1) == ["You said: Hola"]
    second.text("Sigo aquí")
    assert second.sees(1) == ["You said: Sigo aquí"]

    events = [person.heard()[0].event["data"] for person in (first, second)]
    assert len({event["conversation"] for event in events}) == 1
    assert [event["session"]["turn"] for event in events] == [1, 2]
    assert [event["from"] for event in events] == [delivered, written]

    first.text("STOP")
    assert talks.backend.wait(lambda _: len(first.heard()) == 2)
    assert talk.queues.settle()
    refused = programs.send(talk.line, to=written, text="Su mesa está lista.")
    assert (refused.status_code, refused.json()["reason"]) == (403, "opted_out")


def test_an_operator_sees_adds_and_removes_opt_outs(talks: Talks) -> None:
    talk = talks.begin("east")
    ours, theirs = KINDS["rcs"]()
    person = somebody_at(talks, talk, ours, theirs)
    ask = {"from": ours, "to": theirs, "text": "Your table is ready."}

    person.text("STOP")
    assert talks.backend.wait(lambda _: len(person.heard()) == 1)
    assert person.heard()[0].event["data"]["opt_out"] == "STOP"
    assert talk.queues.settle()
    [listed] = operate(talk.line, "optout", "list", "--full")
    assert (listed["person"], listed["number"], listed["by"]) == (theirs, ours, "person")
    assert programs.send(talk.line, **ask).status_code == 403

    operate(talk.line, "optout", "remove", theirs, "--number", ours, "--yes")
    assert operate(talk.line, "optout", "list") == []
    assert programs.send(talk.line, **ask).status_code == 202
    assert person.sees(1) == ["Your table is ready."]

    operate(talk.line, "optout", "add", theirs, "--number", ours)
    [listed] = operate(talk.line, "optout", "list")
    assert (listed["person"], listed["by"]) == (f"…{theirs[-4:]}", "operator")
    assert programs.send(talk.line, **ask).status_code == 403
    person.text("START")
    assert person.sees(2)[1:] == ["You said: START"]
