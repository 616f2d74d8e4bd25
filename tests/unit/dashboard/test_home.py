"""The first page: how both stages are doing."""

from typing import Any

import pytest

from shared.errors import CommandDeclined, SmsReceiverError, Unavailable
from shared.messages.outbound import Parked
from tests.dashboard_site import Site, busy
from tests.unit.cli.command import Command
from tests.unit.cli.test_parked import TEXT


def test_shows_both_stages_side_by_side() -> None:
    text = Site(busy()).get("/dashboard/").text
    assert "Stage east" in text
    assert "Stage south" in text
    assert "5 came in" in text
    assert "not delivered: 1; parked: 0" in text
    assert "./sms --stage south --tenant" not in text
    assert "./sms --stage south parked list" in text
    assert "about 3 of queue outbound" in text


def test_each_question_leads_to_the_page_that_has_more_of_it_on_that_stage() -> None:
    text = Site(busy()).get("/dashboard/?stage=south").text
    for stage in ("east", "south"):
        assert f'<a href="/parked/?stage={stage}">What is parked?</a>' in text
        assert f'<a href="/doctor/?stage={stage}">Which alarms ring?</a>' in text


def test_each_period_is_a_link() -> None:
    text = Site(busy()).get("/dashboard/?period=month&stage=south").text
    assert 'href="/dashboard/?stage=south&amp;period=day"' in text


def test_what_cannot_be_read_leaves_the_rest() -> None:
    command = busy()
    command.figures.failing = Unavailable("the stage's metrics could not be read")
    text = Site(command).get("/dashboard/").text
    assert "the stage&#39;s metrics could not be read" in text
    assert "Which alarms ring?" in text


@pytest.mark.parametrize("error", [Unavailable("AWS is away"), CommandDeclined("AWS is away")], ids=repr)
def test_a_stage_that_cannot_be_reached_does_not_hide_the_other_one(error: SmsReceiverError) -> None:
    class Stacks(dict[str, dict[str, str]]):
        def get(self, stage: str, default: Any = None) -> Any:  # noqa: ANN401 - as `dict` has it
            if stage == "south":
                raise error
            return super().get(stage, default)

    command = busy()
    command.stacks = Stacks(command.stacks)
    answer = Site(command).get("/dashboard/")
    assert answer.status_code == 200
    assert "5 came in" in answer.text
    assert "it could not be asked: AWS is away" in answer.text


def test_a_stage_that_is_not_deployed_says_what_to_do() -> None:
    command = busy()
    del command.stacks["south"]
    text = Site(command).get("/dashboard/").text
    assert "make deploy STAGE=south" in text


def test_a_world_without_a_tenant_shows_the_stages_all_the_same() -> None:
    command = Command.on()
    answer = Site(command).get("/dashboard/")
    assert answer.status_code == 200
    assert "there is no tenant yet" in answer.text


def test_what_is_parked_is_counted_by_reason() -> None:
    command = busy()
    assert isinstance(TEXT, Parked)
    assert TEXT.reason in Site(command).get("/dashboard/").text
