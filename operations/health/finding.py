"""What a check found, and what it looks at."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from operations.operator import Operator
from shared.errors import Configuration, Declined, Refused, Unavailable
from shared.tenants.tenant import Tenant


class Verdict(StrEnum):
    """How it is."""

    GOOD = "good"
    WARNING = "warning"
    WRONG = "wrong"


@dataclass(frozen=True)
class Finding:
    """What one check found: what was seen, and what to do about it unless it is good."""

    check: str
    verdict: Verdict
    seen: str
    do: str = ""


@dataclass(frozen=True)
class Patient:
    """What is looked at.

    Attributes:
        outputs: what the stage's stack tells of itself.
        tenant: whose keys, tokens and parked texts; None when there is no tenant yet.
    """

    operator: Operator
    outputs: Mapping[str, str]
    tenant: Tenant | None = field(repr=False)

    @property
    def base_url(self) -> str:
        """What the webhooks begin with. Raises Declined when the stage is not deployed."""
        found = self.operator.target.base_url(self.operator.stage)
        if found is None:
            message = f"stage {self.operator.stage} has no URL; run: make deploy STAGE={self.operator.stage}"
            raise Declined(message)
        return found


Check = Callable[[Patient], Iterable[Finding]]


def good(check: str, seen: str) -> Finding:
    """All is well."""
    return Finding(check, Verdict.GOOD, seen)


def warning(check: str, seen: str, do: str) -> Finding:
    """It works, but should be looked at."""
    return Finding(check, Verdict.WARNING, seen, do)


def wrong(check: str, seen: str, do: str) -> Finding:
    """It does not work."""
    return Finding(check, Verdict.WRONG, seen, do)


def findings(name: str, check: Check, patient: Patient) -> Iterator[Finding]:
    """What a check finds; one that cannot look says why, which is no failure."""
    try:
        yield from check(patient)
    except (Unavailable, Refused, Configuration, Declined) as error:
        do = "see whether these AWS credentials may do it (docs/operate-policy.json suffices), or look by hand"
        yield warning(name, f"could not be checked, because: {error}", do)
