"""`sms import ibm`: shown first, then made; nothing twice, and no secret on the screen or in a log."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from operations.tenants.agent_edits import agent_named
from shared.errors import Unavailable
from shared.tenants.agent import FAILURE_REPLY, AgentKind, BackendSettings
from tests.fakes import DESK, managed_tenant
from tests.unit.cli.command import Command
from tests.unit.operations.ibm_import.sample import ACCOUNT, API_KEY, SAMPLE, TOKEN, tenant

NUMBER, SECOND, THIRD = "+12025550155", "+12025550156", "+12025550157"
NAME = "Car insurance assistance"
NO_NUMBER = "it has no number that can be used, so no agent is made of it"
IMPORT = ("import", "ibm", "-")
ONE = json.dumps(SAMPLE)


def command() -> Command:
    return Command.on(managed_tenant())


def typed(*tenants: dict[str, Any]) -> str:
    return json.dumps({"tenants": tenants})


def test_makes_agent_number_and_account_and_says_what_does_not_come() -> None:
    run = command()
    result = run.json(*IMPORT, "--yes", "--region", "south", typed=ONE)
    assert (result["accounts"], result["agents"], result["numbers"]) == ([ACCOUNT], [NAME], 1)
    agent = agent_named(run.store.stored(), NAME)
    assert (agent.kind, agent.stage, agent.session_seconds) == (AgentKind.SMS, "south", 3600)
    assert agent.failure_reply == "We can't respond to your message."
    assert (agent.initiates_from_inbound, agent.timeout_notice) == (False, None)
    url = "https://engine.example.com/v1"
    assert agent.backend == BackendSettings(
        "soe", url, signed=True, secrets=(API_KEY,), user="user", timeout_seconds=30
    )
    assert run.json("number", "list", "--agent", NAME) == [
        {"number": NUMBER, "agent": NAME, "region": "south", "description": NAME}
    ]
    account = run.store.stored().account(ACCOUNT)
    assert account
    assert account.auth_tokens == (TOKEN,)
    missing = {row["field"]: row for row in result["not_carried_over"]}
    assert missing["convMaxRetryNo"]["where"] == ["tenant 1 (…0155)"]
    assert "sms number connect" in missing["webHookCredentials"]["why"]
    assert "--backend-url" in missing["conversation.workspaceID"]["why"]


def test_again_it_makes_nothing_and_does_not_ask() -> None:
    run = command()
    run.json(*IMPORT, "--yes", typed=ONE)
    state, audit = run.store.state(), list(run.audit.kept)
    result = run.run(*IMPORT, "--json", typed=ONE)
    assert result.exit_code == 0
    assert json.loads(result.stdout)["made"] == 0
    assert run.store.state() == state
    assert run.audit.kept == audit


def test_an_agent_that_was_renamed_or_changed_since_is_not_made_again() -> None:
    run = command()
    run.json(*IMPORT, "--yes", typed=ONE)
    run.json("agent", "update", NAME, "--name", "cars", "--session-timeout", "60")
    result = run.json(*IMPORT, "--yes", typed=typed(tenant(), tenant(tenantPhoneNumber=SECOND)))
    assert (result["agents"], result["numbers"]) == ([], 1)
    assert run.store.numbers_of("cars") == [NUMBER, SECOND]
    assert agent_named(run.store.stored(), "cars").session_seconds == 60


def test_shows_everything_first_and_asks_once_and_a_dry_run_does_not() -> None:
    run = command()
    state = run.store.state()
    result = run.run(*IMPORT, "--dry-run", typed=ONE)
    assert result.exit_code == 0
    for words in (NAME, NUMBER, ACCOUNT, "sessions of 3600 seconds", "its own failure reply", "convMaxRetryNo"):
        assert words in result.stderr
    assert run.run(*IMPORT, typed=ONE).exit_code == 1
    assert "needs --yes" in run.run(*IMPORT, typed=ONE).stderr
    assert run.store.state() == state
    assert run.audit.kept == []


@pytest.mark.parametrize("options", [["--dry-run"], ["--yes"], ["--yes", "--json"], ["--dry-run", "--json"]])
def test_no_secret_is_shown_or_logged(options: list[str]) -> None:
    run = command()
    result = run.run(*IMPORT, *options, typed=ONE)
    assert result.exit_code == 0
    for secret in (TOKEN, API_KEY, "hook-secret"):
        assert secret not in result.output + json.dumps(run.audit.kept)
    assert NUMBER not in json.dumps(run.audit.kept)


def test_tenants_that_differ_in_their_number_only_are_one_agent_and_others_with_its_name_are_counted() -> None:
    run = command()
    tenants = (tenant(), tenant(tenantPhoneNumber=SECOND), tenant(tenantPhoneNumber=THIRD, timeoutForSession="60"))
    result = run.json(*IMPORT, "--yes", typed=typed(*tenants))
    assert result["agents"] == [NAME, f"{NAME} (2)"]
    assert run.store.numbers_of(NAME) == [NUMBER, SECOND]
    assert run.store.numbers_of(f"{NAME} (2)") == [THIRD]


def test_a_tenant_without_a_description_is_named_by_the_end_of_its_number() -> None:
    run = command()
    tenants = (tenant(description=""), tenant(description="\u202e", tenantPhoneNumber=SECOND))
    assert run.json(*IMPORT, "--yes", typed=typed(*tenants))["agents"] == ["number …0155", "number …0156"]


def test_a_long_description_is_cut_off_and_that_is_said() -> None:
    run = command()
    result = run.json(*IMPORT, "--yes", typed=typed(tenant(description="x" * 70)))
    assert result["agents"] == ["x" * 64]
    assert "description" in {row["field"] for row in result["not_carried_over"]}
    assert run.json("number", "find", NUMBER)["description"] == "x" * 64


def test_a_number_that_somebody_else_has_stays_there_and_is_named() -> None:
    run = Command.on(managed_tenant(), managed_tenant(id="zeta"))
    run.store.hold(NUMBER, tenant_id="zeta")
    result = run.json(*IMPORT, "--yes", "--tenant", "acme", typed=ONE)
    missing = {row["field"]: row["why"] for row in result["not_carried_over"]}
    assert "tenant 'zeta' has this number" in missing["tenantPhoneNumber"]
    assert (result["agents"], result["numbers"]) == ([NAME], 0)
    assert run.store.numbers[NUMBER].tenant_id == "zeta"


def test_an_agent_of_that_name_that_takes_no_texts_gets_no_number() -> None:
    run = Command.on(managed_tenant(agents=(replace(DESK, name=NAME, kind=AgentKind.VOICE),)))
    result = run.json(*IMPORT, "--yes", typed=ONE)
    assert "takes no texts" in str(result["not_carried_over"])
    assert (result["agents"], result["numbers"], run.store.numbers) == ([], 0, {})


@pytest.mark.parametrize(
    ("provider", "why"),
    [
        ({"url": "https://api.example.com", "username": ACCOUNT, "password": TOKEN}, "the provider is not Twilio"),
        (
            {"url": "https://twilio.com.example.com", "username": ACCOUNT, "password": TOKEN},
            "the provider is not Twilio",
        ),
        ({"url": "https://eviltwilio.com", "username": ACCOUNT, "password": TOKEN}, "the provider is not Twilio"),
        ({"url": "https://[", "username": ACCOUNT, "password": TOKEN}, "the provider is not Twilio"),
        ({"username": "me", "password": TOKEN}, "AC and 32 hexadecimal digits"),
        ({"username": ACCOUNT, "password": "secret"}, "32 hexadecimal digits"),
        ({"username": ACCOUNT}, "32 hexadecimal digits"),
    ],
)
def test_an_account_that_is_none_is_named_and_not_stored(provider: dict[str, str], why: str) -> None:
    run = command()
    result = run.json(*IMPORT, "--yes", typed=typed(tenant(smsProvider=provider)))
    assert why in str(result["not_carried_over"])
    assert result["accounts"] == []
    assert len(run.store.stored().accounts) == len(managed_tenant().accounts)
    assert TOKEN not in json.dumps(result)


def test_a_token_that_twilio_does_not_accept_is_not_stored_and_the_rest_is_made() -> None:
    run = command()
    run.accounts.unknown = {TOKEN}
    result = run.run(*IMPORT, "--yes", "--json", typed=ONE)
    assert result.exit_code == 1
    assert f"Account {ACCOUNT} was not added: Twilio does not accept this auth token" in result.stderr
    assert json.loads(result.stdout)["agents"] == [NAME]
    assert run.store.stored().account(ACCOUNT) is None


def test_an_account_that_is_there_stays_as_it_is_and_another_token_is_named() -> None:
    run = command()
    run.json(*IMPORT, "--yes", typed=ONE)
    other = {"username": ACCOUNT, "password": "0" * 32}
    result = run.json(*IMPORT, typed=typed(tenant(smsProvider=other)))
    assert f"sms twilio set-account {ACCOUNT} --add-token" in str(result["not_carried_over"])
    account = run.store.stored().account(ACCOUNT)
    assert account
    assert account.auth_tokens == (TOKEN,)


def test_a_csv_file_says_for_which_agent_a_number_is_and_what_else_it_has(tmp_path: Path) -> None:
    run, numbers = command(), tmp_path / "numbers.csv"
    numbers.write_text(f"number,agent,carrier\n{SECOND},sales,x\n{THIRD},desk,x\n")
    refusal = run.run("import", "ibm", str(numbers), "--agent", "desk", "--yes")
    assert refusal.exit_code == 1
    assert "line 2 of the numbers: it is for agent 'sales', and this is for 'desk'" in refusal.stderr
    assert SECOND not in run.store.numbers_of("desk")
    numbers.write_text(f"number,agent,carrier\n{THIRD},desk,x\n")
    result = run.run("import", "ibm", str(numbers), "--agent", "desk", "--yes")
    assert "Columns that mean nothing here: carrier." in result.stderr
    assert THIRD in run.store.numbers_of("desk")


def test_numbers_of_a_csv_file_go_to_the_only_agent_or_to_the_one_that_is_named(tmp_path: Path) -> None:
    run = command()
    tenants, numbers = tmp_path / "tenants.json", tmp_path / "numbers.csv"
    tenants.write_text(ONE)
    numbers.write_text(f"Phone Number,Description\n{SECOND[1:]},second\n{NUMBER},first\n")
    result = run.json("import", "ibm", str(tenants), str(numbers), "--yes")
    assert (result["agents"], result["numbers"]) == ([NAME], 2)
    described = {record["number"]: record["description"] for record in run.json("number", "list")}
    assert described == {NUMBER: NAME, SECOND: "second"}
    numbers.write_text(f"{THIRD},third\n")
    assert run.json("import", "ibm", str(numbers), "--agent", "desk", "--yes")["numbers"] == 1
    assert run.store.numbers_of("desk") == [THIRD]


def test_refuses_numbers_of_which_nobody_says_whose_they_are_and_files_it_cannot_read(tmp_path: Path) -> None:
    run = command()
    numbers = tmp_path / "numbers.csv"
    numbers.write_text(NUMBER)
    assert "--agent NAME" in run.declined("import", "ibm", str(numbers))
    numbers.write_text("12\n")
    assert "line 1 of the numbers" in run.declined("import", "ibm", str(numbers), "--agent", "desk")
    assert "there are none" in run.declined(*IMPORT, "--agent", "desk", typed=ONE)
    assert "is not JSON" in run.declined(*IMPORT, typed="{")
    assert "cannot be read" in run.declined("import", "ibm", str(tmp_path / "none"))
    assert run.opened == []


@pytest.mark.parametrize("url", ["http://engine.example.com/", "https://[", "ftp://x"])
def test_a_backend_that_may_not_be_asked_is_named_and_the_agent_is_made_without_it(url: str) -> None:
    run = command()
    conversation = {"url": url, "username": "user", "password": "secret words"}
    result = run.json(*IMPORT, "--yes", typed=typed(tenant(conversation=conversation)))
    assert "conversation" in {row["field"] for row in result["not_carried_over"]}
    assert agent_named(run.store.stored(), NAME).backend is None
    assert "secret words" not in json.dumps(result)


@pytest.mark.parametrize("number", ["", "12", None])
def test_a_tenant_without_a_number_is_named_and_made_into_nothing(number: str | None) -> None:
    run = command()
    result = run.json(*IMPORT, "--yes", typed=typed(tenant(tenantPhoneNumber=number), tenant()))
    assert {"field": "tenantPhoneNumber", "why": NO_NUMBER, "where": ["tenant 1"]} in result["not_carried_over"]
    assert (result["agents"], result["numbers"]) == ([NAME], 1)


def test_when_aws_is_away_nothing_is_made() -> None:
    run = command()
    run.directory.failing = Unavailable("the directory cannot be reached")
    assert "cannot be reached" in run.declined(*IMPORT, "--yes", typed=ONE)
    assert len(run.store.stored().agents) == 1


def test_without_a_failure_reply_in_the_file_an_agent_has_ours() -> None:
    run = command()
    silent = {name: value for name, value in tenant().items() if name != "conversationFailedReplyMessage"}
    run.json(*IMPORT, "--yes", typed=typed(silent))
    assert agent_named(run.store.stored(), NAME).failure_reply == FAILURE_REPLY
