"""What the API tells in an agent's journal: submitted messages, and sessions that programs begin and end."""

import pytest

from shared.errors import Defect, RateLimited, Unavailable
from tests.fakes import PERSON, FakeClaims, FakeQueue
from tests.journal_entries import REDACTED, WITH_TEXT, entries, ids
from tests.promises_fake import FakeReminders
from tests.send_limits_fake import FakeSendLimits
from tests.sessions_fake import FakeSessions
from tests.unit.submission.fakes import KEY, RATE, both_agents, request, session_programs, submitter
from tests.unit.submission.test_sessions import GROUP, asking, ending, texted

AGENTS = both_agents(journal=REDACTED)


def test_a_submitted_message_is_told_however_often_it_is_requested() -> None:
    queue, journal = FakeQueue(), FakeReminders()
    api = submitter(queue, agents=AGENTS, journal=journal)
    answer_ids = {api.submit(KEY, request("order 7", in_reply_to="SM5")).answer_id for _ in range(2)}
    [answer_id] = answer_ids
    assert ids(journal) == [f"{answer_id}.submitted"]
    data = entries(journal)[0]["data"]
    assert (data["answer_id"], data["text_id"], data["person"], data["text"]) == (answer_id, "SM5", "…0123", None)


def test_an_agent_without_a_journal_tells_nothing() -> None:
    journal = FakeReminders(failing=Unavailable("SQS is away"))
    submitter(FakeQueue(), journal=journal).submit(KEY, request())
    api = session_programs(FakeQueue(), journal=journal)
    api.begin(KEY, request())
    api.end(KEY, ending())
    assert journal.sent == []


def test_a_session_that_begins_with_a_message_is_told_and_so_is_the_one_that_it_replaces() -> None:
    journal, sessions = FakeReminders(), FakeSessions()
    api = session_programs(FakeQueue(), agents=AGENTS, journal=journal, sessions=sessions)
    first = api.begin(KEY, request("order 7", context={"secret": "hidden"}))
    second = api.begin(KEY, asking("order 8"))
    api.begin(KEY, asking("order 8"))
    assert ids(journal) == [
        f"{first.session_id}.begun",
        f"{first.answer_id}.submitted",
        f"{first.session_id}.ended",
        f"{second.session_id}.begun",
    ]
    told = {entry["id"]: entry["data"] for entry in entries(journal)}
    assert told[f"{first.session_id}.ended"]["reason"] == "program"
    assert "hidden" not in repr(journal.sent)


def test_a_replaced_session_is_told_also_after_a_crash_before_its_claim_was_complete() -> None:
    journal, sessions, claims = FakeReminders(), FakeSessions(), FakeClaims()
    replaced = texted(sessions).session_id
    api = session_programs(FakeQueue(), agents=AGENTS, journal=journal, sessions=sessions, claims=claims)
    api.begin(KEY, asking("order 7"))
    claims.kept.clear()
    journal.sent.clear()
    api.begin(KEY, asking("order 7"))
    assert f"{replaced}.ended" in ids(journal)


def test_a_session_that_was_over_is_not_replaced() -> None:
    journal, sessions = FakeReminders(), FakeSessions()
    texted(sessions, seconds=-4000)
    session_programs(FakeQueue(), agents=AGENTS, journal=journal, sessions=sessions).begin(KEY, asking())
    assert [entry["data"]["event"] for entry in entries(journal)] == ["session_begun"]


def test_a_session_that_a_program_ends_is_told_once_it_has_ended() -> None:
    journal, sessions = FakeReminders(), FakeSessions()
    api = session_programs(FakeQueue(), agents=AGENTS, journal=journal, sessions=sessions)
    api.end(KEY, ending())
    assert journal.sent == []
    session_id = texted(sessions).session_id
    api.end(KEY, ending("over"))
    api.end(KEY, ending("over"))
    assert ids(journal) == [f"{session_id}.ended"]
    assert entries(journal)[0]["data"]["reason"] == "program"


def test_a_session_whose_agent_has_a_journal_has_a_reminder() -> None:
    reminders = FakeReminders()
    session_programs(FakeQueue(), agents=AGENTS, reminders=reminders).begin(KEY, asking())
    assert len(reminders.sent) == 1


def test_while_the_queue_of_journals_is_away_a_request_may_be_repeated() -> None:
    queue, journal, sessions = FakeQueue(), FakeReminders(failing=Unavailable("SQS is away")), FakeSessions()
    api = submitter(queue, agents=AGENTS, journal=journal)
    programs = session_programs(queue, agents=AGENTS, journal=journal, sessions=sessions)
    for act in (lambda: api.submit(KEY, request("one")), lambda: programs.begin(KEY, asking("two"))):
        with pytest.raises(Unavailable):
            act()
    journal.failing = None
    api.submit(KEY, request("one"))
    programs.begin(KEY, asking("two"))
    assert (len(queue.sent), sessions.kept[GROUP].revision, len(ids(journal))) == (1, 1, 2)


def test_a_request_without_a_key_is_not_refused_because_its_journal_cannot_be_told() -> None:
    queue, sessions, away = FakeQueue(), FakeSessions(), Unavailable("SQS is away")
    journal = FakeReminders(failing=away)
    programs = session_programs(queue, agents=AGENTS, journal=journal, sessions=sessions)
    assert submitter(queue, agents=AGENTS, journal=journal).submit(KEY, request()).untold is away
    assert programs.begin(KEY, request()).untold is away
    assert programs.end(KEY, ending()).untold is away
    assert (len(queue.sent), len(sessions.ended)) == (2, 1)


@pytest.mark.parametrize("key", [None, "order 7"])
def test_a_mistake_in_telling_refuses_nothing(key: str | None) -> None:
    journal = FakeReminders()
    journal.send = None  # type: ignore[method-assign,assignment] # a defect
    submission = submitter(FakeQueue(), agents=AGENTS, journal=journal).submit(KEY, request(key))
    assert isinstance(submission.untold, Defect)


def test_a_session_that_a_late_answer_ends_is_told_as_ended_by_the_backend() -> None:
    journal, sessions = FakeReminders(), FakeSessions()
    session_id = texted(sessions).session_id
    [(_, text)] = sessions.asked
    api = submitter(FakeQueue(), agents=AGENTS, journal=journal, sessions=sessions)
    api.submit(KEY, request(in_reply_to="SMother", end_session=True))
    assert f"{session_id}.ended" not in ids(journal)
    answer = request("late answer", in_reply_to=text.id, end_session=True)
    journal.failing = Unavailable("SQS is away")
    with pytest.raises(Unavailable):
        api.submit(KEY, answer)
    journal.failing = None
    api.submit(KEY, answer)
    [ended] = [entry["data"] for entry in entries(journal) if entry["id"] == f"{session_id}.ended"]
    assert ended["reason"] == "backend"


def test_a_late_answer_to_a_text_of_a_session_that_a_program_ended_is_not_told_as_its_end() -> None:
    journal, sessions = FakeReminders(), FakeSessions()
    texted(sessions)
    [(_, text)] = sessions.asked
    session_programs(FakeQueue(), sessions=sessions).end(KEY, ending())
    api = submitter(FakeQueue(), agents=AGENTS, journal=journal, sessions=sessions)
    api.submit(KEY, request(in_reply_to=text.id, end_session=True))
    assert [entry["data"]["event"] for entry in entries(journal)] == ["submitted"]


def test_what_is_refused_is_not_told() -> None:
    journal, limits = FakeReminders(), FakeSendLimits()
    api = submitter(FakeQueue(), agents=AGENTS, journal=journal, limits=limits)
    for _ in range(RATE.most_of_key):
        api.submit(KEY, request())
    told = len(journal.sent)
    with pytest.raises(RateLimited):
        api.submit(KEY, request())
    assert len(journal.sent) == told


def test_with_leave_addresses_are_whole() -> None:
    journal = FakeReminders()
    submitter(FakeQueue(), agents=both_agents(journal=WITH_TEXT), journal=journal).submit(KEY, request())
    assert entries(journal)[0]["data"]["person"] == PERSON
