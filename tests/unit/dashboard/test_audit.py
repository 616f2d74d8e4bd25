"""The audit log on the page: a period, everybody or one, newest first, and as a file."""

import csv
import io
import re
from datetime import timedelta

import pytest

from shared.errors import Unavailable
from tests import fakes
from tests.dashboard_site import Site
from tests.fakes import NOW
from tests.unit.cli.command import Command


def record(
    days: float, *, who: str = "arn:aws:sts::1:assumed-role/ops/ann", what: str = "agent.update", **more: object
) -> dict[str, object]:
    time = (NOW - timedelta(days=days)).isoformat(timespec="milliseconds")
    known = {"tenant": "acme", "which": {"agent": "desk"}, "fields": ["name"]}
    return {"time": time, "who": who, "stage": "east", "region": "us-east-1", "what": what, **known, **more}


def site(*records: dict[str, object]) -> Site:
    command = Command.on(fakes.managed_tenant())
    command.audit.kept = list(records)
    return Site(command)


def shown(page: str) -> list[str]:
    return re.findall(r"<td>([a-z]+\.[a-z_]+)</td>", page)


def test_the_newest_comes_first_with_what_it_names() -> None:
    page = site(record(2), record(1, what="agent.create")).get("/audit/").text
    assert shown(page) == ["agent.create", "agent.update"]
    assert "<td>agent=desk</td>" in page
    assert "<td>assumed-role/ops/ann</td>" in page


@pytest.mark.parametrize(("period", "count"), [("day", 1), ("week", 2), ("month", 3), ("year", 4)])
def test_a_period_is_a_link(period: str, count: int) -> None:
    audited = site(record(300), record(20), record(3), record(0.5))
    page = audited.get(f"/audit/?period={period}").text
    assert len(shown(page)) == count
    assert 'href="/audit/?period=year"' in page


def test_an_unknown_period_is_said() -> None:
    answer = site().get("/audit/?period=century")
    assert answer.status_code == 422
    assert "there is no period" in answer.text


def test_shows_the_changes_of_one() -> None:
    audited = site(record(1), record(1, who="arn:aws:iam::1:user/bob", what="agent.delete"))
    page = audited.get("/audit/").text
    assert '<option value="user/bob">user/bob</option>' in page
    assert shown(audited.get("/audit/?who=user/bob").text) == ["agent.delete"]
    assert "Nothing was changed in that time." in audited.get("/audit/?who=nobody").text


def test_a_long_log_has_pages() -> None:
    audited = site(*(record(1) for _ in range(120)))
    page = audited.get("/audit/").text
    assert len(shown(page)) == 50
    assert "1 to 50 of 120" in page
    assert len(shown(audited.get("/audit/?page=3").text)) == 20


def test_it_is_a_file_as_well_without_formulas() -> None:
    audited = site(record(2), record(1, which={"credential": "=HYPERLINK(1)"}))
    answer = audited.get("/audit/changes.csv")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="changes.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert [row["which"] for row in rows] == ["credential==HYPERLINK(1)", "agent=desk"]
    assert 'href="/audit/changes.csv?period=week"' in audited.get("/audit/").text


def test_changes_of_all_tenants_are_shown_unless_one_is_chosen() -> None:
    audited = site(
        record(1), record(1, tenant="beta", what="agent.delete"), record(1, tenant=None, what="parked.redrive")
    )
    assert len(shown(audited.get("/audit/?tenant=beta").text)) == 1


def test_what_is_written_into_a_log_is_text_and_no_markup() -> None:
    page = site(record(1, which={"agent": "<script>alert(1)</script>"})).get("/audit/").text
    assert "<script>alert" not in page


def test_a_log_that_cannot_be_read_is_the_sentence_of_the_command() -> None:
    audited = site()
    audited.command.audit.failing = Unavailable("the audit log of stage east could not be read")
    answer = audited.get("/audit/")
    assert answer.status_code == 503
    assert "could not be read" in answer.text
