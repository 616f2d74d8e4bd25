"""`sms doctor --first`: what only a real deployment can show, in words that can be sent in."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import pytest

from operations.health.finding import wrong
from operations.health.first_rights import READS
from operations.health.own_key import NAME
from operations.health.sendable import sendable
from operations.health.web import WebAnswer
from operations.operator import Operator
from operations.stage.deployed_settings import Protection, TriggerSettings
from operations.stage.deployed_stack import LogLine
from shared.errors import Unavailable
from tests import fakes
from tests.fakes import ACCOUNT, NOW, REST_SECRET, SECOND_TOKEN, TOKEN
from tests.unit.cli.command import Command
from tests.unit.cli.doctor.stage import Found, examined, healthy
from tests.unit.cli.doctor_fakes import GATEWAY, ROLE

FIRST = {
    "gateway",
    "mapping inbound",
    "mapping outbound",
    "directory protection",
    "rights",
    "policies",
    "unknown path",
    "unknown path with a key",
    "revoked key",
    "saved queries",
    "metrics",
    "access log",
    "log secrecy",
}
REGIONS = ("us-east-1", "us-east-2")
TABLE = Path(__file__).parents[4] / "docs" / "tenants.md"


def first(command: Command, *args: str, code: int = 0) -> Found:
    return examined(command, "--first", *args, code=code)


def settings(**told: Any) -> Callable[[Command], None]:  # noqa: ANN401 - whatever AWS tells
    return lambda command: command.settings.__dict__.update(told)


def protected(*, from_deletion: bool, restorable: bool) -> Callable[[Command], None]:
    return settings(protected=dict.fromkeys(REGIONS, Protection(from_deletion, restorable)))


def web(**told: Any) -> Callable[[Command], None]:  # noqa: ANN401 - whatever the web does
    return lambda command: command.outside.__dict__.update(told)


def logged(line: str) -> Callable[[Command], None]:
    def log(command: Command) -> None:
        command.logs["sender"] = [LogLine("1", "sender", NOW, line)]

    return log


def test_a_healthy_deployment_is_good_in_all_that_the_doctor_checks_and_in_what_is_checked_first() -> None:
    without, found = examined(healthy(), code=0), first(healthy())
    assert set(found) == set(without) | FIRST
    assert {check: one for check, one in found.items() if one[0] != "good"} == {}


@pytest.mark.parametrize(
    ("breaks", "check", "verdict", "seen"),
    [
        (settings(gateways=replace(GATEWAY, data_trace=True)), "gateway", "wrong", "dataTraceEnabled is true"),
        (settings(gateways=replace(GATEWAY, log_level="INFO")), "gateway", "wrong", "the log level is INFO"),
        (settings(gateways=replace(GATEWAY, rate=None)), "gateway", "wrong", "no throttle of its own"),
        (settings(gateways=replace(GATEWAY, tracing=False)), "gateway", "wrong", "tracing is off"),
        (settings(gateways=replace(GATEWAY, metrics=False)), "gateway", "wrong", "metrics are off"),
        (settings(gateways=replace(GATEWAY, access_log="theirs")), "gateway", "wrong", "no access log of this stage"),
        (settings(mapped={"forwarder": [], "sender": []}), "mapping inbound", "wrong", "there is none"),
        (protected(from_deletion=False, restorable=True), "directory protection", "wrong", "lacks deletion protection"),
        (protected(from_deletion=True, restorable=False), "directory protection", "wrong", "lacks point-in-time"),
        (settings(forbidden={}), "rights", "wrong", "authorizer may read secrets: access, accounts, signing"),
        (settings(who=None), "policies", "warning", "the account's root credentials"),
        (web(nowhere=(WebAnswer(403, {}, ""), WebAnswer(403, {}, ""))), "unknown path", "wrong", "403 instead of 404"),
        (web(nowhere=(WebAnswer(404, {}, ""), WebAnswer(200, {}, ""))), "unknown path with a key", "wrong", "200"),
        (web(nowhere=(WebAnswer(404, {}, ""), WebAnswer(404, {}, ""))), "unknown path with a key", "good", "404"),
        (web(key_is_good=lambda _: True), "revoked key", "wrong", "still accepted 180 seconds later"),
        (web(key_is_good=lambda _: False), "revoked key", "warning", "a new key is refused"),
        (settings(ends="Failed"), "saved queries", "wrong", "'sms-receiver-east/what failed' ended with Failed"),
        (settings(queries=[]), "saved queries", "warning", "there are none"),
        (settings(measured=set()), "metrics", "warning", "none yet"),
        (settings(accessed=[]), "access log", "warning", "no line yet"),
        (settings(accessed=["no JSON"]), "access log", "wrong", "1 of 1 lines"),
        (settings(accessed=['{"x": "smsr_1"}']), "access log", "wrong", "an API key"),
        (settings(accessed=['{"x": "+12025550101"}']), "access log", "wrong", "a phone number"),
        (logged("a key: smsr_acme_1_x"), "log secrecy", "wrong", "the sender has an API key"),
        (logged(f"a token: {TOKEN}"), "log secrecy", "wrong", "the sender has an auth token"),
        (logged("to +12025550101"), "log secrecy", "wrong", "the sender has a phone number"),
        (web(arrived=lambda _: None), "log secrecy", "warning", "no log lines yet"),
    ],
)  # fmt: skip
def test_says_what_is_wrong(breaks: Callable[[Command], None], check: str, verdict: str, seen: str) -> None:
    command = healthy()
    breaks(command)
    result = command.run("doctor", "--first", "--json")
    assert result.exit_code in {0, 3}
    found = first(command, code=result.exit_code)
    assert found[check][0] == verdict
    assert seen in found[check][1]
    assert bool(found[check][2]) == (verdict != "good")
    assert not [one for one in command.store.stored().credentials if one.name.startswith(NAME)]


@pytest.mark.parametrize(
    "trigger",
    [
        TriggerSettings("Disabled", 1, 4, reports_failures=True),
        TriggerSettings("Enabled", 10, 4, reports_failures=True),
        TriggerSettings("Enabled", 1, None, reports_failures=True),
        TriggerSettings("Enabled", 1, 4, reports_failures=False),
    ],
)
def test_each_part_of_a_mapping_must_be_as_the_template_has_it(trigger: TriggerSettings) -> None:
    command = healthy()
    command.settings.mapped["forwarder"] = [trigger]
    found = first(command, code=3)
    assert found["mapping inbound"][0] == "wrong"
    assert found["mapping outbound"][0] == "good"


@pytest.mark.parametrize("function", READS)
@pytest.mark.parametrize("word", ["access", "accounts", "signing", "tenant#", "number#", "operators#", "tenants"])
def test_a_right_too_many_and_one_too_few_are_both_wrong(function: str, word: str) -> None:
    command = healthy()
    words = command.settings.forbidden[function]
    words.remove(word) if word in words else words.append(word)
    assert first(command, code=3)["rights"][0] == "wrong"


def test_what_functions_read_is_what_the_documents_say() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (`[a-z]+`.*) \| (`tenant#`.*) \|$", TABLE.read_text("utf-8"), re.MULTILINE)
    read = {function: tuple(set(re.findall(r"`([^`]+)`", cell)) for cell in cells) for function, *cells in rows}
    assert read == READS


def test_an_organisation_that_forbids_something_is_named() -> None:
    command = healthy()
    command.settings.forbidden["Admin"] = ["sqs:SendMessage"]
    verdict, seen, do = first(command)["policies"]
    assert (verdict, seen) == ("warning", "operate-policy.json: AWS would deny sqs:SendMessage")
    assert "service control policy" in do


def test_with_look_only_no_key_is_made() -> None:
    found = first(healthy(), "--look-only")
    assert set(found) & {"key", "revoked key", "signed probe"} == set()
    assert found["unknown path"][0] == "good"


def test_what_these_credentials_may_not_read_is_no_failure() -> None:
    command = healthy()
    command.settings.failing = Unavailable("AWS answered AccessDenied")
    found = first(command)
    assert found["gateway"][:2] == ("warning", "could not be checked, because: AWS answered AccessDenied")
    assert found["revoked key"][0] == "good"


def test_without_a_tenant_the_rest_is_looked_at() -> None:
    command = Command.on()
    command.stacks["east"] = healthy().stacks["east"]
    found = first(command)
    assert found["revoked key"][:2] == ("warning", "there is no tenant yet, so there are no keys")
    assert found["gateway"][0] == "good"


def test_its_output_can_be_sent_in() -> None:
    command = healthy()
    command.base_urls["east"] = "https://sms-east.example.com"
    command.stacks["east"]["DomainTarget"] = "d-1.execute-api.us-east-1.amazonaws.com"
    command.accounts.unknown = {TOKEN, REST_SECRET}
    command.settings.failing = Unavailable(f"{ROLE}x of 111122223333 may not; ask jane@example.com, +12025550101")
    result = command.run("doctor", "--first")
    assert result.exit_code == 3
    assert "docs/first-deploy.md" in result.stderr
    for secret in (TOKEN, TOKEN[-4:], SECOND_TOKEN, REST_SECRET, "smsr_"):
        assert secret not in result.output
    for name in (ACCOUNT, "acme", "111122223333", "example.com", "d-1.execute-api", "api1", "jane", "+12025550101"):
        assert name not in result.stdout, name
    assert "of ACCOUNT may not; ask EMAIL, NUMBER" in result.stdout
    assert "HOST is no CNAME of TARGET" in result.stdout
    assert "--tenant TENANT" in result.stdout


@dataclass
class Away:
    """An operator's stage of which one thing cannot be read."""

    what: str
    stage: str = "east"

    @property
    def target(self) -> Any:  # noqa: ANN401 - the part of a target that is asked
        return self

    @property
    def tenant_id(self) -> str:
        return str(self._read("tenant", "acme"))

    def outputs(self, _stage: str) -> Any:  # noqa: ANN401 - a mapping
        return self._read("stack", {"DomainTarget": "d-1.example.com", "RestApiId": "api1"})

    def base_url(self, _stage: str) -> Any:  # noqa: ANN401 - a text
        return self._read("stack", "https://sms-east.example.com")

    def read(self) -> Any:  # noqa: ANN401 - a tenant
        return self._read("document", fakes.managed_tenant())

    def _read(self, what: str, value: object) -> object:
        if what == self.what:
            message = "it cannot be read"
            raise Unavailable(message)
        return value


@pytest.mark.parametrize(
    ("away", "hidden"),
    [
        ("stack", f"sms-east.example.com of TENANT at api1 with token ****, key {REST_SECRET[-4:]}"),
        ("tenant", f"HOST of acme at API with token ****, key {REST_SECRET[-4:]}"),
        ("document", f"HOST of TENANT at API with token {TOKEN[-4:]}, key {REST_SECRET[-4:]}"),
    ],
)
def test_what_cannot_be_read_keeps_nothing_else_from_being_hidden(away: str, hidden: str) -> None:
    seen = f"sms-east.example.com of acme at api1 with token {TOKEN[-4:]}, key {REST_SECRET[-4:]}"
    hide = sendable(cast("Operator", Away(away)))
    assert hide(wrong("number", seen, "")).seen == hidden


def test_without_first_nothing_is_hidden() -> None:
    command = healthy()
    command.accounts.unknown = {TOKEN}
    assert fakes.managed_tenant().id in command.run("doctor").stdout
