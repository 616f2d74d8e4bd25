"""What is on its way to a person who has said STOP meanwhile is not sent, where the provider does not see to it."""

from datetime import timedelta
from typing import Any

import pytest

from shared.errors import Unavailable
from shared.messages import events
from shared.retry import Again, Done
from shared.telemetry import LogEvent
from tests.fakes import NOW, OUR_NUMBER, PERSON, tenant
from tests.opt_out_fakes import stop
from tests.unit.messages.outbound_events import outbound
from tests.unit.sending.fakes import CODE, FAILED, LOST, TAKEN_BUT_LOST, World, parked, record

OURS, THEIRS = f"whatsapp:{OUR_NUMBER}", f"whatsapp:{PERSON}"
CONVERSATION = "acme." + events.conversation_id(tenant().salt, ours=OURS, person=THEIRS)
NOT_SENT = Done(LogEvent.NOT_SENT, "opted_out")


def whatsapp(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any field
    """A message by WhatsApp, in the conversation of its addresses."""
    parties = {"from_": OURS, "to": THEIRS} | changes
    conversation = events.conversation_id(tenant().salt, ours=parties["from_"], person=parties["to"])
    return outbound(**parties, conversation=conversation) | {"subject": conversation}


def world(crash_at: int | None = None, *, stopped: bool = True) -> World:
    """A sender, and a person who said STOP."""
    made = World(crash_at)
    if stopped:
        made.opt_outs.stop(stop(CONVERSATION, NOW))
    return made


def test_it_is_not_sent_and_the_backend_is_told_as_if_the_provider_had_refused_it() -> None:
    stopped = world()
    assert stopped.deliver(whatsapp()) == NOT_SENT
    assert stopped.api.accounts == [], "the provider is not even asked"
    assert parked(stopped) == {}
    (told,) = stopped.inbound.sent
    assert told.deduplication == f"SM42-1.{FAILED}.{CODE}"
    assert (told.event["data"]["status"], told.event["data"]["error_code"]) == (FAILED, CODE)
    assert told.event["data"]["to"] == THEIRS


def test_a_program_that_names_another_conversation_does_not_text_who_said_stop() -> None:
    stopped, another = world(), "f" * 64
    forged = outbound(from_=OURS, to=THEIRS, conversation=another) | {"subject": another}
    assert stopped.deliver(forged) == NOT_SENT
    assert stopped.api.accounts == []


def test_neither_are_the_parts_after_it() -> None:
    stopped = world()
    assert stopped.deliver(whatsapp(part=1, parts=2)) == NOT_SENT
    assert stopped.deliver(whatsapp(part=2, parts=2)) == NOT_SENT
    assert parked(stopped) == {}


def test_after_start_messages_are_sent() -> None:
    again = world()
    again.opt_outs.start(CONVERSATION, at=NOW + timedelta(seconds=1))
    assert again.deliver(whatsapp()) == Done(LogEvent.SENT)


@pytest.mark.parametrize(
    "changes", [{"to": "whatsapp:+12025550124"}, {"from_": OUR_NUMBER, "to": PERSON}], ids=["another person", "by SMS"]
)
def test_others_are_sent_theirs(changes: dict[str, str]) -> None:
    assert world().deliver(whatsapp(**changes)) == Done(LogEvent.SENT)


def test_where_the_provider_sees_to_it_nothing_is_looked_up() -> None:
    plain = World()
    plain.opt_outs.failing = Unavailable("must not be asked")
    assert plain.deliver(outbound()) == Done(LogEvent.SENT)


def test_nothing_is_sent_while_it_is_not_known_whether_the_person_stopped() -> None:
    unknown = world(stopped=False)
    unknown.opt_outs.failing = Unavailable("DynamoDB is away")
    assert unknown.deliver(whatsapp()) == Again(6.25, "unavailable")
    assert unknown.run(whatsapp()) == Done(LogEvent.PARKED, "provider_unavailable")
    assert unknown.texts() == []
    unknown.opt_outs.failing = None
    unknown.opt_outs.stop(stop(CONVERSATION, NOW))
    assert unknown.deliver(whatsapp() | {"replay": 1}) == NOT_SENT


def test_what_was_sent_before_the_stop_was_sent() -> None:
    later = world(stopped=False)
    assert later.deliver(whatsapp()) == Done(LogEvent.SENT)
    later.opt_outs.stop(stop(CONVERSATION, NOW))
    assert later.deliver(whatsapp(), receives=2) == Done(LogEvent.SENT)
    assert later.inbound.sent == []


def test_what_was_in_doubt_at_the_stop_is_looked_for_and_found_sent() -> None:
    doubtful = world(stopped=False)
    doubtful.api.behaviours = [TAKEN_BUT_LOST]
    assert isinstance(doubtful.deliver(whatsapp()), Again)
    doubtful.opt_outs.stop(stop(CONVERSATION, NOW))
    assert doubtful.deliver(whatsapp(), receives=2) == Done(LogEvent.SENT)
    assert doubtful.texts() == ["part 1"]


def test_what_was_in_doubt_at_the_stop_and_is_not_found_is_not_sent_again() -> None:
    doubtful = world(stopped=False)
    doubtful.api.behaviours = [LOST]
    assert isinstance(doubtful.deliver(whatsapp()), Again)
    doubtful.opt_outs.stop(stop(CONVERSATION, NOW))
    assert doubtful.deliver(whatsapp(), receives=2) == NOT_SENT
    assert doubtful.texts() == []
    assert (record(doubtful).status, record(doubtful).error_code) == (FAILED, CODE)


def test_a_crash_at_any_step_sends_nothing_and_tells_the_backend_all_the_same() -> None:
    whole = world()
    whole.run(whatsapp())
    for crash_at in range(1, whole.steps + 1):
        crashing = world(crash_at)
        assert crashing.run(whatsapp()) == NOT_SENT, f"crashed at step {crash_at}"
        assert crashing.texts() == []
        assert {told.deduplication for told in crashing.inbound.sent} == {f"SM42-1.{FAILED}.{CODE}"}
