"""`./sms --tenant acme number …`: who has which number, one or many."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from operations.numbers import pages
from operations.ports import CHANGED_AT_ONCE, Assigned
from shared.errors import Unavailable
from shared.tenants.agent import AgentKind
from tests.fakes import DESK, OUR_NUMBER, managed_tenant
from tests.unit.cli.command import Command
from tests.unit.operations.tenants.fakes import FakeNumberDirectory

NUMBER, THIRD = "+12025550188", "+12025550177"
SALES = replace(DESK, id="Sales001", name="sales", stage="south")
PHONE = replace(DESK, id="Phone001", name="phone", kind=AgentKind.VOICE)


def command(*numbers: str) -> Command:
    return Command.on(managed_tenant(agents=(DESK, SALES, PHONE)), numbers=numbers)


def test_assigns_a_number_and_lists_it() -> None:
    run = command(OUR_NUMBER)
    assert run.json("number", "assign", "(202) 555-0188", "--agent", "desk") == {"number": NUMBER, "agent": "desk"}
    assert run.json("number", "list") == [
        {"number": NUMBER, "agent": "desk", "region": "east", "description": None},
        {"number": OUR_NUMBER, "agent": "desk", "region": "east", "description": None},
    ]
    assert [entry["what"] for entry in run.audit.kept] == ["number.assign"]
    assert NUMBER not in str(run.audit.kept)


def test_assigning_it_again_changes_nothing() -> None:
    run = command(OUR_NUMBER)
    assert run.run("number", "assign", OUR_NUMBER, "--agent", "desk").exit_code == 0
    assert run.audit.kept == []


def test_releases_a_number_however_it_is_typed() -> None:
    run = command(OUR_NUMBER)
    assert run.json("number", "release", "202 555 0199") == {"released": OUR_NUMBER}
    assert run.store.numbers == {}
    assert [(entry["what"], entry["which"]["agent"]) for entry in run.audit.kept] == [("number.release", "desk")]


def test_refuses_a_number_that_another_agent_holds() -> None:
    refusal = command(OUR_NUMBER).declined("number", "assign", OUR_NUMBER, "--agent", "sales")
    assert "agent 'desk' holds this number; release it there first" in refusal


def test_refuses_a_number_that_another_tenant_holds_and_says_which() -> None:
    run = Command.on(managed_tenant(), managed_tenant(id="zeta"), numbers=[])
    run.store.hold(OUR_NUMBER, tenant_id="zeta")
    refusal = run.declined("number", "assign", OUR_NUMBER, "--agent", "desk", "--tenant", "acme")
    assert "tenant 'zeta' has this number; release it there first: ./sms --tenant zeta number release" in refusal
    assert "no agent of tenant 'acme' holds" in run.declined("number", "release", OUR_NUMBER, "--tenant", "acme")
    assert run.store.numbers[OUR_NUMBER].tenant_id == "zeta"


def test_refuses_a_number_for_a_voice_agent_and_for_nobody() -> None:
    run = command()
    assert "takes no texts" in run.declined("number", "assign", NUMBER, "--agent", "phone")
    assert "no agent 'nobody'" in run.declined("number", "assign", NUMBER, "--agent", "nobody")


def test_refuses_what_is_no_number_before_it_asks_aws() -> None:
    run = command()
    assert "too few digits" in run.declined("number", "assign", "12", "--agent", "desk")
    assert "too few digits" in run.declined("number", "release", "12")
    assert run.opened == []


def test_refuses_to_release_a_number_that_nobody_holds() -> None:
    refusal = command().declined("number", "release", NUMBER)
    assert "no agent of tenant 'acme' holds this number" in refusal


def test_many_are_assigned_and_released_and_one_that_fails_does_not_stop_the_others() -> None:
    run = command(OUR_NUMBER)
    assigned = run.run("number", "assign", NUMBER, OUR_NUMBER, THIRD, "--agent", "sales")
    assert assigned.exit_code == 1
    assert OUR_NUMBER in assigned.stdout
    assert "agent 'desk' holds this number" in assigned.stdout
    assert run.store.numbers_of("sales") == [THIRD, NUMBER]
    released = run.run("number", "release", NUMBER, "+12025550166", THIRD, "--json")
    assert released.exit_code == 1
    assert '"released": 2' in released.stdout
    assert "no agent of tenant 'acme' holds this number" in released.stdout
    assert run.store.numbers_of("sales") == []


def test_numbers_come_from_a_file_or_from_standard_input(tmp_path: Path) -> None:
    run = command()
    listed = tmp_path / "numbers"
    listed.write_text(f"{NUMBER}\n\n  202 555 0177 \n{NUMBER}\n")
    from_file = run.json("number", "assign", "--numbers-from", str(listed), "--agent", "desk")
    assert from_file == {"agent": "desk", "assigned": 2, "failed": []}
    piped = run.json("number", "release", THIRD, "--numbers-from", "-", typed=f"{NUMBER}\n")
    assert piped == {"released": 2, "failed": []}


def test_says_which_line_is_no_number_and_what_cannot_be_read(tmp_path: Path) -> None:
    run = command()
    listed = tmp_path / "numbers"
    listed.write_text(f"{NUMBER}\n12\n")
    refusal = run.declined("number", "assign", "--numbers-from", str(listed), "--agent", "desk")
    assert "line 2 of the numbers: " in refusal
    assert " 12" not in refusal
    listed.write_bytes(b"\xff")
    assert "is not text" in run.declined("number", "release", "--numbers-from", str(listed))
    assert "cannot be read" in run.declined("number", "release", "--numbers-from", str(tmp_path / "none"))
    assert "--numbers-from FILE" in run.declined("number", "release")


class Away(FakeNumberDirectory):
    """A directory that can be read and not written."""

    def assign_all(self, tenant_id: str, agent_id: str, descriptions: Mapping[str, str]) -> Assigned:
        self.failing = Unavailable("the directory cannot be reached")
        return super().assign_all(tenant_id, agent_id, descriptions)


def test_when_aws_takes_none_the_rest_is_not_tried() -> None:
    run = command()
    run.directory = Away(run.store)
    numbers = [f"+1202555{last:04}" for last in range(CHANGED_AT_ONCE + 3)]
    result = run.run("number", "assign", *numbers, "--agent", "desk")
    assert result.exit_code == 1
    assert result.stdout.count("the directory cannot be reached") == CHANGED_AT_ONCE
    assert result.stdout.count("not tried") == 3
    assert run.audit.kept == []


def test_a_number_is_described_when_it_is_assigned_and_later() -> None:
    run = command(OUR_NUMBER)
    run.json("number", "assign", NUMBER, OUR_NUMBER, "--agent", "desk", "--description", " front desk ")
    described = {record["number"]: record["description"] for record in run.json("number", "list")}
    assert described == {NUMBER: "front desk", OUR_NUMBER: "front desk"}
    assert run.json("number", "describe", "202 555 0188", "Köln") == {"number": NUMBER, "description": "Köln"}
    assert run.json("number", "find", NUMBER)["description"] == "Köln"
    run.json("number", "assign", NUMBER, "--agent", "desk")
    assert run.json("number", "find", NUMBER)["description"] == "Köln"
    assert run.json("number", "describe", NUMBER, "") == {"number": NUMBER, "description": None}
    assert run.json("number", "find", NUMBER)["description"] is None
    assert [entry["what"] for entry in run.audit.kept] == ["number.assign", *["number.describe"] * 3]
    assert "front desk" not in str(run.audit.kept)


def test_a_description_goes_with_its_number() -> None:
    run = command()
    run.json("number", "assign", NUMBER, "--agent", "desk", "--description", "front desk")
    run.run("number", "release", NUMBER)
    run.json("number", "assign", NUMBER, "--agent", "sales")
    assert run.json("number", "find", NUMBER)["description"] is None


@pytest.mark.parametrize(
    ("description", "why"),
    [("x" * 65, "longer than 64 characters"), ("two\nlines", "must be one line"), ("a\x00b", "must be one line")],
)
def test_refuses_a_description_that_is_too_long_or_no_line(description: str, why: str) -> None:
    run = command(OUR_NUMBER)
    assert why in run.declined("number", "describe", OUR_NUMBER, description)
    assert why in run.declined("number", "assign", NUMBER, "--agent", "desk", "--description", description)
    assert run.store.numbers_of("desk") == [OUR_NUMBER]
    assert run.store.descriptions == {}


def test_refuses_to_describe_a_number_that_is_not_the_tenants() -> None:
    run = Command.on(managed_tenant(), managed_tenant(id="zeta"))
    run.store.hold(OUR_NUMBER, tenant_id="zeta", description="theirs")
    for number in (OUR_NUMBER, NUMBER):
        refusal = run.declined("number", "describe", number, "mine", "--tenant", "acme")
        assert "no agent of tenant 'acme' holds this number" in refusal
    assert run.store.descriptions == {OUR_NUMBER: "theirs"}


def test_finds_numbers_by_a_part_of_them_or_of_their_description() -> None:
    run = command()
    run.store.hold("+12025550101", "desk", description="Front desk")
    run.store.hold("+12025550102", "sales", description="Köln")
    run.store.hold("whatsapp:+442071838750", "sales")

    def listed(*options: str) -> list[str]:
        return [record["number"] for record in run.json("number", "list", *options)]

    assert listed("--search", "front") == ["+12025550101"]
    assert listed("--search", "KÖLN") == ["+12025550102"]
    assert listed("--search", "(202) 555-01") == ["+12025550101", "+12025550102"]
    assert listed("--search", "202555", "--limit", "1") == ["+12025550101"]
    assert listed("--search", "202555", "--limit", "1", "--after", "+12025550101") == ["+12025550102"]
    assert listed("--search", "whatsapp") == ["whatsapp:+442071838750"]
    assert listed("--search", "o", "--agent", "desk") == ["+12025550101"]
    assert listed("--search", "nowhere") == []
    assert listed("--search", "-") == []
    assert "There is no such number." in run.run("number", "list", "--search", "nowhere").stderr


def test_lists_the_numbers_of_one_agent_or_some_of_all_and_goes_on_behind_them() -> None:
    run = command()
    numbers = [f"+1202555{last:04}" for last in range(100, 106)]
    for number in numbers[:3]:
        run.store.hold(number, "sales")
    for number in numbers[3:]:
        run.store.hold(number, "desk")
    in_order = [*numbers[3:], *numbers[:3]]

    def listed(*options: str) -> list[str]:
        return [record["number"] for record in run.json("number", "list", *options)]

    assert listed() == in_order
    assert listed("--agent", "sales") == numbers[:3]
    assert listed("--limit", "2") == in_order[:2]
    assert listed("--limit", "3", "--after", in_order[1]) == in_order[2:5]
    assert listed("--agent", "sales", "--after", numbers[0]) == numbers[1:3]
    assert listed("--after", in_order[-1]) == []
    assert run.json("number", "list", "--agent", "sales", "--limit", "1") == [
        {"number": numbers[0], "agent": "sales", "region": "south", "description": None}
    ]
    assert "no agent 'nobody'" in run.declined("number", "list", "--agent", "nobody")
    assert "list from the beginning" in run.declined("number", "list", "--after", NUMBER)


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_a_long_list_comes_page_by_page_and_is_complete(options: list[str]) -> None:
    run = command()
    numbers = [f"+1202{last:07}" for last in range(5550000, 5550000 + 2 * pages.PAGE_SIZE + 1)]
    for number in numbers:
        run.store.hold(number)
    result = run.run("number", "list", *options)
    assert [result.stdout.count(number) for number in numbers] == [1] * len(numbers)
    if options:
        assert len(run.json("number", "list")) == len(numbers)


def test_without_numbers_it_says_how_to_get_one() -> None:
    result = command().run("number", "list")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "sms --tenant acme number assign" in result.stderr
    assert command().json("number", "list") == []


def test_finds_who_has_a_number_of_whichever_tenant() -> None:
    run = Command.on(managed_tenant(), managed_tenant(id="zeta", agents=(SALES,)))
    run.store.hold(OUR_NUMBER, "sales", tenant_id="zeta")
    whose = {"number": OUR_NUMBER, "tenant": "zeta", "agent": "sales", "description": None}
    assert run.json("number", "find", "202 555 0199") == whose
    assert run.json("number", "find", OUR_NUMBER, "--tenant", "acme") == whose
    run.store.delete("zeta")
    assert run.json("number", "find", OUR_NUMBER) == {**whose, "agent": SALES.id}
    assert "no tenant has this number" in run.declined("number", "find", NUMBER)
