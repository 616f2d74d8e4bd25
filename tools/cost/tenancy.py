"""What tenants, agents and numbers cost: their secrets, their items in the directory, and reading both.

A Lambda caches what it looks up. When the life of a copy is over, it reads the tenant's item in the directory, and the
secret only when it was changed, but at least once an hour. The more tenants share the same Lambdas, the less often one
finds what it needs in its cache.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from tools.cost import prices
from tools.cost.prices import MILLION, Price

BUSY_SECONDS = 22 * 8 * 3600.0
"""The seconds of a month in which texts come: eight hours of each working day."""
KEPT_SECONDS = 3600.0
"""How long at most a Lambda uses a secret without reading it again."""
CACHED = 256
"""How many tenants a Lambda has in its cache at once."""
SECRETS = 3
"""The secrets of a tenant in each region."""

_FUNCTIONS_BEFORE = 4  # authorizer, receiver, forwarder and sender looked something up for a text
_SECRETS_READ = 6  # access by authorizer and receiver, accounts by receiver, statuses and sender, signing by forwarder
_TENANT_KB, _AGENT_KB, _NUMBER_KB = 2.0, 1.5, 2.5  # all items of each, with their keys


@dataclass(frozen=True)
class Tenancy:
    """Who shares a stage.

    Attributes:
        tenants: how many tenants, each with one agent.
        numbers: how many numbers they have together.
        environments: how many Lambda environments of each function are busy when texts come.
    """

    tenants: int = 1
    numbers: int = 1
    environments: int = 2

    @property
    def gigabytes(self) -> float:
        """The size of their items in the directory, in one region."""
        return (self.tenants * (_TENANT_KB + _AGENT_KB) + self.numbers * _NUMBER_KB) / 1e6


@dataclass(frozen=True)
class Reads:
    """How often secrets and items are read, for a million texts."""

    secrets: float
    items: float


def reads(tenancy: Tenancy, *, statuses: int, life_seconds: float) -> Reads:
    """The reads of a million texts that are spread evenly over the busy seconds, and of their statuses.

    Args:
        tenancy: who the texts are for, all alike.
        statuses: how many statuses come for a text.
        life_seconds: how long a Lambda uses a copy without a question.
    """
    secrets = _SECRETS_READ * _loads(tenancy.tenants, tenancy, MILLION, _kept_seconds(tenancy))
    checks = _SECRETS_READ * _loads(tenancy.tenants, tenancy, MILLION, life_seconds) - secrets
    lookups = sum(
        _loads(keys, tenancy, accesses, life_seconds)
        for accesses in (MILLION, MILLION, MILLION * statuses)  # forwarder, sender, statuses
        for keys in (tenancy.tenants, tenancy.tenants, tenancy.numbers)  # the tenant's item, the agent's, the number's
    )
    return Reads(secrets, checks + lookups)


def reads_before(tenancy: Tenancy, *, life_seconds: float) -> Reads:
    """The same when all of a tenant was one secret, which each function read."""
    return Reads(_FUNCTIONS_BEFORE * _loads(tenancy.tenants, tenancy, MILLION, life_seconds), 0)


def dollars(read: Reads) -> float:
    """What the reads cost."""
    return prices.READINGS.of(read.secrets) + prices.ITEM_READS.of(read.items)


def monthly(tenancy: Tenancy, *, regions: int = 1) -> Iterator[tuple[str, str, float, Price]]:
    """What is paid each month for keeping the tenants: service, what, count and price."""
    secrets = SECRETS * tenancy.tenants * regions
    gigabytes = tenancy.gigabytes * regions
    yield (
        "Secrets Manager",
        "three secrets for each tenant; the other region has copies",
        secrets,
        prices.SECRETS,
    )
    yield "DynamoDB", "the directory of tenants, agents and numbers", gigabytes, prices.STORED
    yield "DynamoDB", "the same, restorable", gigabytes, prices.RESTORABLE


def _kept_seconds(tenancy: Tenancy) -> float:
    """How long a secret stays in a cache that more tenants share than it has room for."""
    if tenancy.tenants <= CACHED:
        return KEPT_SECONDS
    return min(KEPT_SECONDS, CACHED * tenancy.environments * BUSY_SECONDS / MILLION)


def _loads(keys: int, tenancy: Tenancy, accesses: float, life_seconds: float) -> float:
    """How often one function reads values that live so long: at each access, or when a life is over."""
    return min(accesses, keys * tenancy.environments * BUSY_SECONDS / life_seconds)
