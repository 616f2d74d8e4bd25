"""What a check finds, and what it examines."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from operations.operator import Operator
from operations.stage.tenant_copy import TenantCopy
from operations.tenants.managed_tenant import ManagedTenant
from shared.errors import CommandDeclined, Configuration, SmsReceiverError, Unavailable, UpstreamRefused


class CheckVerdict(StrEnum):
    """How bad a finding is."""

    GOOD = "good"
    WARNING = "warning"
    WRONG = "wrong"


@dataclass(frozen=True)
class Finding:
    """What one check found.

    Attributes:
        check: the check's name, such as `queue inbound`; several findings may have the same.
        verdict: how bad it is.
        seen: what was seen, for people.
        do: what to do about it; empty when it is good. It may have commands such as `./sms parked list`.
    """

    check: str
    verdict: CheckVerdict
    seen: str
    do: str = ""


@dataclass(frozen=True)
class CheckedStage:
    """What checks examine: a stage, and a tenant on it.

    Attributes:
        operator: who knows the stage.
        outputs: the outputs of the stage's stack; empty when it is not deployed.
        tenant: the tenant whose keys, tokens and parked texts are checked; None when there is none that can be read.
        look_only: whether nothing may change.
    """

    operator: Operator
    outputs: Mapping[str, str]
    tenant: ManagedTenant | None = field(repr=False)
    look_only: bool

    @cached_property
    def copies(self) -> Mapping[str, TenantCopy]:
        """What each region has of the tenant, read once; empty without a tenant. Raises Unavailable, Configuration."""
        return self.operator.target.inspected.copies(self.tenant.id) if self.tenant else {}

    @property
    def base_url(self) -> str:
        """What the webhooks begin with. Raises CommandDeclined when the stage is not deployed."""
        base_url = self.operator.target.base_url(self.operator.stage)
        if base_url is None:
            message = f"stage {self.operator.stage} has no URL; run: make deploy STAGE={self.operator.stage}"
            raise CommandDeclined(message)
        return base_url


Check = Callable[[CheckedStage], Iterable[Finding]]


def good(check: str, seen: str) -> Finding:
    """A finding that all is well."""
    return Finding(check, CheckVerdict.GOOD, seen)


def warning(check: str, seen: str, do: str) -> Finding:
    """A finding that something works, but should be looked at; or that it could not be checked."""
    return Finding(check, CheckVerdict.WARNING, seen, do)


def wrong(check: str, seen: str, do: str) -> Finding:
    """A finding that something does not work."""
    return Finding(check, CheckVerdict.WRONG, seen, do)


def unchecked(check: str, error: SmsReceiverError) -> Finding:
    """A finding that something could not be looked at, which is not a failure."""
    do = (
        "check whether these AWS credentials may do it (docs/operate-policy.json suffices; with --first, it takes an "
        "administrator's), or look yourself"
    )
    return warning(check, f"could not be checked, because: {error}", do)


def run_check(name: str, check: Check, checked: CheckedStage) -> Iterator[Finding]:
    """The findings of a check; a warning with the reason when it cannot be done, which is not a failure."""
    try:
        yield from check(checked)
    except (Unavailable, UpstreamRefused, Configuration, CommandDeclined) as error:
        yield unchecked(name, error)
