import csv
import io
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from shared.errors import Unavailable
from shared.messages.usage import UsageOwner
from tests import fakes
from tests.fakes import DESK, NOW, OUR_NUMBER
from tests.unit.cli.command import Command

SECOND_NUMBER = "+12025550188"
DESKS = UsageOwner("acme", OUR_NUMBER, DESK.id, "a former name")
ITS_SECOND = replace(DESKS, number=SECOND_NUMBER)
GONE = UsageOwner("acme", SECOND_NUMBER, "Gone0001", "=cmd()")
NOBODY = UsageOwner("acme", OUR_NUMBER)


@pytest.fixture
def command() -> Command:
    """Texts of three days on two stages; also of another tenant, and of a day that is too long ago."""
    made = Command.on(fakes.managed_tenant())
    east, south = (made.usage[stage].counted for stage in ("east", "south"))
    yesterday, long_ago = NOW - timedelta(days=1), NOW - timedelta(days=30)
    for number in range(5):
        east.count(DESKS.received(f"SM{number}", 2, NOW))
        east.count(DESKS.sent(f"SM{number}", 1, NOW))
    south.count(DESKS.received("SM5", 1, yesterday))
    south.count(ITS_SECOND.sent("SM5", 3, yesterday))
    south.count(DESKS.failed("SM5", "backend_refused", yesterday))
    east.count(GONE.sent("SM6", 1, NOW))
    east.count(GONE.failed("SM7-1", "not_delivered", NOW))
    east.count(NOBODY.failed("SM8", "no_agent", NOW))
    east.count(DESKS.received("SM9", 1, long_ago))
    east.count(replace(DESKS, tenant="other").received("SM9", 1, NOW))
    return made


def figures(inbound: int, outbound: int, billable: int, failed: int) -> dict[str, int]:
    return {"inbound": inbound, "outbound": outbound, "billable": billable, "failed": failed}


def test_shows_each_agent_of_both_stages_together_the_busiest_first(command: Command) -> None:
    shown = command.json("usage")
    assert (shown["first"], shown["last"], shown["by"]) == ("2026-10-25", "2026-11-23", "agent")
    assert shown["usage"] == [
        {"agent": "desk", **figures(6, 6, 19, 1), "failures": {"backend_refused": 1}},
        {"agent": "=cmd()", **figures(0, 1, 1, 1), "failures": {"not_delivered": 1}},
        {"agent": None, **figures(0, 0, 0, 1), "failures": {"no_agent": 1}},
    ]
    assert shown["total"] == figures(6, 7, 20, 3)
    assert shown["stages"] == {"east": figures(5, 6, 16, 2), "south": figures(1, 1, 4, 1)}
    assert shown["missing"] == []


def test_shows_each_number_with_its_agent(command: Command) -> None:
    assert [
        (line["number"], line["agent"], line["inbound"]) for line in command.json("usage", "--by", "number")["usage"]
    ] == [
        (OUR_NUMBER, "desk", 6),
        (SECOND_NUMBER, "=cmd()", 0),
        (OUR_NUMBER, None, 0),
        (SECOND_NUMBER, "desk", 0),
    ]


def test_shows_each_day_in_order(command: Command) -> None:
    lines = command.json("usage", "--by", "day", "--since", "40d")["usage"]
    assert [(line["day"], line["inbound"], line["failed"]) for line in lines] == [
        ("2026-10-24", 1, 0),
        ("2026-11-22", 1, 1),
        ("2026-11-23", 5, 2),
    ]


def test_shows_a_table_and_where_to_look_for_what_failed(command: Command) -> None:
    result = command.run("usage")
    rows = [line.split() for line in result.stdout.splitlines()]
    assert ["desk", "6", "6", "19", "1"] in rows
    assert ["together", "6", "7", "20", "3"] in rows
    assert ["no", "agent", "0", "0", "0", "1"] in rows
    assert "./sms --tenant acme parked list --reason no_agent" in result.stdout
    assert "./sms --stage south --tenant acme parked list --reason backend_refused" in result.stdout
    assert "./sms tail --outcome NotDelivered" in result.stdout


def test_of_one_agent_by_the_name_that_it_has_now_or_had_last(command: Command) -> None:
    assert command.json("usage", "--agent", "desk")["total"] == figures(6, 6, 19, 1)
    assert command.json("usage", "--agent", "=cmd()")["total"] == figures(0, 1, 1, 1)
    assert "there is no agent 'nobody'" in command.declined("usage", "--agent", "nobody")


def test_of_one_number_as_people_type_it(command: Command) -> None:
    shown = command.json("usage", "--number", "(202) 555-0188", "--by", "day")
    assert shown["total"] == figures(0, 2, 4, 1)
    assert command.json("usage", "--number", "+12025550100")["usage"] == []
    assert "short code" in command.declined("usage", "--number", "nobody")


def test_says_when_nothing_was_counted(command: Command) -> None:
    result = command.run("usage", "--since", "2026-01-01", "--until", "2026-01-31")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "Nothing was counted in this time." in result.stderr


def test_one_line_has_no_line_below_it(command: Command) -> None:
    assert "together" not in command.run("usage", "--agent", "desk").stdout


def test_writes_csv_to_standard_output_with_a_column_for_each_reason(command: Command) -> None:
    lines = list(csv.DictReader(io.StringIO(command.run("usage", "--csv", "-").stdout)))
    assert lines[0] == {
        "agent": "desk",
        "inbound": "6",
        "outbound": "6",
        "billable": "19",
        "failed": "1",
        "failed_backend_refused": "1",
        "failed_no_agent": "0",
        "failed_not_delivered": "0",
    }
    assert [line["agent"] for line in lines] == ["desk", "'=cmd()", ""]


def test_writes_csv_into_a_file(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "usage.csv"
    assert command.json("usage", "--by", "number", "--csv", str(file)) == {"file": str(file), "lines": 4}
    assert file.read_bytes().startswith(
        b"\xef\xbb\xbfnumber,agent,inbound,outbound,billable,failed,failed_backend_refused,"
    )
    assert file.read_bytes().splitlines()[1].startswith(b"+12025550199,desk,6,5,")
    assert b"\r\n" in file.read_bytes()


def test_a_file_is_not_written_over_without_asking(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "usage.csv"
    file.write_text("mine")
    assert "this needs --yes" in command.declined("usage", "--csv", str(file))
    assert file.read_text() == "mine"
    command.json("usage", "--csv", str(file), "--yes")
    assert file.read_text(encoding="utf-8-sig").startswith("agent,")


def test_a_file_that_cannot_be_written_and_two_forms_at_once_are_declined(command: Command, tmp_path: Path) -> None:
    missing = tmp_path / "nowhere" / "usage.csv"
    assert command.declined("usage", "--csv", str(missing)).startswith("the file cannot be written: ")
    both = command.run("usage", "--csv", "-", "--json")
    assert both.exit_code == 1
    assert "not both" in json.loads(both.stdout)["error"]


@pytest.mark.parametrize(
    "wrong", [["--since", "soon"], ["--until", "soon"], ["--since", "2026-11-02", "--until", "2026-11-01"]]
)
def test_a_time_that_is_none_is_declined(wrong: list[str], command: Command) -> None:
    assert command.declined("usage", *wrong)


def test_a_stage_that_does_not_answer_is_named_and_left_out(command: Command) -> None:
    command.usage["south"].counted.failing = Unavailable("the usage could not be read: AWS answered ServiceUnavailable")
    result = command.run("usage", "--json")
    shown = json.loads(result.stdout)
    assert (shown["missing"], shown["total"]["inbound"]) == (["south"], 5)
    assert "Without the figures of stage south: " in result.stderr


@pytest.mark.parametrize("file", ["-", "usage.csv"])
def test_a_file_is_not_made_without_the_figures_of_a_stage(file: str, command: Command, tmp_path: Path) -> None:
    command.usage["south"].counted.failing = Unavailable("the usage could not be read")
    path = file if file == "-" else str(tmp_path / file)
    result = command.run("usage", "--csv", path)
    assert result.exit_code == 1
    assert "stage south did not answer" in result.stderr
    assert result.stdout == ""
    assert not (tmp_path / file).exists()


def test_the_own_stage_must_answer(command: Command) -> None:
    command.usage["south"].counted.failing = Unavailable("the usage could not be read")
    assert "could not be read" in command.declined("usage", "--stage", "south")


def test_a_stage_that_is_not_deployed_is_left_out_without_a_word(command: Command) -> None:
    del command.stacks["south"]
    result = command.run("usage", "--json")
    assert json.loads(result.stdout)["stages"].keys() == {"east"}
    assert "south" not in result.stderr
