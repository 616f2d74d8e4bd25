"""What can be wrong with what is signed after the URL: the fields, their order, or whether they are signed.

Source: Twilio docs, "Security" ("Validating signatures from Twilio").
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import quote, unquote_to_bytes, urlencode

from operations.signature.case import Case, Mistake, Mistakes
from operations.signature.field_variants import Fields, dropped_blanks, field_variants
from shared.providers.twilio.signature import announced_digest, signed_fields
from shared.providers.twilio.webhook import Twilio

_PAIRS_MAX = 60  # Twilio sends some forty fields; with very many, trying two mistakes would take too long


@dataclass(frozen=True)
class BodyVariant:
    """What may have been signed after the URL; `in_query` when it was signed as the URL's query."""

    mistakes: Mistakes
    text: bytes = field(repr=False)
    in_query: bool = False

    def after(self, url: bytes) -> bytes:
        """Everything that was signed, with this URL."""
        if not self.in_query:
            return url + self.text
        return url + (b"&" if b"?" in url else b"?") + self.text


def body_variants(case: Case) -> Iterator[BodyVariant]:
    """Everything that may have been signed after the URL, each text once, with the mistakes that lead to it."""
    seen: set[tuple[bytes, bool]] = set()
    for variant in _all_variants(case):
        if (variant.text, variant.in_query) not in seen:
            seen.add((variant.text, variant.in_query))
            yield variant


def account_sid(case: Case) -> str | None:
    """The account that the body names, even in a form that the receiver cannot read; None when it names none."""
    pairs = _fields_in("latin-1", case.body)
    lenient = next((value for name, value in pairs if name == "AccountSid"), None)
    return Twilio().account(case.request) or lenient or None


def _all_variants(case: Case) -> Iterator[BodyVariant]:
    fields = case.fields
    if not case.request.is_form:
        yield from _variants_of_other_bodies(case, fields)
        return
    if fields is not None:
        yield from _variants_of_form(fields, case.body)
    yield from _variants_of_json(case.body)
    yield from _variants_in_other_charset(case.body)


def _variants_of_form(fields: Fields, body: bytes) -> Iterator[BodyVariant]:
    yield BodyVariant((), _canonical(fields))
    once = list(field_variants(fields))
    for mistake, variant in once:
        yield BodyVariant((mistake,), _canonical(variant))
    yield from _variants_in_other_order(fields)
    yield BodyVariant((Mistake("fields_not_signed"),), b"")
    for in_query in (urlencode(fields), urlencode(fields, quote_via=quote), body.decode("latin-1")):
        yield BodyVariant((Mistake("get_signed"),), in_query.encode("latin-1"), in_query=True)
    yield BodyVariant((Mistake("raw_body_signed"),), body)
    yield BodyVariant((Mistake("json_signed"),), json.dumps(dict(fields)).encode())
    yield BodyVariant((Mistake("json_signed"),), json.dumps(dict(fields), separators=(",", ":")).encode())
    for mistake, variant in dropped_blanks(fields):
        yield BodyVariant((mistake,), _canonical(variant))
    for first, variant in once if len(fields) <= _PAIRS_MAX else ():
        for second, variant_of_variant in field_variants(variant):
            if second.cause != first.cause:
                yield BodyVariant((first, second), _canonical(variant_of_variant))


def _variants_in_other_order(fields: Fields) -> Iterator[BodyVariant]:
    ignoring_case = sorted(set(fields), key=lambda field: (field[0].lower(), field[1]))
    yield BodyVariant((Mistake("sorted_ignoring_case"),), _joined(ignoring_case))
    yield BodyVariant((Mistake("not_sorted"),), _joined(fields))
    by_name = sorted(fields, key=lambda field: field[0])  # repetitions stay, in their order
    yield BodyVariant((Mistake("repetitions_lost"),), _joined(by_name))


def _variants_of_other_bodies(case: Case, fields: Fields | None) -> Iterator[BodyVariant]:
    """A body that is no form: Twilio signs only the URL, with the body's hash in its query. A text is never sent so."""
    announced = announced_digest(case.url)
    changed = announced is not None and announced != hashlib.sha256(case.body).hexdigest()
    yield BodyVariant((Mistake("body_changed" if changed else "no_form"),), b"")
    if fields is not None:
        yield BodyVariant((Mistake("content_type_changed"),), _canonical(fields))
    yield from _variants_of_json(case.body)
    yield BodyVariant((Mistake("raw_body_signed"),), case.body)


def _variants_of_json(body: bytes) -> Iterator[BodyVariant]:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return
    if isinstance(document, dict):
        flat = [(name, value if isinstance(value, str) else json.dumps(value)) for name, value in document.items()]
        blank = [(name, "" if document[name] is None else value) for name, value in flat]
        yield BodyVariant((Mistake("form_became_json"),), _canonical(flat))
        yield BodyVariant((Mistake("form_became_json"),), _canonical(blank))
        yield BodyVariant((Mistake("fields_not_signed"),), b"")


def _variants_in_other_charset(body: bytes) -> Iterator[BodyVariant]:
    """A form that is not in UTF-8; Twilio uses no other charset."""
    for charset in ("latin-1", "cp1252", "utf-8"):
        decoded = _fields_in(charset, body)
        yield BodyVariant((Mistake("charset"),), _canonical(decoded))
        yield BodyVariant((Mistake("charset"),), signed_fields(decoded).encode(charset, "replace"))


def _fields_in(charset: str, body: bytes) -> Fields:
    """The body's fields, read as a form in this charset; bytes that it does not have are replaced."""
    pairs = [pair.partition(b"=") for pair in body.replace(b"+", b" ").split(b"&")]
    return [
        (unquote_to_bytes(name).decode(charset, "replace"), unquote_to_bytes(value).decode(charset, "replace"))
        for name, _, value in pairs
    ]


def _canonical(fields: Fields) -> bytes:
    """The fields as Twilio signs them."""
    return signed_fields(fields).encode("utf-8", "surrogatepass")


def _joined(fields: Fields) -> bytes:
    """The fields in this order, as they would be signed."""
    return "".join(name + value for name, value in fields).encode("utf-8", "surrogatepass")
