"""Which parked events are meant: all filters hold together, and an id that is missing stops everything."""

import pytest

from operations.parked.filters import Filters, event_with_id, matching
from shared.errors import CommandDeclined, InvalidValue, NotFound
from tests.fakes import OUR_NUMBER
from tests.unit.cli.test_parked import command
from tests.unit.operations.operators import operator


def test_without_filters_all_events_of_the_tenant_match_the_oldest_first() -> None:
    assert [event.id for event in matching(operator(command()), Filters())] == ["SM1", "SM9-1"]


@pytest.mark.parametrize(
    ("filters", "ids"),
    [
        (Filters(reason="provider_refused", queue="outbound"), ["SM9-1"]),
        (Filters(reason="provider_refused", queue="inbound"), []),
        (Filters(number="(202) 555-0199", newer_than="1d"), ["SM9-1"]),
        (Filters(number="55555"), []),
    ],
)
def test_an_event_must_match_every_filter(filters: Filters, ids: list[str]) -> None:
    assert [event.id for event in matching(operator(command()), filters)] == ids


@pytest.mark.parametrize("event_id", ["SM2", "SM3", "SM9-1"])
def test_an_id_that_does_not_match_stops_everything_and_is_named(event_id: str) -> None:
    with pytest.raises(CommandDeclined, match=f"not parked, or not like this: {event_id}; see"):
        matching(operator(command()), Filters(reason="no_agent"), ["SM1", event_id])


@pytest.mark.parametrize("filters", [Filters(queue="outbond"), Filters(older_than="noon"), Filters(newer_than="5")])
def test_a_filter_that_makes_no_sense_is_an_error(filters: Filters) -> None:
    with pytest.raises(InvalidValue):
        matching(operator(command()), filters)


def test_an_empty_filter_is_a_filter() -> None:
    assert Filters(reason="").any_set
    assert not Filters().any_set


def test_an_event_of_another_tenant_is_not_to_be_had() -> None:
    assert event_with_id(operator(command()), "SM1").id == "SM1"
    with pytest.raises(NotFound):
        event_with_id(operator(command()), "SM3")


def test_no_repr_has_a_phone_number() -> None:
    assert OUR_NUMBER not in repr(Filters(number=OUR_NUMBER))
