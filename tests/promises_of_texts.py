"""Promises of later answers, for tests."""

from dataclasses import replace
from datetime import datetime, timedelta

from shared.messages import events
from shared.messages.events import AnswerEnvelope
from shared.messages.promises import Promise
from tests.fakes import ACCOUNT, NOW, OUR_NUMBER, PERSON, PROVIDER, SALT

TEXT_ID = "SM" + "5" * 32
DUE_AT = NOW + timedelta(minutes=5)
CONVERSATION = events.conversation_id(SALT, ours=OUR_NUMBER, person=PERSON)
ENVELOPE = AnswerEnvelope(
    source=f"/sms-receiver/east/{PROVIDER}",
    tenant="acme",
    agent="desk",
    provider=PROVIDER,
    account=ACCOUNT,
    conversation=CONVERSATION,
    sender=OUR_NUMBER,
    recipient=PERSON,
    answer_id=f"{TEXT_ID}-f",
    in_reply_to=TEXT_ID,
    received_at=NOW.isoformat(timespec="milliseconds"),
)


def promise(text_id: str = TEXT_ID, *, due_at: datetime = DUE_AT, **changes: str) -> Promise:
    """The promise of an answer to a text; `changes` are those of its envelope."""
    return Promise(text_id, replace(ENVELOPE, **changes), due_at)
