"""A program that would text a person who said STOP is refused, where the provider does not see to it."""

import pytest

from shared.errors import OptedOut, Unavailable
from shared.messages import events
from tests.fakes import NOW, OUR_NUMBER, PERSON, FakeClaims, FakeQueue
from tests.opt_out_fakes import FakeOptOuts, stop
from tests.unit.submission.fakes import ACME, KEY, request, submitter

THEIRS = f"whatsapp:{PERSON}"
CONVERSATION = "acme." + events.conversation_id(ACME.salt, ours=f"whatsapp:{OUR_NUMBER}", person=THEIRS)


@pytest.fixture
def opt_outs() -> FakeOptOuts:
    """Somebody said STOP by WhatsApp."""
    opt_outs = FakeOptOuts()
    opt_outs.stop(stop(CONVERSATION, NOW))
    return opt_outs


@pytest.mark.parametrize("key", [None, "order-7"])
@pytest.mark.parametrize("from_", [OUR_NUMBER, f"whatsapp:{OUR_NUMBER}"])
def test_refuses_to_text_a_person_who_stopped(key: str | None, from_: str, opt_outs: FakeOptOuts) -> None:
    queue, claims = FakeQueue(), FakeClaims()
    with pytest.raises(OptedOut) as refused:
        submitter(queue, claims=claims, opt_outs=opt_outs).submit(KEY, request(key, from_=from_, to=THEIRS))
    assert (refused.value.reason, refused.value.field) == ("opted_out", "to")
    assert PERSON not in str(refused.value)
    assert not queue.sent
    assert not claims.kept


def test_the_same_request_is_taken_once_the_person_said_start(opt_outs: FakeOptOuts) -> None:
    queue, claims = FakeQueue(), FakeClaims()
    program = submitter(queue, claims=claims, opt_outs=opt_outs)
    with pytest.raises(OptedOut):
        program.submit(KEY, request("order-7", to=THEIRS))
    opt_outs.kept.clear()
    program.submit(KEY, request("order-7", to=THEIRS))
    assert len(queue.sent) == 1


def test_a_repeat_of_what_was_taken_before_the_stop_gets_the_same_ids(opt_outs: FakeOptOuts) -> None:
    before, queue = dict(opt_outs.kept), FakeQueue()
    opt_outs.kept.clear()
    program = submitter(queue, opt_outs=opt_outs)
    first = program.submit(KEY, request("order-7", to=THEIRS))
    opt_outs.kept.update(before)
    assert program.submit(KEY, request("order-7", to=THEIRS)) == first
    assert len(queue.sent) == 1


@pytest.mark.parametrize(("stopped", "to"), [("+5215512345678", "+525512345678"), ("+554188887777", "+5541988887777")])
def test_a_stop_counts_in_whichever_form_the_number_is_written(stopped: str, to: str) -> None:
    opt_outs, queue = FakeOptOuts(), FakeQueue()
    conversation = events.conversation_id(ACME.salt, ours=f"whatsapp:{OUR_NUMBER}", person=f"whatsapp:{stopped}")
    opt_outs.stop(stop(f"acme.{conversation}", NOW))
    with pytest.raises(OptedOut):
        submitter(queue, opt_outs=opt_outs).submit(KEY, request(to=f"whatsapp:{to}"))
    assert not queue.sent


@pytest.mark.parametrize("to", [PERSON, "whatsapp:+12025550124"])
def test_others_may_be_texted(to: str, opt_outs: FakeOptOuts) -> None:
    queue = FakeQueue()
    submitter(queue, opt_outs=opt_outs).submit(KEY, request(to=to))
    assert len(queue.sent) == 1


def test_nothing_is_looked_up_where_the_provider_keeps_opt_outs() -> None:
    opt_outs = FakeOptOuts(failing=Unavailable("must not be asked"))
    assert submitter(FakeQueue(), opt_outs=opt_outs).submit(KEY, request()).reply_ids


def test_nothing_is_queued_while_it_is_not_known_whether_the_person_stopped() -> None:
    queue, opt_outs = FakeQueue(), FakeOptOuts(failing=Unavailable("DynamoDB is away"))
    with pytest.raises(Unavailable):
        submitter(queue, opt_outs=opt_outs).submit(KEY, request(to=THEIRS))
    assert not queue.sent
