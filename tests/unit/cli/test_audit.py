"""Every command that changes something leaves a line in the audit log, and no line holds a secret."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import typer.main
from typer.core import TyperGroup

from cli.app import app
from shared.errors import CommandDeclined, Unavailable
from shared.tenants.agent import Agent, AgentKind, BackendSettings, JournalSettings
from tests import fakes
from tests.fakes import ACCOUNT, OUR_NUMBER, REST_SECRET, SECOND_TOKEN, SUBACCOUNT, SUBACCOUNT_TOKEN, TOKEN
from tests.numbers_fakes import FakeNumbers, number_at_twilio
from tests.unit.cli.command import WHO, Command
from tests.unit.cli.test_parked import REPLY, TEXT
from tests.unit.operations.ibm_import.sample import SAMPLE

ROOT = Path(__file__).parents[3]
URL = "https://pass-word.desk.example.com/texts?token=hidden-query"
SECRETS = ("whsec_" + "A" * 44 + "aaaa", "whsec_" + "B" * 44 + "bbbb")
MEMBER, KEY = fakes.credential()
JOURNAL = "arn:aws:sqs:us-east-1:111122223333:sms-journal"
NEW_TOKEN = "c0ffee" * 5 + "ab"

# Every command that changes something: how it is called, what it is told, and what it leaves in the log.
CHANGING: dict[str, tuple[list[str], str, list[str]]] = {
    "setup": (
        [
            *("--tenant", "beta", "--account", "AC" + "7" * 32, "--agent", "a"),
            *("--number", "+1 202 555 0188", "--backend", "http", "--backend-url", URL),
        ],
        NEW_TOKEN,
        ["tenant.create", "credential.create", "twilio.add_account", "agent.create", "backend.set", "number.assign"],
    ),
    "tenant create": (["beta"], "", ["tenant.create"]),
    "tenant update": (["--signature", "observe"], "", ["tenant.update"]),
    "tenant delete": (["acme"], "", ["tenant.delete"]),
    "tenant restore": (["acme"], "", ["tenant.restore"]),
    "tenant purge": (["acme"], "", ["tenant.purge"]),
    "credential create": (["--name", "b", "--role", "Writer"], "", ["credential.create"]),
    "credential revoke": (["twilio"], "", ["credential.revoke"]),
    "credential rotate": (
        ["agent desk", "--quiet", "0s"],
        "",
        ["credential.create", "number.reconnect", "number.set_webhooks", "credential.revoke", "credential.update"],
    ),
    "agent create": (["--name", "b", "--backend", "echo"], "", ["agent.create", "backend.set"]),
    "agent update": (["desk", "--failure-reply", "hidden words"], "", ["agent.update"]),
    "agent delete": (["desk"], "", ["number.release", "agent.delete", "backend.remove"]),
    "backend rotate-secret": (["desk"], "", ["backend.update"]),
    "backend drop-secret": (["desk", "bbbb"], "", ["backend.update"]),
    "number assign": (["+12025550188", "--agent", "desk"], "", ["number.assign"]),
    "number describe": ([OUR_NUMBER, "front desk"], "", ["number.describe"]),
    "number import": (
        ["-", "--agent", "desk", "--replace"],
        "number,description\n+12025550188,front desk",
        ["number.release", "number.assign"],
    ),
    "agent clone": (["desk", "b"], "", ["agent.create", "backend.set"]),
    "import ibm": (
        ["-"],
        json.dumps(SAMPLE),
        ["twilio.add_account", "agent.create", "backend.set", "number.assign"],
    ),
    "number release": ([OUR_NUMBER], "", ["number.release"]),
    "number connect": (
        [OUR_NUMBER],
        "",
        ["credential.create", "number.connect", "number.set_webhooks"],
    ),
    "number disconnect": ([OUR_NUMBER], "", ["number.set_webhooks", "number.disconnect"]),
    "twilio set-account": ([ACCOUNT, "--add-token"], NEW_TOKEN, ["twilio.update_account"]),
    "twilio rotate-token": (
        [SUBACCOUNT, "--quiet", "0s"],
        "",
        [
            "twilio.make_secondary_token",
            "twilio.update_account",
            "credential.create",
            "credential.revoke",
            "twilio.promote_token",
            "twilio.update_account",
        ],
    ),
    "optout add": (["whatsapp:+12025550147", "--number", OUR_NUMBER], "", ["optout.add"]),
    "optout remove": (["whatsapp:+12025550147", "--number", OUR_NUMBER], "", ["optout.remove"]),
    "events on": (["desk", "--to", JOURNAL], "", ["agent.update"]),
    "events off": (["desk"], "", ["agent.update"]),
    "parked replay": (["--all"], "", ["parked.replay", "parked.replay"]),
    "parked discard": (["SM1"], "", ["parked.discard"]),
    "parked redrive": ([], "", ["parked.redrive"]),
}
# Every command that does not; the local stack is this computer's alone.
READING = {
    "agent list",
    "agent show",
    "audit",
    "dashboard",
    "backend test",
    "doctor signature",
    "events show",
    "events test",  # it changes nothing: an entry of no contents
    "credential list",
    "credential show",
    "local down",
    "local status",
    "local up",
    "number check",
    "number export",
    "number find",
    "number list",
    "optout list",
    "parked list",
    "parked show",
    "provider list",
    "tail",
    "tenant list",
    "tenant show",
    "send",  # it is in the log of the API, with its credential
    "session create",  # likewise
    "session end",  # likewise
    "session list",
    "text",
    "trace",
    "twilio show-accounts",
    "url",
    "usage",
    "waiting",
    "why",
}


def commands(group: TyperGroup, path: str = "") -> Iterator[str]:
    """Every command that there is, with its subject."""
    for name, command in group.commands.items():
        if isinstance(command, TyperGroup):
            yield from commands(command, f"{path}{name} ")
        else:
            yield f"{path}{name}"


def prepared() -> Command:
    """A tenant on which every command finds something to change."""
    backend = BackendSettings("http", URL, signed=True, secrets=SECRETS)
    journal = JournalSettings(f"{JOURNAL}-old")
    agent = Agent(fakes.DESK.id, "desk", AgentKind.SMS, "east", backend, journal=journal)
    command = Command.on(fakes.managed_tenant(MEMBER, agents=(agent,)), numbers=[OUR_NUMBER])
    command.stacks = {stage: {"JournalTargets": JOURNAL} for stage in command.stacks}
    for parked in (TEXT, REPLY):
        command.parking.park(parked)
    command.dead["outbound"] = 3
    command.numbers = FakeNumbers.of(number_at_twilio())
    command.outside.key_is_good = lambda _: True
    command.accounts.primary = SUBACCOUNT_TOKEN
    return command


def prepare(command: Command, called: str, *more: str) -> None:
    """Does what must be done before one of the commands has something to change; the log does not have it."""
    before = list(command.audit.kept)
    if called in {"number disconnect", "credential rotate"}:
        command.run("number", "connect", OUR_NUMBER, "--yes", *more)
    if called in {"tenant restore", "tenant purge"}:
        command.run("tenant", "delete", "acme", "--yes", *more)
    if called == "optout remove":
        command.run("optout", "add", *CHANGING[called][0], *more)
    command.audit.kept = before


def run(command: Command, called: str, *more: str) -> str:
    """Runs one of the commands that change something; gives all that it showed."""
    options, typed, _ = CHANGING[called]
    prepare(command, called)
    result = command.run(*called.split(), *options, "--yes", *more, typed=typed + "\n")
    assert result.exit_code == 0, result.output
    return result.output


def test_every_command_is_known_to_change_something_or_not() -> None:
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    assert not CHANGING.keys() & READING
    assert set(commands(group)) == CHANGING.keys() | READING, "then put it into one of the two tables above"


@pytest.mark.parametrize("called", CHANGING)
def test_a_command_that_changes_something_leaves_a_line_for_each_thing(called: str) -> None:
    command = prepared()
    run(command, called, "--stage", "south")
    assert [record["what"] for record in command.audit.kept] == CHANGING[called][2]
    for record in command.audit.kept:
        told = {name: record[name] for name in ("time", "who", "stage", "region")}
        assert told == {"time": "2026-11-23T12:00:00.000+00:00", "who": WHO, "stage": "south", "region": "us-east-2"}
        assert record["tenant"] == {"parked redrive": None}.get(
            called, "beta" if "beta" in CHANGING[called][0] else "acme"
        )


@pytest.mark.parametrize("called", CHANGING)
def test_no_line_holds_a_secret_a_text_or_a_whole_number(called: str) -> None:
    command = prepared()
    shown = run(command, called)
    log = json.dumps(command.audit.kept, ensure_ascii=False)
    made = re.findall(r"^(?:APIKEY|signing secret) +(\S+)$", shown, re.MULTILINE)
    assert bool(made) == (called in {"setup", "credential create", "agent clone", "backend rotate-secret"})
    secret = [
        *made,
        KEY,
        NEW_TOKEN,
        TOKEN,
        SECOND_TOKEN,
        SUBACCOUNT_TOKEN,
        REST_SECRET,
        *SECRETS,
        MEMBER.sha256,
        fakes.SALT,
    ]
    for kept in (*secret, OUR_NUMBER, fakes.PERSON, "2025550188", "wish", "answer", "hidden", "pass-word"):
        assert kept not in log


# What changes something for good, and the modules that may do it because they write it down.
WRITERS = {
    r"\bstore\.(create|replace|delete|restore|purge)\(": {
        "operations/tenants/editor.py",
        "operations/tenants/lifecycle.py",
    },
    r"\bAdministration\(": {"operations/operator.py"},
    r"parking\.remove\(": {"operations/parked/replay.py", "operations/parked/batch.py"},
    r"target\.redrive\(": {"operations/parked/crashed.py"},
}


@pytest.mark.parametrize("writing", WRITERS)
def test_nobody_goes_round_what_writes_it_down(writing: str) -> None:
    modules = {
        path.relative_to(ROOT).as_posix()
        for folder in ("cli", "operations")
        for path in (ROOT / folder).rglob("*.py")
        if re.search(writing, path.read_text(encoding="utf-8"))
    }
    assert modules == WRITERS[writing]


def test_what_was_declined_or_changed_nothing_leaves_no_line() -> None:
    command = prepared()
    command.declined("credential", "revoke", "nobody")
    command.run("number", "assign", OUR_NUMBER, "--agent", "desk")
    command.run("parked", "discard", "--all", "--dry-run")
    command.run("parked", "replay", "--reason", "no_backend")
    command.terminal = True
    command.run("tenant", "delete", "acme", typed="n\n")
    assert command.audit.kept == []


def test_tells_how_far_a_replay_came_before_it_failed() -> None:
    command = prepared()
    command.queues["outbound"].failing = Unavailable("the message could not be queued")
    assert command.run("parked", "replay", "--all", "--yes").exit_code == 1
    assert [(record["what"], record["which"]["id"]) for record in command.audit.kept] == [("parked.replay", "SM1")]


@pytest.mark.parametrize(
    "why",
    [Unavailable("the audit log of stage east could not be written"), CommandDeclined("stage east has no audit log")],
)
def test_what_cannot_be_written_down_is_done_all_the_same_and_shown(why: Unavailable | CommandDeclined) -> None:
    command = prepared()
    command.audit.failing = why
    result = command.run("credential", "create", "--name", "b", "--role", "Writer", "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["APIKEY"]
    warning, line, _ = result.stderr.splitlines()[1:]
    assert warning == f"It is done, but it is not in the audit log: {why}. Keep this yourself:"
    assert (json.loads(line)["what"], json.loads(line)["who"]) == ("credential.create", WHO)
    assert [credential.name for credential in command.store.stored().credentials] == ["twilio", "b"]


def test_an_operators_own_name_for_a_thing_is_told() -> None:
    command = Command.on(fakes.managed_tenant(agents=(replace(fakes.managed_tenant().agents[0], name="Empfang Köln"),)))
    command.run("agent", "delete", "Empfang Köln", "--yes")
    assert command.audit.kept[0]["which"] == {"agent": "Empfang Köln"}
