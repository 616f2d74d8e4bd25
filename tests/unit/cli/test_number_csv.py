"""`sms number import` and `sms number export`: shown first, all or nothing of a file, and again without harm."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from operations.ports import CHANGED_AT_ONCE, Assigned
from shared.tenants.agent import AgentKind
from tests.fakes import DESK, OUR_NUMBER, Crash, managed_tenant
from tests.numbers_fakes import FakeNumbers, number_at_twilio
from tests.unit.cli.command import Command
from tests.unit.cli.crashes import fused
from tests.unit.operations.tenants.fakes import FakeNumberDirectory

NEW, SECOND, THIRD = "+12025550188", "+12025550177", "+12025550166"
SALES = replace(DESK, id="Sales001", name="sales", stage="south")
PHONE = replace(DESK, id="Phone001", name="phone", kind=AgentKind.VOICE)
FILE = f"number,description\n{NEW},front desk\n{OUR_NUMBER},Köln\n"
IMPORT = ("number", "import", "-", "--agent", "desk")


def command(*numbers: str) -> Command:
    return Command.on(managed_tenant(agents=(DESK, SALES, PHONE)), numbers=numbers)


def held(run: Command) -> dict[str, str | None]:
    return {record["number"]: record["description"] for record in run.json("number", "list", "--agent", "desk")}


def test_adds_the_numbers_of_a_file_and_leaves_the_others() -> None:
    run = command(OUR_NUMBER, THIRD)
    result = run.json(*IMPORT, "--yes", typed=FILE)
    assert {name: result[name] for name in ("added", "kept", "described", "removed", "failed")} == {
        "added": 1,
        "kept": 0,
        "described": 1,
        "removed": 0,
        "failed": [],
    }
    assert result["changes"] == [
        {"number": NEW, "what": "added", "is": None, "will_be": "front desk"},
        {"number": OUR_NUMBER, "what": "description", "is": None, "will_be": "Köln"},
    ]
    assert held(run) == {NEW: "front desk", OUR_NUMBER: "Köln", THIRD: None}
    assert [entry["what"] for entry in run.audit.kept] == ["number.assign", "number.describe"]


def test_again_it_changes_nothing_and_does_not_ask() -> None:
    run = command()
    run.json(*IMPORT, "--yes", typed=FILE)
    run.audit.kept.clear()
    result = run.run(*IMPORT, typed=FILE)
    assert result.exit_code == 0
    assert "There is nothing to do" in result.stderr
    assert run.audit.kept == []


def test_shows_first_what_changes_and_what_becomes_of_texts_and_asks_once(tmp_path: Path) -> None:
    run = command(OUR_NUMBER, THIRD)
    run.numbers = FakeNumbers.of(number_at_twilio())
    run.run("number", "connect", OUR_NUMBER, "--yes")
    state = run.store.state()
    file = tmp_path / "numbers.csv"
    file.write_text(f"number,description\n{NEW},front desk\n")
    run.terminal = True
    result = run.run("number", "import", str(file), "--agent", "desk", "--replace", typed="n\n")
    assert result.exit_code == 1
    assert "1 added, 0 kept, 0 described, 2 removed." in result.stderr
    assert result.stderr.count("texts are parked as no_agent") == 1
    assert result.stderr.count("?") == 1
    assert run.store.state() == state
    assert run.run("number", "import", str(file), "--agent", "desk", "--replace", "--yes").exit_code == 0
    assert held(run) == {NEW: "front desk"}


def test_a_file_without_descriptions_leaves_those_there_are_and_an_empty_one_takes_them_away() -> None:
    run = command()
    run.store.hold(OUR_NUMBER, description="Köln")
    run.json(*IMPORT, "--yes", typed=f"number\n{OUR_NUMBER}\n")
    assert held(run) == {OUR_NUMBER: "Köln"}
    run.json(*IMPORT, "--yes", typed=f"number,description\n{OUR_NUMBER},\n")
    assert held(run) == {OUR_NUMBER: None}


def test_names_every_line_whose_number_somebody_else_has_and_changes_nothing() -> None:
    run = Command.on(managed_tenant(agents=(DESK, SALES)), managed_tenant(id="zeta"))
    run.store.hold(SECOND, "sales")
    run.store.hold(THIRD, tenant_id="zeta")
    state = run.store.state()
    text = f"number,description,agent\n{SECOND},a,\n{NEW},b,desk\n{THIRD},c,desk\n{OUR_NUMBER},d,sales\n"
    refusal = run.declined(*IMPORT, "--yes", "--replace", "--tenant", "acme", typed=text)
    assert refusal.startswith("3 lines of the file cannot be used, so nothing was changed; line 2 of the numbers: ")
    assert "agent 'sales' holds this number" in refusal
    assert "line 4 of the numbers: tenant 'zeta' has this number" in refusal
    assert "line 5 of the numbers: it is for agent 'sales', and this is for 'desk'" in refusal
    assert run.store.state() == state
    assert run.audit.kept == []


def test_refuses_a_file_with_wrong_lines_before_it_asks_aws_also_as_json() -> None:
    run = command()
    result = run.run(*IMPORT, "--yes", "--json", typed=f"number\n12\n{NEW}\n{NEW}\n")
    assert result.exit_code == 1
    error = json.loads(result.stdout)["error"]
    assert "line 2 of the numbers: " in error
    assert "line 4 of the numbers: the same number is on line 3 already" in error
    assert run.opened == []


@pytest.mark.parametrize("agent", ["nobody", "phone"])
def test_refuses_an_agent_that_does_not_exist_or_takes_no_texts(agent: str) -> None:
    run = command()
    refusal = run.declined("number", "import", "-", "--agent", agent, "--yes", typed=FILE)
    assert "no agent 'nobody'" in refusal or "takes no texts" in refusal


@pytest.mark.parametrize("text", ["", "number,description\n", "\n\n"])
def test_a_file_without_numbers_takes_none_away(text: str) -> None:
    run = command(OUR_NUMBER)
    assert "the file has no numbers" in run.declined(*IMPORT, "--replace", "--yes", typed=text)
    assert run.store.numbers_of("desk") == [OUR_NUMBER]


def test_refuses_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    refusal = command().declined("number", "import", str(tmp_path / "none.csv"), "--agent", "desk")
    assert "cannot be read: No such file" in refusal


def test_columns_that_mean_nothing_are_named() -> None:
    result = command().run(*IMPORT, "--yes", typed=f"number,status\n{NEW},green\n")
    assert "Columns that mean nothing here: status." in result.stderr


def test_a_number_that_somebody_takes_meanwhile_is_named_and_the_others_are_given() -> None:
    run = command()

    class Meddling(FakeNumberDirectory):
        def assign_all(self, tenant_id: str, agent_id: str, descriptions: dict[str, str]) -> Assigned:  # type: ignore[override] # narrower
            self.store.hold(NEW, "sales")
            return super().assign_all(tenant_id, agent_id, descriptions)

    run.directory = Meddling(run.store)
    result = run.run(*IMPORT, "--yes", "--json", typed=FILE)
    assert result.exit_code == 1
    outcome = json.loads(result.stdout)
    assert (outcome["added"], [failure["number"] for failure in outcome["failed"]]) == (1, [NEW])
    assert held(run) == {OUR_NUMBER: "Köln"}


@pytest.mark.parametrize("after", range(1, 6))
def test_an_import_that_is_interrupted_after_any_write_is_finished_by_the_same_command(after: int) -> None:
    some = [f"+1202555{last:04}" for last in range(2 * CHANGED_AT_ONCE)]
    run = command(OUR_NUMBER, THIRD)
    fuse = fused(run)
    fuse.after = after
    text = f"number,description\n{THIRD},new\n" + "".join(f"{number},some\n" for number in some)
    if after <= 4:  # one release, two parts that are assigned, one description
        with pytest.raises(Crash):
            run.run(*IMPORT, "--replace", "--yes", typed=text)
    fuse.after = None
    assert run.run(*IMPORT, "--replace", "--yes", typed=text).exit_code == 0
    assert held(run) == {THIRD: "new", **dict.fromkeys(some, "some")}


def test_what_is_exported_is_imported_again(tmp_path: Path) -> None:
    run = command()
    run.store.hold(OUR_NUMBER, description='=1+1, "Köln"; +2')
    run.store.hold(NEW)
    run.store.hold("whatsapp:+12025550199", description="'quoted")
    file = tmp_path / "numbers.csv"
    assert run.json("number", "export", str(file), "--agent", "desk") == {"file": str(file), "numbers": 3}
    assert file.read_bytes().startswith(b"\xef\xbb\xbfnumber,description\r\n")
    before = run.store.state(), dict(run.store.descriptions)
    result = run.json("number", "import", str(file), "--agent", "desk", "--replace", "--yes")
    assert (result["kept"], result["changes"]) == (3, [])
    run.json("number", "release", *run.store.numbers_of("desk"))
    run.json("number", "import", str(file), "--agent", "desk", "--yes")
    assert (run.store.state(), dict(run.store.descriptions)) == before


def test_exports_to_standard_output_with_the_agents_or_of_one_agent() -> None:
    run = command()
    run.store.hold(OUR_NUMBER, description="Köln")
    run.store.hold(NEW, "sales")
    both = run.run("number", "export").stdout
    assert both == f"number,description,agent\n{OUR_NUMBER},Köln,desk\n{NEW},,sales\n"
    assert run.run("number", "export", "--agent", "sales").stdout == f"number,description\n{NEW},\n"
    assert run.json("number", "export", "--agent", "sales") == [
        {"number": NEW, "agent": "sales", "region": "south", "description": None}
    ]


def test_asks_before_it_writes_over_a_file_and_says_when_it_cannot(tmp_path: Path) -> None:
    run = command(OUR_NUMBER)
    file = tmp_path / "numbers.csv"
    file.write_text("mine")
    assert "needs --yes" in run.declined("number", "export", str(file))
    assert file.read_text() == "mine"
    assert run.run("number", "export", str(file), "--yes").exit_code == 0
    assert OUR_NUMBER in file.read_text()
    assert "cannot be written: No such file" in run.declined("number", "export", str(tmp_path / "no" / "folder"))


def test_connects_all_numbers_of_an_agent_or_those_of_a_csv_file(tmp_path: Path) -> None:
    run = command(OUR_NUMBER)
    run.numbers = FakeNumbers.of(number_at_twilio())
    assert run.json("number", "connect", "--agent", "desk", "--yes")["number"] == OUR_NUMBER
    assert run.json("number", "disconnect", "--agent", "desk", "--yes")["connected"] is False
    file = tmp_path / "numbers.csv"
    file.write_text(f"number,description\n{OUR_NUMBER},Köln\n")
    assert run.json("number", "connect", "--file", str(file), "--yes")["connected"] is True
    assert "agent 'sales' has no number" in run.declined("number", "connect", "--agent", "sales")
    assert "no agent 'nobody'" in run.declined("number", "disconnect", "--agent", "nobody")
    assert "--numbers-from FILE" in run.declined("number", "disconnect")
