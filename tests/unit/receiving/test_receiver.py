"""From webhook to queue: what is refused, in which order, and that a refusal leaves the queue as it was."""

import dataclasses
from collections.abc import Callable
from typing import TypeVar

import pytest

from shared.errors import (
    Configuration,
    ForbiddenRole,
    InvalidKey,
    InvalidSignature,
    Malformed,
    SmsReceiverError,
    Unavailable,
    WrongContentType,
)
from shared.messages.inbound import Misdirection, WebhookRequest
from shared.receiving.receiver import Receiver
from shared.tenants.account import Account, Accounts, ProviderSecrets
from shared.tenants.cache import Cache
from shared.tenants.lookup import AccountLookup
from shared.tenants.sources import ItemSource
from shared.tenants.tenant import Role, SignatureMode
from tests.fakes import (
    ACCOUNT,
    ACCOUNTS,
    NOW,
    OUR_NUMBER,
    PERSON,
    PROVIDER,
    SALT,
    SECOND_TOKEN,
    STRANGER,
    SUBACCOUNT,
    SUBACCOUNT_TOKEN,
    TOKEN,
    FakeAccounts,
    FakeClock,
    FakeQueue,
    FakeTenants,
    credential,
    inbound,
    tenant,
)
from tests.provider import ITS_RULES, PROVIDERS, SIGNATURE_HEADER, status, webhook

T = TypeVar("T")
WRITER, KEY = credential(Role.WRITER)
READER, READER_KEY = credential(Role.READER, name="reader")
ACME = tenant(WRITER, READER)
OBSERVING = dataclasses.replace(ACME, signature_mode=SignatureMode.OBSERVE)


def receiver(queue: FakeQueue, tenants: FakeTenants | None = None, accounts: AccountLookup | None = None) -> Receiver:
    return Receiver(
        tenants or FakeTenants(ACME), accounts or FakeAccounts(*ACCOUNTS), PROVIDERS, queue, "east", lambda: NOW
    )


def without(request: WebhookRequest, header: str) -> WebhookRequest:
    headers = {name: value for name, value in request.headers.items() if name != header}
    return dataclasses.replace(request, headers=headers)


def test_queues_a_genuine_text_and_only_then_acknowledges_it() -> None:
    queue = FakeQueue()
    receipt = receiver(queue).receive(KEY, webhook(inbound()))
    assert len(queue.sent) == 1
    assert receipt.message_id == queue.sent[0].event["id"] == dict(inbound())["MessageSid"]
    assert (receipt.tenant_id, receipt.provider, receipt.would_refuse) == ("acme", PROVIDER, None)
    assert receipt.acknowledgement == PROVIDERS[0].acknowledgement


def test_a_status_at_the_url_for_texts_is_acknowledged_and_never_queued() -> None:
    queue = FakeQueue()
    receipt = receiver(queue).receive(KEY, webhook(status()))
    assert (receipt.misdirection, receipt.conversation, queue.sent) == (Misdirection.STATUS, None, [])
    assert receipt.acknowledgement == PROVIDERS[0].acknowledgement


def test_an_account_that_is_not_known_is_refused_with_the_command_that_adds_it() -> None:
    with pytest.raises(InvalidSignature, match=f"add it with: {ITS_RULES.account_command}"):
        receiver(FakeQueue()).receive(KEY, webhook(inbound(AccountSid=STRANGER)))


@pytest.mark.parametrize("token", [TOKEN, SECOND_TOKEN])
def test_accepts_every_token_of_the_account(token: str) -> None:
    queue = FakeQueue()
    receiver(queue).receive(KEY, webhook(inbound(), token=token))
    assert len(queue.sent) == 1


def test_a_subaccount_signs_with_its_own_token() -> None:
    queue = FakeQueue()
    receiver(queue).receive(KEY, webhook(inbound(AccountSid=SUBACCOUNT), token=SUBACCOUNT_TOKEN))
    assert queue.sent[0].event["data"]["account"] == SUBACCOUNT


REFUSALS = [
    ("", webhook(inbound()), InvalidKey, "invalid_key"),
    (KEY[:-1], webhook(inbound()), InvalidKey, "invalid_key"),
    (credential()[1], webhook(inbound()), InvalidKey, "invalid_key"),
    (credential(tenant_id="nobody")[1], webhook(inbound()), InvalidKey, "invalid_key"),
    (READER_KEY, webhook(inbound()), ForbiddenRole, "forbidden_role"),
    (KEY, webhook(inbound(), token=SUBACCOUNT_TOKEN), InvalidSignature, "invalid_signature"),
    (KEY, webhook(inbound(AccountSid=SUBACCOUNT), token=TOKEN), InvalidSignature, "invalid_signature"),
    (KEY, webhook(inbound(), token=""), InvalidSignature, "invalid_signature"),
    (KEY, webhook(inbound(), content_type="text/plain"), WrongContentType, "wrong_content_type"),
    (KEY, dataclasses.replace(webhook(inbound()), body=b"\xff\xfe"), Malformed, "malformed"),
    (KEY, webhook(inbound(AccountSid=STRANGER)), InvalidSignature, "unknown_account"),
    (KEY, webhook(inbound(AccountSid="")), InvalidSignature, "unknown_account"),
    (KEY, webhook([*inbound(), ("From", PERSON)]), InvalidSignature, "ambiguous_signature"),
    (KEY, webhook([*inbound(), ("From", PERSON)], token="wrong"), InvalidSignature, "invalid_signature"),
    (KEY, webhook(inbound(), signature=""), InvalidSignature, "missing_signature"),
    (KEY, without(webhook(inbound()), SIGNATURE_HEADER), InvalidSignature, "missing_signature"),
    (KEY, webhook(inbound(MessageSid="")), Malformed, "malformed"),
    (KEY, webhook(inbound(From="")), Malformed, "malformed"),
    (KEY, webhook(inbound(MessageSid="SM42")), Malformed, "malformed"),
]


@pytest.mark.parametrize(("key", "request_", "error", "reason"), REFUSALS, ids=[str(r[2:]) for r in REFUSALS])
def test_refuses_and_leaves_the_queue_alone(
    key: str, request_: WebhookRequest, error: type[SmsReceiverError], reason: str
) -> None:
    queue = FakeQueue()
    with pytest.raises(error) as refused:
        receiver(queue).receive(key, request_)
    assert refused.value.reason == reason
    assert queue.sent == []


@pytest.mark.parametrize(("key", "request_", "error", "reason"), REFUSALS, ids=[str(r[2:]) for r in REFUSALS])
def test_a_refusal_says_nothing_secret_or_personal(
    key: str, request_: WebhookRequest, error: type[SmsReceiverError], reason: str
) -> None:
    with pytest.raises(error) as refused:
        receiver(FakeQueue()).receive(key, request_)
    text = f"{refused.value} {refused.value!r} {reason}"
    for secret in (KEY, READER_KEY, TOKEN, SUBACCOUNT_TOKEN, PERSON[1:], OUR_NUMBER[1:], dict(inbound())["Body"]):
        assert secret not in text


def test_the_key_is_checked_before_the_role_before_the_signature_before_the_form() -> None:
    queue = FakeQueue()
    wrong_in_every_way = webhook(inbound(MessageSid=""), token="wrong")
    for key, error in [("", InvalidKey), (READER_KEY, ForbiddenRole), (KEY, InvalidSignature)]:
        with pytest.raises(error):
            receiver(queue).receive(key, wrong_in_every_way)
    with pytest.raises(Malformed):
        receiver(queue).receive(KEY, webhook(inbound(MessageSid="")))
    assert queue.sent == []


@pytest.mark.parametrize("failure", [Unavailable("the queue is down"), Malformed("too large")])
def test_does_not_acknowledge_what_it_could_not_queue(failure: SmsReceiverError) -> None:
    with pytest.raises(type(failure)):
        receiver(FakeQueue(failing=failure)).receive(KEY, webhook(inbound()))


@pytest.mark.parametrize("failure", [Unavailable("AWS answered 500"), Configuration("not readable")])
def test_does_not_queue_what_it_could_not_check(failure: SmsReceiverError) -> None:
    queue = FakeQueue()
    for tenants, accounts in [
        (FakeTenants(ACME, failing=failure), FakeAccounts(*ACCOUNTS)),
        (FakeTenants(ACME), FakeAccounts(*ACCOUNTS, failing=failure)),
    ]:
        with pytest.raises(type(failure)):
            receiver(queue, tenants, accounts).receive(KEY, webhook(inbound()))
    assert queue.sent == []


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (webhook(inbound(), token="wrong"), "invalid_signature"),
        (webhook(inbound(AccountSid=STRANGER)), "unknown_account"),
        (without(webhook(inbound()), SIGNATURE_HEADER), "missing_signature"),
        (webhook([*inbound(), ("From", PERSON)]), "ambiguous_signature"),
    ],
)
def test_a_tenant_that_observes_gets_the_text_and_the_reason(request_: WebhookRequest, reason: str) -> None:
    queue = FakeQueue()
    assert receiver(queue, FakeTenants(OBSERVING)).receive(KEY, request_).would_refuse == reason
    assert len(queue.sent) == 1


def test_observing_reports_nothing_about_a_genuine_text() -> None:
    assert receiver(FakeQueue(), FakeTenants(OBSERVING)).receive(KEY, webhook(inbound())).would_refuse is None


@pytest.mark.parametrize(
    ("key", "request_", "error"),
    [
        ("", webhook(inbound()), InvalidKey),
        (READER_KEY, webhook(inbound()), ForbiddenRole),
        (KEY, webhook(inbound(MessageSid=""), token="wrong"), Malformed),
    ],
)
def test_observing_allows_only_bad_signatures(
    key: str, request_: WebhookRequest, error: type[SmsReceiverError]
) -> None:
    queue = FakeQueue()
    with pytest.raises(error):
        receiver(queue, FakeTenants(OBSERVING)).receive(key, request_)
    assert queue.sent == []


def test_observing_is_for_one_tenant_alone() -> None:
    lax = dataclasses.replace(OBSERVING, id="lax", credentials=())
    queue = FakeQueue()
    with pytest.raises(InvalidSignature):
        receiver(queue, FakeTenants(lax, ACME)).receive(KEY, webhook(inbound(), token="wrong"))
    assert queue.sent == []


def test_a_tenant_without_accounts_accepts_nothing() -> None:
    for accounts in (FakeAccounts(), FakeAccounts(*ACCOUNTS, tenant_id="other")):
        with pytest.raises(InvalidSignature) as refused:
            receiver(FakeQueue(), accounts=accounts).receive(KEY, webhook(inbound()))
        assert refused.value.reason == "unknown_account"


def test_a_refused_key_reads_no_accounts() -> None:
    accounts = FakeAccounts(*ACCOUNTS)
    for key, error in [("", InvalidKey), (credential()[1], InvalidKey), (READER_KEY, ForbiddenRole)]:
        with pytest.raises(error):
            receiver(FakeQueue(), accounts=accounts).receive(key, webhook(inbound()))
    assert accounts.asked == []


def test_a_tenant_that_is_deleted_while_its_text_is_checked_has_no_accounts_any_more() -> None:
    class Deleting(FakeAccounts):
        def find(self, tenant_id: str, select: Callable[[ProviderSecrets], T | None]) -> T | None:
            self.stored.clear()
            return super().find(tenant_id, select)

    queue = FakeQueue()
    with pytest.raises(InvalidSignature):
        receiver(queue, accounts=Deleting(*ACCOUNTS)).receive(KEY, webhook(inbound()))
    assert queue.sent == []


def cached(*reads: Accounts) -> tuple[Cache[str, ProviderSecrets], list[str]]:
    """A cache of accounts that are one thing after the other, and the reads so far."""
    stored, asked = iter(reads), list[str]()

    def read(tenant_id: str) -> ProviderSecrets:
        asked.append(tenant_id)
        return ProviderSecrets(SALT, next(stored))

    return Cache(ItemSource(read, None), life_seconds=60, reread_seconds=5, clock=FakeClock()), asked


@pytest.mark.parametrize(
    "accounts",
    [
        (Account(STRANGER, PROVIDER, (TOKEN,)),),
        (Account(STRANGER, PROVIDER, ("old", TOKEN)), Account(ACCOUNT, PROVIDER, ("other",))),
    ],
)
def test_an_account_or_token_stored_a_moment_ago_is_found_by_a_second_look_up(accounts: Accounts) -> None:
    cache, _ = cached((Account(ACCOUNT, PROVIDER, (TOKEN,)),), accounts)
    queue = FakeQueue()
    receiver(queue, accounts=cache).receive(KEY, webhook(inbound()))
    receiver(queue, accounts=cache).receive(KEY, webhook(inbound(AccountSid=STRANGER, MessageSid="SM" + "7" * 32)))
    assert len(queue.sent) == 2


def test_a_forged_signature_costs_one_more_look_up_and_no_further_ones() -> None:
    cache, asked = cached(ACCOUNTS, ACCOUNTS)
    for _ in range(20):
        with pytest.raises(InvalidSignature):
            receiver(FakeQueue(), accounts=cache).receive(KEY, webhook(inbound(), token="wrong"))
    assert len(asked) == 2
