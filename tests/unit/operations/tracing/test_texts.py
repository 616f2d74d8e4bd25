"""Which texts are traced, and what a traced text is."""

from datetime import timedelta

import pytest

from operations.stage.deployed_stack import LogLine
from operations.tracing.outcomes import TraceState
from operations.tracing.why import TEXTS_MAX, find_out
from operations.tracing.window import Window, around
from shared.errors import InvalidValue
from shared.telemetry import LogEvent
from tests.fakes import NOW, PERSON
from tests.unit.cli.test_tracing import ACCEPTED, ALL, ANSWERED, CONVERSATION, REPLY_SID, TEXT, command, line
from tests.unit.operations.operators import operator

DAY = Window(NOW - timedelta(days=1))


def accepted(number: int, *, ago: float, conversation: str = CONVERSATION) -> LogLine:
    return line("receiver", "Accepted", ago=ago, text=f"SM{number:032}", conversation=conversation)


@pytest.mark.parametrize("query", [TEXT, f"{TEXT}-1", REPLY_SID, PERSON])
def test_a_traced_text_has_its_hops_in_order_of_time_and_a_verdict(query: str) -> None:
    traced = find_out(operator(command(*reversed(ALL))), query, DAY)
    [text] = traced.texts
    assert [hop.event for hop in text.hops] == [
        LogEvent.ACCEPTED,
        LogEvent.ANSWERED,
        LogEvent.SENT,
        LogEvent.DELIVERED,
    ]
    assert (text.verdict.state, traced.total) == (TraceState.ARRIVED, 1)


def test_of_a_persons_many_texts_the_latest_are_traced_and_all_are_counted() -> None:
    lines = [accepted(number, ago=100 - number) for number in range(TEXTS_MAX + 3)]
    someone_else = accepted(99, ago=50, conversation="0" * len(CONVERSATION))
    traced = find_out(operator(command(*reversed(lines), someone_else)), PERSON, DAY)
    assert [text.id for text in traced.texts] == [f"SM{number:032}" for number in range(3, TEXTS_MAX + 3)]
    assert traced.total == TEXTS_MAX + 3


def test_a_text_of_the_window_is_followed_until_now() -> None:
    late_answer = line("forwarder", "Answered", ago=1, text=f"SM{1:032}")
    [text] = find_out(
        operator(command(accepted(1, ago=3600), late_answer)),
        PERSON,
        around("2026-11-23T11:00", timedelta(minutes=5)),
    ).texts
    assert [hop.event for hop in text.hops] == [LogEvent.ACCEPTED, LogEvent.ANSWERED]


def test_of_what_no_line_tells_there_is_no_text() -> None:
    traced = find_out(operator(command(ACCEPTED, ANSWERED)), "SM" + "9" * 32, DAY)
    assert traced.texts == []


def test_the_verdict_names_commands_for_the_stage_it_was_asked_of() -> None:
    [text] = find_out(operator(command(ACCEPTED), local=True), TEXT, DAY).texts
    assert text.verdict.see == ("./sms --local --stage east --tenant acme doctor",)


@pytest.mark.parametrize("query", ["1-800-FLOWERS", "whatsapp:+1202", "", "12", "SM1_2_3_4_5_6"])
def test_what_is_neither_an_id_nor_an_address_is_an_error_that_does_not_repeat_it(query: str) -> None:
    with pytest.raises(InvalidValue) as raised:
        find_out(operator(command()), query, DAY)
    assert not query or query not in str(raised.value)


@pytest.mark.parametrize("typed", ["2026-11-23T11:00", "2026-11-23T12:00+01:00", "2026-11-23T11:00:00Z"])
def test_a_window_reaches_to_either_side_of_a_moment_in_utc_unless_it_has_an_offset(typed: str) -> None:
    window = around(typed, timedelta(minutes=5))
    assert (NOW - window.begin, NOW - (window.end or NOW)) == (timedelta(minutes=65), timedelta(minutes=55))


@pytest.mark.parametrize("typed", ["noon", "", "2026-13-01T00:00"])
def test_what_is_no_time_is_an_error_that_shows_one(typed: str) -> None:
    with pytest.raises(InvalidValue, match="the time must look like 2026-11-25T13:30"):
        around(typed, timedelta(minutes=5))
