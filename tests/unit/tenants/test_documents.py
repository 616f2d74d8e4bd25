"""What is stored of tenants, to JSON and back; the published schemas; and the errors for what is broken."""

import json
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker

from shared.errors import BrokenDocument
from shared.tenants import directory_items, secret_documents
from shared.tenants.account import Accounts, ProviderSecrets
from shared.tenants.agent import Agent
from shared.tenants.connection import Connection
from shared.tenants.record import TenantRecord
from shared.tenants.secret_documents import SigningSecretsByAgent
from shared.tenants.tenant import Tenant
from tests.fakes import DESK, SALT, schema
from tests.unit.tenants import strategies
from tests.unit.tenants.documents import HIDDEN, KINDS, Kind, Path

SCHEMAS = {kind.name: Draft202012Validator(schema(kind.name), format_checker=FormatChecker()) for kind in KINDS}
BY_NAME = {kind.name: kind for kind in KINDS}


def each(cases: list[tuple[Kind, Path]]) -> pytest.MarkDecorator:
    """Runs a test for every path of every kind."""
    return pytest.mark.parametrize(("kind", "path"), cases, ids=[f"{kind.name} {path}" for kind, path in cases])


PATHS = [(kind, path) for kind in KINDS for path in kind.paths()]
FIELDS = [(kind, path) for kind in KINDS for path in kind.fields()]
OBJECTS = [(kind, path) for kind in KINDS for path in kind.objects()]


def validate(name: str, text: str) -> None:
    SCHEMAS[name].validate(json.loads(text))


@given(strategies.tenants)
def test_a_tenant_survives_the_round_trip(tenant: Tenant) -> None:
    text = secret_documents.dump_access(tenant)
    assert secret_documents.load_access(tenant.id, text) == tenant
    validate("tenant-access.v4", text)


@given(strategies.accounts)
def test_accounts_survive_the_round_trip(accounts: Accounts) -> None:
    secrets = ProviderSecrets(SALT, accounts)
    text = secret_documents.dump_accounts("acme", secrets)
    assert secret_documents.load_accounts("acme", text) == secrets
    validate("tenant-accounts.v4", text)


@given(strategies.signing_by_agent)
def test_signing_secrets_survive_the_round_trip(secrets: SigningSecretsByAgent) -> None:
    text = secret_documents.dump_signing("acme", secrets)
    assert secret_documents.load_signing("acme", text) == secrets
    validate("tenant-signing.v4", text)


@given(strategies.records)
def test_a_record_survives_the_round_trip(record: TenantRecord) -> None:
    text = directory_items.dump_record(record)
    assert directory_items.load_record(record.id, text) == record
    validate("directory-tenant.v1", text)


@given(strategies.agents)
def test_an_agent_survives_the_round_trip(agent: Agent) -> None:
    text = directory_items.dump_agent(agent)
    assert directory_items.load_agent("acme", text) == agent
    validate("directory-agent.v1", text)


@given(strategies.connections)
def test_a_connection_survives_the_round_trip(connection: Connection) -> None:
    text = directory_items.dump_connection(connection)
    assert directory_items.load_connection("acme", text) == connection
    validate("directory-connection.v1", text)


def test_an_agent_that_was_stored_before_sessions_had_settings_has_their_defaults() -> None:
    document = json.loads(
        directory_items.dump_agent(replace(DESK, initiates_from_inbound=False, timeout_notice="Bye."))
    )
    del document["initiates_from_inbound"], document["timeout_notice"], document["journal"]
    validate("directory-agent.v1", json.dumps(document))
    assert directory_items.load_agent("acme", json.dumps(document)) == DESK


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_the_schemas_examples_can_be_read(kind: Kind) -> None:
    for example in schema(kind.name)["examples"]:
        SCHEMAS[kind.name].validate(example)
        kind.load(json.dumps(example))
    SCHEMAS[kind.name].validate(kind.document())
    kind.load(kind.text)


def assert_refused(kind: Kind, text: str) -> None:
    """Refused with a sentence that says what is broken and quotes nothing secret, the traceback included."""
    with pytest.raises(BrokenDocument, match=f"^{re.escape(kind.title)}") as refused:
        kind.load(text)
    message = f"{refused.value} {refused.value!r} {refused.value.__cause__!r}"
    assert refused.value.__suppress_context__
    assert refused.value.tenant_id == "acme"
    for hidden in HIDDEN:
        assert hidden not in message


@each(FIELDS)
def test_refuses_a_document_that_lacks_a_field(kind: Kind, path: Path) -> None:
    assert_refused(kind, kind.changed(path, ...))


@pytest.mark.parametrize("value", [5, True, [5], {"a": 1}, {"sid": HIDDEN[0]}], ids=str)
@each(PATHS)
def test_refuses_a_value_of_another_type(kind: Kind, path: Path, value: object) -> None:
    if (path[-1] in {"answer_within_seconds", "session_seconds", "timeout_seconds", "since"} and value == 5) or (
        path[-1] in {"statuses", "signed", "initiates_from_inbound", "with_text"} and value is True
    ):
        value = "5"  # a number is no other type there, nor is true
    assert_refused(kind, kind.changed(path, value))


@each([(kind, path) for kind, path in FIELDS if path[-1] not in kind.nullable])
def test_refuses_null_where_a_value_is_required(kind: Kind, path: Path) -> None:
    assert_refused(kind, kind.changed(path, None))


@pytest.mark.parametrize("value", [HIDDEN[0], "", "+12025550199"], ids=str)
@each([(kind, path) for kind, path in PATHS if not isinstance(kind.at(path), str)])
def test_does_not_accept_a_string_as_anything_else(kind: Kind, path: Path, value: object) -> None:
    assert_refused(kind, kind.changed(path, value))


@each([(kind, path) for kind, path in PATHS if isinstance(kind.at(path), list)])
def test_does_not_accept_an_object_as_a_list(kind: Kind, path: Path) -> None:
    assert_refused(kind, kind.changed(path, {}))


@pytest.mark.parametrize(
    "text",
    ["", "null", "[]", "5", '"x"', "{}", "{", HIDDEN[0], "[" * 60_000, '{"schema": 5}', '{"schema": "4"}', "\x00"],
)
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_refuses_what_is_not_a_document(kind: Kind, text: str) -> None:
    assert_refused(kind, text)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | strategies.any_text,
        lambda children: st.lists(children) | st.dictionaries(strategies.any_text, children),
    )
)
def test_refuses_any_other_json(value: object) -> None:
    for kind in KINDS:
        assert_refused(kind, json.dumps(value))


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("tenant-access.v4", "its schema is not 4; upgrade the deployment, or make the tenant again"),
        ("directory-agent.v1", "its schema is not 1; upgrade the deployment that reads it"),
    ],
)
def test_says_which_schema_it_reads(name: str, sentence: str) -> None:
    kind = BY_NAME[name]
    for version in (0, 3, 5, True, None):
        with pytest.raises(BrokenDocument, match=sentence):
            kind.load(kind.changed(("schema",), version))


@pytest.mark.parametrize(
    ("name", "path", "value", "rule"),
    [
        ("tenant-access.v4", ("salt",), "5a17", "salt: it must be 64 hexadecimal"),
        ("tenant-access.v4", ("roles_active",), ["Reader"], "role Manager is not active"),
        ("tenant-access.v4", ("credentials", "0Writer1", "since"), 10**12, "a time is after the year 9999"),
        ("tenant-access.v4", ("credentials", "0Writer1", "since"), 10**40, "a time is after the year 9999"),
        ("tenant-accounts.v4", ("accounts", 0, "auth_tokens"), [], "it needs at least one auth token"),
        ("tenant-signing.v4", ("backends", "Desk0001", "backend"), [""], "a signing secret is empty"),
        ("directory-agent.v1", ("region",), "west", "choose one of east, south"),
        ("directory-agent.v1", ("backend",), None, "a second backend needs a first one"),
        ("directory-agent.v1", ("session_seconds",), 0, "a session must last more than 0"),
        ("directory-agent.v1", ("answer_within_seconds",), 43201, "a late answer may take no more than 43200 seconds"),
        ("directory-agent.v1", ("answer_within_seconds",), -1, "a late answer may take no more than 43200 seconds"),
        (
            "directory-agent.v1",
            ("journal", "target"),
            "arn:aws:lex:x",
            "its target is the ARN of an SQS queue",
        ),
        ("directory-agent.v1", ("timeout_notice",), " ", "not only blanks, for the notice of a time-out"),
        ("directory-agent.v1", ("timeout_notice",), "x" * 1025, "1 to 1024 characters, not only blanks"),
        ("directory-agent.v1", ("backend", "timeout_seconds"), 61, "no more than 60 seconds"),
        ("directory-connection.v1", ("former", "method"), "PUT", "it must be GET or POST"),
    ],
)
def test_names_the_rule_that_a_document_breaks(name: str, path: Path, value: object, rule: str) -> None:
    with pytest.raises(BrokenDocument, match=rule):
        BY_NAME[name].load(BY_NAME[name].changed(path, value))


@each(FIELDS)
def test_the_schema_misses_every_field_that_the_code_misses(kind: Kind, path: Path) -> None:
    assert list(SCHEMAS[kind.name].iter_errors(json.loads(kind.changed(path, ...))))


@each(OBJECTS)
def test_the_schema_allows_no_further_fields(kind: Kind, path: Path) -> None:
    assert list(SCHEMAS[kind.name].iter_errors(json.loads(kind.changed((*path, "further"), "x"))))
