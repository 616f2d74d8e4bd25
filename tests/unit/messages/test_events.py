"""The event on the queue: held to the schema that is published."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker

from shared.messages import events
from shared.messages.inbound import InboundMessage
from tests.fakes import (
    NOW,
    OUR_NUMBER,
    PERSON,
    PROVIDER,
    REST_SECRET,
    SALT,
    SAMPLES,
    TOKEN,
    inbound,
    sample,
    schema,
    tenant,
)
from tests.provider import PROVIDERS, RECORDINGS, as_sent, webhook

SCHEMA = Draft202012Validator(schema("sms.message.received.v1"), format_checker=FormatChecker())
any_text = st.text(st.characters(exclude_categories=["Cs"]))
any_name = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters=":"), min_size=1, max_size=11)


def message(fields: list[tuple[str, str]]) -> InboundMessage:
    return PROVIDERS[0].parse(webhook(fields))


def event_of(fields: list[tuple[str, str]], now: datetime = NOW) -> dict[str, Any]:
    """The event as the agent's side reads it: through JSON."""
    event: dict[str, Any] = json.loads(json.dumps(events.received(tenant(), message(fields), stage="east", now=now)))
    return event


@pytest.mark.parametrize("name", RECORDINGS)
def test_matches_the_published_schema_for_each_kind_of_message(name: str) -> None:
    recorded = sample(name)
    event = event_of(list(recorded["fields"].items()))
    SCHEMA.validate(event)
    expected = recorded["expected"]
    assert event["id"] == event["data"]["message_id"] == expected["message_id"]
    assert event["data"]["account"] == expected["account"]
    assert (event["data"]["from"], event["data"]["to"]) == (expected["sender"], expected["recipient"])
    assert (event["data"]["text"], event["data"]["media"]) == (expected["text"], expected["media"])
    assert event["data"]["fields"] == {name: [value] for name, value in recorded["fields"].items()}


@given(st.dictionaries(any_text, any_text, max_size=5), any_text, any_name)
def test_matches_the_published_schema_whatever_is_texted(extra: dict[str, str], text: str, sender: str) -> None:
    fields = extra | dict(inbound(Body=text, From=sender))
    event = event_of(list(fields.items()))
    SCHEMA.validate(event)
    assert event["data"]["fields"] == {name: [value] for name, value in as_sent(fields.items())}
    assert (event["data"]["text"], event["data"]["from"]) == (text, sender)


def test_names_stage_provider_and_tenant() -> None:
    event = event_of(inbound())
    assert (event["source"], event["tenant"]) == (f"/sms-receiver/east/{PROVIDER}", "acme")
    assert (event["data"]["provider"], event["datacontenttype"]) == (PROVIDER, "application/json")


@pytest.mark.parametrize(
    ("now", "written"),
    [
        (datetime(2026, 11, 23, 12, 0, 0, 999_999, tzinfo=UTC), "2026-11-23T12:00:00.999+00:00"),
        (datetime(2026, 11, 23, 12, 0, tzinfo=timezone(timedelta(hours=1))), "2026-11-23T12:00:00.000+01:00"),
    ],
)
def test_the_time_names_its_zone(now: datetime, written: str) -> None:
    event = event_of(inbound(), now)
    SCHEMA.validate(event)
    assert event["time"] == written


def test_the_conversation_is_the_subject_and_names_no_number() -> None:
    event = event_of(inbound())
    assert event["subject"] == event["data"]["conversation"]
    outside_data = json.dumps({name: value for name, value in event.items() if name != "data"})
    for number in (PERSON[1:], OUR_NUMBER[1:]):
        assert number not in outside_data


def test_the_conversation_id_does_not_depend_on_the_texts() -> None:
    first = event_of(inbound(Body="a", MessageSid="SM" + "1" * 32))
    second = event_of(inbound(Body="b", MessageSid="SM" + "2" * 32))
    assert first["subject"] == second["subject"]
    assert first["subject"] == events.conversation_id(tenant().salt, ours=OUR_NUMBER, person=PERSON)


@given(
    ours=st.text(max_size=30), middle=st.text("\n0123456789:+,", min_size=1, max_size=5), person=st.text(max_size=30)
)
def test_no_character_moves_the_border_between_the_two_addresses(ours: str, middle: str, person: str) -> None:
    longer = events.conversation_id(SALT, ours=ours + middle, person=person)
    assert longer != events.conversation_id(SALT, ours=ours, person=middle + person)
    assert longer != events.conversation_id(SALT, ours=ours, person=person)


def test_a_line_break_in_a_name_makes_no_other_conversation() -> None:
    first = events.conversation_id(SALT, ours=OUR_NUMBER, person=f"A\n{PERSON}")
    assert first != events.conversation_id(SALT, ours=f"{OUR_NUMBER}\nA", person=PERSON)


def test_nothing_secret_is_in_an_event() -> None:
    written = json.dumps(event_of(inbound()))
    for secret in (TOKEN, REST_SECRET, SALT):
        assert secret not in written


@pytest.mark.parametrize("name", sorted(event_of(inbound())))
def test_the_schema_requires_every_attribute(name: str) -> None:
    event = event_of(inbound())
    del event[name]
    assert list(SCHEMA.iter_errors(event))


@pytest.mark.parametrize("name", sorted(event_of(inbound())["data"]))
def test_the_schema_requires_every_field_of_the_data(name: str) -> None:
    event = event_of(inbound())
    del event["data"][name]
    assert list(SCHEMA.iter_errors(event))


@pytest.mark.parametrize(
    "change",
    [
        {"further": 1},
        {"specversion": "1.1"},
        {"type": "sms.message.received.v2"},
        {"id": ""},
        {"id": "SM 1"},
        {"time": "yesterday"},
        {"subject": PERSON},
        {"tenant": "A"},
        {"source": "twilio"},
        {"data": {}},
        {"data": event_of(inbound())["data"] | {"further": 1}},
        {"data": event_of(inbound())["data"] | {"fields": {"From": PERSON}}},
        {"data": event_of(inbound())["data"] | {"media": [{"url": "https://a/0"}]}},
    ],
)
def test_the_schema_refuses_what_we_never_send(change: dict[str, Any]) -> None:
    assert list(SCHEMA.iter_errors(event_of(inbound()) | change))


@pytest.mark.parametrize("name", sorted(path.stem for path in (SAMPLES.parents[1] / "docs" / "schemas").iterdir()))
def test_the_schemas_are_valid_and_have_descriptions(name: str) -> None:
    published = schema(name)
    Draft202012Validator.check_schema(published)
    assert published["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert published["description"]
    for example in published["examples"]:
        Draft202012Validator(published, format_checker=FormatChecker()).validate(example)
