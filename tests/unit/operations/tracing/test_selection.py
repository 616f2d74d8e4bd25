"""Choosing hops: by person or agent all hops of a text, by outcome or reason single ones; no other tenant's."""

from datetime import timedelta
from typing import Any

import pytest

from operations.tracing.hop import Hop
from operations.tracing.selection import HopFilters, selected
from shared.errors import CommandDeclined, InvalidValue, NotFound
from shared.messages import events
from shared.telemetry import CONVERSATION_DIGITS, LogEvent
from tests import fakes
from tests.fakes import NOW, OUR_NUMBER, PERSON, SALT
from tests.unit.cli.command import Command
from tests.unit.operations.operators import operator

STRANGER = "+12025550177"
AGENT = fakes.DESK.id


def command() -> Command:
    return Command.on(fakes.managed_tenant(), numbers=[OUR_NUMBER])


def conversation(person: str = PERSON, channel: str = "") -> str:
    whole = events.conversation_id(SALT, ours=channel + OUR_NUMBER, person=channel + person)
    return whole[:CONVERSATION_DIGITS]


def hop(event: LogEvent = LogEvent.ACCEPTED, text: str | None = "SM1", reason: str | None = None, **more: Any) -> Hop:  # noqa: ANN401 - any JSON value
    details = {"tenant": "acme", "correlation_id": text, **more}
    shown = {name: value for name, value in details.items() if value is not None}
    return Hop(f"{event} {text}", NOW - timedelta(seconds=1), "east", "receiver", event, reason, shown)


ACCEPTED = hop(conversation=conversation())
ANSWERED = hop(LogEvent.ANSWERED, agent=AGENT)
SENT = hop(LogEvent.SENT, agent=AGENT, reply="1")
OTHER = hop(text="SM2", conversation=conversation(STRANGER))
OTHERS_ANSWER = hop(LogEvent.ANSWERED, text="SM2", agent="Other001")
ALL = [ACCEPTED, ANSWERED, SENT, OTHER, OTHERS_ANSWER]


def among(hops: list[Hop], *, tenant: str | None = "acme", **filters: Any) -> list[Hop]:  # noqa: ANN401 - any filters
    return selected(operator(command(), tenant=tenant), HopFilters(**filters)).among(hops)


def test_without_filters_everything_of_the_tenant_is_meant() -> None:
    assert among([*ALL, hop(tenant="other"), hop(tenant=None)]) == ALL
    assert len(among([*ALL, hop(tenant="other"), hop(tenant=None)], tenant=None)) == 7


@pytest.mark.parametrize("typed", [PERSON, "(202) 555-0123", "202 555 0123"])
def test_a_person_has_all_hops_of_their_texts_also_those_that_do_not_name_the_conversation(typed: str) -> None:
    assert among(ALL, numbers=[typed]) == [ACCEPTED, ANSWERED, SENT]


@pytest.mark.parametrize("channel", ["whatsapp:", "rcs:"])
def test_a_person_is_found_by_every_channel(channel: str) -> None:
    found = hop(text="SM3", conversation=conversation(channel=channel))
    assert among([*ALL, found], numbers=[PERSON])[-1] == found


def test_an_agent_has_all_hops_of_its_texts_also_those_from_before_it_was_known() -> None:
    assert among(ALL, agents=["desk"]) == [ACCEPTED, ANSWERED, SENT]


def test_one_value_of_each_filter_must_fit() -> None:
    assert among(ALL, numbers=[PERSON, STRANGER], outcomes=[LogEvent.ANSWERED]) == [ANSWERED, OTHERS_ANSWER]
    assert among(ALL, numbers=[STRANGER], agents=["desk"]) == []
    assert among(ALL, outcomes=[LogEvent.SENT, LogEvent.ANSWERED]) == [ANSWERED, SENT, OTHERS_ANSWER]


def test_a_reason_is_why_a_text_was_refused_or_would_have_been() -> None:
    refused = hop(LogEvent.REFUSED, reason="invalid_signature")
    observed = hop(would_refuse="invalid_signature")
    assert among([*ALL, refused, observed], reasons=["invalid_signature", "no_agent"]) == [refused, observed]


def test_what_a_text_is_about_is_remembered() -> None:
    selection = selected(operator(command()), HopFilters(numbers=[PERSON]))
    assert selection.among([ACCEPTED]) == [ACCEPTED]
    assert selection.among([SENT, OTHER]) == [SENT]


def test_another_tenants_lines_say_nothing_about_a_text() -> None:
    same_id = hop(tenant="other", conversation=conversation())
    assert among([same_id, ANSWERED], numbers=[PERSON]) == []


@pytest.mark.parametrize("text", [None, ""])
def test_hops_without_an_id_belong_to_no_text(text: str | None) -> None:
    refused = hop(LogEvent.REFUSED, text=text, conversation=conversation(), reason="malformed")
    failed = hop(LogEvent.FAILED, text=text, reason="unavailable")
    assert among([refused, failed], numbers=[PERSON]) == [refused]


@pytest.mark.parametrize("value", [["x"], {"x": 1}, 1, True])
def test_odd_values_in_a_line_are_passed_over(value: object) -> None:
    assert among([hop(text="SM9", agent=value, conversation=value)], agents=["desk"], numbers=[PERSON]) == []


@pytest.mark.parametrize("typed", ["", "1-800-FLOWERS", "12", "+1 202"])
def test_declines_what_is_no_address_and_does_not_repeat_it(typed: str) -> None:
    with pytest.raises(InvalidValue) as declined:
        among(ALL, numbers=[typed])
    assert not typed or typed not in str(declined.value)


def test_declines_a_number_of_the_tenants_own_and_says_what_to_use() -> None:
    with pytest.raises(InvalidValue, match="--agent") as declined:
        among(ALL, numbers=[PERSON, OUR_NUMBER])
    assert OUR_NUMBER not in str(declined.value)


def test_declines_a_reason_that_no_line_can_have() -> None:
    with pytest.raises(InvalidValue, match="nopee"):
        among(ALL, reasons=["no_agent", "nopee"])


def test_declines_an_agent_that_does_not_exist() -> None:
    with pytest.raises(NotFound, match="nobody"):
        among(ALL, agents=["nobody"])


def test_takes_the_only_tenant_there_is_and_asks_for_one_of_several() -> None:
    other = hop(tenant="other", conversation=conversation(), text="SM7")
    assert among([*ALL, other], tenant=None, agents=["desk"]) == [ACCEPTED, ANSWERED, SENT]
    two = Command.on(fakes.managed_tenant(), fakes.managed_tenant(id="other", salt="ab" * 32))
    with pytest.raises(CommandDeclined, match="--tenant"):
        selected(operator(two, tenant=None), HopFilters(agents=["desk"]))


def test_a_filter_does_not_show_the_numbers() -> None:
    assert PERSON not in repr(HopFilters(numbers=[PERSON]))


STRANGERS = hop(LogEvent.REFUSED, text=None, tenant=None, reason="invalid_key")


@pytest.mark.parametrize(
    ("tenant", "filters", "leaves_out"),
    [
        ("acme", {}, True),
        ("acme", {"outcomes": [LogEvent.REFUSED]}, True),
        ("acme", {"reasons": ["invalid_key"]}, True),
        ("acme", {"outcomes": [LogEvent.SENT]}, False),
        ("acme", {"reasons": ["malformed"]}, False),
        ("acme", {"agents": ["desk"]}, False),
        (None, {}, False),
    ],
)
def test_knows_when_it_leaves_out_a_refusal_that_belongs_to_no_tenant(
    tenant: str | None, filters: dict[str, Any], *, leaves_out: bool
) -> None:
    selection = selected(operator(command(), tenant=tenant), HopFilters(**filters))
    assert selection.leaves_out_strangers([*ALL, STRANGERS]) == leaves_out
    assert not selection.leaves_out_strangers([*ALL, hop(LogEvent.REFUSED, reason="malformed", tenant="other")])
