import re

import httpx
import pytest

from tests import fakes
from tests.fakes import OUR_NUMBER, PERSON
from tests.unit.cli.command import Command, FakeTwin

DONE: dict[str, object] = {
    "message_sid": "SM1",
    "outcome": "delivered",
    "attempts": [{"status": 401, "error": None}, {"status": 200, "error": None}],
}
REPLY: dict[str, object] = {
    "from": OUR_NUMBER,
    "body": "You said: Hello",
    "media": [],
    "message_sid": "SM2",
    "by": "api",
    "status": "delivered",
    "error_code": None,
}
TEXT = ("text", "--from", "(202) 555-0123", "--to", OUR_NUMBER, "Hello")


def command(*replies: dict[str, object], **done: object) -> Command:
    made = Command.on(fakes.managed_tenant())
    made.twin = FakeTwin(replies=list(replies), done=DONE | done, phone=[REPLY | {"body": "of yesterday"}])
    return made


def failed(status: int, **answer: object) -> httpx.HTTPStatusError:
    request = httpx.Request("POST", "http://127.0.0.1:9/texts")
    response = httpx.Response(status, request=request, **answer)  # type: ignore[arg-type] # json or text
    return httpx.HTTPStatusError("bad", request=request, response=response)


def test_texts_as_a_person_and_shows_what_the_webhook_answered_and_the_replies() -> None:
    made = command(REPLY, REPLY | {"body": "And more"})
    shown = made.json(*TEXT)
    assert made.twin.texts == [(PERSON, OUR_NUMBER, "Hello")]
    assert (shown["message_sid"], shown["outcome"], shown["webhook_answers"]) == ("SM1", "delivered", [401, 200])
    assert [reply["body"] for reply in shown["replies"]] == ["You said: Hello", "And more"]


def test_shows_people_each_reply_on_a_line() -> None:
    said = command(REPLY).run(*TEXT).stdout.splitlines()
    assert said[-1] == f"{OUR_NUMBER}  You said: Hello  status=delivered"
    assert "of yesterday" not in "".join(said)


@pytest.mark.parametrize("options", [[], ["--local"]], ids=str)
def test_hints_at_the_local_stack_also_when_local_was_not_typed(options: list[str]) -> None:
    hint = command().run(*TEXT, *options).stderr
    assert "see: ./sms --local --tenant acme why +12025550123" in hint


def test_waits_for_a_reply_and_a_moment_longer_for_a_second_one() -> None:
    made = command()
    waits: list[float] = []

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) in {4, 7}:
            made.twin.phone.append(REPLY)

    made.sleep = sleep
    assert len(made.json(*TEXT)["replies"]) == 2
    assert 7 < len(waits) < 20, "it neither stops at the first reply nor waits to the end"


def test_says_so_when_nobody_answers_in_time() -> None:
    made = command()
    waits: list[float] = []
    made.sleep = waits.append
    result = made.run(*TEXT, "--wait", "2")
    assert result.exit_code == 0
    assert "No reply within 2 seconds" in result.stderr
    assert sum(waits) == pytest.approx(2)


def test_waits_for_nothing_when_the_webhook_refused() -> None:
    attempts = [{"status": 403, "error": None}, {"status": None, "error": "connect"}]
    made = command(outcome="failed", attempts=attempts)
    waits: list[float] = []
    made.sleep = waits.append
    assert made.json(*TEXT)["webhook_answers"] == [403, "connect"]
    assert waits == []


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (failed(404, json={"error": "there is no number +1"}), "declines: there is no number"),
        (failed(500, text="oops"), "declines: HTTP status 500"),
        (failed(500, json=["oops"]), "declines: HTTP status 500"),
        (httpx.ConnectError("refused"), "run: ./sms local up"),
    ],
    ids=["unknown number", "no json", "other json", "down"],
)
def test_says_in_a_sentence_why_the_twin_does_not_do_it(error: Exception, why: str) -> None:
    made = command()
    made.twin.failing = error
    assert why in made.declined(*TEXT)


@pytest.mark.parametrize(
    "args", [["--from", "12", "--to", OUR_NUMBER], ["--from", PERSON, "--to", "desk"]], ids=" ".join
)
def test_refuses_what_is_no_address(args: list[str]) -> None:
    made = command()
    assert re.search("phone number|no agent can have it", made.declined("text", *args, "Hello"))
    assert made.twin.texts == []


@pytest.mark.parametrize(
    ("sender", "to", "person", "ours"),
    [
        ("WhatsApp:(202) 555-0123", f"whatsapp:{OUR_NUMBER}", f"whatsapp:{PERSON}", f"whatsapp:{OUR_NUMBER}"),
        ("whatsapp:FI.1349", f"whatsapp:{OUR_NUMBER}", "whatsapp:FI.1349", f"whatsapp:{OUR_NUMBER}"),
        ("(202) 555-0123", "68849", PERSON, "68849"),
        ("messenger:987", "messenger:123", "messenger:987", "messenger:123"),
        ("SUPPORT", OUR_NUMBER, "SUPPORT", OUR_NUMBER),
    ],
)
def test_texts_any_address_from_any_other(sender: str, to: str, person: str, ours: str) -> None:
    made = command()
    assert made.run("text", "--from", sender, "--to", to, "Hello").exit_code == 0
    assert made.twin.texts == [(person, ours, "Hello")]
