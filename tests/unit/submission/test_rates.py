"""How much one request may send, and how much a key and a tenant may in a minute."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.errors import RateLimited, TooManyMessages, Unavailable
from shared.submission.rates import SendRate
from tests.fakes import NOW, OUR_NUMBER, FakeClaims, FakeQueue
from tests.provider import ITS_RULES
from tests.send_limits_fake import FakeSendLimits
from tests.unit.submission.fakes import KEY, MANAGER_KEY, OTHER_KEY, RATE, THEIR_NUMBER, WRITER, request, submitter

TWO_PARTS = "x" * (ITS_RULES.text_max + 1)


def test_a_text_that_is_too_many_messages_is_refused_and_none_is_queued_or_counted() -> None:
    queue, limits = FakeQueue(), FakeSendLimits()
    with pytest.raises(TooManyMessages, match=r"^it would be \d+ messages to the person, and no more than 10 are"):
        submitter(queue, limits=limits, messages_max=10).submit(KEY, request(text="words " * 2666))
    assert queue.sent == []
    assert not limits.counted


def test_a_key_may_send_so_many_messages_and_no_more() -> None:
    queue, limits = FakeQueue(), FakeSendLimits()
    api = submitter(queue, limits=limits)
    for _ in range(RATE.most_of_key):
        api.submit(KEY, request())
    with pytest.raises(RateLimited) as refused:
        api.submit(KEY, request())
    assert len(queue.sent) == RATE.most_of_key
    assert (refused.value.tenant_id, refused.value.credential_id) == ("acme", WRITER.id)
    assert refused.value.conversation


def test_each_part_of_a_long_text_counts() -> None:
    limits = FakeSendLimits()
    submitter(FakeQueue(), limits=limits).submit(KEY, request(text=TWO_PARTS))
    assert set(limits.counted.values()) == {2}


def test_the_keys_of_a_tenant_have_a_limit_together_and_other_tenants_theirs() -> None:
    api = submitter(FakeQueue(), limits=FakeSendLimits())
    for key, times in ((KEY, 40), (MANAGER_KEY, 20)):
        for _ in range(times):
            api.submit(key, request())
    with pytest.raises(RateLimited):
        api.submit(MANAGER_KEY, request())
    api.submit(OTHER_KEY, request(from_=THEIR_NUMBER, to=OUR_NUMBER))


@pytest.mark.parametrize(("seconds", "wait"), [(0, 60), (0.5, 60), (59.2, 1), (60, 60)])
def test_says_when_to_try_again_and_then_lets_it_pass(seconds: float, wait: int) -> None:
    limits, moments = FakeSendLimits(), [NOW + timedelta(seconds=seconds)]
    api = submitter(FakeQueue(), limits=limits, now=lambda: moments[-1])
    for _ in range(RATE.most_of_key):
        api.submit(KEY, request())
    with pytest.raises(RateLimited, match=f"try again in {wait} seconds") as refused:
        api.submit(KEY, request())
    moments.append(moments[-1] + timedelta(seconds=refused.value.retry_after_seconds))
    api.submit(KEY, request())


@pytest.mark.parametrize("rate", [replace(RATE, most_of_key=1), replace(RATE, most_of_tenant=1)])
def test_a_text_that_never_has_room_is_not_told_to_try_again(rate: SendRate) -> None:
    queue, limits = FakeQueue(), FakeSendLimits()
    api = submitter(queue, limits=limits, rate=rate)
    with pytest.raises(TooManyMessages, match="2 messages to the person, and no more than 1 are"):
        api.submit(KEY, request(text=TWO_PARTS))
    assert (queue.sent, limits.counted) == ([], {})


def test_a_repetition_counts_once_and_is_never_refused_for_its_number() -> None:
    limits = FakeSendLimits()
    api = submitter(FakeQueue(), limits=limits)
    first = api.submit(KEY, request("order 7"))
    for _ in range(RATE.most_of_key - 1):
        api.submit(KEY, request())
    assert api.submit(KEY, request("order 7")) == first


def test_what_was_refused_for_its_number_may_be_asked_again_with_the_same_idempotency_key() -> None:
    moments = [NOW]
    api = submitter(FakeQueue(), limits=FakeSendLimits(), claims=FakeClaims(), now=lambda: moments[-1])
    for _ in range(RATE.most_of_key):
        api.submit(KEY, request())
    with pytest.raises(RateLimited):
        api.submit(KEY, request("order 7"))
    moments.append(NOW + timedelta(minutes=1))
    assert api.submit(KEY, request("order 7")).reply_ids


def test_what_cannot_be_counted_is_not_queued() -> None:
    queue = FakeQueue()
    with pytest.raises(Unavailable):
        submitter(queue, limits=FakeSendLimits(failing=Unavailable("DynamoDB is away"))).submit(KEY, request())
    assert queue.sent == []
