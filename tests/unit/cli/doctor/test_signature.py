"""`sms doctor signature` as an operator types it."""

import json
import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from operations.stage.deployed_stack import LogLine
from operations.tracing.refusal_causes import REASONS
from operations.twilio.connection_overrides import CONNECTION_OVERRIDES
from shared.tenants.account import Account
from tests import fakes
from tests.fakes import ACCOUNT, NOW, PERSON, TOKEN, inbound, twilio_signature
from tests.unit.cli.command import BASE_URLS, Command
from tests.unit.docs.test_docs import ROOT

URL = BASE_URLS["east"] + "/sms.receiver/SmsRecv"
TEXT = inbound(Body="strictly between us")
BODY = urlencode(TEXT)
SIGNED = twilio_signature(URL, TEXT, TOKEN)
SECOND = "f" * 32
EXPLAIN = ("doctor", "signature")


def explained(command: Command, *args: str, typed: str = BODY + "\n", code: int = 3) -> dict[str, Any]:
    """What it prints with --json."""
    result = command.run(*EXPLAIN, *args, "--json", typed=typed)
    assert result.exit_code == code, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def names(found: dict[str, Any]) -> list[str]:
    return [one["cause"] for one in found["causes"]]


def test_a_right_signature_is_right() -> None:
    found = explained(Command.on(fakes.managed_tenant()), "--url", URL, "--signature", SIGNED, code=0)
    assert (found["genuine"], names(found), found["odd"]) == (True, ["none"], [])


def test_names_what_is_wrong_and_what_to_do() -> None:
    http = URL.replace("https", "http")
    signature = twilio_signature(http, TEXT, TOKEN)
    result = Command.on(fakes.managed_tenant()).run(*EXPLAIN, "--url", http, "--signature", signature, typed=BODY)
    assert result.exit_code == 3
    assert "http_for_https" in result.stdout
    assert "./sms --tenant acme url" in result.stdout


def test_says_so_when_nothing_fits_and_where_to_look_next() -> None:
    signature = twilio_signature(URL, TEXT, SECOND)
    result = Command.on(fakes.managed_tenant()).run(*EXPLAIN, "--url", URL, "--signature", signature, typed=BODY)
    assert result.exit_code == 3
    assert "Nothing that is known explains this" in result.stdout
    assert "--try primary --try secondary" in result.stdout
    assert "signatures were tried" in result.stderr


def test_shows_nothing_of_the_text_and_no_secret() -> None:
    signature = twilio_signature(URL, TEXT, SECOND)
    for typed in (f"{BODY}\n{SECOND}\n", f"{BODY}\n{'e' * 32}\n"):
        args = ("--url", URL, "--signature", signature, "--try", "secondary")
        said = Command.on(fakes.managed_tenant()).run(*EXPLAIN, *args, typed=typed).output
        for secret in ("strictly", PERSON, PERSON[1:], SECOND, TOKEN):
            assert secret not in said


@pytest.mark.parametrize("terminal", [False, True], ids=["stdin", "prompt"])
def test_asks_for_the_form_and_then_for_each_secret(terminal: bool) -> None:  # noqa: FBT001
    command = Command.on(fakes.managed_tenant())
    command.terminal = terminal
    signature = twilio_signature(URL, TEXT, SECOND)
    args = ("--url", URL, "--signature", signature, "--try", "master", "--try", "secondary")
    assert names(explained(command, *args, typed=f"{BODY}\n{'e' * 32}\n{SECOND}\n")) == ["token_not_added"]


def test_takes_fields_instead_of_the_form() -> None:
    fields = [word for name, value in TEXT for word in ("--field", f"{name}={value}")]
    found = explained(
        Command.on(fakes.managed_tenant()), "--url", URL, "--signature", SIGNED, *fields, typed="", code=0
    )
    assert found["genuine"]


def test_knows_the_urls_that_the_stack_tells_besides() -> None:
    command = Command.on(fakes.managed_tenant())
    command.base_urls["east"] = "https://sms-east.example.com"
    command.stacks["east"] = {"ServiceEndpoint": BASE_URLS["east"]}
    found = explained(command, "--url", "https://sms-east.example.com/sms.receiver/SmsRecv", "--signature", SIGNED)
    assert names(found) == ["other_host"]


def test_knows_the_fragment_that_every_url_of_ours_has() -> None:
    signature = twilio_signature(URL + CONNECTION_OVERRIDES, TEXT, TOKEN)
    assert names(explained(Command.on(fakes.managed_tenant()), "--url", URL, "--signature", signature)) == [
        "fragment_signed"
    ]


def test_tells_what_is_odd_besides() -> None:
    tenant = fakes.managed_tenant(accounts=(Account(ACCOUNT, "twilio", ("Short",)),))
    found = explained(Command.on(tenant), "--url", URL, "--signature", twilio_signature(URL, TEXT, SECOND))
    assert [one["cause"] for one in found["odd"]] == ["no_token_shape"]
    assert ACCOUNT in found["odd"][0]["happened"]


@pytest.mark.parametrize(
    ("args", "why"),
    [
        ([], "give --url and --signature"),
        (["--url", URL], "give --url and --signature"),
        (["--signature", SIGNED], "give --url and --signature"),
        (["--url", URL, "--signature", SIGNED, "--try", "nonsense"], "--try knows primary"),
    ],
)
def test_wrong_usage_is_exit_code_2(args: list[str], why: str) -> None:
    result = Command.on(fakes.managed_tenant()).run(*EXPLAIN, *args)
    assert result.exit_code == 2
    assert why in " ".join(result.stderr.replace("│", " ").split())


@pytest.mark.parametrize(
    ("args", "why"),
    [
        (["--url", "sms-east", "--signature", SIGNED], "this is no URL"),
        (["--url", URL, "--signature", SIGNED, "--field", "Body"], "--field is NAME=VALUE"),
        (["--url", URL, "--signature", SIGNED, "--try", "master"], "secret to try, master is expected"),
        (["--message-id", "SM1"], "nothing about it in the last 1d"),
    ],
)
def test_declines_in_one_sentence(args: list[str], why: str) -> None:
    assert why in Command.on(fakes.managed_tenant()).declined(*EXPLAIN, *args, typed=BODY + "\n")


def line(event: str, reason: str | None = None, *, age: int = 1, **ids: str) -> LogLine:
    told = {"message": event, "reason": reason, **ids}
    return LogLine(json.dumps(told), "receiver", NOW - timedelta(hours=age), json.dumps(told))


def from_log(*lines: LogLine, code: int = 3, wanted: str = "r1") -> list[dict[str, str]]:
    command = Command.on(fakes.managed_tenant())
    command.logs = {"receiver": list(lines)}
    result = command.run(*EXPLAIN, "--request-id", wanted, "--json")
    assert result.exit_code == code, result.output
    told: list[dict[str, str]] = json.loads(result.stdout)
    return told


@pytest.mark.parametrize("reason", REASONS)
def test_tells_what_the_log_says_of_a_refusal(reason: str) -> None:
    noise = LogLine("1", "receiver", NOW, "START RequestId: r1")
    (told,) = from_log(noise, line("Refused", "invalid_key", request_id="r2"), line("Refused", reason, request_id="r1"))
    assert (told["reason"], told["means"]) == (reason, REASONS[reason].happened)
    assert told["do"]


def test_a_refusal_without_what_was_signed_says_what_must_be_given() -> None:
    (told,) = from_log(line("Refused", "invalid_signature", request_id="r1"))
    assert "The log does not hold what was signed" in told["means"]
    assert "--url URL --signature SIGNATURE" in told["do"]


def test_finds_the_request_by_its_message() -> None:
    told = from_log(
        line("Refused", "invalid_key", request_id="r0", age=3),
        line("Refused", "invalid_signature", request_id="r1", correlation_id="SM1", age=2),
        line("Accepted", correlation_id="SM1", age=1),
        wanted="SM1",
        code=0,
    )
    assert [one["event"] for one in told] == ["Refused", "Accepted"]


def test_a_text_that_was_accepted_though_it_would_be_refused_says_why() -> None:
    (told,) = from_log(line("Accepted", None, would_refuse="unknown_account", request_id="r1"), code=0)
    assert told["reason"] == "unknown_account"
    assert "only accepted because signatures are observed" in told["means"]


def test_a_text_that_could_not_be_queued_was_not_refused() -> None:
    (told,) = from_log(line("Failed", "unavailable", request_id="r1"))
    assert "could not be queued" in told["means"]


def test_looks_no_further_back_than_it_is_told() -> None:
    command = Command.on(fakes.managed_tenant())
    command.logs = {"receiver": [line("Refused", "invalid_key", request_id="r1", age=5)]}
    assert "in the last 2h" in command.declined(*EXPLAIN, "--request-id", "r1", "--since", "2h")
    assert command.run(*EXPLAIN, "--request-id", "r1", "--since", "1d").exit_code == 3


def test_every_reason_for_refusing_a_text_is_explained() -> None:
    table = (ROOT / "docs" / "twilio.md").read_text(encoding="utf-8")
    refused = re.findall(r"^\| 40[013] \| (.*?) \|", table, re.MULTILINE)
    assert {reason for cell in refused for reason in re.findall(r"`([a-z_]+)`", cell)} == set(REASONS)
