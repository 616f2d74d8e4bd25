"""Signed forms of Twilio's, cut at other places: what has the same signature."""

import dataclasses
import re
from collections.abc import Iterator
from urllib.parse import urlencode

from hypothesis import assume
from hypothesis import strategies as st

from shared.messages.inbound import WebhookRequest
from shared.providers.twilio.webhook import Twilio
from tests.fakes import ACCOUNT, OUR_NUMBER, PERSON, TOKEN, fields_of, inbound, sample

TWILIO = Twilio()
SID, FORGED = dict(inbound())["MessageSid"], "SM" + "f" * 32
VICTIM, OTHER_NUMBER = "+12025550177", "+12025550188"
NAME = re.compile(r"\w+", re.ASCII)
RE_CUT = f"hiFrom{VICTIM}MessageSid{FORGED}To{OUR_NUMBER}Z"
"""A text whose writer wants it to be cut into fields."""


Form = list[tuple[str, str]]


def signed_text(form: Form) -> str:
    return "".join(name + value for name, value in sorted(set(form)))


def moved(genuine: WebhookRequest, form: Form) -> WebhookRequest:
    """The genuine request's signature with other fields that have it, too."""
    assert signed_text(form) == signed_text(fields_of(genuine.body))
    request = dataclasses.replace(genuine, body=urlencode(form).encode())
    assert TWILIO.verify(request, [TOKEN])
    return request


def without(name: str, form: Form) -> Form:
    return [field for field in form if field[0] != name]


def form_of(signed: str, starts: list[tuple[int, str]]) -> Form:
    """The fields that begin at these places."""
    ends = [start for start, _ in starts[1:]] + [len(signed)]
    return [(name, signed[at + len(name) : end]) for (at, name), end in zip(starts, ends, strict=True)]


def in_order(borders: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """Those of the borders that leave the names in Twilio's order, and none inside another's name."""
    kept = borders[:1]
    for start, name in borders[1:]:
        if name >= kept[-1][1] and start >= kept[-1][0] + len(kept[-1][1]):
            kept.append((start, name))
    return kept


def borders_of(form: Form) -> list[tuple[int, str]]:
    place, found = 0, []
    for name, value in sorted(set(form)):
        found.append((place, name))
        place += len(name) + len(value)
    return found


def cut_once(form: Form) -> Iterator[Form]:
    """With one border more, at every place and with every name, and all others that fit."""
    signed, borders = signed_text(form), borders_of(form)
    for place in range(len(signed)):
        longest = NAME.match(signed, place)
        for length in range(1, min(len(longest[0]) if longest else 0, 16) + 1):
            extra = place, signed[place : place + length]
            before = [one for one in borders if one[0] < place]
            kept = [one for one in before if one[1] <= extra[1] and one[0] + len(one[1]) <= place]
            after = [one for one in borders if one[0] >= place + length]
            other = form_of(signed, in_order([*kept, extra, *after]))
            if signed_text(other) == signed:
                yield other


NAMES = ["AccountSid", "ApiVersion", "Body", "From", "MessageSid", "MessageStatus", "OriginalRepliedMessageSid"]
NAMES += ["ErrorCode", "NumMedia", "SmsMessageSid", "SmsSid", "SmsStatus", "To", "FromCity", "ToCity", "WaId"]


@st.composite
def cut(draw: st.DrawFn, form: Form) -> Form:
    """Other fields that are signed alike, for the most part with names of Twilio's."""
    signed = signed_text(form)
    known = [(found.start(), name) for name in NAMES for found in re.finditer(name, signed)]
    chosen = draw(st.lists(st.sampled_from([*known, *borders_of(form)]), min_size=4, max_size=40))
    for place in draw(st.lists(st.integers(0, len(signed) - 1), max_size=6)):
        longest = NAME.match(signed, place)
        if longest:
            chosen.append((place, longest[0][: draw(st.integers(1, 12))]))
    first = NAME.match(signed)
    assert first
    start = 0, draw(st.sampled_from(["AccountSid", "A", first[0][:20]]))
    other = form_of(signed, in_order([start, *sorted(set(chosen) - {start})]))
    assume(signed_text(other) == signed)
    return other


ADDRESS = r"(?:[a-z]+:)?\+?[0-9]{5,}"
AIMS = [("From", ADDRESS), ("MessageSid", "SM[0-9a-f]{32}"), ("To", ADDRESS)]
AIMS += [(name, "SM[0-9a-f]{32}") for name in ("OriginalRepliedMessageSid", "SmsMessageSid", "SmsSid")]


@st.composite
def aimed(draw: st.DrawFn, form: Form) -> Form:
    """Other fields that are signed alike, with an id and addresses that can be read anywhere in the signed text."""
    signed = signed_text(form)
    starts = borders_of(form)[:3]
    for name, shape in AIMS:
        seen = [*re.finditer(f"{name}(?={shape})", signed)]
        if seen and (name in {"From", "MessageSid", "To"} or draw(st.booleans())):
            found = draw(st.sampled_from(seen))
            end = re.compile(shape).match(signed, found.end())
            starts.append((found.start(), name))
            longest = end and NAME.match(signed, end.end())
            names = [longest[0][:length] for length in range(1, 20)] if longest else []
            names = [later for later in names if later > name][:4]
            names += [known for place, known in borders_of(form) if longest and place == longest.start()]
            if longest and names:
                starts.append((longest.start(), draw(st.sampled_from(names))))
    for border in draw(st.permutations(borders_of(form))):
        more = sorted({*starts, border})
        if in_order(more) == more:
            starts = more
    other = form_of(signed, in_order(sorted(set(starts))))
    assume(signed_text(other) == signed)
    return other


PIECES = [
    *("hi", " ", "From", "To", "Body", "Sms", "OriginalReplied", "G", "H", "M", "Z", "x", "F", "FromA", "Media", "0"),
    *(f"From{VICTIM}", f"From{PERSON}", "From12345", "FromACME", f"Fromwhatsapp:{VICTIM}", f"To{OUR_NUMBER}"),
    *(f"To{OTHER_NUMBER}", "To54321", f"MessageSid{FORGED}", f"SmsMessageSid{FORGED}", f"SmsSid{FORGED}"),
    *(f"AccountSid{ACCOUNT}", "NumMedia0", "SmsStatusreceived", "MediaUrl0https://evil.example/", "MessageStatus"),
]
hostile = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)
senders = st.sampled_from([PERSON, "12345", f"whatsapp:{PERSON}", "whatsapp:12025550123", "messenger:1234567890"])


@st.composite
def genuine_texts(draw: st.DrawFn) -> Form:
    """Requests of Twilio's, with what persons may write in every place that is theirs."""
    sender = draw(senders)
    channel, _, _ = sender.rpartition(":")
    recipient = f"{channel}:{OUR_NUMBER}" if channel else OUR_NUMBER
    name = draw(st.sampled_from(["whatsapp", "sms", "mms"])) if channel else "sms"
    fields: dict[str, str] = dict(sample(f"twilio_inbound_{name}.json")["fields"])
    theirs = {"Body": draw(hostile), "ProfileName": draw(hostile), "Label": draw(hostile), "ButtonText": draw(hostile)}
    theirs = theirs if name == "whatsapp" else {"Body": theirs["Body"]}
    return list((fields | theirs | {"AccountSid": ACCOUNT, "From": sender, "To": recipient}).items())
