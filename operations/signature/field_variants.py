"""What can have happened to the fields of a form between Twilio and us, or before they were signed.

Source: Twilio docs, "Security" and "Twilio's request to your incoming message webhook URL".
"""

import html
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from urllib.parse import quote, quote_plus

from operations.signature.case import Named

Fields = Sequence[tuple[str, str]]
Change = Callable[[Fields], Iterator[tuple[Named, Fields]]]

_OFTEN_BLANK = ("FromCity", "FromState", "FromZip", "FromCountry", "ToCity", "ToState", "ToZip", "ToCountry")
_BLANK_TOO = ("Body", "OptOutType", "MessagingServiceSid", "ButtonText", "ButtonPayload")
_ALWAYS_THE_SAME = (("ApiVersion", "2010-04-01"), ("NumSegments", "1"), ("NumMedia", "0"), ("SmsStatus", "received"))
_COUNTRIES = (("ToCountry", "US"), ("FromCountry", "US"), ("ReferralNumMedia", "0"))
_SIDS = ("MessageSid", "SmsSid", "SmsMessageSid")
_ADDRESSES = ("From", "To")
_PADDING = (" ", "  ", "\n", "\r\n", "\t", "\u00a0")


def changes(fields: Fields) -> Iterator[tuple[Named, Fields]]:
    """The fields as they may have been when they were signed, after one mistake; the likeliest mistake first."""
    for change in _CHANGES:
        yield from change(fields)


def lost_blanks(fields: Fields) -> Iterator[tuple[Named, Fields]]:
    """With each choice of blank fields that often come and do not stand here: they may have been dropped."""
    there = dict(fields)
    missing = [name for name in _OFTEN_BLANK if name not in there]
    for more in ((), *((name,) for name in _BLANK_TOO if name not in there)):
        for count in range(len(missing) + 1):
            for names in (chosen + more for chosen in combinations(missing, count) if chosen + more):
                yield Named("blanks_dropped", ", ".join(names)), [*fields, *((name, "") for name in names)]


def _blanks_not_signed(fields: Fields) -> Iterator[tuple[Named, Fields]]:
    filled = [(name, value) for name, value in fields if value]
    if len(filled) < len(fields):
        yield Named("blanks_not_signed"), filled


def _newlines(fields: Fields) -> Iterator[tuple[Named, Fields]]:
    for old, new in (("\r\n", "\n"), ("\n", "\r\n"), ("\n", " "), ("\n", "")):
        yield Named("newlines_changed"), [(name, value.replace(old, new)) for name, value in fields]


def _trimming(fields: Fields) -> Iterator[tuple[Named, Fields]]:
    yield Named("trimmed_signed"), [(name, value.strip()) for name, value in fields]
    yield Named("trimmed_signed"), _in_body(fields, str.strip)
    for pad in _PADDING:
        yield Named("body_trimmed"), _in_body(fields, lambda text, pad=pad: text + pad)  # type: ignore[misc]
        yield Named("body_trimmed"), _in_body(fields, lambda text, pad=pad: pad + text)  # type: ignore[misc]


def _repetitions(fields: Fields) -> Iterator[tuple[Named, Fields]]:
    if len(dict(fields)) < len(fields):
        yield Named("repetitions_lost"), list(dict(fields).items())
        yield Named("repetitions_lost"), list(dict(reversed(fields)).items())


def _plus(fields: Fields) -> Iterator[tuple[Named, Fields]]:
    yield Named("plus_and_space"), [(n, v.replace(" ", "+") if n in _ADDRESSES else v) for n, v in fields]
    yield Named("plus_and_space"), [(n, v.replace("+", " ") if n in _ADDRESSES else v) for n, v in fields]
    yield Named("plus_and_space"), [(name, value.replace(" ", "+")) for name, value in fields]
    yield Named("plus_and_space"), [(name, value.replace("+", " ")) for name, value in fields]


def _charset(fields: Fields) -> Iterator[tuple[Named, Fields]]:
    for charset in ("latin-1", "cp1252"):
        for out, back in ((charset, "utf-8"), ("utf-8", charset)):
            try:
                yield Named("charset"), [(n, v.encode(out).decode(back)) for n, v in fields]
            except UnicodeError:
                continue
    yield Named("charset"), [(n, v.encode("ascii", "replace").decode()) for n, v in fields]
    yield Named("charset"), [(n, v.encode("ascii", "ignore").decode()) for n, v in fields]
    for form in ("NFC", "NFD", "NFKC"):
        yield Named("unicode_form"), [(n, unicodedata.normalize(form, v)) for n, v in fields]


def _escapes(fields: Fields) -> Iterator[tuple[Named, Fields]]:
    yield Named("html_escaped"), [(name, html.unescape(value)) for name, value in fields]
    yield Named("html_escaped"), [(name, html.escape(value)) for name, value in fields]
    yield Named("html_escaped"), [(name, html.escape(value, quote=False)) for name, value in fields]
    yield Named("encoded_signed"), [(quote_plus(name), quote_plus(value)) for name, value in fields]
    yield Named("encoded_signed"), [(quote(name, safe=""), quote(value, safe="")) for name, value in fields]


def _missing(fields: Fields) -> Iterator[tuple[Named, Fields]]:
    there = dict(fields)
    sid = next((there[name] for name in _SIDS if there.get(name)), "")
    known = [*_ALWAYS_THE_SAME, *((name, sid) for name in _SIDS if sid), *_COUNTRIES]
    absent = [(name, value) for name, value in known if name not in there]
    for more in (*((one,) for one in absent), *combinations(absent, 2), tuple(absent)):
        if more:
            yield Named("field_removed", ", ".join(name for name, _ in more)), [*fields, *more]


def _added(fields: Fields) -> Iterator[tuple[Named, Fields]]:
    for place, (name, _) in enumerate(fields):
        yield Named("field_added", name), [*fields[:place], *fields[place + 1 :]]


def _in_body(fields: Fields, change: Callable[[str], str]) -> Fields:
    return [(name, change(value) if name == "Body" else value) for name, value in fields]


_CHANGES: tuple[Change, ...] = (
    _blanks_not_signed,
    _newlines,
    _trimming,
    _repetitions,
    _plus,
    _charset,
    _escapes,
    _missing,
    _added,
)
