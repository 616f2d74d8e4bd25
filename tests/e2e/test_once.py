"""However often something is delivered, and whatever dies meanwhile, the person gets each message once."""

from devstack.backend import CannedAnswer
from tests.e2e.talks import Talks


def test_a_webhook_that_comes_twice_is_answered_once(stage: str, talks: Talks) -> None:
    talk = talks.begin(stage)
    sid = talk.person.text("once, please")
    assert talk.person.sees(1) == ["You said: once, please"]

    talks.phones.deliver_again(sid)

    assert talk.queues.settle()
    assert talk.person.sees(2, within_seconds=1) == ["You said: once, please"]
    assert len(talk.person.heard()) == 1


def test_a_text_that_the_queue_delivers_again_is_answered_once(stage: str, talks: Talks) -> None:
    talk = talks.begin(stage, lambda _: CannedAnswer(("one", "two")))
    talk.person.text("once, please")
    assert talk.person.sees(2) == ["one", "two"]

    for _ in range(3):
        talk.queues.deliver_again(talk.person.heard()[0].event)

    assert talk.queues.settle()
    assert talk.person.sees(3, within_seconds=1) == ["one", "two"]
    assert len(talk.person.heard()) == 1


def test_a_crash_between_asking_and_replying_neither_asks_again_nor_loses_the_answer(talks: Talks) -> None:
    talk = talks.begin("south")
    talks.rest("south")

    with talk.faults.crash_when_calling("forwarder", "SQS") as died:
        talk.person.text("do not drop this")
        assert died.wait(30), "the forwarder did not crash, so this shows nothing"

    assert talk.person.sees(1, within_seconds=40) == ["You said: do not drop this"]
    assert talk.queues.settle()
    assert len(talk.person.heard()) == 1


def test_a_crash_after_sending_does_not_send_again(talks: Talks) -> None:
    """The sender dies when it calls its table after Twilio took the message, and settles the doubt afterwards."""
    talk = talks.begin("east")
    talks.phones.fail(kind="lost_answer", seconds=20, to=talk.person.address)

    talk.person.text("in doubt")

    assert talk.person.sees(1, within_seconds=40) == ["You said: in doubt"]
    assert talk.queues.settle(within_seconds=90)
    assert talk.person.sees(2, within_seconds=1) == ["You said: in doubt"]


def test_an_outage_of_the_table_delays_an_answer_and_loses_nothing(talks: Talks) -> None:
    talk = talks.begin("east")
    talks.rest("east")

    with talk.faults.outage("forwarder", "DYNAMODB"):
        talk.person.text("later is fine")
        assert talk.person.sees(1, within_seconds=2) == []

    assert talk.person.sees(1, within_seconds=60) == ["You said: later is fine"]
    assert talk.queues.settle()
    assert talk.person.sees(2, within_seconds=1) == ["You said: later is fine"]


def test_twilio_that_wants_less_at_a_time_gets_it_later(talks: Talks) -> None:
    talk = talks.begin("east", lambda _: CannedAnswer(("one", "two")))
    talks.phones.fail(status=429, count=2, to=talk.person.address)

    talk.person.text("patience")

    assert talk.person.sees(2, within_seconds=40) == ["one", "two"]


def test_parts_behind_a_parked_part_are_parked_with_it(talks: Talks) -> None:
    talk = talks.begin("east", lambda _: CannedAnswer(("one", "two", "three")))
    talks.phones.fail(status=400, code=21408, to=talk.person.address)

    sid = talk.person.text("count")

    reasons = [talks.lines.parked(talk.line, f"{sid}-{part}").reason for part in (1, 2, 3)]
    assert reasons == ["provider_refused", "earlier_part_parked", "earlier_part_parked"]
    assert talk.queues.settle()
    assert talk.person.sees(1, within_seconds=1) == []
