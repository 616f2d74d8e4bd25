"""A tenant's numbers as they are stored, and as the provider has them, searched for in the tenant's accounts."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from operations.numbers.by_hand import is_set_by_hand
from operations.numbers.drift import Difference
from operations.numbers.provider_number import ProviderNumber
from operations.numbers.state import NumberState
from operations.operator import Operator
from operations.ports import ProviderNumbers
from shared.errors import Unavailable, UpstreamRefused
from shared.tenants.account import Account

_MANY = 100
"""From how many numbers on the operator hears that they are being read."""


@dataclass(frozen=True)
class OwnedNumber:
    """A number, the account that owns it, and the provider's API that changes it."""

    number: ProviderNumber
    account: Account
    provider: ProviderNumbers


@dataclass(frozen=True)
class NumberStates:
    """Numbers as they are stored and as the provider has them.

    Attributes:
        by_number: the state of each number.
        owned: the numbers that an account of the tenant owns, and how to change them.
    """

    by_number: Mapping[str, NumberState] = field(repr=False)
    owned: Mapping[str, OwnedNumber] = field(repr=False)


def find_numbers(
    operator: Operator, accounts: Iterable[Account], numbers: Collection[str]
) -> Mapping[str, OwnedNumber]:
    """Those of the numbers that the accounts own, by number; only phone numbers are looked for.

    Raises Unavailable, UpstreamRefused, Configuration.
    """
    providers = operator.world.numbers(operator.target.twilio_url)
    owned_numbers: dict[str, OwnedNumber] = {}
    missing = {number for number in numbers if not is_set_by_hand(number)}
    if len(missing) >= _MANY:
        operator.progress.note(f"Reading {len(missing)} numbers at the provider …")
    for account in accounts:
        provider = providers.get(account.provider)
        if provider and missing:
            owned = provider.find(account, sorted(missing))
            owned_numbers |= {
                number: OwnedNumber(provider_number, account, provider) for number, provider_number in owned.items()
            }
            missing -= owned.keys()
    return owned_numbers


def read_states(operator: Operator, accounts: Iterable[Account], numbers: Sequence[str]) -> NumberStates:
    """The state of each number. It asks the provider first, and so is not older than what the provider answered.

    Raises Unavailable, UpstreamRefused, Configuration.
    """
    return states_of(operator, find_numbers(operator, accounts, numbers), numbers)


def states_of(operator: Operator, owned: Mapping[str, OwnedNumber], numbers: Sequence[str]) -> NumberStates:
    """The state of each number, with what the provider answered. Raises Unavailable, Configuration."""
    directory, tenant_id = operator.target.numbers_directory, operator.tenant_id
    held_numbers = directory.find_all(numbers)
    connections = directory.connections_with(tenant_id, numbers)
    services = {each.number.service.sid for each in owned.values() if each.number.service}
    connected_by = {service: directory.connected_by(tenant_id, service) for service in sorted(services)}

    def state(number: str) -> NumberState:
        provider_number = owned[number].number if number in owned else None
        service = provider_number.service if provider_number else None
        return NumberState(
            number,
            held_numbers.get(number),
            connections.get(number),
            provider_number,
            service_needed=service is not None and any(other != number for other in connected_by[service.sid]),
        )

    return NumberStates({number: state(number) for number in numbers}, owned)


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
