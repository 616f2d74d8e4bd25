"""The doctor's page: the same checks as the command's, one line each."""

import re

import pytest

from dashboard.desk import memory
from shared.errors import Unavailable
from tests.dashboard_site import Site
from tests.unit.cli.command import Command
from tests.unit.cli.doctor.stage import healthy
from tests.unit.dashboard.test_patterns import finished


def checked(command: Command, **options: str) -> str:
    """The page of a check that has ended."""
    site = Site(command)
    location = site.post("/doctor/", dict(options)).headers["Location"]
    with site.app.app_context():
        job = memory().jobs.find(location.partition("?")[0].rpartition("/")[2])
        assert job
        finished(job)
    return site.get(location).text


def lines(text: str) -> list[tuple[str, str]]:
    return re.findall(r'<li><span class="state (\w+)">\w+</span> ([\w ]+): ', text)


def test_a_healthy_stage_is_good_in_every_respect() -> None:
    text = checked(healthy())
    assert {state for state, _ in lines(text)} == {"good"}
    assert {"stack", "alarms", "signed probe", "arrival"} <= {name for _, name in lines(text)}
    assert "Nothing is wrong." in text


def test_looking_only_changes_nothing() -> None:
    command = healthy()
    text = checked(command, look_only="yes")
    assert command.audit.kept == []
    assert "signed probe" not in text


def test_what_is_wrong_is_counted_and_has_its_advice() -> None:
    command = healthy()
    command.dead["outbound"] = 2
    text = checked(command, look_only="yes")
    assert "Found wrong: 1." in text
    assert "./sms parked redrive" in text


def test_what_can_be_sent_in_hides_names() -> None:
    command = healthy()
    text = checked(command, first="yes", look_only="yes")
    assert "saved queries" in text
    assert "acme" not in text.partition('<ul class="lines">')[2].partition("</ul>")[0]


def test_a_check_that_cannot_be_begun_says_why() -> None:
    command = healthy()
    command.store.failing = Unavailable("the tenants could not be read")
    site = Site(command)
    answer = site.post("/doctor/")
    assert answer.status_code == 503
    assert "the tenants could not be read" in answer.text


@pytest.mark.parametrize("value", ["", "no", "on"])
def test_only_a_box_that_is_checked_counts(value: str) -> None:
    command = healthy()
    assert "signed probe" in checked(command, look_only=value)
