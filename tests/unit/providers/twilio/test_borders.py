"""What is taken for two messages, and what people write that is not."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import Malformed
from tests.fakes import OUR_NUMBER, PERSON, inbound, sample, webhook
from tests.unit.providers.twilio.cuts import (
    FORGED,
    RE_CUT,
    TWILIO,
    VICTIM,
    Form,
    borders_of,
    form_of,
    moved,
    signed_text,
    without,
)


def joined(form: Form, first: str, *others: str) -> Form:
    """The fields run together into the first of them, as they are signed."""
    fields = dict(form)
    value = fields[first] + "".join(name + fields[name] for name in others)
    return [*(field for field in form if field[0] not in {first, *others}), (first, value)]


SMS: Form = without("MessagingServiceSid", inbound())


@pytest.mark.parametrize("swallowed", [("NumMedia",), ("NumMedia", "NumSegments")])
def test_an_id_that_swallowed_the_next_fields_is_refused(swallowed: tuple[str, ...]) -> None:
    request = moved(webhook(SMS), joined(SMS, "MessageSid", *swallowed))
    assert TWILIO.is_ambiguous(request)
    with pytest.raises(Malformed):
        TWILIO.parse(request)


def test_an_id_that_swallowed_a_field_is_malformed_without_the_two_others() -> None:
    bare = without("SmsSid", without("SmsMessageSid", SMS))
    with pytest.raises(Malformed, match="MessageSid"):
        TWILIO.parse(moved(webhook(bare), joined(bare, "MessageSid", "NumMedia")))


def test_a_text_that_was_written_to_be_cut_gives_no_text_of_somebody_else() -> None:
    form = inbound(Body=RE_CUT)
    signed = signed_text(form)
    names = ("AccountSid", "AddOns", "ApiVersion", "Body", "From", "MessageSid", f"To{OUR_NUMBER}", "ZFrom")
    starts = [(signed.index(name), name.removesuffix(OUR_NUMBER)) for name in names]
    request = moved(webhook(form), form_of(signed, starts))
    assert TWILIO.parse(request).sender == VICTIM
    assert TWILIO.is_ambiguous(request)


def test_a_reply_on_whatsapp_does_not_become_the_message_that_it_replies_to() -> None:
    form: Form = list(sample("twilio_inbound_whatsapp.json")["fields"].items())
    fields = dict(form)
    signed, replied = signed_text(form), fields["OriginalRepliedMessageSid"]
    kept = [border for border in borders_of(form) if border[1] < "LongitudeZ"]
    starts = [*kept, (signed.index(f"MessageSid{replied}"), "MessageSid")]
    starts += [border for border in borders_of(form) if border[1] >= "ProfileName"]
    request = moved(webhook(form), form_of(signed, starts))
    assert TWILIO.message_id(request) == replied
    assert TWILIO.is_ambiguous(request)
    assert not TWILIO.is_ambiguous(webhook(form))


def test_a_text_does_not_begin_in_the_middle_of_what_was_written() -> None:
    form = inbound(Body="Do not Body Send it")
    signed = signed_text(form)
    starts = [("Bod" if name == "Body" else name, place) for place, name in borders_of(form)]
    starts.append(("Body", signed.index("Body Send")))
    request = moved(webhook(form), form_of(signed, sorted((place, name) for name, place in starts)))
    assert TWILIO.parse(request).text == " Send it"
    assert TWILIO.is_ambiguous(request)


def test_a_name_that_ends_like_an_identity_is_refused() -> None:
    assert TWILIO.is_ambiguous(webhook([*inbound(), ("ForwardedMessageSid", FORGED)]))
    assert TWILIO.is_ambiguous(webhook([*inbound(), ("OtherAccountSid", "AC" + "9" * 32)]))


@pytest.mark.parametrize("name", ["MessageSid", "AccountSid", "From", "To", "Body", "NumMedia", "SmsStatus"])
@pytest.mark.parametrize("value", ["again", None])
def test_a_field_that_comes_once_and_came_twice_is_refused(name: str, value: str | None) -> None:
    assert TWILIO.is_ambiguous(webhook([*inbound(), (name, dict(inbound())[name] if value is None else value)]))


@pytest.mark.parametrize("name", ["Odd name", "", "Body ", "é", "+12025550123", "a-b", "x\n"])
def test_a_name_that_is_none_of_twilios_is_refused(name: str) -> None:
    assert TWILIO.is_ambiguous(webhook([*inbound(), (name, "x")]))


@pytest.mark.parametrize("name", ["SmsSid", "SmsMessageSid"])
@pytest.mark.parametrize("other", [FORGED, "SM1", PERSON])
def test_another_id_beside_the_id_is_refused(name: str, other: str) -> None:
    assert TWILIO.is_ambiguous(webhook(inbound(**{name: other})))


@pytest.mark.parametrize(
    "url", ["https://h.example/SmsRecv?a=xAccountSid", "https://h.example/s/acme/SM42-1AccountSidAC1"]
)
def test_a_url_that_swallowed_a_field_is_refused(url: str) -> None:
    assert TWILIO.is_ambiguous(dataclasses.replace(webhook(inbound()), urls=(url,)))


ORDINARY = [
    "From: Ada, To: Bob, +12025550123",
    "From +12025550123 To +12025550199",
    "From+12025550123",
    "From+12025550123 To+12025550199",
    "call From+12025550123, please",
    "Tomorrow From 5 To 7",
    "TORONTO To",
    "Fromage:Gouda, Comté",
    "From",
    "To",
    "MessageSid",
    "my MessageSid is SM" + "0" * 31,
    f"MessageSid: {FORGED}",
    f'{{"MessageSid": "{FORGED}", "From": "{VICTIM}", "To": "{OUR_NUMBER}"}}',
    f"https://example.com/?From={VICTIM}&To={OUR_NUMBER}&MessageSid={FORGED}",
    "AccountSid and MessageStatus and SmsStatus and ErrorCode",
    "BodyFromTo",
    "RoadTo2030Vision",
    "#From2023Lessons",
    "From12025550123",
    "MessageStatusdelivered",
    "ErrorCode30003",
    "ApiVersion2010-04-01Body",
]


@pytest.mark.parametrize("body", ORDINARY)
@pytest.mark.parametrize(
    "sender", [PERSON, "12345", "ACME", "Acme Inc", f"whatsapp:{PERSON}", "whatsapp:FI.1Hx4To", "rcs:a"]
)
def test_what_people_write_is_not_taken_for_a_forgery(body: str, sender: str) -> None:
    request = webhook(inbound(Body=body, From=sender))
    assert not TWILIO.is_ambiguous(request)
    assert TWILIO.parse(request).text == body


words = st.sampled_from([*ORDINARY, "Hello", "+1 202 555 0147", "12345", "Good", "Zoë", "SM", "\n", "From:", "To:"])


@given(st.lists(words, max_size=20).map(" ".join) | st.text(st.characters(exclude_categories=["Cs"])))
def test_words_with_blanks_between_them_are_never_taken_for_a_forgery(body: str) -> None:
    for name in ("sms", "whatsapp"):
        fields = sample(f"twilio_inbound_{name}.json")["fields"]
        theirs = (
            {"Body": body, "ProfileName": body.replace("MessageStatusd", "")} if name == "whatsapp" else {"Body": body}
        )
        assert not TWILIO.is_ambiguous(webhook((fields | theirs).items()))


@pytest.mark.parametrize("kind", ["sms", "mms", "whatsapp"])
def test_every_recorded_message_is_one_message(kind: str) -> None:
    assert not TWILIO.is_ambiguous(webhook(sample(f"twilio_inbound_{kind}.json")["fields"].items()))


def test_fields_that_twilio_adds_without_notice_do_no_harm() -> None:
    added = [
        ("FromCarrier", ""),
        ("ToCarrier", ""),
        ("GroupId", "G1"),
        ("MessageKind", "x"),
        ("Zone", ""),
        ("body", ""),
    ]
    added += [("ParentAccountSid", "AC" + "9" * 32), ("Digits", "1"), ("Digits", "2"), ("ContentSid", "HX" + "0" * 32)]
    assert not TWILIO.is_ambiguous(webhook([*inbound(), *added]))


def test_the_check_takes_no_longer_for_a_text_that_is_made_to_be_slow() -> None:
    places = [TWILIO.is_ambiguous(webhook(inbound(Body=piece * 2000))) for piece in ("From", "Fromaa:", "To1", "Sid")]
    assert places == [False] * 4
