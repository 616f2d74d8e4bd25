"""What can be wrong with what is signed after the URL: the fields, their order, or that they are signed at all.

Source: Twilio docs, "Security" ("Validating signatures from Twilio").
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import quote, unquote_to_bytes, urlencode

from operations.signature.case import Case, Causes, Named
from operations.signature.field_variants import Fields, changes, lost_blanks
from shared.providers.twilio.signature import announced_digest, signed_fields
from shared.providers.twilio.webhook import Twilio

_PAIRS_MAX = 60  # Twilio sends some forty fields; two mistakes with very many would take long


@dataclass(frozen=True)
class Content:
    """What may have been signed after the URL; `in_query` when it was a part of it."""

    causes: Causes
    text: bytes = field(repr=False)
    in_query: bool = False

    def after(self, address: bytes) -> bytes:
        """All that was signed."""
        if not self.in_query:
            return address + self.text
        return address + (b"&" if b"?" in address else b"?") + self.text


def contents(case: Case) -> Iterator[Content]:
    """Everything that may have been signed: the right thing first, then with one mistake, then with two."""
    seen: set[tuple[bytes, bool]] = set()
    for content in _contents(case):
        if (content.text, content.in_query) not in seen:
            seen.add((content.text, content.in_query))
            yield content


def account_sid(case: Case) -> str | None:
    """The account that the form names, also in a form that the receiver cannot read; None when it names none."""
    pairs = _fields_in("latin-1", case.body)
    lenient = next((value for name, value in pairs if name == "AccountSid"), None)
    return Twilio().account(case.request) or lenient or None


def _contents(case: Case) -> Iterator[Content]:
    fields = case.fields
    if not case.request.is_form:
        yield from _of_other(case, fields)
        return
    if fields is not None:
        yield from _of_form(fields, case.body)
    yield from _of_json(case.body)
    yield from _of_bytes(case.body)


def _of_form(fields: Fields, body: bytes) -> Iterator[Content]:
    yield Content((), _canonical(fields))
    once = list(changes(fields))
    for named, changed in once:
        yield Content((named,), _canonical(changed))
    yield from _of_order(fields)
    yield Content((Named("fields_not_signed"),), b"")
    for in_query in (urlencode(fields), urlencode(fields, quote_via=quote), body.decode("latin-1")):
        yield Content((Named("get_signed"),), in_query.encode("latin-1"), in_query=True)
    yield Content((Named("raw_body_signed"),), body)
    yield Content((Named("json_signed"),), json.dumps(dict(fields)).encode())
    yield Content((Named("json_signed"),), json.dumps(dict(fields), separators=(",", ":")).encode())
    for named, changed in lost_blanks(fields):
        yield Content((named,), _canonical(changed))
    for named, changed in once if len(fields) <= _PAIRS_MAX else ():
        for second, twice in changes(changed):
            if second.cause != named.cause:
                yield Content((named, second), _canonical(twice))


def _of_order(fields: Fields) -> Iterator[Content]:
    folded = sorted(set(fields), key=lambda field: (field[0].lower(), field[1]))
    yield Content((Named("sorted_ignoring_case"),), _joined(folded))
    yield Content((Named("not_sorted"),), _joined(fields))
    repeated = sorted(fields, key=lambda field: field[0])  # each time it comes, in its order
    yield Content((Named("repetitions_lost"),), _joined(repeated))


def _of_other(case: Case, fields: Fields | None) -> Iterator[Content]:
    """A body that is no form: only the URL is signed, with the body's hash in it. It is never a text."""
    announced = announced_digest(case.url)
    changed = announced is not None and announced != hashlib.sha256(case.body).hexdigest()
    yield Content((Named("body_changed" if changed else "no_form"),), b"")
    if fields is not None:
        yield Content((Named("content_type_changed"),), _canonical(fields))
    yield from _of_json(case.body)
    yield Content((Named("raw_body_signed"),), case.body)


def _of_json(body: bytes) -> Iterator[Content]:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return
    if isinstance(document, dict):
        flat = [(name, value if isinstance(value, str) else json.dumps(value)) for name, value in document.items()]
        blank = [(name, "" if document[name] is None else value) for name, value in flat]
        yield Content((Named("form_became_json"),), _canonical(flat))
        yield Content((Named("form_became_json"),), _canonical(blank))
        yield Content((Named("fields_not_signed"),), b"")


def _of_bytes(body: bytes) -> Iterator[Content]:
    """The form in another charset than UTF-8, the only one that Twilio uses."""
    for charset in ("latin-1", "cp1252", "utf-8"):
        decoded = _fields_in(charset, body)
        yield Content((Named("charset"),), _canonical(decoded))
        yield Content((Named("charset"),), signed_fields(decoded).encode(charset, "replace"))


def _fields_in(charset: str, body: bytes) -> Fields:
    """The body's fields, read as a form in this charset; what it cannot hold is replaced."""
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
