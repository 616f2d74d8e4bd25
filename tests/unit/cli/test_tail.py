import json
from datetime import timedelta

import pytest

from operations.stage.deployed_stack import LogLine
from operations.stage.names import FUNCTIONS
from tests import fakes
from tests.fakes import NOW
from tests.unit.cli.command import Command

LAMBDAS_OWN = fakes.sample("lambda_log_lines.json")


def line(number: int, function: str = "forwarder", *, ago: float = 1, **told: object) -> LogLine:
    """A log line as the functions write it."""
    event = str(told.pop("message", "Answered"))
    written = {"message": event, **told, "_aws": {"Timestamp": 1}, "stage": "east", event: 1}
    text = json.dumps({name: value for name, value in written.items() if value is not None})
    return LogLine(f"id{number}", function, NOW - timedelta(seconds=ago), text)


def command(*lines: LogLine) -> Command:
    made = Command.on(fakes.managed_tenant())
    made.logs = {function: [one for one in lines if one.function == function] for function in FUNCTIONS}
    return made


def hops(made: Command, *options: str) -> list[dict[str, str]]:
    result = made.run("tail", "--json", *options)
    assert result.exit_code == 0, result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_shows_a_line_a_hop_in_the_order_of_time_whatever_the_function() -> None:
    made = command(
        line(1, "sender", ago=1, message="Sent", reply="1"),
        line(2, "receiver", ago=3, message="Accepted", correlation_id="SM1", tenant="acme"),
        line(3, "forwarder", ago=2, message="Parked", reason="no_agent", correlation_id="SM1"),
    )
    said = made.run("tail", "--once", "--since", "5m").stdout.splitlines()
    assert said == [
        "2026-11-23T11:59:57.000Z  receiver  Accepted  correlation_id=SM1  tenant=acme",
        "2026-11-23T11:59:58.000Z  forwarder  Parked  reason=no_agent  correlation_id=SM1",
        "2026-11-23T11:59:59.000Z  sender  Sent  reply=1",
    ]


def test_shows_the_refusals_of_the_tenant_that_was_chosen_and_of_no_other() -> None:
    made = command(
        line(1, "receiver", ago=4, message="Refused", reason="invalid_signature", tenant="acme", credential="12345678"),
        line(2, "receiver", ago=3, message="Refused", reason="invalid_key"),
        line(3, "receiver", ago=2, message="Refused", reason="unknown_account", tenant="other"),
        line(4, "api", ago=1, message="Refused", reason="not_our_number", tenant="acme"),
    )
    shown = hops(made, "--once", "--since", "5m", "--tenant", "acme")
    assert [hop["reason"] for hop in shown] == ["invalid_signature", "not_our_number"]
    assert shown[0]["credential"] == "12345678"


def test_gives_a_json_object_a_line() -> None:
    [hop] = hops(command(line(1, message_id="SM1")), "--once", "--since", "5m")
    assert hop == {
        "time": "2026-11-23T11:59:59.000Z",
        "stage": "east",
        "function": "forwarder",
        "outcome": "Answered",
        "reason": None,
        "message_id": "SM1",
    }


def test_spares_people_what_only_machines_read() -> None:
    made = command(line(1, message_id="SM1", request_id="r1", queue_message_id="q1", conversation="c0ffee"))
    [said] = made.run("tail", "--once", "--since", "5m").stdout.splitlines()
    assert said == "2026-11-23T11:59:59.000Z  forwarder  Answered  message_id=SM1  conversation=c0ffee"
    [hop] = hops(made, "--once", "--since", "5m")
    assert (hop["request_id"], hop["conversation"]) == ("r1", "c0ffee")


def test_begins_now_unless_told_otherwise() -> None:
    made = command(line(1, ago=1), line(2, ago=120))
    assert hops(made, "--once") == []
    assert len(hops(made, "--once", "--since", "1m")) == 1
    assert len(hops(made, "--once", "--since", "2m")) == 2


@pytest.mark.parametrize(
    "text", ["START RequestId: 1", "", "{", "[]", "null", '"Sent"', "{}", '{"message": null}', '{"message": "Other"}']
)
def test_passes_over_lines_that_tell_nothing_of_a_text(text: str) -> None:
    assert hops(command(LogLine("id", "sender", NOW, text)), "--once", "--since", "1m") == []


@pytest.mark.parametrize("name", LAMBDAS_OWN)
@pytest.mark.parametrize("filters", [(), ("--outcome", "Failed"), ("--agent", "desk"), ("--tenant", "acme")])
def test_passes_over_what_lambda_itself_writes(name: str, filters: tuple[str, ...]) -> None:
    lambdas = LAMBDAS_OWN[name]["line"]
    written = lambdas if isinstance(lambdas, str) else json.dumps(lambdas)
    ours = line(1, "sender", message="Failed", tenant="acme", agent="Desk0001")
    made = command(LogLine("id0", "sender", NOW, written), ours)
    assert [hop["outcome"] for hop in hops(made, "--once", "--since", "1m", *filters)] == ["Failed"]


def test_shows_only_the_tenant_that_was_chosen() -> None:
    made = command(line(1, tenant="acme"), line(2, tenant="other"), line(3))
    assert [hop.get("tenant") for hop in hops(made, "--once", "--since", "1m", "--tenant", "acme")] == ["acme"]
    assert len(hops(made, "--once", "--since", "1m")) == 3


def test_goes_on_until_it_is_interrupted_and_shows_nothing_twice() -> None:
    made = command(line(1, ago=1, message_id="SM1"))
    pauses: list[float] = []

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 2:
            made.logs["sender"].append(line(2, "sender", ago=3, message_id="late"))
        if len(pauses) == 4:
            raise KeyboardInterrupt

    made.sleep = sleep
    assert [hop["message_id"] for hop in hops(made, "--since", "1m")] == ["SM1", "late"]


def test_declines_an_age_that_makes_no_sense() -> None:
    assert "a number and a unit" in command().declined("tail", "--since", "noon")


LINES = (
    line(1, "receiver", ago=4, message="Accepted", correlation_id="SM1", tenant="acme"),
    line(2, "forwarder", ago=3, correlation_id="SM1", tenant="acme", agent="Desk0001"),
    line(3, "forwarder", ago=2, message="Parked", reason="no_agent", correlation_id="SM2", tenant="acme"),
    line(4, "receiver", ago=1, message="Refused", reason="invalid_key"),
)


@pytest.mark.parametrize(
    ("options", "outcomes"),
    [
        (["--agent", "desk"], ["Accepted", "Answered"]),
        (["--outcome", "parked", "--outcome", "ANSWERED"], ["Answered", "Parked"]),
        (["--reason", "no_agent", "--reason", "invalid_key"], ["Parked", "Refused"]),
        (["--tenant", "acme", "--reason", "no_agent", "--outcome", "Parked"], ["Parked"]),
        (["--number", "202 555 0123"], []),
    ],
)
def test_shows_only_what_was_asked_for(options: list[str], outcomes: list[str]) -> None:
    shown = hops(command(*LINES), "--once", "--since", "1m", *options)
    assert [hop["outcome"] for hop in shown] == outcomes


@pytest.mark.parametrize("options", [["--outcome", "Lost"], ["--outcome", ""]])
def test_does_not_understand_an_outcome_that_there_is_not(options: list[str]) -> None:
    assert command(*LINES).run("tail", "--once", *options).exit_code == 2


@pytest.mark.parametrize(
    ("options", "word"),
    [(["--reason", "nopee"], "nopee"), (["--agent", "nobody"], "nobody"), (["--number", "12"], "phone number")],
)
def test_declines_a_filter_that_can_fit_nothing(options: list[str], word: str) -> None:
    assert word in command(*LINES).declined("tail", "--once", *options)


def test_people_read_an_agents_name_and_programs_its_id() -> None:
    made = command(line(1, agent="Desk0001", tenant="acme"), line(2, agent="Gone0001", tenant="acme"))
    said = made.run("tail", "--once", "--since", "1m").stdout
    assert "agent=desk" in said
    assert "agent=Gone0001" in said
    assert [hop["agent"] for hop in hops(made, "--once", "--since", "1m")] == ["Desk0001", "Gone0001"]


def test_of_several_tenants_or_of_one_that_cannot_be_read_an_agents_id_is_shown() -> None:
    made = command(line(1, agent="Desk0001", tenant="acme"))
    made.store = type(made.store).of(fakes.managed_tenant(), fakes.managed_tenant(id="other"))
    result = made.run("tail", "--once", "--since", "1m")
    assert (result.exit_code, "agent=Desk0001" in result.stdout) == (0, True)
    unknown = made.run("tail", "--once", "--since", "1m", "--tenant", "nobody")
    assert (unknown.exit_code, unknown.stdout) == (0, "")


def test_shows_the_stage_when_both_are_shown() -> None:
    made = command(line(1, ago=2))
    made.far_logs = {"sender": [line(2, "sender", message="Sent")]}
    said = made.run("tail", "--once", "--since", "1m", "--all-stages").stdout.splitlines()
    assert ["stage=east" in said[0], "stage=south" in said[1]] == [True, True]
    assert "stage" not in made.run("tail", "--once", "--since", "1m").stdout


def test_says_that_requests_with_a_wrong_key_are_not_shown() -> None:
    result = command(*LINES).run("tail", "--once", "--since", "1m", "--tenant", "acme")
    assert "wrong key" in result.stderr
    assert "./sms tail" in result.stderr
    assert "invalid_key" not in result.stdout
