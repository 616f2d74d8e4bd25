"""What is parked, on the page: why, what it is, and bringing it back, after asking."""

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape

import pytest

from dashboard.desk import memory
from shared.errors import Unavailable
from tests.dashboard_site import Site, busy
from tests.fakes import NOW, OUR_NUMBER, PERSON
from tests.unit.cli.command import Command
from tests.unit.cli.test_parked import REPLY, TEXT, THEIRS, command, left
from tests.unit.dashboard.test_patterns import finished

YES = {"confirmed": "yes"}


@pytest.fixture
def site() -> Site:
    return Site(command())


def many(count: int) -> Command:
    return command(*(replace(TEXT, id=f"SM{number}") for number in range(count)))


def rows(page: str) -> list[str]:
    return re.findall(r'<td><a href="/parked/([^"?/]+)', page)


def test_lists_the_tenants_own_the_oldest_first_with_masked_numbers(site: Site) -> None:
    page = site.get("/parked/").text
    assert rows(page) == [TEXT.id, REPLY.id]
    assert "no agent holds the number" in page
    assert OUR_NUMBER not in page
    assert OUR_NUMBER[-4:] in page
    assert THEIRS.id not in page


def test_counts_by_reason_and_each_count_is_a_link(site: Site) -> None:
    page = site.get("/parked/").text
    assert '<a href="/parked/?reason=no_agent">no_agent: 1</a>' in page
    assert rows(site.get("/parked/?reason=no_agent").text) == [TEXT.id]


@pytest.mark.parametrize(
    ("query", "chosen"),
    [
        ("queue=outbound", [REPLY.id]),
        ("reason=&queue=&number=", [TEXT.id, REPLY.id]),
        ("number=(202)+555-0199", [TEXT.id, REPLY.id]),
        ("number=%2B12025550100", []),
        ("reason=no_backend", []),
    ],
)
def test_filters_choose(site: Site, query: str, chosen: list[str]) -> None:
    page = site.get(f"/parked/?{query}").text
    assert rows(page) == chosen
    assert ("Nothing of this kind is parked." in page) == (not chosen)


@pytest.mark.parametrize(("query", "why"), [("reason=nopee", "nothing is ever parked"), ("queue=x", "no such queue")])
def test_a_filter_that_cannot_be_is_said(site: Site, query: str, why: str) -> None:
    answer = site.get(f"/parked/?{query}")
    assert answer.status_code == 422
    assert why in answer.text


def test_a_long_list_has_pages() -> None:
    page = Site(many(60)).get("/parked/").text
    assert len(rows(page)) == 50
    assert "1 to 50 of 60" in page


def test_an_event_is_shown_without_its_text_and_numbers_until_somebody_asks(site: Site) -> None:
    path = f"/parked/{TEXT.id}"
    page = site.get(path).text
    assert "my secret wish" not in page
    assert PERSON not in page
    assert OUR_NUMBER not in page
    assert "(hidden)" in page
    page = site.followed(site.post("/reveal", {"back": path}))
    assert "my secret wish" in page
    assert PERSON in page
    assert [record["what"] for record in site.command.audit.kept] == ["page.reveal"]


def test_an_event_says_what_twilios_error_means() -> None:
    page = Site(command(replace(REPLY, error_code=30034))).get(f"/parked/{REPLY.id}").text
    assert "A2P 10DLC" in page


@pytest.mark.parametrize("path", ["/parked/SM404", "/parked/SM3"])
def test_what_is_not_parked_or_somebody_elses_is_not_found(site: Site, path: str) -> None:
    assert site.get(path).status_code == 404
    for verb in ("replay", "discard"):
        assert site.post(f"{path}/{verb}", YES).status_code == 404
    assert THEIRS.id in left(site.command)


@pytest.mark.parametrize("verb", ["replay", "discard"])
def test_asks_before_it_changes_anything(site: Site, verb: str) -> None:
    question = site.post(f"/parked/{TEXT.id}/{verb}")
    assert question.status_code == 200
    assert 'name="confirmed" value="yes"' in question.text
    assert TEXT.id in left(site.command)
    assert not site.command.audit.kept


@pytest.mark.parametrize(
    ("path", "back"),
    [
        (f"/parked/{TEXT.id}/replay", f"/parked/{TEXT.id}"),
        (f"/parked/{TEXT.id}/discard?stage=south", f"/parked/{TEXT.id}?stage=south"),
        ("/parked/replay?reason=no_agent&queue=inbound", "/parked/?reason=no_agent&queue=inbound"),
        ("/parked/redrive", "/parked/"),
    ],
)
def test_the_way_back_from_a_question_is_where_it_was_asked(path: str, back: str) -> None:
    site = Site(busy())
    match = re.search(r'<a href="([^"]*)">Go back', site.post(path).text)
    assert match
    assert unescape(match[1]) == back
    assert site.get(unescape(match[1])).status_code == 200


def test_replays_one(site: Site) -> None:
    assert "The oldest was parked 2d ago" in site.post(f"/parked/{TEXT.id}/replay").text
    page = site.followed(site.post(f"/parked/{TEXT.id}/replay", YES))
    assert "Replayed: 1." in page
    assert TEXT.id not in left(site.command)
    [sent] = site.command.queues["inbound"].sent
    assert sent.event["id"] == TEXT.id
    assert [record["what"] for record in site.command.audit.kept] == ["parked.replay"]


def test_discards_one_for_good(site: Site) -> None:
    page = site.followed(site.post(f"/parked/{TEXT.id}/discard", YES))
    assert "was discarded" in page
    assert TEXT.id not in left(site.command)
    assert not site.command.queues["inbound"].sent


def test_replays_what_the_filters_choose_and_nothing_else(site: Site) -> None:
    path = "/parked/replay?reason=no_agent"
    assert "Replay everything that is chosen (1)?" in site.post(path).text
    site.followed(site.post(path, YES))
    assert left(site.command) == [REPLY.id, THEIRS.id]


def test_the_button_replays_what_the_page_shows(site: Site) -> None:
    page = site.get("/parked/?reason=no_agent").text
    assert 'action="/parked/replay?reason=no_agent"' in page
    assert "Replay everything that is chosen (1)" in page


def test_nothing_to_replay_is_said(site: Site) -> None:
    assert "Nothing of this kind is parked." in site.followed(site.post("/parked/replay?reason=no_backend", YES))


def test_many_are_replayed_as_long_work(site: Site) -> None:
    site = Site(many(30))
    location = site.post("/parked/replay", YES).headers["Location"]
    with site.app.app_context():
        job = memory().jobs.find(location.rpartition("/")[2])
    assert job
    finished(job)
    page = site.get(location).text
    assert "Replayed: 30." in page
    assert not left(site.command)


def test_a_replay_that_fails_says_how_far_it_came(site: Site) -> None:
    site.command.queues["inbound"].failing = Unavailable("the queue is away")
    answer = site.post(f"/parked/{TEXT.id}/replay", YES)
    assert answer.status_code == 503
    assert "the queue is away" in answer.text
    assert "0 of 1 were replayed; the others are still parked." in answer.text
    assert TEXT.id in left(site.command)


def test_what_crashed_is_said_and_brought_back_after_asking() -> None:
    site = Site(busy())
    page = site.get("/parked/").text
    assert "About 3 messages of the outbound queue" in page
    question = site.post("/parked/redrive")
    assert "About 3 messages of the outbound queue crashed." in question.text
    assert site.command.dead["outbound"] == 3
    assert "on its way back" in site.followed(site.post("/parked/redrive", YES))
    assert [record["what"] for record in site.command.audit.kept] == ["parked.redrive"]


def test_an_empty_parking_says_so() -> None:
    empty = command()
    empty.parking.kept.clear()
    assert "Nothing of this kind is parked." in Site(empty).get("/parked/").text


def test_an_old_event_has_its_age() -> None:
    old = Site(command(replace(TEXT, parked_at=NOW - timedelta(days=9))))
    assert "9d" in old.get("/parked/").text
