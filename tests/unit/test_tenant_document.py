"""A tenant as JSON, there and back; and what is said of a document that is none of ours."""

import json
import string
from datetime import UTC
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker

from shared import tenant_document
from shared.agent import FAILURE_REPLY, STAGES, Agent, AgentKind, BackendSettings
from shared.errors import Configuration, InvalidValue
from shared.tenant import Account, Credential, RestKey, Role, SignatureMode, Tenant
from tests.fakes import ACCOUNT, OUR_NUMBER, REST_SECRET, SALT, TOKEN, credential, schema, tenant

SCHEMA = Draft202012Validator(schema("tenant.v2"), format_checker=FormatChecker())
MADE, KEY = credential()
SIGNING_SECRET = "whsec_" + "c2VjcmV0" * 4
HTTP = BackendSettings("http", "https://agent.example.com/sms", (SIGNING_SECRET,), statuses=True)
DESK = Agent("desk", AgentKind.SMS, "east", (OUR_NUMBER,), backend=HTTP, second_backend=BackendSettings("echo"))
ACME = tenant(MADE, agents=(DESK,))
DOCUMENT: dict[str, Any] = json.loads(tenant_document.dumps(ACME))

any_text = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
names = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=8)
hexadecimal = st.binary(min_size=32, max_size=32).map(bytes.hex)
secrets = st.builds(RestKey, sid=any_text, secret=any_text)
credentials = st.builds(
    Credential,
    id=st.text(string.ascii_letters + string.digits, min_size=8, max_size=8),
    name=names,
    role=st.sampled_from(Role),
    sha256=hexadecimal,
    last_four=st.text("abc123", min_size=4, max_size=4),
    created=st.datetimes(timezones=st.just(UTC)).map(lambda time: time.isoformat(timespec="seconds")),
)
accounts = st.builds(
    Account,
    sid=st.text(string.ascii_letters + string.digits, min_size=1, max_size=64),
    provider=any_text,
    auth_tokens=st.lists(any_text, min_size=1, max_size=3).map(tuple),
    rest_key=st.none() | secrets,
)
backends = st.builds(
    BackendSettings,
    kind=st.from_regex(r"[a-z][a-z0-9]{0,31}", fullmatch=True),
    target=st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    secrets=st.lists(any_text, max_size=2).map(tuple),
    timeout_seconds=st.integers(1, 60) | st.floats(0, 60, exclude_min=True),
    statuses=st.booleans(),
    locale=st.just("") | any_text,
)
answering = st.tuples(st.just(None), st.just(None)) | st.tuples(backends, st.none() | backends)
agents = st.builds(
    lambda both, **others: Agent(**others, backend=both[0], second_backend=both[1]),
    both=answering,
    name=names,
    kind=st.sampled_from([AgentKind.SMS, AgentKind.VOICE_AND_SMS]),
    region=st.sampled_from(STAGES),
    numbers=st.integers(10, 10**15 - 1).map(lambda number: (f"+{number}",)),
    session_seconds=st.integers(1, 604800) | st.floats(0, 604800, exclude_min=True),
    failure_reply=st.none() | any_text,
)
tenants = st.builds(
    Tenant,
    id=st.text(string.ascii_lowercase + string.digits, min_size=3, max_size=32),
    primary_region=any_text,
    salt=hexadecimal,
    signature_mode=st.sampled_from(SignatureMode),
    credentials=st.lists(credentials, max_size=3, unique_by=(lambda c: c.id, lambda c: c.name)).map(tuple),
    accounts=st.lists(accounts, max_size=3, unique_by=lambda a: a.sid).map(tuple),
    agents=st.lists(agents, max_size=3, unique_by=(lambda a: a.name, lambda a: a.numbers)).map(tuple),
)


@given(tenants)
def test_a_tenant_survives_the_way_there_and_back(made: Tenant) -> None:
    assert tenant_document.loads(made.id, tenant_document.dumps(made)) == made


@given(tenants)
def test_every_document_keeps_the_published_schema(made: Tenant) -> None:
    document = json.loads(tenant_document.dumps(made))
    SCHEMA.validate(document)


def test_the_schemas_examples_are_tenants() -> None:
    for example in schema("tenant.v2")["examples"]:
        SCHEMA.validate(example)
        assert tenant_document.to_document(tenant_document.from_document(example)) == example


def paths(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The way to every value in a document."""
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
NULLABLE = {"rest_key", "second_backend", "failure_reply"}


def assert_refused(text: str) -> None:
    """Refused with a sentence that names the tenant and quotes nothing secret, the traceback included."""
    with pytest.raises(Configuration, match=r"^the document of tenant 'acme' ") as refused:
        tenant_document.loads("acme", text)
    said = f"{refused.value} {refused.value!r} {refused.value.__cause__!r}"
    assert refused.value.__suppress_context__
    for secret in (TOKEN, REST_SECRET, SALT, MADE.sha256, KEY, SIGNING_SECRET):
        assert secret not in said


@pytest.mark.parametrize("path", FIELDS, ids=str)
def test_refuses_a_document_that_lacks_a_field(path: tuple[str | int, ...]) -> None:
    assert_refused(changed(path, ...))


@pytest.mark.parametrize("value", [5, True, [5], {"a": 1}, {"sid": TOKEN}], ids=str)
@pytest.mark.parametrize("path", PATHS, ids=str)
def test_refuses_a_value_of_another_type(path: tuple[str | int, ...], value: object) -> None:
    if (path[-1] in {"session_seconds", "timeout_seconds"} and value == 5) or (
        path[-1] == "statuses" and value is True
    ):
        value = "5"  # a number is no other type there, nor is true
    assert_refused(changed(path, value))


@pytest.mark.parametrize("path", [path for path in PATHS if path[-1] not in NULLABLE], ids=str)
def test_refuses_null_where_something_belongs(path: tuple[str | int, ...]) -> None:
    assert_refused(changed(path, None))


@pytest.mark.parametrize(
    "path",
    [
        ("roles_active",),
        ("credentials",),
        ("accounts",),
        ("agents",),
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
def test_does_not_take_for_a_list_what_is_none(path: tuple[str | int, ...], value: object) -> None:
    assert_refused(changed(path, value))


@pytest.mark.parametrize(
    "text", ["", "null", "[]", "5", '"x"', "{}", "{", TOKEN, "[" * 60_000, '{"schema": 3}', '{"schema": "2"}', "\x00"]
)
def test_refuses_what_is_no_document(text: str) -> None:
    assert_refused(text)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | any_text, lambda c: st.lists(c) | st.dictionaries(any_text, c)
    )
)
def test_refuses_any_other_json(value: object) -> None:
    assert_refused(json.dumps(value))


def test_says_which_schemas_it_reads() -> None:
    with pytest.raises(Configuration, match="its schema is neither 1 nor 2; upgrade the deployment that reads it"):
        tenant_document.loads("acme", changed(("schema",), 3))


def test_reads_the_first_schema_whose_agents_have_no_backend_and_writes_the_second() -> None:
    kept = {"name": "desk", "kind": "sms", "region": "east", "numbers": [OUR_NUMBER]}
    read = tenant_document.loads("acme", json.dumps(DOCUMENT | {"schema": 1, "agents": [kept]}))
    assert read == tenant(MADE, agents=(Agent("desk", AgentKind.SMS, "east", (OUR_NUMBER,)),))
    assert (read.agents[0].backend, read.agents[0].failure_reply) == (None, FAILURE_REPLY)
    assert json.loads(tenant_document.dumps(read))["schema"] == 2


def test_takes_nothing_of_the_second_schema_from_a_document_of_the_first() -> None:
    assert tenant_document.loads("acme", changed(("schema",), 1)).agents[0].backend is None


def test_refuses_the_document_of_another_tenant() -> None:
    with pytest.raises(Configuration, match="says it belongs to another tenant"):
        tenant_document.loads("other", json.dumps(DOCUMENT))


@pytest.mark.parametrize(
    ("path", "value", "rule"),
    [
        (("salt",), "5a17", "salt: 64 hexadecimal"),
        (("agents", 0, "region"), "west", "choose one of east, south"),
        (("agents", 0, "backend"), None, "a second backend needs a first one"),
        (("agents", 0, "session_seconds"), 0, "a session lasts more than 0"),
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
def test_the_schema_knows_no_further_fields(path: tuple[str | int, ...]) -> None:
    assert list(SCHEMA.iter_errors(json.loads(changed((*path, "further"), "x"))))


def with_tokens(count: int, length: int) -> Tenant:
    return tenant(accounts=(Account(ACCOUNT, "twilio", tuple("t" * (length - 4) + f"{n:04}" for n in range(count))),))


def test_a_document_grows_to_seven_eighths_of_a_secret_and_no_further() -> None:
    assert len(tenant_document.dumps(with_tokens(56, 1000))) <= 64 * 1024 * 7 // 8
    with pytest.raises(InvalidValue, match=r"more than 57344 of the 65536 bytes.*make a second tenant") as refused:
        tenant_document.dumps(with_tokens(57, 1010))
    assert "tttt" not in str(refused.value)
