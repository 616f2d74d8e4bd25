"""docs/backends.md shows the examples that are tested, a real event, and what the code does."""

import ast
import json
import re
from pathlib import Path
from typing import Any

import pytest

from shared.backends import BACKENDS, answers, dialog_state, lex, password, post, watson
from shared.backends.soe import SoeBackend
from shared.messages import events
from shared.messages.limits import MEDIA_MAX
from shared.messages.sessions import CONTEXT_BYTES_MAX
from shared.providers.twilio.limits import TEXT_MAX
from shared.submission import body, request, session_request
from shared.tenants.agent import (
    ANSWER_WITHIN_SECONDS,
    ANSWER_WITHIN_SECONDS_MAX,
    TIMEOUT_SECONDS_MAX,
    BackendSettings,
)
from tests import backend_events
from tests.backend_states_fake import FakeBackendStates
from tests.descriptions import OPENAPI, check_event, description, problems
from tests.fakes import NOW

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "docs" / "backends.md").read_text(encoding="utf-8")
FLOWING = " ".join(TEXT.split())
EXAMPLES = sorted((ROOT / "examples").glob("*_backend.*"))


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_shows_each_example_as_it_is(path: Path) -> None:
    assert path.read_text(encoding="utf-8") in [*blocks("python"), *blocks("javascript")]


def test_shows_no_other_program() -> None:
    shown = [*blocks("python"), *blocks("javascript")]
    assert len(shown) == len(EXAMPLES)


@pytest.mark.parametrize("path", [path for path in EXAMPLES if path.suffix == ".py"], ids=lambda path: path.name)
def test_the_examples_need_nothing_of_ours(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    modules = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    modules |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert {module.split(".")[0] for module in modules} <= {
        "os",
        "time",
        "threading",
        "typing",
        "flask",
        "fastapi",
        "requests",
        "standardwebhooks",
    }


def test_the_event_is_one_as_backends_get_it() -> None:
    assert json.loads(blocks("json")[0]) == json.loads(json.dumps(backend_events.text(media=1)))


def test_the_answer_is_one_that_is_understood() -> None:
    answer = answers.parse(blocks("json")[1].encode())
    assert [bool(message.media_urls) for message in answer.messages] == [False, True]


def test_the_late_answer_and_its_acceptance_are_as_the_api_reads_and_gives_them() -> None:
    late, accepted = (json.loads(block) for block in blocks("json")[2:4])
    read = request.read(body.RawRequest("application/json", json.dumps(late).encode()))
    assert (read.in_reply_to, read.end_session) == (late["in_reply_to"], True)
    assert not problems(f"{OPENAPI}#/components/schemas/SendRequest", late)
    assert not problems(f"{OPENAPI}#/components/schemas/Submission", accepted)


def test_the_status_is_one_as_backends_get_it() -> None:
    status = json.loads(blocks("json")[4])
    check_event(status)
    assert status["type"] == events.STATUS


def test_the_engines_request_is_the_one_that_is_sent() -> None:
    requests: list[post.BackendRequest] = []

    def send(request: post.BackendRequest) -> post.BackendResponse:
        requests.append(request)
        return post.BackendResponse(200, blocks("json")[6].encode())

    settings = BackendSettings("soe", "https://engine.example.com/")
    answer = SoeBackend(settings, send, FakeBackendStates(), lambda: NOW).answer(backend_events.text(media=1))
    assert json.loads(requests[0].body) == json.loads(blocks("json")[5])
    assert [message.text[:6] for message in answer.messages] == ["It is ", "Thank "]
    assert answer.end_session


def test_tells_each_refusal_of_a_message_with_its_status() -> None:
    told = {(int(status), reason) for status, reason in re.findall(r"^\| (4\d\d) \| `(\w+)` \|", TEXT, re.MULTILINE)}
    refusals = description(OPENAPI)["paths"]["/sms.sender/SmsSend"]["post"]["responses"]
    reasons = {
        (int(status), reason)
        for status, answer in refusals.items()
        if status.startswith("4")
        for reason in _reasons(answer)
    }
    assert told == reasons - {(401, "UNAUTHORIZED")}


def _reasons(answer: dict[str, Any]) -> list[str]:
    if "$ref" in answer:
        answer = description(OPENAPI)["components"]["responses"][answer["$ref"].rpartition("/")[2]]
    reason = answer["content"]["application/json"]["schema"]["allOf"][1]["properties"]["reason"]
    return reason.get("enum") or [reason["const"]]


def test_describes_each_kind_as_the_command_does() -> None:
    for kind, told in BACKENDS.items():
        beginning = told.partition(";")[0].partition(" of yours")[0]
        assert f"| `{kind}` | {beginning[0].upper()}{beginning[1:]}" in TEXT


def test_the_session_is_one_that_the_api_takes() -> None:
    session = blocks("json")[-1]
    read = session_request.read_begin(body.RawRequest("application/json", session.encode()))
    assert read.context == json.loads(session)["context"]
    assert read.text


def test_states_the_limits_that_there_are() -> None:
    seconds = f"{BackendSettings('http').timeout_seconds:g}"
    for fact in (
        f"You have {seconds} seconds for an answer",
        f"changes that, up to {TIMEOUT_SECONDS_MAX}.",
        f"({ANSWER_WITHIN_SECONDS / 60:g} minutes unless",
        f"{ANSWER_WITHIN_SECONDS_MAX / 3600:g} hours at the most",
        f"up to {body.TEXT_MAX} characters",
        f"at most {CONTEXT_BYTES_MAX:,} bytes",
        "JSON of at most 64 KiB",
        f"At most {answers.MESSAGES_MAX} messages",
        f"at most {MEDIA_MAX} links",
        f"in parts of {TEXT_MAX} characters",
        f"Lex takes 1 to {lex.TEXT_MAX} characters",
        f"a user of up to {password.USER_MAX} characters, and a password of up to {password.PASSWORD_MAX}",
        f"up to {dialog_state.STATE_MAX // 1024} KiB",
        f"the text `{dialog_state.NO_INPUT}`; at most {dialog_state.TURNS_MAX} turns",
        f"another version of the API than {watson.VERSION}",
        "| " + ", ".join(map(str, sorted(post.LATER))) + ", 500 and above |",
    ):
        assert fact in FLOWING, f"docs/backends.md does not say: {fact}"
