"""The search for the fewest mistakes that make the signature of a request.

A mistake is named only when it reproduces the signature to the last bit. Nothing is guessed: 160 bits do not match by
chance.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from operations.signature.body_variants import BodyVariant, account_sid, body_variants
from operations.signature.case import Case, Mistake, Mistakes
from operations.signature.encodings import SignatureEncoding, encodings
from operations.signature.secret_candidates import PASTED_KINDS, SecretCandidate, odd_secrets, secret_candidates
from operations.signature.url_parts import Url, read_url
from operations.signature.url_variants import UrlVariant, url_variants
from shared.errors import InvalidValue
from shared.public_paths import RECEIVE
from shared.tenants.account import account_with

MISTAKES_MAX = 2
"""At once, with URL, body and secret together. A mistake in writing the signature may be added."""


class _Variant(Protocol):
    @property
    def mistakes(self) -> Mistakes:
        """The mistakes that lead to it."""


T = TypeVar("T", bound=_Variant)


@dataclass(frozen=True)
class Diagnosis:
    """What the search found out.

    Attributes:
        genuine: whether the receiver accepts the signature, with the tenant as it is stored now.
        causes: the mistakes that explain the refusal; empty when it is genuine, and when nothing explains it.
        odd: what is odd about the stored secrets, whether or not it is the cause.
        tried: how many signatures were computed.
    """

    genuine: bool
    causes: Mistakes
    odd: Mistakes
    tried: int


def diagnose(case: Case) -> Diagnosis:
    """Why the request was refused. Raises InvalidValue when the URL is not one."""
    called = read_url(case.url)
    if called is None:
        message = f"this is no URL; give the webhook's, as https://sms-east.example.com{RECEIVE}"
        raise InvalidValue(message)
    sid = account_sid(case)
    account = account_with(sid, case.accounts) if sid else None
    odd = tuple(odd_secrets(account, case)) if account else ()
    if not case.signature:
        return Diagnosis(genuine=False, causes=(Mistake("missing_signature"),), odd=odd, tried=0)
    possible_encodings = encodings(case.signature)
    if not possible_encodings:
        return Diagnosis(genuine=False, causes=(Mistake("no_signature"),), odd=odd, tried=0)
    mistakes, tried = _search(case, called, possible_encodings, secret_candidates(case, sid))
    if account is None and case.request.is_form:
        about_account = Mistake("unknown_account", sid) if sid else Mistake("no_account")
        about_rest = (mistake for mistake in mistakes or () if mistake.cause not in PASTED_KINDS.values())
        mistakes = (about_account, *about_rest)
    return Diagnosis(genuine=mistakes == (), causes=mistakes or (), odd=odd, tried=tried)


def _search(
    case: Case, called: Url, possible_encodings: Sequence[SignatureEncoding], secrets: Sequence[SecretCandidate]
) -> tuple[Mistakes | None, int]:
    """The fewest mistakes that make the signature, or None; and how many signatures were computed."""
    secrets_by_count = _by_count(secrets)
    urls_by_count = _by_count(url_variants(case, called))
    bodies_by_count = _by_count(body_variants(case))
    tried = 0
    for count in range(MISTAKES_MAX + 1):
        for secret, url, body in _combinations(count, secrets_by_count, urls_by_count, bodies_by_count):
            for text in url.texts:
                signed = body.after(text)
                tried += len(possible_encodings)
                for encoding in possible_encodings:
                    if encoding.matches(secret.secret, signed):
                        return (*encoding.mistakes, *secret.mistakes, *url.mistakes, *body.mistakes), tried
    return None, tried


def _combinations(
    count: int,
    secrets_by_count: list[list[SecretCandidate]],
    urls_by_count: list[list[UrlVariant]],
    bodies_by_count: list[list[BodyVariant]],
) -> Iterator[tuple[SecretCandidate, UrlVariant, BodyVariant]]:
    """Each combination with this many mistakes in total."""
    for with_secret in range(count + 1):
        for with_url in range(count - with_secret + 1):
            for secret in secrets_by_count[with_secret]:
                for url in urls_by_count[with_url]:
                    for body in bodies_by_count[count - with_secret - with_url]:
                        yield secret, url, body


def _by_count(variants: Iterable[T]) -> list[list[T]]:
    """The variants with no mistake, with one, with two."""
    grouped: list[list[T]] = [[] for _ in range(MISTAKES_MAX + 1)]
    for variant in variants:
        grouped[len(variant.mistakes)].append(variant)
    return grouped
