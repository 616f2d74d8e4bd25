"""Reading the tenants of IBM's gateway from its JSON file."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from operations.ibm_import.draft import Draft
from operations.ibm_import.fields import FIELDS
from shared.errors import InvalidValue

UNKNOWN = "it is in none of IBM's documents that we know"


@dataclass(frozen=True)
class NotCarriedOver:
    """A field of a tenant that does not come here as it is, and why.

    Attributes:
        where: the tenant in the file, such as `tenant 2 (…5555)`.
        field: its path, such as `conversation.url`.
    """

    where: str
    field: str
    why: str


@dataclass(frozen=True)
class IbmTenant:
    """A tenant of the file: what it says, in our terms, and what of it does not come here.

    Attributes:
        where: which tenant of the file it is.
    """

    where: str
    draft: Draft = field(repr=False)
    not_carried_over: tuple[NotCarriedOver, ...]


def is_json(data: bytes) -> bool:
    """Whether it is a JSON file, and not one of numbers."""
    return data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in {b"{", b"["}


def read(data: bytes, country: str = "US") -> list[IbmTenant]:
    """The tenants of a file: `{"tenants": […]}`, a list of tenants, or one tenant.

    Args:
        data: the file.
        country: the country of numbers without + and without their country code.

    Raises InvalidValue, which quotes nothing of the file: it has secrets.
    """
    try:
        document = json.loads(data.removeprefix(b"\xef\xbb\xbf"))
    except (ValueError, RecursionError) as error:
        place = f" in line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        message = f"the file is not JSON{place}"
        raise InvalidValue(message) from None  # the cause quotes it
    tenants = document.get("tenants", [document]) if isinstance(document, dict) else document
    if not isinstance(tenants, list) or not tenants or not all(isinstance(tenant, dict) for tenant in tenants):
        message = 'the file has no tenants; IBM\'s gateway has them as {"tenants": [{…}, {…}]}'
        raise InvalidValue(message)
    return [_tenant(place, tenant, country) for place, tenant in enumerate(tenants, start=1)]


def _tenant(place: int, tenant: Mapping[str, object], country: str) -> IbmTenant:
    draft, reasons = Draft(), list[tuple[str, str]]()
    for path, value in _flat(tenant):
        row = FIELDS.get(path)
        if row is None:
            reasons.append((path, UNKNOWN))
        elif row.take is None:
            reasons.append((path, row.why_not))
        elif isinstance(value, dict | list):
            reasons.append((path, "it is not one value"))
        elif (text := _text(value)) != "":
            try:
                row.take(draft, text, country)
            except InvalidValue as error:
                reasons.append((path, str(error)))
    where = f"tenant {place} (…{draft.number[-4:]})" if draft.number else f"tenant {place}"
    return IbmTenant(where, draft, tuple(NotCarriedOver(where, path, why) for path, why in reasons))


def _flat(tenant: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    """The values by their paths, those of objects one by one unless the object has a row of its own."""
    for name, value in tenant.items():
        if isinstance(value, dict) and value and name not in FIELDS:
            yield from ((f"{name}.{inner}", inner_value) for inner, inner_value in value.items())
        else:
            yield name, value


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    text = "" if value is None else str(value).strip()
    return text.encode("utf-8", "replace").decode()  # JSON can hold half of a character


def grouped(reasons: Sequence[NotCarriedOver]) -> list[Mapping[str, object]]:
    """What does not come here, as records for the operator: what is the same for several tenants once."""
    places: dict[tuple[str, str], list[str]] = {}
    for reason in reasons:
        places.setdefault((reason.field, reason.why), []).append(reason.where)
    return [{"field": path, "why": why, "where": where} for (path, why), where in places.items()]
