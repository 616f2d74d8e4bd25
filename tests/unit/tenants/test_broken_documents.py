"""A broken secret of a tenant: cached for seconds, and only its own keys and tokens learn of it."""

import json
from typing import Any

import pytest

from shared.errors import BrokenDocument, Configuration, InvalidKey, InvalidSignature
from shared.providers.webhooks import PROVIDERS
from shared.receiving.receiver import Receiver
from shared.receiving.status_callbacks import StatusReceiver
from shared.tenants import api_keys
from shared.tenants.account import ProviderSecrets
from shared.tenants.cache import Cache
from shared.tenants.secret_documents import dump_access, dump_accounts, load_access, load_accounts
from shared.tenants.sources import ItemSource
from shared.tenants.tenant import Tenant
from tests.fakes import (
    ACCOUNTS,
    DESK,
    NOW,
    OUR_NUMBER,
    SALT,
    SUBACCOUNT,
    SUBACCOUNT_TOKEN,
    TOKEN,
    FakeAgents,
    FakeClock,
    FakeQueue,
    credential,
    inbound,
    status,
    tenant,
    webhook,
)
from tests.replies_fake import FakeReplies
from tests.usage_fake import FakeUsage

WRITER, KEY = credential()
ACME = tenant(WRITER)
LIFE, REREAD = 60.0, 5.0
STATUS_URL = "https://sms-east.example.com/sms.receiver/SmsStatus/acme/SM42-1"


def access(**changes: object) -> str:
    """The access secret with some of its fields changed."""
    return json.dumps(json.loads(dump_access(ACME)) | changes)


def accounts(**changes: object) -> str:
    """The accounts secret with some of its fields changed."""
    return json.dumps(json.loads(dump_accounts("acme", ProviderSecrets(SALT, ACCOUNTS))) | changes)


GOOD, GOOD_ACCOUNTS = access(), accounts()
NOT_DOCUMENTS = ["", "{}", "[1]", "7", "not json"]
BROKEN = [access(schema=3), access(roles_active=["Reader"]), access(salt="5a17")]
UNREADABLE = [
    *NOT_DOCUMENTS,
    access(credentials=None),
    access(credentials=[]),
    access(credentials={"0A1b2C3d": {"sha256": 1}}),
    access(id="other"),
]
BROKEN_ACCOUNTS = [
    accounts(schema=3),
    accounts(accounts=[*json.loads(accounts())["accounts"], {"sid": "x", "auth_tokens": []}]),
]
UNREADABLE_ACCOUNTS = [*NOT_DOCUMENTS, accounts(accounts=None), accounts(accounts=[{"sid": 1}]), accounts(id="other")]


class Stored:
    """A tenant's two secrets in a store that counts the reads."""

    def __init__(self, access: str = GOOD, accounts: str = GOOD_ACCOUNTS) -> None:
        self.access = access
        self.accounts = accounts
        self.reads = 0
        self.clock = FakeClock()
        self.cache = Cache(
            ItemSource(self._read_access, None), life_seconds=LIFE, reread_seconds=REREAD, clock=self.clock
        )
        self.account_cache = Cache(
            ItemSource(self._read_accounts, None), life_seconds=LIFE, reread_seconds=REREAD, clock=self.clock
        )

    def _read_access(self, tenant_id: str) -> Tenant:
        self.reads += 1
        return load_access(tenant_id, self.access)

    def _read_accounts(self, tenant_id: str) -> ProviderSecrets:
        self.reads += 1
        return load_accounts(tenant_id, self.accounts)

    def text(self, key: str = KEY) -> Any:  # noqa: ANN401 - a receipt
        receiver = Receiver(self.cache, self.account_cache, PROVIDERS, FakeQueue(), "east", lambda: NOW)
        return receiver.receive(key, webhook(inbound()))

    def status(self, *, token: str = TOKEN, **changes: str) -> None:
        agents = FakeAgents({OUR_NUMBER: DESK})
        statuses = StatusReceiver(
            self.account_cache,
            agents,
            PROVIDERS,
            FakeReplies(),
            FakeUsage(),
            FakeQueue(),
            FakeQueue(),
            "east",
            lambda: NOW,
        )
        statuses.receive("acme", "SM42-1", webhook(status(**changes), token=token, url=STATUS_URL))


@pytest.mark.parametrize("document", BROKEN)
def test_a_key_that_is_not_the_tenants_is_refused_as_usual(document: str) -> None:
    for _ in range(3):
        with pytest.raises(InvalidKey):
            Stored(document).text(credential()[1])


@pytest.mark.parametrize("document", [*BROKEN, *UNREADABLE])
def test_a_good_text_is_not_refused_but_answered_with_our_error(document: str) -> None:
    with pytest.raises(BrokenDocument) as failed:
        Stored(document).text()
    assert failed.value.tenant_id == "acme"


@pytest.mark.parametrize("document", [*BROKEN_ACCOUNTS, *UNREADABLE_ACCOUNTS])
def test_a_text_with_a_good_key_is_answered_with_our_error_when_the_accounts_are_broken(document: str) -> None:
    with pytest.raises(BrokenDocument):
        Stored(accounts=document).text()
    with pytest.raises(InvalidKey):
        Stored(accounts=document).text(credential()[1])


@pytest.mark.parametrize("document", UNREADABLE)
def test_when_no_key_can_be_read_no_key_is_refused(document: str) -> None:
    with pytest.raises(BrokenDocument):
        Stored(document).text(credential()[1])


@pytest.mark.parametrize("document", [*BROKEN_ACCOUNTS, *UNREADABLE_ACCOUNTS])
def test_a_status_that_nobody_signed_learns_nothing(document: str) -> None:
    with pytest.raises(InvalidSignature) as refused:
        Stored(accounts=document).status(token="wrong")
    with pytest.raises(InvalidSignature) as of_a_good_one:
        Stored().status(token="wrong")
    assert (refused.value.reason, str(refused.value)) == (of_a_good_one.value.reason, str(of_a_good_one.value))
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__


@pytest.mark.parametrize("document", BROKEN_ACCOUNTS)
def test_a_signed_status_is_answered_with_our_error(document: str) -> None:
    with pytest.raises(BrokenDocument):
        Stored(accounts=document).status()
    with pytest.raises(BrokenDocument):
        Stored(accounts=document).status(AccountSid=SUBACCOUNT, token=SUBACCOUNT_TOKEN)
    with pytest.raises(InvalidSignature):
        Stored(accounts=document).status(AccountSid=SUBACCOUNT)


def test_a_flood_reads_a_broken_document_once_per_reread_seconds() -> None:
    stored = Stored(accounts=BROKEN_ACCOUNTS[0])
    for _ in range(1000):
        with pytest.raises(InvalidSignature):
            stored.status(token="wrong")
        stored.clock.now += 0.02  # 20 seconds in all
    assert stored.reads == 4


def test_a_repaired_document_is_read_after_reread_seconds_and_not_before() -> None:
    stored = Stored(BROKEN[0])
    with pytest.raises(BrokenDocument):
        stored.text()
    stored.access = dump_access(ACME)
    stored.clock.now += REREAD - 0.001
    with pytest.raises(BrokenDocument):
        stored.text()
    stored.clock.now += 0.001
    assert stored.text().tenant_id == "acme"


def test_a_cached_tenant_serves_good_texts_for_its_whole_life_after_the_document_broke() -> None:
    stored = Stored()
    stored.text()
    stored.access = BROKEN[1]
    for _ in range(20):
        with pytest.raises(InvalidKey):
            stored.text(credential()[1])
        assert stored.text().tenant_id == "acme"
    assert stored.reads == 2 + 1  # one of the accounts
    stored.clock.now += LIFE
    with pytest.raises(BrokenDocument):
        stored.text()


def test_a_key_that_is_in_the_broken_document_only_is_not_refused() -> None:
    second, second_key = credential(name="second")
    stored = Stored()
    stored.text()
    stored.access = json.dumps(json.loads(dump_access(tenant(WRITER, second))) | {"schema": 5})
    for _ in range(2):
        with pytest.raises(BrokenDocument):
            stored.text(second_key)


def test_cached_errors_are_bounded_and_hold_no_traceback() -> None:
    stored = Stored(BROKEN[0])
    for number in range(1000):
        with pytest.raises(Configuration):
            stored.cache.find(f"tenant{number}", lambda stored: stored)
    stored.reads = 0
    depths = set()
    for _ in range(5):
        with pytest.raises(Configuration) as failed:
            stored.cache.find("tenant999", lambda stored: stored)
        depths.add(len(failed.traceback))
        with pytest.raises(Configuration):
            stored.cache.find("tenant0", lambda stored: stored)
    assert stored.reads == 1
    assert len(depths) == 1


def test_a_key_of_another_credential_is_refused_for_a_broken_document() -> None:
    stored = Stored(access(schema=5, credentials={}))
    with pytest.raises(InvalidKey):
        api_keys.authenticate(stored.cache, KEY)
