"""Finding out whether a message was sent, by Twilio's list of messages."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from shared.errors import Unavailable, UpstreamRefused
from shared.providers.twilio.message_api import TwilioRest
from tests.fakes import NOW, OUR_NUMBER, PERSON
from tests.integration.twilio_stub import (
    MESSAGE,
    PATH,
    RESET,
    TEXT,
    UNAUTHORIZED,
    WITH_KEY,
    WITH_TOKENS,
    TwilioStub,
    page,
    resource,
)


def test_finds_what_looks_just_like_it(api: TwilioRest, twilio: TwilioStub) -> None:
    alike = [
        resource(sid="SM1", status="delivered"),
        resource(sid="SM2", date_created=format_datetime(NOW + timedelta(minutes=1))),
        resource(sid="SM3", date_created=None),
        resource(sid="SM4", body=f"Sent from your Twilio trial account - {TEXT}"),
        resource(sid="SM5", body=f"{TEXT}\n"),
    ]
    different = [
        resource(sid="SM6", body="something else"),
        resource(sid="SM7", num_media="1"),
        resource(sid="SM8", date_created=format_datetime(NOW - timedelta(seconds=1))),
        resource(sid="SM9", direction="inbound"),
        resource(sid="SM10", to="+12025550124"),
        {**resource(sid="SM11"), "from": "+12025550198"},
    ]
    twilio.answers = [(200, page(*different, *alike))]
    found = api.find(MESSAGE, WITH_KEY, since=NOW + timedelta(milliseconds=900))
    ranks = [(one.message_id, one.status.rank) for one in found]
    assert ranks == [
        ("SM1", 6),
        ("SM2", 2),
        ("SM3", 2),
        ("SM4", 2),
        ("SM5", 2),
    ]
    (asked,) = twilio.asked
    assert (asked.method, asked.path) == ("GET", PATH)
    assert dict(asked.fields) == {"To": PERSON, "From": OUR_NUMBER, "PageSize": "100"}


@pytest.mark.parametrize(
    "answer", [(500, ""), (503, "<html>"), (429, {"code": 20429}), (200, "no JSON"), (200, {}), (200, []), RESET]
)
def test_not_to_find_out_is_later(answer: tuple[int, Any] | str, api: TwilioRest, twilio: TwilioStub) -> None:
    twilio.answers = [answer]
    with pytest.raises(Unavailable) as failed:
        api.find(MESSAGE, WITH_KEY, since=datetime.now(UTC))
    assert type(failed.value) is Unavailable


def test_finding_tries_the_auth_tokens_in_turn_and_may_be_refused(api: TwilioRest, twilio: TwilioStub) -> None:
    twilio.answers = [UNAUTHORIZED, (200, page(resource())), UNAUTHORIZED, UNAUTHORIZED]
    assert len(api.find(MESSAGE, WITH_TOKENS, since=NOW)) == 1
    with pytest.raises(UpstreamRefused) as failed:
        api.find(MESSAGE, WITH_TOKENS, since=NOW)
    assert failed.value.reason == "provider_unauthorized"
