"""What every page is put together of: choices, outcomes, secrets, long work, masks, lists, downloads, charts."""

import csv
import io
import re
import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import ChoiceLoader, DictLoader

from dashboard import charts, masking, paging
from dashboard.acting import operator, page_progress
from dashboard.desk import TENANTS_MAX, Memory, Once, memory
from dashboard.downloads import csv_file
from dashboard.forms import Form
from dashboard.jobs import Job, Jobs
from dashboard.page import Answer, confirm, confirmed, done, refused, show, working
from operations.ports import Page as CursorPage
from shared.errors import InvalidValue, SmsReceiverError, Unavailable
from tests import fakes
from tests.dashboard_site import HOST, Site, busy
from tests.fakes import NOW, managed_tenant
from tests.unit.cli.command import Command
from tests.unit.cli.test_audit import MEMBER

BACK = "/credentials/"
SITE = Site(busy())


@pytest.fixture
def site() -> Site:
    return Site(busy())


def add(site: Site, view: Callable[[], Answer]) -> None:
    """Adds a page `/try` to the site, before its first request."""
    site.app.add_url_rule("/try", view.__name__, view, methods=["GET", "POST"])


def several() -> Command:
    return Command.on(*(fakes.managed_tenant(id=name) for name in ("acme", "beta")))


def test_links_carry_the_stage_and_the_tenant_on(site: Site) -> None:
    text = site.get("/credentials/?stage=south&tenant=acme&page=1").text
    assert 'href="/dashboard/?stage=south&amp;tenant=acme"' in text
    assert "<option selected>south</option>" in text


def test_the_stage_of_the_request_is_the_operators() -> None:
    site = Site(busy())
    site.get("/credentials/?stage=south")
    assert site.command.opened[-1].stage == "south"


def test_a_page_about_a_tenant_asks_which_when_there_are_several() -> None:
    text = Site(several()).get("/credentials/").text
    assert "Choose a tenant" in text
    assert 'href="/credentials/?tenant=beta"' in text


def test_one_tenant_among_many_that_were_deleted_is_not_taken_for_the_only_one() -> None:
    """A change would be made to a tenant that nobody named."""
    names = [f"t{number:03}" for number in range(TENANTS_MAX + 1)]
    command = Command.on(*(fakes.managed_tenant(id=name) for name in names))
    for name in names[1:-1]:
        command.store.delete(name)
    assert "Choose a tenant" in Site(command).get("/credentials/").text


@pytest.mark.parametrize(
    "question",
    ["/parked/redrive", f"/credentials/{MEMBER.id}/revoke", "/agents/nobody/clone"],
    ids=["asked", "about one", "refused"],
)
def test_another_stage_can_be_chosen_where_only_a_form_leads(question: str, site: Site) -> None:
    shown = site.post(question, {"name": "x"}).text
    [action] = re.findall(r'<form method="get" action="([^"]*)" class="choice" aria-label="Stage and tenant"', shown)
    assert site.get(f"{action}?stage=south").status_code == 200


def test_the_tenant_that_the_run_names_needs_no_choice() -> None:
    text = Site(several(), tenant="beta").get("/credentials/").text
    assert "There is no credential yet" in text
    assert 'name="tenant"' not in text


def test_commands_in_sentences_are_completed_as_the_command_does() -> None:
    text = Site(several()).get("/credentials/?tenant=beta&stage=south").text
    assert "./sms --stage south --tenant beta credential create" in text


def test_targets_are_kept_for_a_minute() -> None:
    command, times = busy(), [NOW]
    command.now = lambda: times[0]
    site = Site(command)
    for _ in range(2):
        site.get("/credentials/")
    assert len(command.opened) == 1
    times[0] += timedelta(seconds=61)
    site.get("/credentials/")
    assert len(command.opened) == 2


def test_an_outcome_is_shown_once(site: Site) -> None:
    def change() -> Answer:
        page_progress().warning("mind the gap; see: sms audit")
        return done("It is done.", BACK)

    add(site, change)
    location = site.post("/try").headers["Location"]
    first, again = site.get(location).text, site.get(location).text
    assert "It is done." in first
    assert "mind the gap; see: ./sms audit" in first
    assert "It is done." not in again


def test_a_secret_is_in_no_url_and_is_not_shown_again(site: Site) -> None:
    def change() -> Answer:
        return done("It is made.", BACK, secret="smsr_secret")

    add(site, change)
    answer = site.post("/try")
    location = answer.headers["Location"]
    assert "smsr_secret" not in location + answer.text
    assert "smsr_secret" in site.get(location).text
    assert "smsr_secret" not in site.get(location).text
    assert "smsr_secret" not in repr(memory_of(site).outcomes)


def memory_of(site: Site) -> Memory:
    with site.app.app_context():
        return memory()


def test_only_the_latest_outcomes_are_kept() -> None:
    once = Once[int]()
    tokens = [once.put(number) for number in range(51)]
    assert [once.take(tokens[0]), once.take(tokens[1]), once.take(tokens[1]), once.take("")] == [None, 1, None, None]


def dangerous() -> Answer:
    if not confirmed():
        return confirm("Really?", button="Do it", back=BACK, sentences=["It breaks things; see: sms audit"])
    page_progress().note("broken")
    return done("Broke things.", BACK)


def test_a_dangerous_change_asks_first_and_keeps_what_was_typed(site: Site) -> None:
    add(site, dangerous)
    text = site.post("/try", {"name": "a<b"}).text
    assert "Really?" in text
    assert '<input type="hidden" name="name" value="a&lt;b">' in text
    assert "see: ./sms audit" in text
    assert "Broke things." in site.followed(site.post("/try", {"name": "a<b", "confirmed": "yes"}))


@pytest.mark.parametrize("sent", [{}, {"confirmed": ""}, {"confirmed": "no"}, {"Confirmed": "yes"}], ids=str)
def test_nothing_else_confirms(site: Site, sent: dict[str, str]) -> None:
    add(site, dangerous)
    assert site.post("/try", sent).status_code == 200


def test_a_get_cannot_confirm(site: Site) -> None:
    add(site, dangerous)
    assert "Really?" in site.get("/try?confirmed=yes").text


def test_a_form_that_was_refused_keeps_what_was_typed_and_names_the_field(site: Site) -> None:
    def form() -> Answer:
        sent = Form.sent()
        sent.fail(InvalidValue("name: too long; see: sms agent list"), "name")
        return refused("try.html", sent)

    template = (
        '{% extends "layout.html" %}{% import "macros.html" as ui with context %}{% block title %}T{% endblock %}'
        '{% block main %}{{ ui.problems(form) }}{{ ui.field(form, "name", "Name", hint="Short.") }}'
        '{{ ui.field(form, "key", "Key", type="password") }}{% endblock %}'
    )
    own = site.app.jinja_env.loader
    assert own
    site.app.jinja_env.loader = ChoiceLoader([DictLoader({"try.html": template}), own])
    add(site, form)
    answer = site.post("/try", {"name": " a&b ", "key": "hidden"})
    assert answer.status_code == 422
    assert 'value="a&amp;b"' in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert "name: too long; see: ./sms agent list" in answer.text
    assert "hidden" not in answer.text.replace('type="hidden"', "")


def finished(job: Job) -> Job:
    for thread in threading.enumerate():
        if thread.name == f"job {job.id}":
            thread.join(10)
    assert job.ended
    return job


def test_long_work_shows_how_far_it_is_and_then_what_it_led_to(site: Site) -> None:
    go_on, halfway = threading.Event(), threading.Event()
    jobs: list[Job] = []

    def work(job: Job) -> None:
        for thing in job.watched(["a", "b"], "Counting"):
            job.add("good", f"counted {thing}")
            if thing == "a":
                halfway.set()
                assert go_on.wait(10)
        job.warning("one more thing")

    def start() -> Answer:
        jobs.append(memory().jobs.start("Count", BACK, work, str))
        return working(jobs[0].id)

    add(site, start)
    location = site.post("/try").headers["Location"]
    assert halfway.wait(10)
    during = site.get(location).text
    assert "0 of 2" in during
    assert '<noscript><meta http-equiv="refresh"' in during
    assert "hx-trigger" in during
    go_on.set()
    finished(jobs[0])
    after = site.get(location).text
    assert "counted b" in after
    assert "one more thing" in after
    assert "Done." in after
    assert "hx-trigger" not in after
    assert "http-equiv" not in after


def test_what_is_shown_once_and_nobody_saw_is_named() -> None:
    jobs, go_on, reports = Jobs(), threading.Event(), list[str]()

    def work(job: Job) -> None:
        assert go_on.wait(10)
        job.secret = "smsr_secret"

    def report(sentence: str) -> None:
        reports.append(sentence)
        go_on.set()

    jobs.start("Rotate", BACK, work, str)
    jobs.finish(report)
    assert [sentence for sentence in reports if "Do it again" in sentence] == reports[2:]
    assert len(reports) == 3
    assert "smsr_secret" not in str(reports)
    jobs.finish(report)
    assert len(reports) == 3


def failing_job(error: Exception) -> Job:
    def work(_: Job) -> None:
        raise error

    def explain(failure: SmsReceiverError) -> str:
        return f"explained: {failure}"

    return finished(Jobs().start("Fail", BACK, work, explain))


def test_long_work_that_fails_says_why() -> None:
    assert failing_job(Unavailable("AWS is away")).failure == "explained: AWS is away"


def test_long_work_that_ends_unexpectedly_says_no_more_than_that() -> None:
    failure = failing_job(KeyError("+12025550123")).failure
    assert failure
    assert "KeyError" in failure
    assert "0123" not in failure


def test_a_secret_of_long_work_is_shown_once(site: Site) -> None:
    def work(job: Job) -> None:
        job.secret = "smsr_secret"

    with site.app.app_context():
        job = finished(memory().jobs.start("Make", BACK, work, str))
    assert "smsr_secret" in site.get(f"/work/{job.id}").text
    assert "smsr_secret" not in site.get(f"/work/{job.id}").text


def test_work_that_is_not_known_is_a_sentence(site: Site) -> None:
    assert site.get("/work/unknown").status_code == 404


def test_numbers_and_texts_are_masked_until_somebody_asks_and_that_is_in_the_audit_log() -> None:
    command, times = busy(), [NOW]
    command.now = lambda: times[0]
    site = Site(command)

    def private() -> Answer:
        return f"{masking.shown_number('+12025550123')} {masking.shown_text('Hello')} {masking.shown_text('')}"

    add(site, private)
    assert site.get("/try?x=1").text == "…0123 (5 characters) "
    answer = site.post("/reveal", {"back": "/try?x=1"})
    assert answer.headers["Location"] == "/try?x=1"
    assert site.get("/try?x=1").text == "+12025550123 Hello "
    (line,) = command.audit.kept
    assert (line["what"], line["tenant"], line["which"]) == ("page.reveal", "acme", {"page": "/try"})
    assert "0123" not in str(line)
    times[0] += timedelta(minutes=10)
    assert site.get("/try?x=1").text == "…0123 (5 characters) "


def test_what_cannot_be_audited_stays_masked(site: Site) -> None:
    def private() -> Answer:
        return masking.shown_number("+12025550123")

    add(site, private)
    site.command.audit.failing = Unavailable("the audit log could not be written")
    answer = site.post("/reveal", {"back": "/try"})
    assert answer.status_code == 503
    assert "the audit log could not be written" in answer.text
    assert site.get("/try").text == "…0123"


@pytest.mark.parametrize("elsewhere", ["stage=south", "tenant=zeta"])
def test_another_stage_or_tenant_stays_masked(elsewhere: str) -> None:
    """The audit log of that stage says of nobody that they looked."""
    site = Site(busy())
    site.command.store.create(managed_tenant(id="zeta"))

    def private() -> Answer:
        return masking.shown_number("+12025550123")

    add(site, private)
    site.post("/reveal?tenant=acme", {"back": "/try?tenant=acme"})
    assert site.get("/try?tenant=acme").text == "+12025550123"
    assert site.get("/try?tenant=acme&stage=east").text == "+12025550123"
    assert site.get(f"/try?tenant=acme&{elsewhere}".replace("tenant=acme&tenant", "tenant")).text == "…0123"


def test_another_page_stays_masked() -> None:
    site = Site(busy())

    def private() -> Answer:
        return masking.shown_number("+12025550123")

    add(site, private)
    site.post("/reveal", {"back": "/credentials/"})
    assert site.get("/try").text == "…0123"


@given(st.integers(0, 30), st.integers(1, 7), st.text(max_size=3) | st.integers(-3, 40))
def test_pages_by_number_have_every_item_once(count: int, size: int, asked: str | int) -> None:
    app = SITE.app
    items = list(range(count))
    with app.test_request_context("/x", query_string={"page": asked, "stage": "east"}):
        chosen = paging.by_number(items, size)
        assert set(chosen.items) <= set(items)
        assert bool(chosen.items) is bool(items)
    seen: list[int] = []
    url: str | None = "/x"
    while url:
        with app.test_request_context(url):
            paged = paging.by_number(items, size)
            seen += paged.items
            url = paged.after
    assert seen == items


def test_a_page_by_cursor_leads_on_and_back_to_the_beginning() -> None:
    with SITE.app.test_request_context("/x?stage=south&after=b&done=token"):
        paged = paging.by_cursor(CursorPage(["c", "d"], next="d"))
        assert paging.cursor() == "b"
        assert (paged.before, paged.after) == ("/x?stage=south", "/x?stage=south&after=d")
    with SITE.app.test_request_context("/x"):
        assert (paging.cursor(), paging.by_cursor(CursorPage([])).after) == (None, None)


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("-2+3+cmd", "'-2+3+cmd"),
        ("+1-2", "'+1-2"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("+12025550123", "+12025550123"),
        ("-4.5", "-4.5"),
        (None, ""),
        (0, "0"),
        ('a "b", c\nd', 'a "b", c\nd'),
    ],
)
def test_a_download_has_no_formula(cell: object, written: str) -> None:
    answer = csv_file("x.csv", ["heading"], [[cell]])
    text = answer.get_data().decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(text, newline=""))) == [["heading"], [written]]
    assert answer.headers["Content-Disposition"] == 'attachment; filename="x.csv"'


@given(st.lists(st.floats(0, 1e9), max_size=60))
def test_bars_stay_within_the_chart(values: list[float]) -> None:
    drawn = charts.bars(values, [str(index) for index in range(len(values))])
    assert len(drawn) == len(values)
    for bar in drawn:
        assert 0 <= bar.x <= bar.x + bar.width <= charts.WIDTH + 0.1
        assert 0 <= bar.y <= charts.HEIGHT
        assert bar.y + bar.height == pytest.approx(charts.HEIGHT, abs=0.02)


def test_the_operator_of_a_request_is_for_its_tenant(site: Site) -> None:
    with site.app.test_request_context("/x?tenant=acme&stage=south", base_url=f"http://{HOST}"):
        acting = operator()
        assert (acting.tenant, acting.stage, acting.local) == ("acme", "south", False)
        assert show("failed.html", sentence="x")
