"""A tenant to JSON and back, and the errors for invalid documents."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker

from shared.errors import Configuration, InvalidValue
from shared.tenants import document as tenant_document
from shared.tenants.agent import FAILURE_REPLY, Agent, AgentKind, BackendSettings
from shared.tenants.connection import Connection, Webhooks
from shared.tenants.tenant import Account, Tenant
from tests.fakes import ACCOUNT, OUR_NUMBER, REST_SECRET, SALT, TOKEN, credential, schema, tenant
from tests.unit.tenants.strategies import any_text, tenants

SCHEMA = Draft202012Validator(schema("tenant.v3"), format_checker=FormatChecker())
MADE, KEY = credential()
SIGNING_SECRET = "whsec_" + "c2VjcmV0" * 4
HTTP = BackendSettings("http", "https://agent.example.com/sms", (SIGNING_SECRET,), statuses=True)
DESK = Agent("desk", AgentKind.SMS, "east", (OUR_NUMBER,), backend=HTTP, second_backend=BackendSettings("echo"))
FORMER = Webhooks("https://user:f0rmer@other.example.com/texts#rc=1", "GET", "", "POST", "AP" + "7" * 32)
CONNECTED = Connection(OUR_NUMBER, "PN" + "8" * 32, ACCOUNT, MADE.id, owns_credential=True, former=FORMER)
ACME = tenant(MADE, agents=(DESK,), connections=(CONNECTED,))
DOCUMENT: dict[str, Any] = json.loads(tenant_document.dumps(ACME))


@given(tenants)
def test_a_tenant_survives_the_round_trip(tenant: Tenant) -> None:
    assert tenant_document.loads(tenant.id, tenant_document.dumps(tenant)) == tenant


@given(tenants)
def test_every_document_matches_the_published_schema(tenant: Tenant) -> None:
    document = json.loads(tenant_document.dumps(tenant))
    SCHEMA.validate(document)


def test_the_schemas_examples_are_tenants() -> None:
    for example in schema("tenant.v3")["examples"]:
        SCHEMA.validate(example)
        assert tenant_document.to_document(tenant_document.from_document(example)) == example


def paths(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The path to every value in a document."""
    entries: list[tuple[str | int, object]] = []
    if isinstance(value, dict):
        entries = list(value.items())
    elif isinstance(value, list):
        entries = list(enumerate(value))
    return [path] * bool(path) + [found for name, child in entries for found in paths(child, (*path, name))]


def changed(path: tuple[str | int, ...], value: object) -> str:
    """The document with one value changed, or left out when `value` is Ellipsis."""
    document: Any = json.loads(json.dumps(DOCUMENT))
    place = document
    for name in path[:-1]:
        place = place[name]
    if value is ...:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return json.dumps(document)


PATHS = paths(DOCUMENT)
FIELDS = [path for path in PATHS if isinstance(path[-1], str)]
NULLABLE = {"rest_key", "second_backend", "failure_reply", "replaces"}


def assert_refused(text: str) -> None:
    """Refused with a sentence that names the tenant and quotes nothing secret, the traceback included."""
    with pytest.raises(Configuration, match=r"^the document of tenant 'acme' ") as refused:
        tenant_document.loads("acme", text)
    said = f"{refused.value} {refused.value!r} {refused.value.__cause__!r}"
    assert refused.value.__suppress_context__
    for secret in (TOKEN, REST_SECRET, SALT, MADE.sha256, KEY, SIGNING_SECRET, "f0rmer"):
        assert secret not in said


@pytest.mark.parametrize("path", FIELDS, ids=str)
def test_refuses_a_document_that_lacks_a_field(path: tuple[str | int, ...]) -> None:
    assert_refused(changed(path, ...))


@pytest.mark.parametrize("value", [5, True, [5], {"a": 1}, {"sid": TOKEN}], ids=str)
@pytest.mark.parametrize("path", PATHS, ids=str)
def test_refuses_a_value_of_another_type(path: tuple[str | int, ...], value: object) -> None:
    if (path[-1] in {"session_seconds", "timeout_seconds"} and value == 5) or (
        path[-1] in {"statuses", "owns_credential"} and value is True
    ):
        value = "5"  # a number is no other type there, nor is true
    assert_refused(changed(path, value))


@pytest.mark.parametrize("path", [path for path in PATHS if path[-1] not in NULLABLE], ids=str)
def test_refuses_null_where_a_value_is_required(path: tuple[str | int, ...]) -> None:
    assert_refused(changed(path, None))


@pytest.mark.parametrize(
    "path",
    [
        ("roles_active",),
        ("credentials",),
        ("accounts",),
        ("agents",),
        ("connections",),
        ("connections", 0),
        ("credentials", 0),
        ("accounts", 0, "auth_tokens"),
        ("accounts", 0, "rest_key"),
        ("agents", 0, "numbers"),
        ("agents", 0, "backend"),
        ("agents", 0, "backend", "secrets"),
    ],
    ids=str,
)
@pytest.mark.parametrize("value", [TOKEN, "", "+12025550199", {}], ids=str)
def test_does_not_accept_another_type_as_a_list(path: tuple[str | int, ...], value: object) -> None:
    assert_refused(changed(path, value))


@pytest.mark.parametrize(
    "text", ["", "null", "[]", "5", '"x"', "{}", "{", TOKEN, "[" * 60_000, '{"schema": 4}', '{"schema": "2"}', "\x00"]
)
def test_refuses_what_is_not_a_document(text: str) -> None:
    assert_refused(text)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | any_text, lambda c: st.lists(c) | st.dictionaries(any_text, c)
    )
)
def test_refuses_any_other_json(value: object) -> None:
    assert_refused(json.dumps(value))


def test_says_which_schemas_it_reads() -> None:
    with pytest.raises(Configuration, match="its schema is not between 1 and 3; upgrade the deployment that reads it"):
        tenant_document.loads("acme", changed(("schema",), 4))


def test_reads_the_first_schema_whose_agents_have_no_backend_and_writes_the_third() -> None:
    kept = {"name": "desk", "kind": "sms", "region": "east", "numbers": [OUR_NUMBER]}
    read = tenant_document.loads("acme", json.dumps(DOCUMENT | {"schema": 1, "agents": [kept]}))
    assert read == tenant(MADE, agents=(Agent("desk", AgentKind.SMS, "east", (OUR_NUMBER,)),))
    assert (read.agents[0].backend, read.agents[0].failure_reply) == (None, FAILURE_REPLY)
    assert json.loads(tenant_document.dumps(read))["schema"] == 3


@pytest.mark.parametrize("version", [1, 2])
def test_reads_earlier_schemas_which_have_no_connections(version: int) -> None:
    kept = json.loads(json.dumps(DOCUMENT)) | {"schema": version}
    del kept["connections"], kept["credentials"][0]["replaces"]
    read = tenant_document.loads("acme", json.dumps(kept))
    assert (read.connections, read.credentials) == ((), (MADE,))
    assert (read.agents[0].backend is None) == (version == 1)


def test_takes_nothing_of_a_later_schema_from_an_earlier_document() -> None:
    assert tenant_document.loads("acme", changed(("schema",), 1)).agents[0].backend is None
    assert tenant_document.loads("acme", changed(("schema",), 2)).connections == ()


def test_refuses_the_document_of_another_tenant() -> None:
    with pytest.raises(Configuration, match="says it belongs to another tenant"):
        tenant_document.loads("other", json.dumps(DOCUMENT))


@pytest.mark.parametrize(
    ("path", "value", "rule"),
    [
        (("salt",), "5a17", "salt: it must be 64 hexadecimal"),
        (("agents", 0, "region"), "west", "choose one of east, south"),
        (("agents", 0, "backend"), None, "a second backend needs a first one"),
        (("agents", 0, "session_seconds"), 0, "a session must last more than 0"),
        (("agents", 0, "backend", "timeout_seconds"), 61, "no more than 60 seconds"),
    ],
)
def test_names_the_rule_that_a_document_breaks(path: tuple[str | int, ...], value: str, rule: str) -> None:
    with pytest.raises(Configuration, match=rule):
        tenant_document.loads("acme", changed(path, value))


@pytest.mark.parametrize("path", FIELDS, ids=str)
def test_the_schema_misses_every_field_that_the_code_misses(path: tuple[str | int, ...]) -> None:
    assert list(SCHEMA.iter_errors(json.loads(changed(path, ...))))


@pytest.mark.parametrize("path", sorted({path[:-1] for path in FIELDS}, key=str), ids=str)
def test_the_schema_allows_no_further_fields(path: tuple[str | int, ...]) -> None:
    assert list(SCHEMA.iter_errors(json.loads(changed((*path, "further"), "x"))))


def with_tokens(count: int, length: int) -> Tenant:
    return tenant(accounts=(Account(ACCOUNT, "twilio", tuple("t" * (length - 4) + f"{n:04}" for n in range(count))),))


def test_a_document_grows_to_seven_eighths_of_a_secret_and_no_further() -> None:
    assert len(tenant_document.dumps(with_tokens(56, 1000))) <= 64 * 1024 * 7 // 8
    with pytest.raises(InvalidValue, match=r"more than 57344 of the 65536 bytes.*make a second tenant") as refused:
        tenant_document.dumps(with_tokens(57, 1010))
    assert "tttt" not in str(refused.value)
