"""docs/from-ibm.md: the way from IBM's URL to ours is tried, and its table says yes or no to everything."""

import re
import shlex
from pathlib import Path

import pytest

from operations.tenants import agent_edits
from shared.tenants.agent import BackendSettings
from tests.fakes import ACCOUNT, OUR_NUMBER, TOKEN
from tests.numbers_fakes import FakeNumbers, number_at_twilio
from tests.unit.cli.command import Command

TEXT = (Path(__file__).parents[3] / "docs" / "from-ibm.md").read_text(encoding="utf-8")
ROWS = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in TEXT.splitlines() if line.startswith("| ")]
DEFAULT = ""
SETUP = ("", ACCOUNT, TOKEN, "desk", DEFAULT, DEFAULT, OUR_NUMBER, DEFAULT, DEFAULT, DEFAULT)
"""What an operator types in answer to `./sms setup`: nothing for what it proposes."""
TYPED = {"setup": "".join(f"{answer}\n" for answer in SETUP), "agent": "open sesame\n", "number": "y\n"}


def commands() -> list[list[str]]:
    """The words of each command of the way."""
    block = re.search(r"^```sh\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
    assert block
    return [shlex.split(line) for line in block[1].splitlines()]


def test_the_way_has_the_four_commands_that_it_promises() -> None:
    assert [words[:2] for words in commands()] == [["make", "deploy"], *[["./sms", "--tenant"]] * 3]


def test_the_way_leads_from_ibms_url_to_a_number_that_an_engine_answers() -> None:
    run = Command.on()
    run.numbers = FakeNumbers.of(number_at_twilio())
    before = run.numbers.numbers[OUR_NUMBER].webhooks
    run.terminal = True
    for words in commands()[1:]:
        result = run.run(*words[1:], typed=TYPED[words[3]])
        assert result.exit_code == 0, result.output
    agent = agent_edits.agent_named(run.store.stored(), "desk")
    url = "https://iva-soesample.myorg.net/SOE/myWorkspace"
    assert agent.backend == BackendSettings("soe", url, signed=True, secrets=("open sesame",), user="gateway")
    webhooks = run.numbers.numbers[OUR_NUMBER].webhooks
    assert webhooks != before
    assert "/sms.receiver/SmsRecv" in webhooks.url


@pytest.mark.parametrize("row", ROWS[1:], ids=lambda row: row[0][:40])
def test_each_row_says_yes_or_no_and_how_or_why_not(row: list[str]) -> None:
    what, whether, how = row
    assert what
    assert re.fullmatch(r"yes(, once)?|no", whether)
    assert len(how) > 10


@pytest.mark.parametrize(
    "promise",
    [
        *("New Credential", "View credentials", "Reader", "active in the account", "SMS provider", "apikey:KEY"),
        *(
            "type SMS",
            "clone",
            "30 characters",
            "CSV",
            "Watson Assistant",
            "Service Orchestration Engine",
            "Location 1",
        ),
        *("Initiate conversation", "session time-out", "Notify on session timeout", "We're sorry", "read time-out"),
        *("userData", "smsTenantPhoneNumber", "terminateSession", "150 agents", "usage", "event forwarding", "CADF"),
        *("logs", "no SMS data", "tenantConfig", "dashboard"),
    ],
)
def test_the_table_leaves_nothing_out_that_ibm_promised(promise: str) -> None:
    assert any(promise in row[0] for row in ROWS)
