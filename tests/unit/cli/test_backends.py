"""The options that choose an agent's backends."""

import base64
from dataclasses import replace

import pytest

from operations.tenants import agent_edits
from operations.tenants.backends import PLACES
from shared.backends import BACKENDS
from shared.tenants.agent import Agent, BackendSettings
from tests import fakes
from tests.unit.cli.command import Command

URL = "https://agent.example.com/sms"
QUEUE = "arn:aws:sqs:us-east-1:111122223333:desk.fifo"
OTHER_QUEUE = "arn:aws:sqs:us-east-1:111122223333:other.fifo"
BOT = "arn:aws:lex:us-east-1:111122223333:bot-alias/ABCDEFGHIJ/KLMNOPQRST"
SECRET = "whsec_" + base64.b64encode(b"o" * 32).decode()
HTTP = BackendSettings("http", URL, signed=True, secrets=(SECRET,))
ECHO = BackendSettings("echo")


def answered(backend: BackendSettings | None = HTTP, second: BackendSettings | None = None) -> Command:
    """A command on a tenant whose agent `desk` has these backends, on stages that allow a queue and a bot."""
    [desk] = fakes.managed_tenant().agents
    command = Command.on(fakes.managed_tenant(agents=(replace(desk, backend=backend, second_backend=second),)))
    for stage in command.stacks:
        command.stacks[stage] = {"BackendQueues": f"{OTHER_QUEUE},{QUEUE}", "BackendBots": BOT}
    return command


def desk(command: Command) -> Agent:
    return agent_edits.agent_named(command.store.stored(), "desk")


def test_knows_every_kind_in_the_registry() -> None:
    assert PLACES.keys() == BACKENDS.keys()


def test_makes_an_agent_whose_http_backend_gets_a_secret_that_is_shown_once() -> None:
    command = answered()
    result = command.run("agent", "create", "--name", "one", "--backend", "http", "--backend-url", URL)
    assert result.exit_code == 0, result.stderr
    backend = agent_edits.agent_named(command.store.stored(), "one").backend
    assert backend
    assert (backend.kind, backend.target) == ("http", URL)
    [secret] = backend.secrets
    assert 24 <= len(base64.b64decode(secret.removeprefix("whsec_"), validate=True)) <= 64
    assert not secret.endswith("="), "its last four characters must tell it from others"
    assert result.stdout.count(secret) == 1
    assert "not shown again" in result.stderr
    assert secret not in result.stderr
    for verb in (["show", "one"], ["list"], ["update", "one", "--backend-timeout", "5"]):
        assert secret not in command.run("agent", *verb).output


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("?key=hush", "?key=…"),
        ("?key=hush&user=hush", "?key=…&user=…"),
        ("?hush", "?…"),
        ("?a==hush&hush&b=", "?a=…&…&b=…"),
        ("?key=hush?hush", "?key=…"),
        ("/texts", "/texts"),
    ],
)
def test_shows_no_value_of_a_urls_query(query: str, shown: str) -> None:
    command = answered()
    created = command.run("agent", "create", "--name", "one", "--backend", "http", "--backend-url", URL + query)
    assert created.exit_code == 0, created.stderr
    assert "hush" not in created.output
    for verb in (["show", "one"], ["list"], ["update", "one", "--backend-timeout", "5"]):
        assert "hush" not in command.run("agent", *verb).output
    assert command.json("agent", "show", "one")["backend_target"] == URL + shown


def test_gives_each_backend_a_secret_of_its_own() -> None:
    options = ["--backend", "http", "--backend-url", URL, "--second-backend", "http", "--second-backend-url", URL]
    shown = answered().json("agent", "create", "--name", "one", *options)
    assert shown["signing_secret"] != shown["second_signing_secret"]


@pytest.mark.parametrize(
    ("options", "backend"),
    [
        (["--backend", "echo"], ECHO),
        (["--backend", "queue", "--backend-queue", QUEUE], BackendSettings("queue", QUEUE)),
        (
            ["--backend", "lex", "--backend-bot", BOT, "--backend-locale", "en_US", "--backend-timeout", "9"],
            BackendSettings("lex", BOT, timeout_seconds=9, locale="en_US"),
        ),
    ],
    ids=["echo", "queue", "lex"],
)
def test_makes_any_kind_of_backend_and_shows_it(options: list[str], backend: BackendSettings) -> None:
    command = answered()
    shown = command.json("agent", "create", "--name", "one", *options)
    assert agent_edits.agent_named(command.store.stored(), "one").backend == backend
    assert (shown["backend"], shown["backend_timeout_seconds"]) == (backend.kind, backend.timeout_seconds)
    assert "signing_secret" not in shown


def test_names_a_second_backend_by_the_same_options_with_a_prefix() -> None:
    command = answered()
    options = ["--second-backend-queue", QUEUE, "--second-backend-timeout", "7", "--second-statuses"]
    command.json("agent", "update", "desk", "--second-backend", "queue", *options)
    expected = BackendSettings("queue", QUEUE, timeout_seconds=7, statuses=True)
    assert (desk(command).backend, desk(command).second_backend) == (HTTP, expected)


def test_keeps_what_an_update_does_not_name() -> None:
    command = answered()
    shown = command.json("agent", "update", "desk", "--statuses")
    assert desk(command).backend == replace(HTTP, statuses=True)
    assert shown["backend_secrets_last_four"] == [SECRET[-4:]]
    command.json("agent", "update", "desk", "--backend-url", URL + "/new", "--no-statuses")
    assert desk(command).backend == replace(HTTP, target=URL + "/new")


def test_begins_anew_with_another_kind() -> None:
    command = answered(replace(HTTP, timeout_seconds=5, statuses=True))
    command.json("agent", "update", "desk", "--backend", "queue", "--backend-queue", QUEUE)
    assert desk(command).backend == BackendSettings("queue", QUEUE)
    shown = command.json("agent", "update", "desk", "--backend", "http", "--backend-url", URL)
    assert desk(command).backend == replace(HTTP, secrets=(shown["signing_secret"],))


def test_takes_backends_away() -> None:
    command = answered(second=ECHO)
    command.json("agent", "update", "desk", "--no-second-backend")
    assert (desk(command).backend, desk(command).second_backend) == (HTTP, None)
    command = answered(second=ECHO)
    command.json("agent", "update", "desk", "--no-backend")
    assert (desk(command).backend, desk(command).second_backend) == (None, None)


def test_says_how_to_try_out_an_agent_that_nobody_answers() -> None:
    command = answered()
    assert (
        "./sms --tenant acme agent update 'one' --backend echo"
        in command.run("agent", "create", "--name", "one").stderr
    )
    assert "Nobody answers" not in command.run("agent", "create", "--name", "two", "--backend", "echo").stderr
    assert "Nobody answers" not in command.run("agent", "create", "--name", "three", "--kind", "voice").stderr


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (["--backend", "carrier-pigeon"], "choose one of echo, http, queue, lex, soe, watson"),
        (["--backend", "http"], "https://"),
        (["--backend", "http", "--backend-url", ""], "https://"),
        (["--backend", "http", "--backend-url", "http://agent.example.com"], "https://"),
        (["--backend", "http", "--backend-queue", QUEUE], "--backend-queue does not apply to a backend of kind http"),
        (["--backend", "echo", "--backend-url", URL], "--backend-url does not apply to a backend of kind echo"),
        (["--backend", "queue"], "ARN"),
        (["--backend", "lex", "--backend-bot", QUEUE, "--backend-locale", "en_US"], "bot"),
        (["--backend", "http", "--backend-url", URL, "--backend-timeout", "61"], "no more than 60"),
        (["--backend", "http", "--backend-url", URL, "--backend-timeout", "0"], "more than 0"),
        (["--second-backend", "carrier-pigeon"], "--second-backend: choose one of"),
    ],
)
def test_declines_what_can_be_no_backend(options: list[str], why: str) -> None:
    command = answered(None)
    before = command.store.stored()
    assert why in command.declined("agent", "update", "desk", *options)
    assert why in command.declined("agent", "create", "--name", "one", *options)
    assert command.store.stored() == before


def test_declines_to_change_a_backend_that_is_not_there() -> None:
    command = answered(None)
    assert "choose one of" in command.declined("agent", "update", "desk", "--backend-timeout", "5")
    assert "needs a first" in command.declined("agent", "update", "desk", "--second-backend", "echo")


def test_takes_a_service_without_tls_on_the_local_stack_only() -> None:
    command = answered(None)
    command.json("agent", "update", "desk", "--backend", "http", "--backend-url", "http://127.0.0.1:9/", "--local")
    assert desk(command).backend


class TestAllowed:
    QUEUED = ("agent", "create", "--name", "one", "--backend", "queue", "--backend-queue", QUEUE)
    BOTTED = ("agent", "create", "--name", "one", "--backend", "lex", "--backend-bot", BOT, "--backend-locale", "en_US")

    @pytest.mark.parametrize("stage", ["east", "south"])
    def test_declines_a_queue_that_a_stage_may_not_use_and_says_how_to_allow_it(self, stage: str) -> None:
        command = answered()
        command.stacks[stage] = {"BackendQueues": OTHER_QUEUE}
        how = f"SMS_RECEIVER_BACKEND_QUEUES={OTHER_QUEUE},{QUEUE} make deploy STAGE={stage}"
        assert command.declined(*self.QUEUED).endswith(how)
        assert len(command.store.stored().agents) == 1

    @pytest.mark.parametrize("outputs", [{}, {"BackendBots": "none"}, {"BackendBots": QUEUE, "BackendQueues": BOT}])
    def test_declines_a_bot_that_a_stage_may_not_use(self, outputs: dict[str, str]) -> None:
        command = answered()
        command.stacks["east"] = outputs
        assert "SMS_RECEIVER_BACKEND_BOTS=" in command.declined(*self.BOTTED)

    def test_looks_at_the_second_backends_queue_as_well(self) -> None:
        command = answered()
        command.stacks["east"] = {}
        options = ("--second-backend", "queue", "--second-backend-queue", QUEUE)
        assert "stage east may not use this queue" in command.declined("agent", "update", "desk", *options)

    def test_only_notes_that_a_stage_is_not_deployed_yet(self) -> None:
        command = answered()
        del command.stacks["south"]
        result = command.run(*self.QUEUED)
        assert result.exit_code == 0, result.stderr
        assert "Stage south is not deployed" in result.stderr
        assert f"SMS_RECEIVER_BACKEND_QUEUES={QUEUE} make deploy STAGE=south" in result.stderr

    def test_takes_what_a_star_of_the_deployment_covers(self) -> None:
        command = answered()
        command.stacks = {stage: {"BackendQueues": QUEUE.replace("desk", "*")} for stage in command.stacks}
        command.json(*self.QUEUED)

    def test_asks_for_no_stack_when_none_is_needed(self) -> None:
        command = answered()
        command.stacks = {}
        assert "not deployed" not in command.run("agent", "create", "--name", "one", "--backend", "echo").stderr


class TestSigningSecrets:
    def test_rotates_in_two_steps_while_both_sign(self) -> None:
        command = answered()
        result = command.run("backend", "rotate-secret", "desk", "--json")
        [new, old] = desk(command).backend.secrets  # type: ignore[union-attr] # it has one
        assert old == SECRET
        assert f'"signing_secret": "{new}"' in result.stdout
        assert "not shown again" in result.stderr
        shown = command.json("backend", "drop-secret", "desk", old[-4:])
        assert shown == {"agent": "desk", "secrets_last_four": [new[-4:]]}
        assert desk(command).backend == replace(HTTP, secrets=(new,))

    def test_rotates_the_second_backends_secret_when_told(self) -> None:
        command = answered(second=HTTP)
        shown = command.json("backend", "rotate-secret", "desk", "--second")
        assert desk(command).backend == HTTP
        assert desk(command).second_backend == replace(HTTP, secrets=(shown["signing_secret"], SECRET))

    @pytest.mark.parametrize(
        ("args", "why"),
        [
            (["rotate-secret", "desk", "--second"], "no second backend whose requests are signed"),
            (["rotate-secret", "nobody"], "no agent 'nobody'"),
            (["drop-secret", "desk", "zzzz"], "no signing secret that ends like this"),
            (["drop-secret", "desk", SECRET], "no signing secret that ends like this"),
            (["drop-secret", "desk", SECRET[-4:]], "the only signing secret"),
        ],
    )
    def test_declines_what_makes_no_sense_and_shows_no_secret(self, args: list[str], why: str) -> None:
        command = answered()
        refusal = command.declined("backend", *args)
        assert why in refusal
        assert SECRET[-4:] not in refusal
        assert desk(command).backend == HTTP
