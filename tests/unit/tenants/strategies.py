"""What is stored of tenants, of all kinds, for property tests."""

import string
from datetime import UTC, datetime

from hypothesis import strategies as st

from shared.tenants.account import Account, AccountName, RestKey
from shared.tenants.agent import STAGES, Agent, AgentKind, BackendSettings, JournalSettings
from shared.tenants.connection import Connection, Webhooks
from shared.tenants.record import SecretPart, TenantRecord
from shared.tenants.secret_documents import SigningSecrets
from shared.tenants.tenant import Credential, Role, SignatureMode, Tenant, shown_time

any_text = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
names = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=8)
hexadecimal = st.binary(min_size=32, max_size=32).map(bytes.hex)
tenant_ids = st.text(string.ascii_lowercase + string.digits, min_size=3, max_size=32)
ids = st.text(string.ascii_letters + string.digits, min_size=8, max_size=8)
sids = st.text(string.ascii_letters + string.digits, min_size=1, max_size=64)
times = st.datetimes(timezones=st.just(UTC))
credentials = st.builds(
    Credential,
    id=st.text(string.ascii_letters, min_size=8, max_size=8),
    name=names,
    role=st.sampled_from(Role),
    sha256=hexadecimal,
    last_four=st.text("abc123", min_size=4, max_size=4),
    created=st.integers(0, 253_402_300_799).map(lambda seconds: shown_time(datetime.fromtimestamp(seconds, UTC))),
    replaces=st.none() | st.text(string.digits, min_size=8, max_size=8),
    agent_id=st.none() | ids,
)
tenants = st.builds(
    Tenant,
    id=tenant_ids,
    salt=hexadecimal,
    signature_mode=st.sampled_from(SignatureMode),
    credentials=st.lists(credentials, max_size=3, unique_by=(lambda c: c.id, lambda c: c.name)).map(tuple),
)
accounts = st.lists(
    st.builds(
        Account,
        sid=sids,
        provider=any_text,
        auth_tokens=st.lists(any_text, min_size=1, max_size=3).map(tuple),
        rest_key=st.none() | st.builds(RestKey, sid=any_text, secret=any_text),
        region=st.sampled_from(["", "ie1", "au1"]),
    ),
    max_size=3,
    unique_by=lambda account: account.sid,
).map(tuple)
signing_secrets = st.builds(
    SigningSecrets,
    backend=st.lists(any_text, min_size=1, max_size=2).map(tuple),
    second_backend=st.lists(any_text, max_size=2).map(tuple),
)
signing_by_agent = st.dictionaries(ids, signing_secrets, max_size=3)
records = st.builds(
    TenantRecord,
    id=tenant_ids,
    accounts=st.lists(st.builds(AccountName, sid=sids, provider=any_text), max_size=3).map(tuple),
    versions=st.dictionaries(st.sampled_from(SecretPart), st.uuids().map(str)),
    deleted_at=st.none() | times,
)
backends = st.builds(
    lambda *, user, signed, **others: BackendSettings(**others, signed=signed, user=user if signed else ""),
    kind=st.from_regex(r"[a-z][a-z0-9]{0,31}", fullmatch=True),
    target=st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    signed=st.booleans(),
    timeout_seconds=st.integers(1, 60) | st.floats(0, 60, exclude_min=True),
    statuses=st.booleans(),
    locale=st.just("") | any_text,
    user=st.just("") | any_text,
)
answering = st.tuples(st.just(None), st.just(None)) | st.tuples(backends, st.none() | backends)
agents = st.builds(
    lambda both, **others: Agent(**others, backend=both[0], second_backend=both[1]),
    both=answering,
    id=ids,
    name=names,
    kind=st.sampled_from(AgentKind),
    stage=st.sampled_from(STAGES),
    session_seconds=st.integers(1, 604800) | st.floats(0, 604800, exclude_min=True),
    failure_reply=st.none() | any_text,
    answer_within_seconds=st.integers(0, 43200) | st.floats(0, 43200),
    initiates_from_inbound=st.booleans(),
    timeout_notice=st.none() | any_text.filter(str.strip),
    journal=st.none()
    | st.builds(JournalSettings, st.just("arn:aws:sns:us-east-1:111122223333:journal"), st.booleans()),
)
urls = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
methods = st.sampled_from(["GET", "POST"])
connections = st.builds(
    Connection,
    number=st.integers(10, 10**15 - 1).map(lambda number: f"+{number}"),
    number_sid=sids,
    account=sids,
    credential_id=ids,
    former=st.builds(
        Webhooks, url=urls, method=methods, fallback_url=urls, fallback_method=methods, application=st.just("") | sids
    ),
    service=st.just("") | sids,
)
