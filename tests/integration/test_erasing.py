"""What docs/security.md says of erasing one number finds all that is kept of it, and nothing else."""

import hashlib
import json
import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from shared.aws.backend_states import DynamoBackendStates
from shared.aws.claims import DynamoClaims
from shared.aws.opt_outs import DynamoOptOuts
from shared.aws.parking import DynamoParking
from shared.aws.promises import DynamoPromises
from shared.aws.rate_limits import DynamoLimits
from shared.aws.reply_records import DynamoReplies
from shared.aws.sessions import DynamoSessions
from shared.messages import events
from shared.messages.outbound import Parked, Reply
from shared.messages.sessions import Parties, ReceivedText, SessionText
from tests import fakes
from tests.fakes import ACCOUNT, DESK, OUR_NUMBER
from tests.integration.tables import Tables
from tests.opt_out_fakes import stop
from tests.promises_of_texts import promise

SECURITY = (Path(__file__).parents[2] / "docs" / "security.md").read_text(encoding="utf-8")
PERSON, OTHER = "+12025550147", "+12025550166"
NOW = datetime.now(UTC)
LIFE = 3600.0


@dataclass
class Context:
    """Of Lambda's context what a claim needs."""

    aws_request_id: str = field(default="1")

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


def conversation(person: str) -> str:
    return events.conversation_id(fakes.tenant().salt, ours=OUR_NUMBER, person=person)


@pytest.fixture
def talked(tables: Tables) -> Tables:
    """Both have texted, were answered, have a text that waits and one that is parked, and said STOP."""
    limits, sessions = DynamoLimits(tables.dynamodb, tables.state), DynamoSessions(tables.dynamodb, tables.state)
    states = DynamoBackendStates(tables.dynamodb, tables.state, lambda: NOW)
    replies = DynamoReplies(tables.dynamodb, tables.state, life_seconds=LIFE)
    promises = DynamoPromises(tables.dynamodb, tables.state, life_seconds=LIFE)
    parking = DynamoParking(tables.dynamodb, tables.state, life_seconds=LIFE)
    opt_outs = DynamoOptOuts(tables.dynamodb, tables.state, life_seconds=LIFE)
    claims = DynamoClaims(tables.dynamodb, tables.claims, life_seconds=LIFE)
    claims.begin(Context())  # type: ignore[arg-type] # what a claim needs of it
    for person, sid in ((PERSON, "SM1"), (OTHER, "SM2")):
        group = f"acme.{conversation(person)}"
        limits.within("texts", group, sid, most=9, per=timedelta(minutes=1))
        turn = sessions.turn(group, ReceivedText(sid, NOW, Parties(OUR_NUMBER, person, "twilio", ACCOUNT)), DESK)
        assert turn
        states.keep(SessionText(group, turn.session_id, sid, "engine"), {"context": {"number": person}})
        opt_outs.stop(replace(stop(group, NOW), person=person))
        claims.once("ask", f"acme.{sid}", lambda sid=sid: {"messages": [f"to {sid}"]}, stage="east")  # type: ignore[misc]
        reply = Reply("acme", f"{sid}-1", "desk", conversation(person), sid, attempted_at=None)
        replies.attempt(reply, at=NOW)
        later = promise(f"{sid}L", conversation=conversation(person), recipient=person, in_reply_to=f"{sid}L")
        promises.make(later)
        event = {"id": f"{sid}p", "data": {"from": person, "to": OUR_NUMBER, "text": "private"}}
        parking.park(Parked("acme", f"{sid}p", "inbound", group, "no_agent", "", OUR_NUMBER, NOW, event))
    return tables


def asked(begins: str) -> dict[str, Any]:
    """A scan of the page, whose filter begins like this, as boto3 takes it."""
    match = re.search(
        rf"--filter-expression '({re.escape(begins)}[^']*)' \\\n\s+--expression-attribute-values '([^']*)'", SECURITY
    )
    assert match, f"docs/security.md has no scan for {begins}"
    values = match[2].replace("CONVERSATION", conversation(PERSON))
    return {"FilterExpression": match[1], "ExpressionAttributeValues": json.loads(values)}


def test_finds_what_is_parked_of_the_person_alone(talked: Tables) -> None:
    items = talked.dynamodb.scan(TableName=talked.state, **asked("pk = :parked"))["Items"]
    assert [item["id"]["S"] for item in items] == ["SM1p"]


@pytest.mark.parametrize("digits", [16, 64])
def test_finds_session_limits_opt_out_replies_and_promises_of_the_person_alone_by_the_digits_in_a_log(
    talked: Tables, digits: int
) -> None:
    scan = json.loads(json.dumps(asked("begins_with")).replace(conversation(PERSON), conversation(PERSON)[:digits]))
    found = talked.dynamodb.scan(TableName=talked.state, **scan)["Items"]
    group = f"acme.{conversation(PERSON)}"
    assert {item["pk"]["S"] for item in found} == {
        "session#acme",
        f"session#{group}",
        f"limit#{group}",
        "optout#acme",
        "reply#acme#SM1-1",
        "promise#acme#SM1L",
    }
    assert [item["person"]["S"] for item in found if "person" in item] == [PERSON]


def test_nothing_of_the_person_is_left_in_the_state_table(talked: Tables) -> None:
    for begins in ("pk = :parked", "begins_with"):
        for item in talked.dynamodb.scan(TableName=talked.state, **asked(begins))["Items"]:
            talked.dynamodb.delete_item(TableName=talked.state, Key={"pk": item["pk"], "sk": item["sk"]})
    remaining = json.dumps(talked.items(talked.state))
    for gone in (PERSON, conversation(PERSON), "SM1"):
        assert gone not in remaining
    for kept in (OTHER, conversation(OTHER), "SM2"):
        assert kept in remaining


def test_the_digest_is_the_key_of_the_answer(talked: Tables) -> None:
    assert """printf '"acme.%s"' "$SID" | sha256sum""" in SECURITY
    key = "ask#" + hashlib.sha256(b'"acme.SM1"').hexdigest()
    item = talked.dynamodb.get_item(TableName=talked.claims, Key={"id": {"S": key}})["Item"]
    assert "to SM1" in item["data"]["S"]
