"""What of a parked event is hidden until an operator asks for it."""

from typing import Any

import pytest

from operations.parked.written import without_text
from shared.messages import events
from shared.messages.inbound import InboundMessage
from tests.fakes import NOW, OUR_NUMBER, managed_tenant
from tests.unit.messages.outbound_events import outbound

SECRET = "my-secret-wish"


def received() -> dict[str, Any]:
    message = InboundMessage("twilio", "SM1", "AC1", "+12025550123", OUR_NUMBER, SECRET, (), {"Body": (SECRET,)})
    return events.received(managed_tenant(), message, stage="east", now=NOW)


@pytest.mark.parametrize("event", [received(), outbound("SM1", text=SECRET)], ids=["text", "message"])
@pytest.mark.parametrize("name", ["media", "media_urls", "anything"])
def test_neither_texts_nor_links_nor_what_a_program_added_are_shown(event: dict[str, Any], name: str) -> None:
    data = {**event["data"], name: [f"https://media.example.com/{SECRET}"]}
    shown = without_text({**event, "data": data, "more": SECRET}, placeholder="hidden")
    assert SECRET not in str(shown)
    assert shown["data"].keys() == data.keys()
    assert (shown["id"], shown["data"]["to"]) == (event["id"], event["data"]["to"])


@pytest.mark.parametrize(
    "event", [{"data": SECRET}, {"data": [SECRET]}, {"text": SECRET}, {SECRET[:2]: SECRET}], ids=str
)
def test_what_is_no_event_of_ours_shows_nothing(event: dict[str, Any]) -> None:
    assert SECRET not in str(without_text(event, placeholder="hidden"))


def test_an_event_without_data_is_shown() -> None:
    assert without_text({"id": "1"}, placeholder="hidden") == {"id": "1"}
