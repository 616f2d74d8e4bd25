"""The page Usage: the figures of `sms usage`, as links, a chart and a file."""

import csv
import io
import re

import pytest

from shared.errors import Unavailable
from shared.messages.usage import UsageOwner
from tests.dashboard_site import Site, busy
from tests.fakes import NOW, OUR_NUMBER


@pytest.fixture
def site() -> Site:
    return Site(busy(), tenant="acme")


def rows(html: str) -> list[list[str]]:
    """The words of each row of the first table that is not a chart's."""
    body = html.split('role="region"', 1)[1].split("</table>", 1)[0]
    cells = [re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL) for row in body.split("<tr>")]
    return [[re.sub(r"<[^>]+>", "", cell).strip() for cell in row] for row in cells if row]


def test_shows_each_agent_with_what_failed(site: Site) -> None:
    page = site.get("/usage/").text
    assert rows(page) == [["desk", "4", "3", "10", "2"], ["no agent", "0", "0", "0", "1"]]
    assert "<strong>4</strong> texts in" in page
    assert "3 failed" in page


@pytest.mark.parametrize(
    ("by", "first"),
    [("number", [OUR_NUMBER, "desk", "4", "3", "10", "2"]), ("day", ["2026-11-22", "1", "0", "1", "1"])],
)
def test_shows_them_by_number_and_by_day(by: str, first: list[str], site: Site) -> None:
    assert rows(site.get(f"/usage/?by={by}").text)[0] == first


def test_names_the_command_for_each_failure_on_its_stage(site: Site) -> None:
    page = site.get("/usage/").text
    assert "./sms --stage south --tenant acme parked list --reason backend_refused" in page
    assert "./sms --tenant acme parked list --reason no_agent" in page


def test_each_failure_leads_to_the_latest_texts_that_failed_so(site: Site) -> None:
    page = site.get("/usage/").text.replace("&amp;", "&")
    assert "/texts/?since=1d&stages=one&stage=south&reason=backend_refused" in page
    assert "/texts/?since=1d&stages=one&stage=east&state=failed" in page


def test_a_failure_that_is_parked_leads_to_what_is_parked_now(site: Site) -> None:
    page = site.get("/usage/").text.replace("&amp;", "&")
    assert "/parked/?reason=backend_refused&stage=south" in page
    assert "/parked/?reason=not_delivered" not in page


def test_draws_a_bar_for_each_day_of_the_period_and_no_more_than_three_months(site: Site) -> None:
    for since, bars in (("7d", 7), ("30d", 30), ("365d", 92)):
        page = site.get(f"/usage/?since={since}").text
        assert page.count("<rect") == 3 * bars
    assert "23 Nov: 3" in page


def test_the_period_and_the_filters_are_in_the_url(site: Site) -> None:
    assert "Nothing was counted in this time." in site.get("/usage/?since=2026-01-01&until=2026-01-31").text
    assert rows(site.get(f"/usage/?agent=desk&number={OUR_NUMBER[1:]}&by=number").text)[0][0] == OUR_NUMBER
    assert 'href="/usage/?by=day&amp;since=7d"' in site.get("/usage/?by=day&since=30d").text


@pytest.mark.parametrize(
    "query",
    ["since=soon", "until=soon", "by=person", "agent=nobody", "number=nobody", "since=2026-11-20&until=2026-11-01"],
)
def test_what_cannot_be_meant_is_a_sentence(query: str, site: Site) -> None:
    answer = site.get(f"/usage/?{query}")
    assert 400 <= answer.status_code < 500
    assert "Something unexpected" not in answer.text


def test_a_stage_that_does_not_answer_is_named(site: Site) -> None:
    site.command.usage["south"].counted.failing = Unavailable("the usage could not be read")
    page = site.get("/usage/").text
    assert "The figures of stage south are missing" in page
    assert rows(page)[0][1] == "3"


def test_a_file_is_not_made_without_the_figures_of_a_stage(site: Site) -> None:
    site.command.usage["south"].counted.failing = Unavailable("the usage could not be read")
    answer = site.get("/usage/usage.csv")
    assert answer.status_code == 503
    assert "stage south did not answer, so its figures would be missing in the file" in answer.text


def test_the_file_has_the_lines_and_nothing_that_a_spreadsheet_would_run(site: Site) -> None:
    site.command.usage["east"].counted.count(UsageOwner("acme", OUR_NUMBER, "Gone0001", "=cmd()").sent("SM9", 1, NOW))
    answer = site.get("/usage/usage.csv?by=number")
    assert answer.content_type == "text/csv; charset=utf-8"
    assert 'filename="usage-2026-10-25-2026-11-23-by-number.csv"' in answer.headers["Content-Disposition"]
    lines = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert (lines[0]["number"], lines[0]["agent"], lines[0]["failed_backend_refused"]) == (OUR_NUMBER, "desk", "1")
    assert "'=cmd()" in {line["agent"] for line in lines}


def test_other_tenants_are_not_in_it(site: Site) -> None:
    site.command.usage["east"].counted.count(
        UsageOwner("other", "+12025550111", "Other001", "other").sent("SM9", 1, NOW)
    )
    assert "+12025550111" not in site.get("/usage/?by=number").text
