"""docs/openapi.yaml and docs/asyncapi.yaml: valid by their own tools, and true of the code."""

import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator
from openapi_spec_validator.validation.exceptions import OpenAPIValidationError

from handlers.responses import STATUSES
from shared import public_paths
from shared.errors import Malformed
from shared.messages import events
from shared.messages.event_fields import ADDRESS_MAX
from shared.messages.journal import ENTRY
from shared.messages.limits import LINK_MAX, MEDIA_MAX
from shared.messages.sessions import CONTEXT_BYTES_MAX
from shared.submission import body, request, session_request
from tests.descriptions import ASYNCAPI, DOCS, OPENAPI, description, problems, references, resolved
from tests.fakes import ACCOUNT, OUR_NUMBER, PERSON
from tests.unit.docs.test_docs import SERVERLESS, template
from tests.unit.test_errors import EXAMPLES

ROOT = DOCS.parent
METHODS = {"get", "put", "post", "delete", "options", "head", "patch", "trace"}
LINK = "https://files.example.com/cat.jpg"
FOR_PROGRAMS = (public_paths.SEND, public_paths.BEGIN_SESSION, public_paths.END_SESSION)


def asyncapi_findings(path: Path) -> tuple[int, str]:
    """What AsyncAPI's own parser says."""
    node = shutil.which("node")
    assert node
    script = str(ROOT / "tools" / "validate_asyncapi.mjs")
    done = subprocess.run([node, script, str(path)], check=False, capture_output=True, text=True, cwd=ROOT)  # noqa: S603
    return done.returncode, done.stdout + done.stderr


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Path, method and operation of everything that can be called."""
    for path, item in description(OPENAPI)["paths"].items():
        for method in METHODS & item.keys():
            yield path, method, item[method]


def described_reasons(response: dict[str, Any]) -> set[str]:
    """The reasons that a response of the description names."""
    if "$ref" in response:
        response = resolved(OPENAPI + response["$ref"])
    found: set[str] = set()
    for content in response.get("content", {}).values():
        for part in content["schema"].get("allOf", []):
            named = part.get("properties", {}).get("reason", {})
            found |= set(named.get("enum", [])) | ({named["const"]} if "const" in named else set())
    return found


def refusals() -> set[tuple[int, str]]:
    """Every status and reason that is described."""
    return {
        (int(status), word)
        for _, _, operation in operations()
        for status, response in operation["responses"].items()
        for word in described_reasons(response)
    }


def test_openapi_is_valid() -> None:
    OpenAPIV31SpecValidator(description(OPENAPI), base_uri=(DOCS / OPENAPI).as_uri()).validate()


BROKEN: list[dict[str, object]] = [
    {"openapi": 3.1},
    {"info": {}},
    {"paths": {"sms": {}}},
    {"paths": {"/a": {"post": {"responses": {"200": {}}}}}},
    {"paths": {"/a/{b}": {"get": {"responses": {"200": {"description": ""}}}}}},
]


@pytest.mark.parametrize("change", BROKEN, ids=str)
def test_openapis_validator_would_notice(change: dict[str, object]) -> None:
    with pytest.raises(OpenAPIValidationError):
        OpenAPIV31SpecValidator(description(OPENAPI) | change).validate()


def test_asyncapi_is_valid() -> None:
    status, said = asyncapi_findings(DOCS / ASYNCAPI)
    assert status == 0, said


@pytest.mark.parametrize(
    ("part", "instead"),
    [
        ("action: send", "action: shout"),
        ("schemas/sms.message.send.v1.json", "schemas/nothing.json"),
        ("channels/inbound/messages/status", "channels/inbound/messages/nothing"),
        ("fifoQueue: true", "fifoQueue: perhaps"),
        ("asyncapi: 3.0.0", "asyncapi: 3.0.0: 1"),
    ],
)
def test_asyncapis_parser_would_notice(part: str, instead: str, tmp_path: Path) -> None:
    broken = shutil.copytree(DOCS / "schemas", tmp_path / "schemas").parent / ASYNCAPI
    text = (DOCS / ASYNCAPI).read_text(encoding="utf-8")
    assert part in text
    broken.write_text(text.replace(part, instead), encoding="utf-8")
    status, said = asyncapi_findings(broken)
    assert (status, "error" in said) == (1, True), said


@pytest.mark.parametrize("name", [OPENAPI, ASYNCAPI])
def test_every_reference_leads_somewhere(name: str) -> None:
    found = list(references(name))
    assert found
    for reference in found:
        assert isinstance(resolved(reference), dict), reference


def examples() -> Iterator[tuple[str, object]]:
    """Every example of a request or an answer, with where its schema stands."""
    send = description(OPENAPI)["paths"]["/sms.sender/SmsSend"]["post"]
    for example in send["requestBody"]["content"]["application/json"]["examples"].values():
        yield "SendRequest", example["value"]
    yield "Submission", send["responses"]["202"]["content"]["application/json"]["example"]
    for path, sent, status, answered in (
        (public_paths.BEGIN_SESSION, "SessionRequest", "201", "BegunSession"),
        (public_paths.END_SESSION, "SessionEndRequest", "200", "EndedSession"),
    ):
        operation = description(OPENAPI)["paths"][path]["post"]
        for example in operation["requestBody"]["content"]["application/json"]["examples"].values():
            yield sent, example["value"]
        yield answered, operation["responses"][status]["content"]["application/json"]["example"]
    yield "Refusal", resolved(f"{OPENAPI}#/components/responses/Malformed")["content"]["application/json"]["example"]
    answer = description(OPENAPI)["webhooks"]["event"]["post"]["responses"]["200"]
    yield "Answer", answer["content"]["application/json"]["example"]


@pytest.mark.parametrize(("schema", "example"), list(examples()))
def test_every_example_is_one(schema: str, example: object) -> None:
    assert not problems(f"{OPENAPI}#/components/schemas/{schema}", example)
    assert problems(f"{OPENAPI}#/components/schemas/{schema}", {"further": 1})


def test_the_operations_are_those_that_are_deployed() -> None:
    functions = SERVERLESS["functions"].values()
    deployed = [event["http"] for function in functions for event in function.get("events", []) if "http" in event]
    assert {(path, method) for path, method, _ in operations()} == {(http["path"], http["method"]) for http in deployed}
    for path, _, operation in operations():
        [http] = [http for http in deployed if http["path"] == path]
        assert bool(operation["security"]) == ("authorizer" in http), f"{path}: who needs an API key?"


def test_the_refusals_are_those_of_the_code() -> None:
    ours = {(STATUSES[type(error)], error.reason) for error in EXAMPLES}
    gateway = template("infra/gateway.yml")["template"]["Resources"].values()
    theirs = {
        (int(g["Properties"]["StatusCode"]), g["Properties"]["ResponseType"])
        for g in gateway
        if g["Type"].endswith("GatewayResponse")
    }
    everywhere_else = {(404, "MISSING_AUTHENTICATION_TOKEN")}
    assert refusals() == ours | theirs - everywhere_else


def test_a_status_of_429_is_for_programs_alone_and_every_success_is_described() -> None:
    for path, _, operation in operations():
        statuses = {int(status) for status in operation["responses"]}
        assert (429 in statuses) == (path in FOR_PROGRAMS), path
        assert {status for status in statuses if status >= 400} <= set(STATUSES.values()), path
        assert any(200 <= status < 300 for status in statuses), path


def test_the_request_is_described_as_it_is_read() -> None:
    described = description(OPENAPI)["components"]["schemas"]["SendRequest"]["properties"]
    assert tuple(described) == request.FIELDS
    assert described["text"]["maxLength"] == body.TEXT_MAX
    assert described["from"]["maxLength"] == described["to"]["maxLength"] == ADDRESS_MAX
    media = described["media_urls"]
    assert (media["maxItems"], media["items"]["maxLength"]) == (MEDIA_MAX, LINK_MAX)
    assert (
        str(body.BODY_BYTES_MAX // 1024)
        in description(OPENAPI)["paths"]["/sms.sender/SmsSend"]["post"]["requestBody"]["description"]
    )
    for path in FOR_PROGRAMS:
        [header] = description(OPENAPI)["paths"][path]["post"]["parameters"]
        assert resolved(f"{OPENAPI}{header['$ref']}")["name"] == body.KEY_HEADER


def test_the_requests_about_sessions_are_described_as_they_are_read() -> None:
    schemas = description(OPENAPI)["components"]["schemas"]
    assert tuple(schemas["SessionRequest"]["properties"]) == session_request.BEGIN_FIELDS
    assert tuple(schemas["SessionEndRequest"]["properties"]) == session_request.END_FIELDS
    assert f"{CONTEXT_BYTES_MAX:,} bytes" in schemas["SessionRequest"]["properties"]["context"]["description"]
    assert schemas["SessionRequest"]["properties"]["text"]["maxLength"] == body.TEXT_MAX


GOOD: dict[str, object] = {"from": OUR_NUMBER, "to": PERSON, "text": "Yes."}
SAID: list[tuple[dict[str, object], bool]] = [
    (GOOD, True),
    (GOOD | {"from": "12345"}, True),
    (GOOD | {"to": f"rcs:{PERSON}", "from": "rcs:acme_agent"}, True),
    (GOOD | {"to": "messenger:1234567890", "from": "messenger:9876543210"}, True),
    (GOOD | {"to": "whatsapp:FI.13491208655302741918"}, True),
    (GOOD | {"to": "+12345"}, False),
    (GOOD | {"to": "12345"}, False),
    (GOOD | {"to": f"whatsapp:{PERSON}", "from": f"whatsapp:{OUR_NUMBER}"}, True),
    (GOOD | {"text": "x" * 16_000, "account": ACCOUNT}, True),
    (GOOD | {"text": None, "media_urls": [LINK] * 10}, True),
    (GOOD | {"media_urls": None, "account": None}, True),
    (GOOD | {"in_reply_to": "SM" + "5" * 32}, True),
    (GOOD | {"in_reply_to": "SM" + "5" * 32, "end_session": True}, True),
    (GOOD | {"in_reply_to": None, "end_session": False}, True),
    (GOOD | {"end_session": None}, True),
    (GOOD | {"in_reply_to": None, "end_session": True}, False),
    (GOOD | {"end_session": True}, False),
    (GOOD | {"in_reply_to": "SM1-1"}, False),
    (GOOD | {"in_reply_to": 5}, False),
    (GOOD | {"in_reply_to": "SM5", "end_session": "true"}, False),
    (GOOD | {"to": "mom"}, False),
    (GOOD | {"from": "SUPPORT"}, False),
    (GOOD | {"text": " "}, False),
    (GOOD | {"text": None}, False),
    (GOOD | {"text": "x" * 16_001}, False),
    (GOOD | {"text": "", "media_urls": []}, False),
    (GOOD | {"media_urls": ["http://files.example.com/"]}, False),
    (GOOD | {"media_urls": [LINK] * 11}, False),
    (GOOD | {"account": 1}, False),
    (GOOD | {"body": "Yes."}, False),
    ({"to": PERSON, "text": "Yes."}, False),
]


@pytest.mark.parametrize(("said", "good"), SAID, ids=lambda value: str(value)[:60])
def test_the_code_and_the_description_agree_on_a_request(said: dict[str, object], good: bool) -> None:  # noqa: FBT001
    assert (not problems(f"{OPENAPI}#/components/schemas/SendRequest", said)) == good
    agree(request.read, said, good=good)


SESSION: dict[str, object] = {"from": OUR_NUMBER, "to": PERSON}
BEGUN: list[tuple[dict[str, object], bool]] = [
    (SESSION, True),
    (GOOD, True),
    (GOOD | {"context": {"order": 7, "list": [None, 1.5, {"deep": True}]}}, True),
    (SESSION | {"context": {}}, True),
    (SESSION | {"context": None, "text": None, "media_urls": None, "account": None}, True),
    (SESSION | {"text": ""}, True),
    (SESSION | {"media_urls": [LINK], "account": ACCOUNT}, True),
    (SESSION | {"text": " ", "media_urls": [LINK]}, True),
    (SESSION | {"text": " "}, False),
    (SESSION | {"context": []}, False),
    (SESSION | {"context": "order 7"}, False),
    (SESSION | {"context": 7}, False),
    (SESSION | {"in_reply_to": "SM5"}, False),
    (SESSION | {"session_id": "SE5"}, False),
    (SESSION | {"to": "12345"}, False),
    ({"to": PERSON}, False),
]
ENDED: list[tuple[dict[str, object], bool]] = [
    (SESSION, True),
    (SESSION | {"session_id": "SE" + "5" * 32}, True),
    (SESSION | {"session_id": None}, True),
    (SESSION | {"session_id": "SE-5"}, False),
    (SESSION | {"session_id": ""}, False),
    (SESSION | {"session_id": 5}, False),
    (SESSION | {"context": {}}, False),
    (SESSION | {"text": "Yes."}, False),
    ({"from": OUR_NUMBER}, False),
]


@pytest.mark.parametrize(("said", "good"), BEGUN, ids=lambda value: str(value)[:60])
def test_the_code_and_the_description_agree_on_a_new_session(said: dict[str, object], good: bool) -> None:  # noqa: FBT001
    assert (not problems(f"{OPENAPI}#/components/schemas/SessionRequest", said)) == good
    agree(session_request.read_begin, said, good=good)


@pytest.mark.parametrize(("said", "good"), ENDED, ids=lambda value: str(value)[:60])
def test_the_code_and_the_description_agree_on_the_end_of_a_session(said: dict[str, object], good: bool) -> None:  # noqa: FBT001
    assert (not problems(f"{OPENAPI}#/components/schemas/SessionEndRequest", said)) == good
    agree(session_request.read_end, said, good=good)


def agree(read: Callable[[body.RawRequest], object], said: dict[str, object], *, good: bool) -> None:
    raw = body.RawRequest("application/json", json.dumps(said).encode())
    if good:
        read(raw)
    else:
        with pytest.raises(Malformed):
            read(raw)


def test_the_messages_are_the_events_of_the_code() -> None:
    named = {message["name"] for message in description(ASYNCAPI)["components"]["messages"].values()}
    assert named == {events.RECEIVED, events.SEND, events.RESEND, events.STATUS, ENTRY}
    published = {path.stem for path in (DOCS / "schemas").glob("sms.*.json")}
    assert named == published


@pytest.mark.parametrize(("channel", "resource"), [("inbound", "Inbound"), ("outbound", "Outbound")])
def test_the_queues_are_described_as_they_are_deployed(channel: str, resource: str) -> None:
    resources = template("infra/queues.yml")["Resources"]
    deployed, crashed = (resources[f"{resource}{kind}"]["Properties"] for kind in ("Queue", "CrashedQueue"))
    described = description(ASYNCAPI)["channels"][channel]
    sqs = described["bindings"]["sqs"]

    def name(queue: dict[str, Any]) -> str:
        return re.sub(r"\$\{sls:stage\}", "{stage}", queue["QueueName"].replace("${self:service}", "sms-receiver"))

    assert described["address"] == sqs["queue"]["name"] == name(deployed)
    assert sqs["deadLetterQueue"]["name"] == sqs["queue"]["redrivePolicy"]["deadLetterQueue"]["name"] == name(crashed)
    assert sqs["queue"]["redrivePolicy"]["maxReceiveCount"] == deployed["RedrivePolicy"]["maxReceiveCount"]
    for ours, theirs in [
        ("fifoQueue", "FifoQueue"),
        ("deduplicationScope", "DeduplicationScope"),
        ("fifoThroughputLimit", "FifoThroughputLimit"),
        ("messageRetentionPeriod", "MessageRetentionPeriod"),
    ]:
        assert sqs["queue"][ours] == deployed[theirs], ours
