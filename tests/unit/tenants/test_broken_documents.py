"""A broken tenant document: cached for seconds, and only its own keys and tokens learn of it."""

import json
from typing import Any

import pytest

from shared.errors import BrokenDocument, Configuration, InvalidKey, InvalidSignature
from shared.providers.webhooks import PROVIDERS
from shared.receiving.receiver import Receiver
from shared.receiving.status_callbacks import StatusReceiver
from shared.tenants import api_keys
from shared.tenants import document as tenant_document
from shared.tenants.cache import TenantCache
from shared.tenants.tenant import Tenant
from tests.fakes import (
    NOW,
    SUBACCOUNT,
    SUBACCOUNT_TOKEN,
    TOKEN,
    FakeClock,
    FakeQueue,
    credential,
    inbound,
    status,
    tenant,
    webhook,
)
from tests.replies_fake import FakeReplies

WRITER, KEY = credential()
ACME = tenant(WRITER)
LIFE, REREAD = 60.0, 5.0
STATUS_URL = "https://sms-east.example.com/sms.receiver/SmsStatus/acme/SM42-1"


def broken(**changes: object) -> str:
    """The document with some of its fields changed."""
    return json.dumps(tenant_document.to_document(ACME) | changes)


BROKEN = [
    broken(schema=4),
    broken(roles_active=["Reader"]),
    broken(agents=[{"name": "desk"}]),
    broken(connections=None),
]
UNREADABLE = [
    "",
    "{}",
    "[1]",
    "7",
    "not json",
    broken(credentials=None),
    broken(credentials=[{"id": 1}]),
    broken(id="other"),
]


class Stored:
    """A document in a store that counts the reads."""

    def __init__(self, document: str) -> None:
        self.document = document
        self.reads = 0
        self.clock = FakeClock()
        self.cache = TenantCache(self._read, life_seconds=LIFE, reread_seconds=REREAD, clock=self.clock)

    def _read(self, tenant_id: str) -> Tenant:
        self.reads += 1
        return tenant_document.loads(tenant_id, self.document)

    def text(self, key: str = KEY) -> Any:  # noqa: ANN401 - a receipt
        return Receiver(self.cache, PROVIDERS, FakeQueue(), "east", lambda: NOW).receive(key, webhook(inbound()))

    def status(self, *, token: str = TOKEN, **changes: str) -> None:
        statuses = StatusReceiver(self.cache, PROVIDERS, FakeReplies(), FakeQueue(), "east", lambda: NOW)
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


@pytest.mark.parametrize("document", UNREADABLE)
def test_when_no_key_can_be_read_no_key_is_refused(document: str) -> None:
    with pytest.raises(BrokenDocument):
        Stored(document).text(credential()[1])


@pytest.mark.parametrize("document", [*BROKEN, *UNREADABLE])
def test_a_status_that_nobody_signed_learns_nothing(document: str) -> None:
    with pytest.raises(InvalidSignature) as refused:
        Stored(document).status(token="wrong")
    with pytest.raises(InvalidSignature) as of_a_good_one:
        Stored(tenant_document.dumps(ACME)).status(token="wrong")
    assert (refused.value.reason, str(refused.value)) == (of_a_good_one.value.reason, str(of_a_good_one.value))
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__


@pytest.mark.parametrize("document", BROKEN)
def test_a_signed_status_is_answered_with_our_error(document: str) -> None:
    with pytest.raises(BrokenDocument):
        Stored(document).status()
    with pytest.raises(BrokenDocument):
        Stored(document).status(AccountSid=SUBACCOUNT, token=SUBACCOUNT_TOKEN)
    with pytest.raises(InvalidSignature):
        Stored(document).status(AccountSid=SUBACCOUNT)


def test_a_flood_reads_a_broken_document_once_per_reread_seconds() -> None:
    stored = Stored(BROKEN[0])
    for _ in range(1000):
        with pytest.raises(InvalidSignature):
            stored.status(token="wrong")
        stored.clock.now += 0.02  # 20 seconds in all
    assert stored.reads == 4


def test_a_repaired_document_is_read_after_reread_seconds_and_not_before() -> None:
    stored = Stored(BROKEN[0])
    with pytest.raises(BrokenDocument):
        stored.text()
    stored.document = tenant_document.dumps(ACME)
    stored.clock.now += REREAD - 0.001
    with pytest.raises(BrokenDocument):
        stored.text()
    stored.clock.now += 0.001
    assert stored.text().tenant_id == "acme"


def test_a_cached_tenant_serves_good_texts_for_its_whole_life_after_the_document_broke() -> None:
    stored = Stored(tenant_document.dumps(ACME))
    stored.text()
    stored.document = BROKEN[1]
    for _ in range(20):
        with pytest.raises(InvalidKey):
            stored.text(credential()[1])
        assert stored.text().tenant_id == "acme"
    assert stored.reads == 2
    stored.clock.now += LIFE
    with pytest.raises(BrokenDocument):
        stored.text()


def test_a_key_that_is_in_the_broken_document_only_is_not_refused() -> None:
    second, second_key = credential(name="second")
    stored = Stored(tenant_document.dumps(ACME))
    stored.text()
    stored.document = json.dumps(tenant_document.to_document(tenant(WRITER, second)) | {"schema": 4})
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


def test_an_error_shows_no_token_and_no_digest() -> None:
    with pytest.raises(BrokenDocument) as failed:
        tenant_document.loads("acme", BROKEN[0])
    assert failed.value.digests
    assert failed.value.tokens
    for secret in (TOKEN, SUBACCOUNT_TOKEN, WRITER.sha256):
        assert secret not in f"{failed.value} {failed.value!r} {failed.value.args}"


def test_a_key_of_another_credential_is_refused_for_a_broken_document() -> None:
    stored = Stored(broken(schema=4, credentials=[]))
    with pytest.raises(InvalidKey):
        api_keys.authenticate(stored.cache, KEY)
