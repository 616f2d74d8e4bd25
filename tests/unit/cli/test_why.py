"""`sms why`: the sentence that matters comes first, on standard output; then what it is based on."""

import json

import pytest

from operations.stage.deployed_stack import LogLine
from operations.tracing.text_record import TextRecord
from shared.messages.outbound import Parked, Reply
from tests.fakes import NOW, OUR_NUMBER, PERSON
from tests.unit.cli.test_tracing import ACCEPTED, ALL, CONVERSATION, REPLY_SID, TEXT, command, line

DETAIL = "no agent holds the number; give it to one with: sms number assign"
PARKED = Parked("acme", TEXT, "inbound", "g", "no_agent", DETAIL, OUR_NUMBER, NOW, {"secret": "hello"})
ANSWERED = TextRecord(
    messages=1,
    replies={"1": Reply("acme", f"{TEXT}-1", "desk", "c", TEXT, NOW, REPLY_SID, "delivered", 5)},
)


def test_the_answer_is_the_first_line_and_what_to_do_the_second() -> None:
    made = command(ACCEPTED)
    made.stored["east"].kept["acme", TEXT] = TextRecord(parked=(PARKED,))
    result = made.run("why", TEXT)
    first, second, *rest = result.stdout.splitlines()
    assert first == (
        "✖ The text is parked: no_agent: no agent holds the number; "
        "give it to one with: ./sms --tenant acme number assign."
    )
    assert second == f"    → docs/parking.md, ./sms --stage east --tenant acme parked show {TEXT}"
    assert any("Accepted" in row for row in rest)
    assert any(f"stored on east: parked {TEXT}, no_agent" in row for row in rest)
    assert (result.stderr, result.exit_code) == ("", 3)


def test_what_needs_nobody_exits_with_0() -> None:
    made = command(*ALL)
    made.stored["east"].kept["acme", TEXT] = ANSWERED
    result = made.run("why", PERSON)
    assert result.exit_code == 0
    assert result.stdout.startswith("✔ It was answered, and the answer arrived.\n")
    assert "stored on east: message 1, delivered" in result.stdout


@pytest.mark.parametrize(
    ("lines", "mark", "code"),
    [
        ((ACCEPTED,), "‼ It waits for the forwarder.", 0),
        ((ACCEPTED, line("forwarder", "Unanswered", ago=9, reason="opt_out")), "✔ It was deliberately", 0),
        ((line("receiver", "Refused", ago=9, reason="forbidden_role"),), "✖ It was refused: forbidden_role.", 3),
        ((), "✖ Nothing is stored of it", 3),
    ],
)
def test_the_mark_and_the_exit_code_say_whether_somebody_must_act(
    lines: tuple[LogLine, ...], mark: str, code: int
) -> None:
    result = command(*lines).run("why", TEXT)
    assert (result.exit_code, result.stdout.startswith(mark)) == (code, True), result.stdout


def test_json_has_everything_with_whole_ids_and_times_and_no_text() -> None:
    made = command(*ALL)
    made.stored["east"].kept["acme", TEXT] = TextRecord(messages=1, replies=ANSWERED.replies, parked=(PARKED,))
    result = made.run("why", TEXT, "--json")
    answer = json.loads(result.stdout)
    assert (answer["state"], answer["total"], answer["complete"]) == ("arrived", 1, True)
    [text] = answer["texts"]
    assert text["hops"][0]["time"] == "2026-11-23T11:59:50.000Z"
    assert text["stored"]["east"]["replies"] == [
        {
            "reply_id": f"{TEXT}-1",
            "message_id": REPLY_SID,
            "status": "delivered",
            "error_code": None,
            "attempted_at": "2026-11-23T12:00:00.000Z",
        }
    ]
    assert text["stored"]["east"]["parked"][0]["detail"] == DETAIL
    assert "hello" not in result.stdout


def test_of_several_texts_the_earlier_ones_are_told_of_besides() -> None:
    earlier = line("receiver", "Accepted", ago=7200, text="SM" + "2" * 32, conversation=CONVERSATION)
    result = command(earlier, *ALL).run("why", PERSON)
    assert result.stdout.startswith("✔ Of 2 texts, the latest: It was answered, and the answer arrived.\n")
    assert result.stderr == f"SM{'2' * 32}: It waits for the forwarder.\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("SM1-2-3-4-5-6",), "this is no address; write a phone number, a short code"),
        ((TEXT, "--at", "noon"), "the time must look like 2026-11-25T13:30"),
        ((TEXT, "--since", "noon"), "a stretch of time is a number and a unit"),
        ((PERSON, "--to", "hello"), "nobody can text a name"),
    ],
)
def test_declines_what_it_cannot_understand(arguments: tuple[str, ...], said: str) -> None:
    assert said in command().declined("why", *arguments)
