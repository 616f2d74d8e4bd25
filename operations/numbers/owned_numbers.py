"""A tenant's numbers as the provider has them, searched for in the tenant's accounts."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from operations.numbers.drift import Difference
from operations.numbers.provider_number import ProviderNumber
from operations.operator import Operator
from operations.ports import ProviderNumbers
from shared.errors import NotFound, Unavailable, UpstreamRefused
from shared.tenants.tenant import Account, Tenant


@dataclass(frozen=True)
class OwnedNumber:
    """A number, the account that owns it, and the provider's API that changes it."""

    number: ProviderNumber
    account: Account
    provider: ProviderNumbers


def find_numbers(operator: Operator, accounts: Iterable[Account], numbers: Iterable[str]) -> Mapping[str, OwnedNumber]:
    """Those of the numbers that the accounts own, by number. Raises Unavailable, UpstreamRefused, Configuration."""
    providers = operator.world.numbers(operator.target.twilio_url)
    owned_numbers: dict[str, OwnedNumber] = {}
    missing = set(numbers)
    for account in accounts:
        provider = providers.get(account.provider)
        if provider and missing:
            owned = provider.find(account, sorted(missing))
            owned_numbers |= {
                number: OwnedNumber(provider_number, account, provider) for number, provider_number in owned.items()
            }
            missing -= owned.keys()
    return owned_numbers


def find_number(operator: Operator, tenant: Tenant, number: str) -> OwnedNumber:
    """The number, in whichever account of the tenant owns it.

    Raises NotFound, Unavailable, UpstreamRefused, Configuration.
    """
    owned_number = find_numbers(operator, tenant.accounts, [number]).get(number)
    if owned_number is None:
        message = (
            f"no account of tenant {tenant.id!r} has this number; see: sms twilio show-accounts; add the account or "
            "subaccount that owns it with: sms twilio set-account"
        )
        raise NotFound(message)
    return owned_number


@contextmanager
def resumable(work: str) -> Iterator[None]:
    """Tells the operator, when the provider fails in the middle of the work, to run it again. Raises Unavailable."""
    try:
        yield
    except (Unavailable, UpstreamRefused) as error:
        message = f"{error}; {work} is not finished: run the same command again, it does what is left"
        raise Unavailable(message) from error


def describe_plan(changes: Sequence[Difference]) -> list[Mapping[str, object]]:
    """Changes that are going to be made, as records for the operator."""
    return [{"what": change.what, "is": change.current, "will_be": change.desired} for change in changes]
