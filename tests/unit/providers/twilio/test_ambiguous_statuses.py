"""Statuses that are signed and may be other ones."""

import pytest

from shared.errors import InvalidSignature
from tests.fakes import status, webhook
from tests.unit.receiving.test_status_callbacks import URL, World


@pytest.mark.parametrize(
    "form",
    [
        [*status(), ("MessageStatus", "failed")],
        status(SmsSid="SM" + "6" * 32),
        [*status(), ("XMessageSid", "SM" + "6" * 32)],
        [("MessageStatus", "un"), ("delivered", "SmsStatusundelivered"), *status()[:6]],
    ],
)
def test_a_signed_status_that_may_be_another_one_is_refused_and_changes_nothing(form: list[tuple[str, str]]) -> None:
    world = World()
    before = world.record()
    with pytest.raises(InvalidSignature) as refused:
        world.receive(webhook(form, url=URL))
    assert refused.value.reason == "ambiguous_signature"
    assert (world.record(), world.queue.sent) == (before, [])
