"""Sending first: who may not, and what may not be said; then the queue and the claims stay as they were."""

import dataclasses
from typing import Any

import pytest

from shared.errors import (
    Configuration,
    ForbiddenRole,
    InProgress,
    InvalidKey,
    Malformed,
    NotOurs,
    SmsReceiverError,
    TooLarge,
    Unavailable,
    WrongContentType,
)
from shared.submission.body import BODY_BYTES_MAX, RawRequest
from tests.fakes import (
    ACCOUNT,
    OUR_NUMBER,
    PERSON,
    STRANGER,
    TOKEN,
    FakeAgents,
    FakeClaims,
    FakeQueue,
    credential,
)
from tests.unit.submission.fakes import (
    ACME,
    JSON,
    KEY,
    OTHER_KEY,
    READER_KEY,
    TEXT,
    THEIR_NUMBER,
    request,
    submitter,
)

REFUSALS: list[tuple[str, RawRequest, dict[str, Any], type[SmsReceiverError], str | None]] = [
    ("", request(), {}, InvalidKey, None),
    (KEY + "x", request(), {}, InvalidKey, None),
    (credential()[1], request(), {}, InvalidKey, None),
    (credential(tenant_id="nobody")[1], request(), {}, InvalidKey, None),
    (KEY, request(), {"acme": dataclasses.replace(ACME, credentials=())}, InvalidKey, None),
    (READER_KEY, request(), {}, ForbiddenRole, None),
    (KEY, RawRequest("text/plain", b"{}"), {}, WrongContentType, "Content-Type"),
    (KEY, RawRequest(JSON, b" " * (BODY_BYTES_MAX + 1)), {}, TooLarge, None),
    (KEY, RawRequest(JSON, b"{"), {}, Malformed, None),
    (KEY, request(to="mom"), {}, Malformed, "to"),
    (KEY, request(from_=THEIR_NUMBER), {}, NotOurs, "from"),
    (KEY, request(from_="+12025550111"), {}, NotOurs, "from"),
    (KEY, request(from_=PERSON, to=OUR_NUMBER), {}, NotOurs, "from"),
    (KEY, request(from_=f"whatsapp:{THEIR_NUMBER}", to=f"whatsapp:{PERSON}"), {}, NotOurs, "from"),
    (OTHER_KEY, request(), {}, NotOurs, "from"),
    (KEY, request(), {"agents": FakeAgents({})}, NotOurs, "from"),
    (KEY, request(from_=THEIR_NUMBER, account=STRANGER), {}, NotOurs, "from"),
    (KEY, request(account=STRANGER), {}, NotOurs, "account"),
    (KEY, request(account=ACCOUNT.lower()), {}, NotOurs, "account"),
    (KEY, request(account=""), {}, NotOurs, "account"),
    (KEY, request(), {"accounts": ()}, Configuration, None),
]


@pytest.mark.parametrize(("key", "raw", "changes", "error", "field"), REFUSALS)
def test_refuses_and_leaves_queue_and_claims_alone(
    key: str, raw: RawRequest, changes: dict[str, Any], error: type[SmsReceiverError], field: str | None
) -> None:
    queue, claims = FakeQueue(), FakeClaims()
    for asked in (raw, dataclasses.replace(raw, idempotency_key="order 7")):
        with pytest.raises(error) as refused:
            submitter(queue, claims=claims, **changes).submit(key, asked)
        assert getattr(refused.value, "field", None) == field
        assert (queue.sent, claims.kept) == ([], {})
        for secret in (KEY, READER_KEY, TOKEN, PERSON[1:], OUR_NUMBER[1:], THEIR_NUMBER[1:], TEXT, "order 7"):
            assert secret not in f"{refused.value!r}"


def test_the_key_is_checked_before_the_role_before_the_body_before_the_number() -> None:
    wrong_in_every_way = RawRequest("text/plain", b"{")
    for key, error in [("", InvalidKey), (READER_KEY, ForbiddenRole), (KEY, WrongContentType)]:
        with pytest.raises(error):
            submitter(FakeQueue()).submit(key, wrong_in_every_way)


@pytest.mark.parametrize("failure", [Unavailable("the queue is down"), Malformed("too large")])
@pytest.mark.parametrize("key", [None, "order 7"])
def test_does_not_accept_what_it_could_not_queue(failure: SmsReceiverError, key: str | None) -> None:
    with pytest.raises(type(failure)):
        submitter(FakeQueue(failing=failure)).submit(KEY, request(key))


@pytest.mark.parametrize("failure", [Unavailable("no table"), InProgress("another is at it")])
def test_does_not_queue_what_it_could_not_claim(failure: SmsReceiverError) -> None:
    queue = FakeQueue()
    with pytest.raises(type(failure)):
        submitter(queue, claims=FakeClaims(failing=failure)).submit(KEY, request("order 7"))
    assert queue.sent == []
