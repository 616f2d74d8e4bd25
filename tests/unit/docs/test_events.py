"""docs/events.md explains every field of the events, by examples that are some."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from shared.messages import events
from shared.messages.journal import ENTRY, Happening
from tests.descriptions import check_event, description
from tests.unit.docs.test_docs import rows

EVENTS = Path(__file__).parents[3] / "docs" / "events.md"
EXAMPLES = [
    json.loads(text) for text in re.findall(r"```json\n(.*?)```", EVENTS.read_text(encoding="utf-8"), re.DOTALL)
]
KINDS = (events.RECEIVED, events.SEND, events.RESEND, events.STATUS)
SCHEMAS = [description(f"schemas/{kind}.json") for kind in KINDS]


def fields(schema: dict[str, Any]) -> set[str]:
    return set(schema["properties"]["data"]["properties"])


def test_the_examples_of_events_are_some() -> None:
    assert {example["type"] for example in EXAMPLES} == {*KINDS, ENTRY}
    for example in EXAMPLES:
        check_event(example)
        with pytest.raises(AssertionError):
            check_event({**example, "invented": True})


def test_what_a_journal_tells_is_explained_with_its_ids() -> None:
    told = {word for words in rows(EVENTS, "`event`") for word in words.split(", ")}
    assert {word.strip("`") for word in told} == {"event", *Happening}


def test_the_events_fields_are_all_explained() -> None:
    attributes = {name for schema in SCHEMAS for name in schema["properties"]}
    assert set(rows(EVENTS, "field")) == attributes
    assert set(rows(EVENTS, "field of `data`")) == {name for schema in SCHEMAS for name in fields(schema)}


def test_the_fields_are_said_to_be_in_the_events_that_have_them() -> None:
    for name, (kinds, *_) in rows(EVENTS, "field of `data`").items():
        having = [kind.split(".")[2] for kind, schema in zip(KINDS, SCHEMAS, strict=True) if name in fields(schema)]
        told = having if kinds == "all" else re.findall(r"\b(?:received|send|resend|status)\b", kinds)
        assert told == having, f"docs/events.md says that {name} is in {kinds}"
