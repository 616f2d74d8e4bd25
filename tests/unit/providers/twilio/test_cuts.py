"""One signature, one message: wherever a signed form is cut, it is the same message or refused."""

import dataclasses
from itertools import pairwise
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import Malformed
from shared.messages.inbound import WebhookRequest
from tests.fakes import PERSON, inbound, sample, status, webhook
from tests.unit.providers.twilio.cuts import RE_CUT, TWILIO, Form, aimed, cut, cut_once, genuine_texts, moved


def outcome(request: WebhookRequest) -> tuple[str, ...] | None:
    """Which message it is, with its text last; None when it is refused."""
    if TWILIO.is_ambiguous(request):
        return None
    try:
        message = TWILIO.parse(request)
    except Malformed:
        return None
    return message.message_id, message.account, message.sender, message.recipient, message.text


def status_outcome(request: WebhookRequest) -> tuple[object, ...] | None:
    """What is kept of a status; None when it is refused."""
    if TWILIO.is_ambiguous(request):
        return None
    try:
        report = TWILIO.parse_status(request)
    except Malformed:
        return None
    return report.message_id, report.account, report.sender, report.recipient, report.status, report.error_code


@given(st.data())
def test_whatever_is_cut_out_of_a_signed_text_is_the_same_message_or_refused(data: st.DataObject) -> None:
    form = data.draw(genuine_texts())
    fields = dict(form)
    genuine = webhook(form)
    for _ in range(10):
        found = outcome(moved(genuine, data.draw(aimed(form) | cut(form))))
        if found is not None:
            *identity, text = found
            assert identity == [fields[name] for name in ("MessageSid", "AccountSid", "From", "To")]
            assert text.startswith(fields["Body"]) or fields["Body"].startswith(text)


@pytest.mark.parametrize("body", ["hi", RE_CUT])
@pytest.mark.parametrize("kind", ["sms", "mms", "whatsapp"])
def test_a_border_more_at_any_place_makes_no_other_message(kind: str, body: str) -> None:
    fields: dict[str, str] = sample(f"twilio_inbound_{kind}.json")["fields"] | {"Body": body}
    identity = [fields[name] for name in ("MessageSid", "AccountSid", "From", "To")]
    genuine = webhook(fields.items())
    cuts = 0
    for form in cut_once(list(fields.items())):
        cuts += 1
        found = outcome(dataclasses.replace(genuine, body=urlencode(form).encode()))
        assert found is None or list(found[:4]) == identity, form
    assert cuts > 1000


STATUS = status(MessageStatus="undelivered", SmsStatus="undelivered", ErrorCode="30003")


@given(st.data())
def test_whatever_is_cut_out_of_a_signed_status_is_the_same_status_or_refused(data: st.DataObject) -> None:
    form = data.draw(st.sampled_from([STATUS, status(), status(From="rcs:desk_agent", To=f"rcs:{PERSON}")]))
    genuine = webhook(form)
    for _ in range(10):
        assert status_outcome(moved(genuine, data.draw(aimed(form) | cut(form)))) in {None, status_outcome(genuine)}


@pytest.mark.parametrize("form", [STATUS, status(), status(MessageStatus="sent", SmsStatus="sent")])
def test_a_border_more_at_any_place_makes_no_other_status(form: Form) -> None:
    genuine = webhook(form)
    assert status_outcome(genuine) is not None
    for other in cut_once(form):
        request = dataclasses.replace(genuine, body=urlencode(other).encode())
        assert status_outcome(request) in {None, status_outcome(genuine)}, other


@pytest.mark.parametrize("form", [STATUS, status()])
def test_no_text_is_cut_out_of_a_signed_status(form: Form) -> None:
    genuine = webhook(form)
    for other in cut_once(form):
        names = dict(other)
        if "MessageStatus" not in names and names.get("SmsStatus", "received") == "received":
            assert outcome(dataclasses.replace(genuine, body=urlencode(other).encode())) is None


def test_the_cuts_that_are_tried_are_many_and_in_order() -> None:
    cuts = list(cut_once(inbound()))
    assert len(cuts) > 1000
    assert all(first <= second for form in cuts for (first, _), (second, _) in pairwise(form))
