"""What may have happened to the fields of a form on the way from Twilio, or before they were signed.

Source: Twilio docs, "Security" and "Twilio's request to your incoming message webhook URL".
"""

import html
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from urllib.parse import quote, quote_plus

from operations.signature.case import Mistake

Fields = Sequence[tuple[str, str]]
FieldMistake = Callable[[Fields], Iterator[tuple[Mistake, Fields]]]

_OFTEN_BLANK = ("FromCity", "FromState", "FromZip", "FromCountry", "ToCity", "ToState", "ToZip", "ToCountry")
_BLANK_TOO = ("Body", "OptOutType", "MessagingServiceSid", "ButtonText", "ButtonPayload")
_ALWAYS_THE_SAME = (("ApiVersion", "2010-04-01"), ("NumSegments", "1"), ("NumMedia", "0"), ("SmsStatus", "received"))
_COUNTRIES = (("ToCountry", "US"), ("FromCountry", "US"), ("ReferralNumMedia", "0"))
_SIDS = ("MessageSid", "SmsSid", "SmsMessageSid")
_ADDRESSES = ("From", "To")
_PADDING = (" ", "  ", "\n", "\r\n", "\t", "\u00a0")


def field_variants(fields: Fields) -> Iterator[tuple[Mistake, Fields]]:
    """The fields as they may have been signed if one mistake was made; the likeliest mistake first."""
    for field_mistake in _FIELD_MISTAKES:
        yield from field_mistake(fields)


def dropped_blanks(fields: Fields) -> Iterator[tuple[Mistake, Fields]]:
    """The fields with each choice of blank fields that Twilio often sends and that may have been dropped on the way."""
    names_in_form = {name for name, _ in fields}
    missing = [name for name in _OFTEN_BLANK if name not in names_in_form]
    for more in ((), *((name,) for name in _BLANK_TOO if name not in names_in_form)):
        for count in range(len(missing) + 1):
            for names in (some + more for some in combinations(missing, count) if some + more):
                yield Mistake("blanks_dropped", ", ".join(names)), [*fields, *((name, "") for name in names)]


def _blanks_not_signed(fields: Fields) -> Iterator[tuple[Mistake, Fields]]:
    filled = [(name, value) for name, value in fields if value]
    if len(filled) < len(fields):
        yield Mistake("blanks_not_signed"), filled


def _newlines(fields: Fields) -> Iterator[tuple[Mistake, Fields]]:
    for old, new in (("\r\n", "\n"), ("\n", "\r\n"), ("\n", " "), ("\n", "")):
        yield Mistake("newlines_changed"), [(name, value.replace(old, new)) for name, value in fields]


def _trimming(fields: Fields) -> Iterator[tuple[Mistake, Fields]]:
    yield Mistake("trimmed_signed"), [(name, value.strip()) for name, value in fields]
    yield Mistake("trimmed_signed"), _in_body(fields, str.strip)
    for pad in _PADDING:
        yield Mistake("body_trimmed"), _in_body(fields, lambda text, pad=pad: text + pad)  # type: ignore[misc]
        yield Mistake("body_trimmed"), _in_body(fields, lambda text, pad=pad: pad + text)  # type: ignore[misc]


def _repetitions(fields: Fields) -> Iterator[tuple[Mistake, Fields]]:
    if len(dict(fields)) < len(fields):
        yield Mistake("repetitions_lost"), list(dict(fields).items())
        yield Mistake("repetitions_lost"), list(dict(reversed(fields)).items())


def _plus(fields: Fields) -> Iterator[tuple[Mistake, Fields]]:
    yield Mistake("plus_and_space"), [(n, v.replace(" ", "+") if n in _ADDRESSES else v) for n, v in fields]
    yield Mistake("plus_and_space"), [(n, v.replace("+", " ") if n in _ADDRESSES else v) for n, v in fields]
    yield Mistake("plus_and_space"), [(name, value.replace(" ", "+")) for name, value in fields]
    yield Mistake("plus_and_space"), [(name, value.replace("+", " ")) for name, value in fields]


def _charset(fields: Fields) -> Iterator[tuple[Mistake, Fields]]:
    for charset in ("latin-1", "cp1252"):
        for encoded_in, decoded_in in ((charset, "utf-8"), ("utf-8", charset)):
            try:
                yield Mistake("charset"), [(n, v.encode(encoded_in).decode(decoded_in)) for n, v in fields]
            except UnicodeError:
                continue
    yield Mistake("charset"), [(n, v.encode("ascii", "replace").decode()) for n, v in fields]
    yield Mistake("charset"), [(n, v.encode("ascii", "ignore").decode()) for n, v in fields]
    for form in ("NFC", "NFD", "NFKC"):
        yield Mistake("unicode_form"), [(n, unicodedata.normalize(form, v)) for n, v in fields]


def _escapes(fields: Fields) -> Iterator[tuple[Mistake, Fields]]:
    yield Mistake("html_escaped"), [(name, html.unescape(value)) for name, value in fields]
    yield Mistake("html_escaped"), [(name, html.escape(value)) for name, value in fields]
    yield Mistake("html_escaped"), [(name, html.escape(value, quote=False)) for name, value in fields]
    yield Mistake("encoded_signed"), [(quote_plus(name), quote_plus(value)) for name, value in fields]
    yield Mistake("encoded_signed"), [(quote(name, safe=""), quote(value, safe="")) for name, value in fields]


def _missing(fields: Fields) -> Iterator[tuple[Mistake, Fields]]:
    values = dict(fields)
    sid = next((values[name] for name in _SIDS if values.get(name)), "")
    predictable = [*_ALWAYS_THE_SAME, *((name, sid) for name in _SIDS if sid), *_COUNTRIES]
    absent = [(name, value) for name, value in predictable if name not in values]
    for removed in (*combinations(absent, 1), *combinations(absent, 2), tuple(absent)):
        if removed:
            yield Mistake("field_removed", ", ".join(name for name, _ in removed)), [*fields, *removed]


def _added(fields: Fields) -> Iterator[tuple[Mistake, Fields]]:
    for index, (name, _) in enumerate(fields):
        yield Mistake("field_added", name), [*fields[:index], *fields[index + 1 :]]


def _in_body(fields: Fields, change: Callable[[str], str]) -> Fields:
    return [(name, change(value) if name == "Body" else value) for name, value in fields]


_FIELD_MISTAKES: tuple[FieldMistake, ...] = (
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
