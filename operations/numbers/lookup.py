"""Numbers as their provider has them, looked for in a tenant's accounts; and differences as an operator sees them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from operations.numbers.drift import Difference
from operations.numbers.provider_number import ProviderNumber
from operations.operator import Operator
from operations.ports import ProviderNumbers
from shared.errors import NotFound, Refused, Unavailable
from shared.tenants.tenant import Account, Tenant


@dataclass(frozen=True)
class Found:
    """A number, the account that owns it, and what changes it."""

    number: ProviderNumber
    account: Account
    provider: ProviderNumbers


def find(operator: Operator, accounts: Iterable[Account], numbers: Iterable[str]) -> Mapping[str, Found]:
    """Those of the numbers that the accounts own. Raises Unavailable, Refused, Configuration."""
    providers = operator.world.numbers(operator.target.twilio_url)
    found: dict[str, Found] = {}
    left = set(numbers)
    for account in accounts:
        provider = providers.get(account.provider)
        if provider and left:
            owned = provider.find(account, sorted(left))
            found |= {number: Found(one, account, provider) for number, one in owned.items()}
            left -= owned.keys()
    return found


def find_one(operator: Operator, tenant: Tenant, number: str) -> Found:
    """The number, in whichever account of the tenant it is. Raises NotFound, Unavailable, Refused, Configuration."""
    found = find(operator, tenant.accounts, [number]).get(number)
    if found is None:
        message = (
            f"no account of tenant {tenant.id!r} has this number; see: sms twilio show-accounts; add the account or "
            "subaccount that owns it with: sms twilio set-account"
        )
        raise NotFound(message)
    return found


@contextmanager
def to_be_finished(what: str) -> Iterator[None]:
    """Says of a failure in the middle what to do. Raises Unavailable."""
    try:
        yield
    except (Unavailable, Refused) as error:
        message = f"{error}; {what} is not finished: run the same command again, it does what is left"
        raise Unavailable(message) from error


def plan_of(changes: Sequence[Difference]) -> list[Mapping[str, object]]:
    """Changes that are going to be made, for the operator."""
    return [{"what": change.what, "is": change.current, "will_be": change.desired} for change in changes]
