"""The latest texts of a tenant: what is searched for, and what is said when there is too much of it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from operations.tracing.latest_texts import FOUND_MAX, STATES, TextFilters, latest_texts
from operations.tracing.outcomes import TraceState
from operations.tracing.provider_message import ProviderMessage
from operations.tracing.window import Window
from shared.errors import InvalidValue, NotFound, Unavailable
from tests import fakes
from tests.fakes import ACCOUNT, DESK, NOW, OUR_NUMBER, PERSON
from tests.unit.cli.command import Command
from tests.unit.cli.test_tracing import ALL, CONVERSATION, TEXT, command, line
from tests.unit.operations.operators import operator

HOUR = Window(NOW - timedelta(hours=1))
EVERYTHING = TextFilters()


def ids(made: Command, filters: TextFilters = EVERYTHING) -> list[str]:
    return [text.id for text in latest_texts(operator(made), HOUR, filters).texts]


def many(count: int) -> Command:
    return command(
        *(
            line("receiver", "Accepted", ago=number, text=f"SM{number:032}", conversation=CONVERSATION)
            for number in range(count)
        )
    )


def test_a_text_has_its_first_time_its_stages_its_agent_and_its_verdict() -> None:
    answered = line("forwarder", "Answered", ago=9, agent=DESK.id)
    far = line("statuses", "Delivered", ago=1, reply="1")
    [text] = latest_texts(operator(command(*ALL[:1], answered, far=(far,))), HOUR, EVERYTHING).texts
    assert (text.id, text.at, text.stages) == (TEXT, NOW - timedelta(seconds=10), ["east", "south"])
    assert (text.agent, text.verdict.state) == (DESK.name, TraceState.ARRIVED)


def test_every_state_that_log_lines_show_can_be_chosen() -> None:
    """A state that is none of these would be in the list and could not be found there."""
    never_listed = {TraceState.TAKEN_OUT, TraceState.UNCLEAR, TraceState.UNKNOWN, TraceState.UNREACHED}
    assert set(STATES) == set(TraceState) - never_listed
    begun = line("api", "SessionBegun", ago=1, text=f"SE{7:032}")
    assert ids(command(begun), TextFilters(state="session")) == [f"SE{7:032}"]


def test_an_agent_that_was_deleted_is_named_by_its_id() -> None:
    [text] = latest_texts(operator(command(line("sender", "Sent", ago=1, agent="Gone0001"))), HOUR, EVERYTHING).texts
    assert text.agent == "Gone0001"


def test_lines_without_a_tenant_or_an_id_are_no_texts() -> None:
    nameless = line("sender", "Failed", ago=1)
    strangers = replace(nameless, text=nameless.text.replace('"tenant": "acme"', '"credential": "acme"'))
    assert ids(command(strangers, *ALL)) == [TEXT]


def test_a_person_or_a_number_with_too_many_texts_has_the_latest_ones_and_that_is_said() -> None:
    made = many(FOUND_MAX + 5)
    found = latest_texts(operator(made), HOUR, TextFilters(person=PERSON))
    assert [text.id for text in found.texts] == [f"SM{number:032}" for number in range(FOUND_MAX)]
    assert not found.complete
    assert latest_texts(operator(many(5)), HOUR, TextFilters(person=PERSON)).complete


def test_a_provider_that_does_not_answer_makes_a_list_by_number_incomplete() -> None:
    made = many(1)
    made.messages.failing = Unavailable("Twilio does not answer")
    found = latest_texts(operator(made), HOUR, TextFilters(number=OUR_NUMBER))
    assert (found.texts, found.complete) == ([], False)


def test_texts_of_a_number_that_never_came_to_us_are_not_listed() -> None:
    made = many(1)
    made.messages.kept = [
        ProviderMessage(sid, PERSON, OUR_NUMBER, is_inbound=True, at=NOW, account=ACCOUNT)
        for sid in (f"SM{0:032}", "SM" + "7" * 32)
    ]
    assert ids(made, TextFilters(number=OUR_NUMBER)) == [f"SM{0:032}"]


def test_a_tenant_with_very_many_numbers_needs_to_know_which_one_a_person_wrote_to() -> None:
    numbers = [f"+1202556{number:04}" for number in range(FOUND_MAX + 1)]
    made = Command.on(fakes.managed_tenant(), numbers=[OUR_NUMBER, *numbers])
    made.logs = {"receiver": [ALL[0]]}
    with pytest.raises(InvalidValue, match=r"say which one the person wrote to"):
        ids(made, TextFilters(person=PERSON))
    assert ids(made, TextFilters(person=PERSON, number=OUR_NUMBER)) == [TEXT]


@pytest.mark.parametrize(
    ("filters", "error"),
    [
        (TextFilters(state="wondrous"), InvalidValue),
        (TextFilters(agent="nobody"), NotFound),
        (TextFilters(number="a name"), InvalidValue),
    ],
)
def test_what_cannot_be_meant_is_declined(filters: TextFilters, error: type[Exception]) -> None:
    with pytest.raises(error):
        ids(command(*ALL), filters)
