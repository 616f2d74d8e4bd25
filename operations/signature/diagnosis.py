"""The search: which mistakes, as few as possible, make the signature that a request had.

Only a mistake that reproduces the signature to the last bit is named, so nothing is guessed: 160 bits do not fit by
chance.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from operations.signature.body_variants import Content, account_sid, contents
from operations.signature.case import Case, Causes, Named
from operations.signature.encodings import Spelling, spellings
from operations.signature.secret_candidates import PASTED, Suspect, doubtful, suspects
from operations.signature.url_parts import Url, read_url
from operations.signature.url_variants import Address, addresses
from shared.errors import InvalidValue

MISTAKES_MAX = 2
"""At once, of URL, fields and secret; the signature's own spelling comes on top."""


class _Tried(Protocol):
    @property
    def causes(self) -> Causes:
        """What is wrong with it."""


T = TypeVar("T", bound=_Tried)


@dataclass(frozen=True)
class Diagnosis:
    """What was found.

    Attributes:
        genuine: whether the receiver takes the signature, as the tenant is stored now.
        causes: the mistakes that explain the refusal; none when it is genuine, and none when nothing fits.
        odd: what is odd about what is stored, whether it is to blame or not.
        tried: how many signatures were computed.
    """

    genuine: bool
    causes: Causes
    odd: Causes
    tried: int


def diagnose(case: Case) -> Diagnosis:
    """Finds out why the request was refused. Raises InvalidValue when the URL is none."""
    given = read_url(case.url)
    if given is None:
        message = "this is no URL; give the webhook's, as https://sms-east.example.com/sms.receiver/SmsRecv"
        raise InvalidValue(message)
    sid = account_sid(case)
    account = case.tenant.account(sid) if sid else None
    odd = tuple(doubtful(account, case)) if account else ()
    if not case.signature:
        return Diagnosis(genuine=False, causes=(Named("missing_signature"),), odd=odd, tried=0)
    spelled = spellings(case.signature)
    if not spelled:
        return Diagnosis(genuine=False, causes=(Named("no_signature"),), odd=odd, tried=0)
    found, tried = _search(case, given, spelled, suspects(case, sid))
    if account is None and case.request.is_form:
        who = Named("unknown_account", sid) if sid else Named("no_account")
        found = (who, *(named for named in found or () if named.cause not in PASTED.values()))
    return Diagnosis(genuine=found == (), causes=found or (), odd=odd, tried=tried)


def _search(
    case: Case, given: Url, spelled: Sequence[Spelling], secrets: Sequence[Suspect]
) -> tuple[Causes | None, int]:
    """The fewest mistakes that make the signature, or None; and how many were tried."""
    by_secret, by_address = _by_number(secrets), _by_number(addresses(case, given))
    by_content = _by_number(contents(case))
    tried = 0
    for number in range(MISTAKES_MAX + 1):
        for suspect, address, content in _together(number, by_secret, by_address, by_content):
            for text in address.texts:
                signed = content.after(text)
                tried += len(spelled)
                for spelling in spelled:
                    if spelling.fits(suspect.secret, signed):
                        return (*spelling.causes, *suspect.causes, *address.causes, *content.causes), tried
    return None, tried


def _together(
    number: int, by_secret: list[list[Suspect]], by_address: list[list[Address]], by_content: list[list[Content]]
) -> Iterator[tuple[Suspect, Address, Content]]:
    """All that make so many mistakes together."""
    for of_secret in range(number + 1):
        for of_address in range(number - of_secret + 1):
            for suspect in by_secret[of_secret]:
                for address in by_address[of_address]:
                    for content in by_content[number - of_secret - of_address]:
                        yield suspect, address, content


def _by_number(things: Iterable[T]) -> list[list[T]]:
    grouped: list[list[T]] = [[] for _ in range(MISTAKES_MAX + 1)]
    for thing in things:
        grouped[len(thing.causes)].append(thing)
    return grouped
