import json

import httpx
import pytest

from operations.tenants.managed_tenant import ManagedTenant
from shared.errors import Unavailable
from shared.tenants import api_keys
from shared.tenants.account import Account
from shared.tenants.agent import Agent, AgentKind, BackendSettings
from shared.tenants.tenant import Role
from tests import fakes
from tests.fakes import ACCOUNT, OUR_NUMBER, TOKEN, FakeTenants
from tests.unit.cli.command import Command
from tests.unit.operations.tenants.fakes import FakeTenantStore, signed_backend

NEEDED = {"--tenant": "acme", "--account": ACCOUNT, "--agent": "desk", "--number": "(202) 555-0199"}


DEFAULTS = (
    *("--provider", "twilio", "--kind", "sms", "--region", "east", "--backend", "echo"),
    *("--credential", "twilio", "--role", "Writer"),
)


def options(**changes: str) -> list[str]:
    given = NEEDED | {f"--{name}": value for name, value in changes.items()}
    return [part for option in given.items() for part in option]


def test_makes_everything_from_options_and_a_token_on_standard_input() -> None:
    command = Command.on()
    shown = command.json("setup", *options(), typed=f"{TOKEN}\n")
    made = command.store.stored()
    assert made.accounts == (Account(ACCOUNT, "twilio", (TOKEN,)),)
    [agent] = made.agents
    assert agent == Agent(agent.id, "desk", AgentKind.SMS, "east", BackendSettings("echo"))
    assert command.store.numbers_of("desk") == [OUR_NUMBER]
    _, credential = api_keys.authenticate(FakeTenants(made), shown["APIKEY"])
    assert (credential.name, credential.role) == ("twilio", Role.WRITER)
    assert shown["url"].startswith(f"https://apikey:{shown['APIKEY']}@a1.execute-api")
    assert shown["fallback_url"].startswith(f"https://apikey:{shown['APIKEY']}@b2.execute-api")
    assert (shown["tenant"], shown["number"]) == ("acme", OUR_NUMBER)


def test_asks_for_everything_and_again_after_a_wrong_answer() -> None:
    command = Command.on(fakes.managed_tenant(id="taken"), numbers=["+12025550100"])
    command.terminal = True
    answers = [
        *("Acme", "taken", "acme"),
        *("nexmo", ""),
        *("AC1", ACCOUNT),
        TOKEN,
        *(" desk ", "desk"),
        *("voice", "VOICE+SMS"),
        *("us-east-1", "south"),
        *("12", "202-555-0100", "202-555-0199"),
        *("lex", "HTTP"),
        *("ftp://agent.example.com", "https://agent.example.com/sms"),
        "webhook",
        *("Reader", "manager"),
    ]
    result = command.run("setup", "--json", typed="".join(f"{answer}\n" for answer in answers))
    assert result.exit_code == 0, result.stderr
    made = command.store.stored()
    shown = json.loads(result.stdout[result.stdout.index("{") :])  # the runner echoes answers
    backend = signed_backend(shown["signing_secret"], url="https://agent.example.com/sms")
    [agent] = made.agents
    assert agent == Agent(agent.id, "desk", AgentKind.VOICE_AND_SMS, "south", backend)
    assert command.store.numbers_of("desk") == [OUR_NUMBER]
    assert [(c.name, c.role) for c in made.credentials] == [("webhook", Role.MANAGER)]
    assert "b2.execute-api" in shown["url"]
    assert TOKEN not in result.output


def test_shows_the_key_once_and_says_where_the_url_goes() -> None:
    result = Command.on().run("setup", *options(), typed=TOKEN)
    assert "shown only once" in result.stderr
    assert "Twilio's console" in result.stderr
    assert "smsr_" not in result.stderr


def test_shows_the_key_also_when_somebody_else_gets_the_number_at_the_same_moment() -> None:
    command = Command.on(fakes.managed_tenant(id="taken"))

    def hold(tenant: ManagedTenant) -> None:
        FakeTenantStore.create(command.store, tenant)
        command.store.hold(OUR_NUMBER, tenant_id="taken")

    command.store.create = hold  # type: ignore[method-assign] # somebody else, in between
    result = command.run("setup", "--local", *options(), "--json", typed=TOKEN)
    assert result.exit_code == 1
    shown = json.loads(result.stdout)
    assert shown["APIKEY"].startswith("smsr_acme_")
    assert shown["number"] is None
    assert "The tenant is made, but its agent has no number" in result.stderr
    assert command.twin.numbers == {}


def test_shows_the_key_when_nothing_is_deployed_yet() -> None:
    command = Command.on()
    command.base_urls = {}
    result = command.run("setup", *options(), "--json", typed=TOKEN)
    assert json.loads(result.stdout)["url"] is None
    assert json.loads(result.stdout)["APIKEY"]
    assert "make deploy STAGE=east; then: ./sms --tenant acme url" in result.stderr


def test_pastes_the_url_at_the_twin_of_the_local_stack() -> None:
    command = Command.on()
    result = command.run("setup", "--local", *options(), "--json", typed=TOKEN)
    shown = json.loads(result.stdout)
    assert command.twin.accounts == {ACCOUNT: TOKEN}
    assert command.twin.numbers == {OUR_NUMBER: (ACCOUNT, shown["url"], shown["fallback_url"])}
    assert f"./sms --local text --from +12025550147 --to {OUR_NUMBER}" in result.stderr
    assert "Twilio's console" not in result.stderr


def test_still_shows_the_key_when_the_twin_declines() -> None:
    command = Command.on()
    command.twin.failing = httpx.ConnectError("refused")
    result = command.run("setup", "--local", *options(), typed=TOKEN)
    assert result.exit_code == 1
    assert "smsr_acme_" in result.stdout
    assert "run: ./sms local up" in result.stderr


def test_tells_the_twin_nothing_of_a_tenant_in_aws() -> None:
    command = Command.on()
    command.run("setup", *options(), typed=TOKEN)
    assert (command.twin.accounts, command.twin.numbers) == ({}, {})


@pytest.mark.parametrize("missing", NEEDED)
def test_declines_without_a_terminal_when_an_answer_is_missing(missing: str) -> None:
    given = [part for option in NEEDED.items() if option[0] != missing for part in option]
    command = Command.on()
    assert f"{missing} must be given" in command.declined("setup", *given, typed=TOKEN)
    assert command.store.tenants == {}


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"tenant": "ACME"}, "3 to 32"),
        ({"tenant": "taken"}, "'taken' exists already"),
        ({"provider": "nexmo"}, "choose one of twilio"),
        ({"account": "AC1"}, "32 hexadecimal digits"),
        ({"agent": ""}, "1 to 64"),
        ({"agent": "x" * 65}, "1 to 64"),
        ({"kind": "voice"}, "choose one of sms, voice+sms"),
        ({"region": "west"}, "choose one of east, south"),
        ({"number": "12"}, "too few digits"),
        ({"number": "2025550199", "country": "GB"}, "not a phone number"),
        ({"number": "2025550100"}, "tenant 'taken' has this number; release it there first"),
        ({"credential": ""}, "1 to 64"),
        ({"role": "Reader"}, "choose one of Writer, Manager"),
        ({"backend": "lex"}, "choose one of echo, http"),
        ({"backend": "http"}, "--backend-url must be given"),
        ({"backend": "http", "backend-url": "http://agent.example.com"}, "https://"),
        ({"backend-url": "https://agent.example.com"}, "does not apply to a backend of kind echo"),
    ],
)
def test_declines_a_wrong_answer_and_makes_nothing(changes: dict[str, str], why: str) -> None:
    command = Command.on(fakes.managed_tenant(id="taken"), numbers=["+12025550100"])
    assert why in command.declined("setup", *options(**changes), typed=TOKEN)
    assert command.store.tenants.keys() == {"taken"}


def test_declines_without_an_auth_token() -> None:
    command = Command.on()
    assert "auth token is expected" in command.declined("setup", *options())
    assert command.store.tenants == {}


def test_shows_no_key_when_the_tenant_could_not_be_stored() -> None:
    command = Command.on()
    command.store.failing = Unavailable("the tenants could not be listed")
    assert command.declined("setup", *options(), typed=TOKEN) == "the tenants could not be listed"


def test_makes_nothing_with_a_token_that_twilio_does_not_accept() -> None:
    command = Command.on()
    command.accounts.unknown = {TOKEN}
    assert f"does not accept this auth token for account {ACCOUNT}" in command.declined(
        "setup", *options(), typed=TOKEN
    )
    assert command.store.tenants == {}
    assert command.json("setup", "--local", *options(), typed=TOKEN)["tenant"] == "acme", "the twin gets it from here"


def test_asks_again_for_a_token_that_twilio_does_not_accept() -> None:
    command = Command.on()
    command.terminal = True
    command.accounts.unknown = {"0" * 32}
    result = command.run("setup", *options(), *DEFAULTS, typed="0" * 32 + f"\n{TOKEN}\n")
    assert result.exit_code == 0, result.stderr
    assert "does not accept this auth token" in result.stderr
    assert command.store.stored().accounts == (Account(ACCOUNT, "twilio", (TOKEN,)),)


def test_names_what_frees_the_id_and_the_number_of_a_deleted_tenant_before_anything_else_is_asked() -> None:
    command = Command.on(fakes.managed_tenant(), numbers=[OUR_NUMBER])
    assert command.run("tenant", "delete", "acme", "--yes").exit_code == 0
    refusal = command.declined("setup", "--tenant", "acme", "--local")
    assert "./sms --local tenant restore acme" in refusal
    assert "./sms --local tenant purge acme" in refusal
    refusal = command.declined("setup", *options(tenant="beta"), "--local", typed=TOKEN)
    assert "still that of a deleted tenant" in refusal
    assert "./sms --local tenant purge acme" in refusal
    assert command.run("tenant", "purge", "acme", "--yes").exit_code == 0
    assert command.json("setup", *options(), "--local", typed=TOKEN)["number"] == OUR_NUMBER
