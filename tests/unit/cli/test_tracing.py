"""`sms trace`: every hop of a text in order, found by the ids it has or by the person; and a verdict."""

import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, NoReturn

import pytest

from operations.stage.deployed_stack import LogLine
from operations.stage.names import FUNCTIONS
from operations.tracing.text_record import TextRecord
from operations.twilio.message_errors import explained
from shared.errors import Unavailable
from shared.messages import events
from shared.messages.outbound import PARKED as PARKED_STATUS
from shared.messages.outbound import Parked, Reply
from shared.telemetry import CONVERSATION_DIGITS
from tests import fakes
from tests.fakes import NOW, OUR_NUMBER, PERSON
from tests.unit.cli.command import Command

TEXT, REPLY_SID = "SM" + "1" * 32, "SM" + "5" * 32
CONVERSATION = events.conversation_id(fakes.tenant().salt, ours=OUR_NUMBER, person=PERSON)[:CONVERSATION_DIGITS]


def line(function: str, message: str, *, ago: float, text: str = TEXT, **told: object) -> LogLine:
    """A log line as the functions write it."""
    written = {"message": message, "tenant": "acme", "correlation_id": text, **told, "stage": "east", message: 1}
    moment = NOW - timedelta(seconds=ago)
    return LogLine(f"{function} {ago}", function, moment, json.dumps(written))


ACCEPTED = line("receiver", "Accepted", ago=10, conversation=CONVERSATION, credential="12345678")
ANSWERED = line("forwarder", "Answered", ago=9, QueueMs=120, BackendMs=812)
SENT = line("sender", "Sent", ago=8, reply="1", message_id=REPLY_SID)
DELIVERED = line("statuses", "Delivered", ago=6, reply="1")
ALL = (ACCEPTED, ANSWERED, SENT, DELIVERED)
SMS = "./sms --stage east --tenant acme"


def command(*lines: LogLine, far: tuple[LogLine, ...] = ()) -> Command:
    made = Command.on(fakes.managed_tenant(), numbers=[OUR_NUMBER])
    made.logs = {function: [one for one in lines if one.function == function] for function in FUNCTIONS}
    made.far_logs = {function: [one for one in far if one.function == function] for function in FUNCTIONS}
    made.stored["east"].kept = parked_by(lines)
    return made


def parked_by(lines: Sequence[LogLine]) -> dict[tuple[str, str], TextRecord]:
    """What is parked as long as no later line of the same function is about the same text or message."""
    last = {
        (line.function, told["correlation_id"], told.get("reply", "")): (line, told)
        for line in sorted(lines, key=lambda line: line.time)
        if line.text.startswith('{"message":') and '"correlation_id"' in line.text
        for told in [json.loads(line.text)]
    }
    parked: dict[tuple[str, str], list[Parked]] = defaultdict(list)
    for (function, text, reply), (line, told) in last.items():
        if told["message"] == "Parked":
            queue = "outbound" if function == "sender" else "inbound"
            id_ = f"{text}-{reply}" + (".delivered" if queue == "inbound" else "") if reply else text
            one = Parked("acme", id_, queue, "g", told["reason"], "", OUR_NUMBER, line.time, {})
            parked["acme", text].append(one)
    return {key: TextRecord(parked=kept, replies=_replies(key[1], kept)) for key, kept in parked.items()}


def _replies(text: str, parked: Sequence[Parked]) -> dict[str, Reply]:
    """The records of messages that are parked; the one of these tests failed with error 99999."""
    replies = [one for one in parked if one.queue == "outbound"]
    return {
        one.id.removeprefix(f"{text}-"): Reply(
            "acme", one.id, "desk", "c", text, status=PARKED_STATUS, error_code=99999
        )
        for one in replies
    }


def trace(made: Command, *arguments: str) -> Any:  # noqa: ANN401 - the command's JSON
    return made.json("trace", *arguments)


@pytest.mark.parametrize("what", [TEXT, f"{TEXT}-1", f"{TEXT}-f-1", REPLY_SID, PERSON, "(202) 555-0123"])
def test_finds_a_text_by_its_id_its_replys_ids_or_the_person(what: str) -> None:
    [found] = trace(command(*reversed(ALL)), what)
    assert [hop["outcome"] for hop in found["hops"]] == ["Accepted", "Answered", "Sent", "Delivered"]
    assert found["verdict"] == "It was answered, and the answer arrived."
    assert found["state"] == "arrived"


def test_finds_a_persons_text_that_was_refused_though_it_was_genuine() -> None:
    refused = line("receiver", "Refused", ago=9, text=TEXT, reason="malformed", conversation=CONVERSATION)
    of_nobody = line(
        "api", "Refused", ago=8, reason="idempotency_mismatch", conversation=CONVERSATION, correlation_id=None
    )
    [found] = trace(command(refused, of_nobody), PERSON)
    assert found["id"] == TEXT
    assert found["verdict"].startswith("It was refused: malformed. The key and the signature are valid, but")


def test_what_lambda_itself_writes_between_the_hops_changes_nothing() -> None:
    samples = [one["line"] for one in fakes.sample("lambda_log_lines.json").values()]
    texts = [one if isinstance(one, str) else json.dumps(one) for one in samples]
    lambdas = [
        LogLine(str(number), "sender", NOW, text.replace("requestId", f'x": "{TEXT}", "requestId'))
        for number, text in enumerate(texts)
    ]
    assert trace(command(*ALL, *lambdas), TEXT) == trace(command(*ALL), TEXT)


def test_follows_a_text_over_both_stages() -> None:
    [found] = trace(command(ANSWERED, SENT, DELIVERED, far=(ACCEPTED,)), TEXT)
    assert [hop["stage"] for hop in found["hops"]] == ["south", "east", "east", "east"]


class Unreadable(dict[str, list[LogLine]]):
    """The logs of a stage whose region does not answer; it counts how often they were asked for."""

    asked = 0

    def get(self, *_: object) -> NoReturn:
        self.asked += 1
        message = "the log of the authorizer could not be read: ReadTimeoutError"
        raise Unavailable(message)


def test_without_the_logs_of_the_other_stage_it_shows_the_rest_and_asks_for_them_once() -> None:
    made = command(*ALL)
    made.far_logs = away = Unreadable()
    result = made.run("trace", PERSON, "--json")
    assert result.exit_code == 0
    assert [hop["stage"] for hop in json.loads(result.stdout)[0]["hops"]] == ["east"] * 4
    assert "Without the log lines of stage south: the log of the authorizer could not be read" in result.stderr
    assert away.asked == 1


def test_without_logs_and_records_of_its_own_stage_it_declines() -> None:
    made = command(*ALL)
    made.logs = Unreadable()
    made.stored["east"].failing = Unavailable("what is stored could not be read")
    assert "could not be read" in [*made.run("trace", TEXT).stderr.splitlines()][-1]
    assert made.run("trace", TEXT).exit_code == 1


def test_shows_people_a_timeline_and_the_verdict() -> None:
    result = command(*ALL).run("trace", TEXT)
    title, _, *rows, verdict = result.stdout.splitlines()
    assert title.strip() == TEXT
    assert [row.split()[0] for row in rows] == ["11:59:50.000", "11:59:51.000", "11:59:52.000", "11:59:54.000"]
    assert "1.000 s" in rows[1]
    assert "BackendMs=812" in rows[1]
    assert rows[0].index("●") < rows[1].index("●") < rows[3].index("●")
    assert verdict == "✔ It was answered, and the answer arrived."


@pytest.mark.parametrize("columns", [60, 80])
def test_in_a_narrow_terminal_each_hop_is_a_line_and_no_id_is_broken(columns: int) -> None:
    terminal = {"FORCE_COLOR": "1", "TERM": "dumb", "COLUMNS": str(columns)}
    narrow = command(*ALL).run("trace", TEXT, environment=terminal).stdout.splitlines()
    assert [line.split()[2:4] for line in narrow[1:-1]] == [
        ["receiver", "Accepted"],
        ["forwarder", "Answered"],
        ["sender", "Sent"],
        ["statuses", "Delivered"],
    ]
    assert f"message_id={REPLY_SID}" in narrow[3]


PARKED = line("forwarder", "Parked", ago=5, reason="backend_refused")
REPLY_PARKED = line("sender", "Parked", ago=5, reply="1", reason="provider_refused", error_code="99999")


@pytest.mark.parametrize(
    ("hops", "said"),
    [
        ((ACCEPTED,), f"It waits for the forwarder. See: {SMS} doctor"),
        ((ACCEPTED, ANSWERED), f"the answer waits for the sender. See: {SMS} doctor"),
        (
            (ACCEPTED, ANSWERED, SENT),
            "It was answered; the provider has the answer and has not said yet that it arrived.",
        ),
        ((ACCEPTED, line("forwarder", "Unanswered", ago=1, reason="opt_out")), "deliberately not answered: opt_out."),
        ((ACCEPTED, line("forwarder", "Postponed", ago=1, reason="unavailable")), "It is tried again: unavailable."),
        ((ACCEPTED, line("forwarder", "Failed", ago=1, reason="unavailable")), "It is tried again: unavailable."),
        ((ACCEPTED, PARKED), f"parked: backend_refused. See: docs/parking.md, {SMS} parked show {TEXT}"),
        ((ACCEPTED, PARKED, line("sender", "Sent", ago=4, reply="f-1")), "The text is parked: backend_refused."),
        ((ACCEPTED, PARKED, line("statuses", "Delivered", ago=3, reply="f-1")), "The text is parked: backend_refused."),
        ((ACCEPTED, PARKED, line("forwarder", "Answered", ago=2)), f"waits for the sender. See: {SMS} doctor"),
        (
            (*ALL[:2], REPLY_PARKED),
            f"is parked: provider_refused, error 99999. See: docs/parking.md, {SMS} parked show {TEXT}-1",
        ),
        ((*ALL[:2], REPLY_PARKED, line("sender", "Sent", ago=1, reply="1")), "It was answered; the provider has"),
        (
            (*ALL[:3], line("statuses", "NotDelivered", ago=1, reply="1", error_code="30003")),
            f"error 30003: {explained(30003)}. See: https://www.twilio.com/docs/api/errors/30003",
        ),
        ((*ALL[:3], line("statuses", "NotDelivered", ago=1, reply="1")), "it did not say why"),
        (
            (ACCEPTED, ANSWERED, line("sender", "NotSent", ago=1, reply="1", error_code="21610")),
            f"error 21610: {explained(21610)}",
        ),
        ((*ALL, line("sender", "Sent", ago=1, reply="2")), "with 2 messages: 1 arrived, 1 is with the provider."),
        (
            (line("receiver", "Refused", ago=1, reason="invalid_signature"),),
            "The log does not hold what was signed. See: ./sms --tenant acme doctor signature",
        ),
        ((line("api", "Submitted", ago=9, text="AP" + "7" * 32),), f"It waits for the sender. See: {SMS} doctor"),
    ],
)
def test_says_what_became_of_it_and_what_to_do(hops: tuple[LogLine, ...], said: str) -> None:
    id_ = json.loads(hops[0].text)["correlation_id"]
    [found] = trace(command(*hops), id_)
    assert said in found["verdict"]


def test_names_commands_for_the_local_stack_when_it_is_meant() -> None:
    [found] = trace(command(ACCEPTED, PARKED), TEXT, "--local")
    assert f"./sms --local --stage east --tenant acme parked show {TEXT}" in found["verdict"]


def test_a_parked_status_is_no_parked_reply() -> None:
    status = line("forwarder", "Parked", ago=5, reply="1", reason="backend_refused")
    [found] = trace(command(*ALL, status), TEXT)
    assert (found["state"], found["verdict"].partition(" A status")[0]) == (
        "arrived",
        "It was answered, and the answer arrived.",
    )


def test_shows_every_text_of_a_person_in_a_time_and_nobody_elses() -> None:
    earlier = line("receiver", "Accepted", ago=7200, text="SM" + "2" * 32, conversation=CONVERSATION)
    others = line("receiver", "Accepted", ago=60, text="SM" + "3" * 32, conversation="0" * CONVERSATION_DIGITS)
    made = command(earlier, others, *ALL)
    assert [found["id"] for found in trace(made, PERSON)] == ["SM" + "2" * 32, TEXT]
    assert [found["id"] for found in trace(made, PERSON, "--since", "1h")] == [TEXT]
    around = ("--at", "2026-11-23T10:00", "--within", "5m")
    assert [found["id"] for found in trace(made, PERSON, *around)] == ["SM" + "2" * 32]
    west = ("--at", "2026-11-23T11:00:00+01:00", "--within", "5m")
    assert [found["id"] for found in trace(made, PERSON, *west)] == ["SM" + "2" * 32]


def test_shows_the_latest_of_very_many() -> None:
    made = command(
        *(line("receiver", "Accepted", ago=100 - n, text=f"SM{n:032}", conversation=CONVERSATION) for n in range(30))
    )
    assert [found["id"] for found in trace(made, PERSON)] == [f"SM{n:032}" for n in range(10, 30)]
    assert "Of 30 texts only the latest 20" in made.run("trace", PERSON).stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            (TEXT,),
            "Nothing is stored of it, and the log lines of this time have nothing of it. Twilio has no such text",
        ),
        ((TEXT,), "Log lines can be minutes late: ask again, or look further back with --since or --at."),
        ((PERSON,), "Nothing came from this number in this time, and nothing went to it. Twilio has no text from it"),
        ((PERSON,), "Log lines can be minutes late: ask again, or look further back with --since"),
        (("SM1-2-3-4-5-6",), "this is no address; write a phone number, a short code"),
        (("68849",), "Nothing came from this number in this time"),
        (("SUPPORT",), "Nothing came from this number in this time"),
        (("whatsapp:FI.13491208655302741918",), "Nothing came from this number in this time"),
        (("+5215512345678",), "Nothing came from this number in this time"),
        (("+554188887777",), "Nothing came from this number in this time"),
        (("+1 621 555 0123",), "Nothing came from this number in this time"),
        ((TEXT, "--at", "noon"), "the time must look like 2026-11-25T13:30"),
        ((TEXT, "--since", "noon"), "a stretch of time is a number and a unit"),
    ],
)
def test_says_why_nothing_is_found(arguments: tuple[str, ...], said: str) -> None:
    assert said in command().declined("trace", *arguments)
