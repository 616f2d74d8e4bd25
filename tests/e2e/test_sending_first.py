"""Programs that text people first, through SmsSend: what the person's phone saw of it."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from shared.messages.events import STATUS
from shared.public_paths import SEND
from shared.tenants.tenant import Role
from tests.e2e.programs import send
from tests.e2e.talks import Talks

STORY = " ".join(f"Sentence number {number} of a story with Grüßen and 👩‍👩‍👧 in it." for number in range(1, 80))


def test_a_message_that_nobody_asked_for_reaches_the_phone(stage: str, talks: Talks) -> None:
    talk = talks.begin(stage, statuses=True)

    answer = send(talk.line, to=talk.person.address, text="Grüße, your table is ready 👋")

    assert answer.status_code == 202
    said = answer.json()
    assert said["reply_ids"] == [f"{said['id']}-1"]
    assert talk.person.sees(1) == ["Grüße, your table is ready 👋"]
    assert talks.backend.wait(lambda _: "delivered" in talk.person.statuses())
    events = [one.event["data"] for one in talks.backend.heard(talk.line.tenant) if one.event["type"] == STATUS]
    assert {(data["reply_id"], data["in_reply_to"]) for data in events} == {(said["reply_ids"][0], None)}


def test_a_request_that_is_repeated_with_its_key_sends_once(stage: str, talks: Talks) -> None:
    talk = talks.begin(stage)

    answers = [
        send(talk.line, to=talk.person.address, text="once, please", idempotency_key="order 7") for _ in range(3)
    ]

    assert [answer.status_code for answer in answers] == [202, 202, 202]
    assert len({answer.text for answer in answers}) == 1
    assert talk.person.sees(1) == ["once, please"]
    assert talk.queues.settle()
    assert talk.person.sees(2, within_seconds=0.5) == ["once, please"]


def test_a_request_that_is_made_several_times_at_once_with_its_key_sends_once(talks: Talks) -> None:
    talk = talks.begin("east")

    def ask(_: int) -> tuple[int, str]:
        answer = send(talk.line, to=talk.person.address, text="once, please", idempotency_key="order 8")
        return answer.status_code, answer.json().get("reason") or answer.json()["id"]

    with ThreadPoolExecutor(4) as crowd:
        said = set(crowd.map(ask, range(4)))

    assert {one for one in said if one[0] == 503} <= {(503, "in_progress")}
    assert len({answer_id for status, answer_id in said if status == 202}) == 1
    assert talk.person.sees(1) == ["once, please"]
    assert talk.queues.settle()
    assert talk.person.sees(2, within_seconds=0.5) == ["once, please"]


def test_another_message_with_a_key_that_was_used_is_refused(talks: Talks) -> None:
    talk = talks.begin("east")
    assert send(talk.line, to=talk.person.address, text="one", idempotency_key="order 9").status_code == 202

    answer = send(talk.line, to=talk.person.address, text="two", idempotency_key="order 9")

    assert (answer.status_code, answer.json()["reason"]) == (409, "idempotency_mismatch")
    assert talk.queues.settle()
    assert talk.person.sees(2, within_seconds=0.5) == ["one"]


def test_without_a_key_each_request_is_a_message_of_its_own(talks: Talks) -> None:
    talk = talks.begin("east")

    for _ in range(2):
        assert send(talk.line, to=talk.person.address, text="again").status_code == 202

    assert talk.person.sees(2) == ["again", "again"]


def test_a_key_of_another_tenant_is_nothing_to_ours(talks: Talks) -> None:
    one, other = talks.begin("east"), talks.begin("east")

    answers = [send(talk.line, to=talk.person.address, text="hi", idempotency_key="same") for talk in (one, other)]

    assert [answer.status_code for answer in answers] == [202, 202]
    assert one.person.sees(1) == other.person.sees(1) == ["hi"]


def test_a_long_message_comes_whole_in_parts_and_in_order(talks: Talks) -> None:
    talk = talks.begin("east")

    answer = send(talk.line, to=talk.person.address, text=STORY)

    parts = len(answer.json()["reply_ids"])
    assert parts > 2
    assert "".join(talk.person.sees(parts)) == STORY


def test_the_backend_hears_that_a_person_who_opted_out_was_not_texted(stage: str, talks: Talks) -> None:
    talk = talks.begin(stage, statuses=True)
    talk.person.text("STOP")

    answer = send(talk.line, to=talk.person.address, text="but listen")

    assert answer.status_code == 202
    assert talks.backend.wait(lambda _: "failed" in talk.person.statuses())
    [status] = [one.event["data"] for one in talks.backend.heard(talk.line.tenant) if one.event["type"] == STATUS]
    assert (status["reply_id"], status["error_code"]) == (answer.json()["reply_ids"][0], 21610)
    assert talk.person.sees(1, within_seconds=0.5) == []


def test_nobody_sends_without_a_key(stage: str, talks: Talks) -> None:
    talk = talks.begin(stage)
    content = json.dumps({"from": talk.line.number, "to": talk.person.address, "text": "no"})

    bare = talk.line.request(SEND, headers={"Content-Type": "application/json"}, content=content)
    wrong = send(talk.line, key=talk.line.key[:-1], to=talk.person.address, text="no")

    for answer in (bare, wrong):
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == 'Basic realm="sms.receiver"'
    assert talk.queues.settle()
    assert talk.person.sees(1, within_seconds=0.5) == []


def test_a_reader_may_not_send(stage: str, talks: Talks) -> None:
    talk = talks.begin(stage)
    reader = talks.lines.issue(talk.line, "reader", Role.READER)

    answer = send(talk.line, key=reader, to=talk.person.address, text="no")

    assert (answer.status_code, answer.json()["reason"]) == (403, "forbidden_role")
    assert talk.queues.settle()
    assert talk.person.sees(1, within_seconds=0.5) == []


def test_a_number_of_another_tenant_is_not_sent_from(stage: str, talks: Talks) -> None:
    talk, other = talks.begin(stage), talks.begin(stage)

    answer = send(talk.line, to=talk.person.address, text="no", **{"from": other.line.number})

    assert (answer.status_code, answer.json()["reason"], answer.json()["field"]) == (403, "not_our_number", "from")
    assert talk.queues.settle()
    assert talk.person.sees(1, within_seconds=0.5) == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ('{"to": "+12025550147", "text": "no"}', "from"),
        ('{"from": "+12025550199", "to": "mom", "text": "no"}', "to"),
        ('{"from": "+12025550199", "to": "+12025550147", "text": 7}', "text"),
        ('{"from": "+12025550199", "to": "+12025550147"}', "text"),
        ('{"from": "+12025550199", "to": "+12025550147", "text": "a", "text": "b"}', "text"),
        ('{"from": "+12025550199", "to": "+12025550147", "body": "no"}', "body"),
        ('{"from": "+12025550199", "to": "+12025550147", "media_urls": ["http://plain.example/"]}', "media_urls"),
        ("from=%2B12025550199", None),
        ("[]", None),
    ],
)
def test_what_cannot_be_understood_is_refused_with_the_name_of_the_field(
    talks: Talks, body: str, field: str | None
) -> None:
    answer = send(talks.lines.shared("east"), body=body)

    assert (answer.status_code, answer.json()["reason"], answer.json().get("field")) == (400, "malformed", field)
