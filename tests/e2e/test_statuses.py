"""Status callbacks on the deployed stack: the signature alone opens, and a status only ever rises."""

import pytest

from shared.messages.events import STATUS
from shared.messages.outbound import Reply
from tests.e2e.callbacks import call_back, fields
from tests.e2e.lines import Line, message_id, sign
from tests.e2e.talks import Talk, Talks


def delivered(talks: Talks, stage: str) -> tuple[Talk, Reply]:
    """A talk in which a reply was delivered, and its record."""
    talk = talks.begin(stage, statuses=True)
    sid = talk.person.text("hello")
    assert talks.backend.wait(lambda _: "delivered" in talk.person.statuses())
    assert talk.queues.settle()
    return talk, record(talks, talk.line, f"{sid}-1")


def record(talks: Talks, line: Line, reply_id: str) -> Reply:
    found = talks.lines.replies(line).find(line.tenant, reply_id)
    assert found
    return found


def told(talks: Talks, talk: Talk) -> list[str]:
    """The statuses that the agent heard, when nothing more is on its way."""
    assert talk.queues.settle()
    return [one.event["data"]["status"] for one in talks.backend.heard(talk.line.tenant) if one.event["type"] == STATUS]


def test_a_signed_status_is_taken_without_an_authorization_header(stage: str, talks: Talks) -> None:
    talk, reply = delivered(talks, stage)
    form = fields(talk.line, reply, "read")

    answer = call_back(talk.line, reply.reply_id, form)

    assert (answer.status_code, answer.text) == (204, "")
    assert "authorization" not in answer.request.headers
    assert record(talks, talk.line, reply.reply_id).status == "read"
    assert told(talks, talk)[-1] == "read"


def test_a_late_status_never_undoes_a_later_one(stage: str, talks: Talks) -> None:
    talk, reply = delivered(talks, stage)
    before = told(talks, talk)

    for late in ("sent", "sending", "queued", "never-heard-of"):
        assert call_back(talk.line, reply.reply_id, fields(talk.line, reply, late)).status_code == 204

    assert record(talks, talk.line, reply.reply_id) == reply
    assert told(talks, talk) == before


def test_the_same_status_again_changes_nothing(stage: str, talks: Talks) -> None:
    talk, reply = delivered(talks, stage)
    before = told(talks, talk)

    for _ in range(2):
        assert call_back(talk.line, reply.reply_id, fields(talk.line, reply, "delivered")).status_code == 204
    other_end = fields(talk.line, reply, "failed", ErrorCode="30003")
    assert call_back(talk.line, reply.reply_id, other_end).status_code == 204  # as final as `delivered`, and too late

    assert record(talks, talk.line, reply.reply_id) == reply
    assert told(talks, talk) == before


def test_a_status_of_a_reply_that_never_was_is_of_no_use(talks: Talks) -> None:
    talk, reply = delivered(talks, "east")
    before = told(talks, talk)

    answer = call_back(talk.line, f"{message_id()}-1", fields(talk.line, reply, "read"))

    assert answer.status_code == 204
    assert told(talks, talk) == before


def test_whoever_does_not_sign_is_refused_and_learns_nothing(stage: str, talks: Talks) -> None:
    talk, reply = delivered(talks, stage)
    stranger = talks.lines.open(stage)
    before, form = told(talks, talk), fields(talk.line, reply, "read")
    foreign = form | {"AccountSid": stranger.account}
    elsewhere = sign(talk.line.token, talk.line.url, form)

    answers = [
        call_back(talk.line, reply.reply_id, form, signature="Zm9yZ2Vk"),
        call_back(talk.line, reply.reply_id, form, signature=""),
        call_back(talk.line, reply.reply_id, form, signature=elsewhere),
        call_back(talk.line, reply.reply_id, form, token=stranger.token),
        call_back(talk.line, reply.reply_id, foreign, token=stranger.token),
        call_back(talk.line, reply.reply_id, {**form, "AccountSid": ""}),
        call_back(talk.line, reply.reply_id, form, tenant=stranger.tenant),
        call_back(talk.line, reply.reply_id, form, tenant="nosuchtenant"),
        call_back(talk.line, reply.reply_id, form, tenant="NO"),
        call_back(talk.line, reply.reply_id, form, tenant="x" * 33),
        call_back(talk.line, "no_id", form),
        call_back(talk.line, "x" * 81, form),
        call_back(talk.line, "a.b", form),
    ]

    assert {answer.status_code for answer in answers} == {403}
    assert len({answer.text for answer in answers}) == 1
    assert record(talks, talk.line, reply.reply_id) == reply
    assert talks.lines.replies(stranger).find(stranger.tenant, reply.reply_id) is None
    assert told(talks, talk) == before
    assert not talks.backend.heard(stranger.tenant)


@pytest.mark.parametrize(
    "change", [{"MessageStatus": ""}, {"MessageStatus": "NO!"}, {"MessageSid": ""}, {"MessageSid": "no id!"}]
)
def test_a_signed_status_that_makes_no_sense_is_refused(talks: Talks, change: dict[str, str]) -> None:
    line = talks.lines.shared("east")
    reply = Reply(line.tenant, f"{message_id()}-1", "helper", "", None, message_id=message_id())

    answer = call_back(line, reply.reply_id, fields(line, reply, "sent") | change)

    assert (answer.status_code, answer.json()["reason"]) == (400, "malformed")
